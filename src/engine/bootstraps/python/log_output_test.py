"""Rules of what a Python function prints."""

import json
import os
import re
import sys
import time
import unittest

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from testing import fake_runtime_api as fake  # noqa: E402
from testing.fake_runtime_api import Function, request_id  # noqa: E402

TIME = r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z"


def app(code):
    return {"app.py": code}


TALK = """
import logging, sys
logger = logging.getLogger("shop")
print("loading")
logging.warning("at load")
def handler(event, context):
    logger.setLevel(logging.INFO) if event != "default" else None
    print("plain", "text"); print("no newline", end="")
    print("to stderr", file=sys.stderr)
    logger.info("info %s", 1); logger.warning("two\\nlines"); logging.info("root info")
    context.log("raw event\\n")
    try:
        1 / 0
    except ZeroDivisionError:
        logger.exception("caught", extra={"order": 7})
    sys.stdout.buffer.write(b"bytes\\n")
    return 1
"""


class Log(unittest.TestCase):
    def test_text_format_over_the_log_pipe_is_one_frame_an_event(self):
        before = int(time.time() * 1e6)
        with Function(app(TALK), log_pipe=True) as fn:
            fn.api.invoke(1, {})
            frames = fn.finished_log()
            texts = [text for text, _ in frames]
            self.assertRegex(texts[0], r"^\[WARNING\]\t%s\t\tat load\n$" % TIME)
            self.assertRegex(texts[1], r"^\[INFO\]\t%s\t%s\tinfo 1\n$" % (TIME, request_id(1)))
            self.assertRegex(texts[2], r"^\[WARNING\]\t%s\t%s\ttwo\nlines\n$" % (TIME, request_id(1)))
            self.assertEqual(texts[3], "raw event\n")
            self.assertRegex(texts[4], r"^\[ERROR\]\t%s\t%s\tcaught\nTraceback \(most" % (TIME, request_id(1)))
            self.assertEqual(len(texts), 5)
            for _, time_us in frames:
                self.assertTrue(before <= time_us <= time.time() * 1e6)
            self.assertEqual(fn.out.text, "loading\nplain text\nno newlinebytes\n")
            self.assertEqual(fn.err.text, "to stderr\n")

    def test_without_a_log_pipe_events_are_lines_of_stdout_with_carriage_returns_inside(self):
        with Function(app(TALK)) as fn:
            fn.api.invoke(1, {})
            fn.finished_log()
            lines = fn.out.text.split("\n")
            self.assertEqual(lines[0], "loading")
            self.assertRegex(lines[1], r"^\[WARNING\]\t%s\t\tat load$" % TIME)
            self.assertEqual(lines[2], "plain text")
            self.assertRegex(lines[3], r"^no newline\[INFO\]\t%s\t%s\tinfo 1$" % (TIME, request_id(1)))
            self.assertRegex(lines[4], "\ttwo\rlines$")

    def test_an_error_is_logged_with_its_trace_indented_by_no_break_spaces(self):
        with Function(app("def handler(event, context):\n    raise KeyError('k')\n"), log_pipe=True) as fn:
            fn.api.invoke(1, {})
            path = os.path.join(fn.directory, "app.py")
            self.assertEqual(
                [text for text, _ in fn.finished_log()],
                [
                    "[ERROR] KeyError: 'k'\nTraceback (most recent call last):\n"
                    "\u00a0\u00a0File \"%s\", line 2, in handler\n\u00a0\u00a0\u00a0\u00a0raise KeyError('k')" % path
                ],
            )
        with Function(app("def handler(event, context):\n    raise KeyError('k')\n")) as fn:
            fn.api.invoke(1, {})
            fn.finished_log()
            self.assertEqual(fn.out.text.count("\n"), 1)
            self.assertIn("'k'\rTraceback (most recent call last):\r", fn.out.text)

    def test_the_default_level_is_warning(self):
        with Function(app(TALK), log_pipe=True) as fn:
            fn.api.invoke(1, "default")
            self.assertEqual([text.split("\t")[0] for text, _ in fn.finished_log()], ["[WARNING]", "[WARNING]", "raw event\n", "[ERROR]"])

    def test_json_format(self):
        code = TALK.replace("return 1", "raise ValueError('out ✓')")
        env = {"AWS_LAMBDA_LOG_FORMAT": "JSON", "AWS_LAMBDA_LOG_LEVEL": "INFO", "AWS_EXECUTION_ENV": "AWS_Lambda_python3.13"}
        with Function(app(code), log_pipe=True, env=env) as fn:
            fn.api.invoke(1, {})
            texts = [text for text, _ in fn.finished_log()]
            load, info, two, root = (json.loads(text) for text in texts[:4])
            caught, failure = json.loads(texts[5]), json.loads(texts[6])
            self.assertEqual([load["level"], load["message"], load["logger"], load["requestId"]], ["WARNING", "at load", "root", ""])
            self.assertEqual(list(info), ["timestamp", "level", "message", "logger", "requestId"])
            self.assertRegex(info["timestamp"], "^%s$" % TIME)
            self.assertEqual([info["level"], info["message"], info["requestId"]], ["INFO", "info 1", request_id(1)])
            self.assertEqual([two["message"], root["message"]], ["two\nlines", "root info"])
            self.assertEqual([caught["errorType"], caught["errorMessage"], caught["order"]], ["ZeroDivisionError", "division by zero", 7])
            self.assertRegex(caught["location"], r"app\.py:handler:\d+$")
            self.assertIn("1 / 0", caught["stackTrace"][0])
            self.assertEqual(list(failure), ["timestamp", "level", "errorMessage", "errorType", "requestId", "stackTrace"])
            self.assertEqual([failure["level"], failure["errorMessage"]], ["ERROR", "out ✓"])
            self.assertRegex(failure["timestamp"], "^%s$" % TIME)

    def test_the_level_of_the_environment_applies(self):
        with Function(app(TALK), log_pipe=True, env={"AWS_LAMBDA_LOG_LEVEL": "error"}) as fn:
            fn.api.invoke(1, "default")
            self.assertEqual([text.split("\t")[0] for text, _ in fn.finished_log()], ["raw event\n", "[ERROR]"])

    def test_the_result_leaves_only_after_the_whole_log_is_written_however_slow_the_reader(self):
        for kind, code in (
            ("log", "logging.warning('y' * 3000000)"),
            ("out", "print('y' * 3000000)"),
            ("nonblocking", "os.set_blocking(1, False); print('y' * 3000000)"),
        ):
            source = "import logging, os\ndef handler(event, context):\n    %s\n    return 1\n" % code
            with self.subTest(kind=kind), Function(app(source), log_pipe=True, read=False) as fn:
                fn.api.push(1, {})
                time.sleep(0.3)
                self.assertEqual(fn.api.posts, [])
                for pipe in (fn.out, fn.err, fn.log):
                    pipe.start()
                self.assertEqual(fn.api.posts_until(1)[0].value, 1)
                logged = "".join(text for text, _ in fn.finished_log())  # without the frames, whose times may have any byte
                self.assertEqual((logged if kind == "log" else fn.out.text).count("y"), 3000000)

    def test_a_reader_that_went_away_does_not_hurt_the_function(self):
        code = "import logging\ndef handler(event, context):\n    print('x'); logging.error('x')\n    return 1\n"
        with Function(app(code), log_pipe=True, read=False) as fn:
            fn.out.close()
            fn.log.close()
            self.assertEqual(fn.api.invoke(1, {}).value, 1)
            self.assertEqual(fn.api.invoke(2, {}).value, 1)

    def test_events_of_many_threads_do_not_mix(self):
        code = """
import logging, threading
def handler(event, context):
    def work(letter):
        for _ in range(50):
            logging.warning(letter * 5000)
            context.log(letter * 5000)
    threads = [threading.Thread(target=work, args=(letter,)) for letter in "abcd"]
    [t.start() for t in threads]
    [t.join() for t in threads]
"""
        with Function(app(code), log_pipe=True) as fn:
            fn.api.invoke(1, {})
            texts = [text for text, _ in fn.finished_log()]
            self.assertEqual(len(texts), 400)
            self.assertTrue(all(re.search(r"([a-d])\1{4999}\n?$", text) for text in texts))


if __name__ == "__main__":
    unittest.main()
