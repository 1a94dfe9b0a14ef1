"""Rules of the Python bootstrap (handlers, loading), each proved with a real process against a fake Runtime API."""

import json
import os
import re
import sys
import unittest

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from testing import fake_runtime_api as fake  # noqa: E402
from testing.fake_runtime_api import ARN, Function, request_id  # noqa: E402

ECHO = {"app.py": "def handler(event, context):\n    return event\n"}


def app(code):
    return {"app.py": code}


class Handlers(unittest.TestCase):
    def test_answers_over_tcp_and_unix_on_one_connection_asking_for_the_next_event_in_the_same_write(self):
        for unix in (False, True):
            with self.subTest(unix=unix), Function(ECHO, unix=unix) as fn:
                for i in range(5):
                    post = fn.api.invoke(i, {"i": i})
                    self.assertEqual(post.kind, "response")
                    self.assertEqual(post.value, {"i": i})
                    self.assertEqual(post.headers["content-type"], "application/json")
                    self.assertTrue(post.with_next)
                self.assertEqual(len(fn.api.connections), 1)

    RESULTS = """
import decimal, collections, datetime, enum
Point = collections.namedtuple("Point", "x y")
class Colour(enum.IntEnum):
    RED = 3
def circular():
    a = []
    a.append(a)
    return a
RESULTS = {
    "none": lambda: None,
    "separators": lambda: {"a": [1, 2], "b": {"c": True}},
    "unicode": lambda: "héllo ✓ 𝄞",
    "decimal": lambda: {"price": decimal.Decimal("12.50"), "text": "1.0", "big": decimal.Decimal("1E+3")},
    "decimal nan": lambda: decimal.Decimal("NaN"),
    "nan": lambda: float("inf"),
    "named tuple": lambda: {"p": [Point(1, (Point(2, 3),))]},
    "tuple": lambda: (1, "a"),
    "enum": lambda: Colour.RED,
    "bytes inside": lambda: {"body": "é".encode()},
    "bytes": lambda: b"\\x00raw",
    "set": lambda: {1},
    "date": lambda: datetime.date(2020, 1, 1),
    "circular": circular,
    "bad bytes": lambda: {"body": b"\\xff"},
}
def handler(event, context):
    return RESULTS[event]()
"""

    def results(self, execution_environment):
        texts, errors = {}, {}
        with Function(app(self.RESULTS), env={"AWS_EXECUTION_ENV": execution_environment}) as fn:
            names = re.findall(r'^    "([a-z ]+)":', self.RESULTS, re.M)
            for number, name in enumerate(names):
                post = fn.api.invoke(number, name)
                if post.kind == "response":
                    texts[name] = (post.body, post.headers["content-type"])
                else:
                    errors[name] = post.value
        return texts, errors

    def test_results_are_serialised_as_the_lambda_runtime_does(self):
        texts, errors = self.results("AWS_Lambda_python3.13")
        as_json = {name: body.decode() for name, (body, kind) in texts.items() if kind == "application/json"}
        self.assertEqual(
            as_json,
            {
                "none": "null",
                "separators": '{"a": [1, 2], "b": {"c": true}}',
                "unicode": '"héllo ✓ 𝄞"',
                "decimal": '{"price": 12.50, "text": "1.0", "big": 1E+3}',
                "decimal nan": "NaN",
                "nan": "Infinity",
                "named tuple": '{"p": [{"x": 1, "y": [{"x": 2, "y": 3}]}]}',
                "tuple": '[1, "a"]',
                "enum": "3",
                "bytes inside": '{"body": "é"}',
            },
        )
        self.assertEqual(texts["bytes"], (b"\x00raw", "application/unknown"))
        self.assertEqual(
            {name: (error["errorType"], error["errorMessage"], error["stackTrace"]) for name, error in errors.items()},
            {
                "set": ("Runtime.MarshalError", "Unable to marshal response: Object of type set is not JSON serializable", []),
                "date": ("Runtime.MarshalError", "Unable to marshal response: Object of type date is not JSON serializable", []),
                "circular": ("Runtime.MarshalError", "Unable to marshal response: Circular reference detected", []),
                "bad bytes": (
                    "Runtime.MarshalError",
                    "Unable to marshal response: 'utf-8' codec can't decode byte 0xff in position 0: invalid start byte",
                    [],
                ),
            },
        )

    def test_results_of_functions_older_than_3_12_are_ascii(self):
        texts, _ = self.results("AWS_Lambda_python3.11")
        self.assertEqual(texts["unicode"][0], b'"h\\u00e9llo \\u2713 \\ud834\\udd1e"')

    def test_an_exception_becomes_the_error_with_the_users_frames_only(self):
        code = """
class OrderError(Exception):
    pass
def inner():
    raise OrderError("no ✓")
def handler(event, context):
    if event == "empty":
        raise ValueError
    inner()
"""
        with Function(app(code), env={"AWS_EXECUTION_ENV": "AWS_Lambda_python3.13"}) as fn:
            post = fn.api.invoke(1, {})
            self.assertEqual(post.kind, "error")
            self.assertEqual(post.headers["lambda-runtime-function-error-type"], "OrderError")
            path = os.path.join(fn.directory, "app.py")
            self.assertEqual(
                post.value,
                {
                    "errorMessage": "no ✓",
                    "errorType": "OrderError",
                    "requestId": request_id(1),
                    "stackTrace": [
                        '  File "%s", line 9, in handler\n    inner()\n' % path,
                        '  File "%s", line 5, in inner\n    raise OrderError("no ✓")\n' % path,
                    ],
                },
            )
            self.assertEqual(fn.api.invoke(2, "empty").value["errorMessage"], "")
            self.assertEqual(list(fn.api.posts[0].value), ["errorMessage", "errorType", "requestId", "stackTrace"])

    def test_the_event_must_be_json(self):
        with Function(ECHO) as fn:
            post = fn.api.invoke(1, b'{"a":')
            self.assertEqual(post.value["errorType"], "Runtime.UnmarshalError")
            self.assertTrue(post.value["errorMessage"].startswith("Unable to unmarshal input: Expecting value"))
            self.assertEqual(fn.api.invoke(2, {"a": 1}).value, {"a": 1})

    def test_sys_exit_ends_the_process_with_that_status_and_keeps_the_log(self):
        with Function(app("import sys\ndef handler(event, context):\n    print('bye', end='')\n    sys.exit(7)\n")) as fn:
            fn.api.push(1, {})
            self.assertEqual(fn.exit_code(), 7)
            self.assertEqual(fn.out.text, "bye")
            self.assertEqual(fn.api.posts, [])

    def test_the_context_has_every_attribute_of_the_lambda_context(self):
        code = """
import os
def handler(event, context):
    c = context
    return {
        "plain": [c.function_name, c.function_version, c.memory_limit_in_mb, c.log_group_name, c.log_stream_name,
                  c.invoked_function_arn, c.aws_request_id, c.tenant_id],
        "client": c.client_context and [c.client_context.custom, c.client_context.env, c.client_context.client.app_title],
        "identity": [c.identity.cognito_identity_id, c.identity.cognito_identity_pool_id],
        "remaining": c.get_remaining_time_in_millis(),
        "repr": repr(c),
        "trace": os.environ.get("_X_AMZN_TRACE_ID"),
        "ours": [name for name in os.environ if name.startswith("SURGETANK")],
        "type": type(c).__name__,
    }
"""
        headers = {
            "Lambda-Runtime-Trace-Id": "Root=1-5bef4de7-ad49b0e87f6ef6c87fc2e700;Parent=9a9197af755a6419;Sampled=1",
            "Lambda-Runtime-Client-Context": '{"custom":{"k":"välue"},"env":{"a":1},"client":{"app_title":"shop"}}',
            "Lambda-Runtime-Cognito-Identity": '{"cognitoIdentityId":"id","cognitoIdentityPoolId":"pool"}',
            "Lambda-Runtime-Aws-Tenant-Id": "tenant-1",
        }
        with Function(app(code), unix=True, log_pipe=True) as fn:
            value = fn.api.invoke(1, {}, headers).value
            self.assertEqual(
                value["plain"],
                ["orders", "$LATEST", "128", "/aws/lambda/orders", "2025/01/01/[$LATEST]00", ARN, request_id(1), "tenant-1"],
            )
            self.assertEqual(value["client"], [{"k": "välue"}, {"a": 1}, "shop"])
            self.assertEqual(value["identity"], ["id", "pool"])
            self.assertTrue(2000 < value["remaining"] <= 3000)
            self.assertTrue(value["trace"].startswith("Root=1-5bef4de7"))
            self.assertEqual(value["ours"], [])
            self.assertEqual(value["type"], "LambdaContext")
            self.assertTrue(value["repr"].startswith("LambdaContext([aws_request_id=%s,log_group_name=" % request_id(1)))
            self.assertIn("identity=CognitoIdentity([cognito_identity_id=id,", value["repr"])

            value = fn.api.invoke(2, {}, {"Lambda-Runtime-Deadline-Ms": 1}).value
            self.assertEqual([value["remaining"], value["trace"], value["client"], value["identity"]], [0, None, None, [None, None]])

            error = fn.api.invoke(3, {}, {"Lambda-Runtime-Client-Context": "{"}).value
            self.assertEqual(error["errorType"], "Runtime.LambdaContextUnmarshalError")
            self.assertTrue(error["errorMessage"].startswith("Unable to parse Client Context JSON: "))


class Loading(unittest.TestCase):
    def answer(self, files, handler, env=None):
        with Function(files, handler, env) as fn:
            fn.api.push(1, {})
            return fn.api.posts_until(1)[0].value

    def init_error(self, files, handler="app.handler"):
        with Function(files, handler, log_pipe=True) as fn:
            code = fn.exit_code()
            # The process may end between the reply to its post and the note that the post was made.
            fn.api.posts_until(1)
            self.assertEqual([post.path for post in fn.api.posts], ["/2018-06-01/runtime/init/error"], fn.err.text)
            self.assertEqual(code, 1)
            self.assertEqual(fn.api.next_count, 0)
            error = fn.api.posts[0].value
            self.assertEqual(fn.api.posts[0].headers["lambda-runtime-function-error-type"], error["errorType"])
            self.assertEqual(error["requestId"], "")
            frames = fake.parse_frames(fn.log.data)
            title = ": ".join(filter(None, (error["errorType"], error["errorMessage"])))
            self.assertTrue(frames[0][0].startswith("[ERROR] %s\nTraceback (most recent call last):" % title), frames)
            return error, fn.directory

    def test_modules_in_folders_by_slash_and_by_dot(self):
        files = {"pkg/sub/mod.py": "def handler(event, context):\n    return __name__\n"}
        self.assertEqual(self.answer(files, "pkg/sub/mod.handler"), "pkg.sub.mod")
        self.assertEqual(self.answer(files, "pkg.sub.mod.handler"), "pkg.sub.mod")

    def test_the_users_modules_win_over_ours_and_pythonpath_is_searched(self):
        files = {
            "bootstrap.py": "NAME = 'mine'\n",
            "layer/dep.py": "NAME = 'layer'\n",
            "app.py": "import bootstrap, dep, sys, os\n"
            "def handler(event, context):\n"
            "    return [bootstrap.NAME, dep.NAME, sys.path[0] == os.environ['LAMBDA_TASK_ROOT'],\n"
            "            [p for p in sys.path if 'bootstraps' in p]]\n",
        }
        value = self.answer(files, "app.handler", {"PYTHONPATH": "<dir>/layer"})
        self.assertEqual(value, ["mine", "layer", True, []])

    def test_import_errors(self):
        error, _ = self.init_error({})
        self.assertEqual(error["errorType"], "Runtime.ImportModuleError")
        self.assertEqual(error["errorMessage"], "Unable to import module 'app': No module named 'app'")
        self.assertEqual(error["stackTrace"], [])
        error, _ = self.init_error(app("import not_there\n"))
        self.assertEqual(error["errorMessage"], "Unable to import module 'app': No module named 'not_there'")
        error, _ = self.init_error({"pkg/mod.py": "from os import not_there\n"}, "pkg/mod.handler")
        self.assertTrue(error["errorMessage"].startswith("Unable to import module 'pkg/mod': cannot import name 'not_there'"))

    def test_a_missing_function(self):
        error, _ = self.init_error(app("x = 1\n"))
        self.assertEqual(error["errorType"], "Runtime.HandlerNotFound")
        self.assertEqual(error["errorMessage"], "Handler 'handler' missing on module 'app'")

    def test_a_syntax_error_names_file_and_line(self):
        error, directory = self.init_error(app("def handler(event, context):\n    return {\n"))
        self.assertEqual(error["errorType"], "Runtime.UserCodeSyntaxError")
        self.assertEqual(error["errorMessage"], "Syntax error in module 'app': '{' was never closed (app.py, line 2)")
        self.assertEqual(error["stackTrace"], ['  File "%s/app.py" Line 2\n        return {\n' % directory])

    def test_malformed_and_conflicting_names(self):
        error, _ = self.init_error(ECHO, "handler")
        self.assertEqual(error["errorType"], "Runtime.MalformedHandlerName")
        self.assertEqual(error["errorMessage"], "Bad handler 'handler': not enough values to unpack (expected 2, got 1)")
        error, _ = self.init_error(ECHO, "sys.exit")
        self.assertEqual(error["errorType"], "Runtime.BuiltInModuleConflict")
        self.assertEqual(error["errorMessage"], "Cannot use built-in module sys as a handler module")

    def test_an_exception_while_loading_is_reported_as_itself(self):
        error, directory = self.init_error(app("def boot():\n    raise RuntimeError('no config')\nboot()\n"))
        self.assertEqual([error["errorType"], error["errorMessage"]], ["RuntimeError", "no config"])
        self.assertIn('importlib/__init__.py", line', error["stackTrace"][0])
        last = '  File "%s/app.py", line 2, in boot\n    raise RuntimeError(\'no config\')\n' % directory
        self.assertEqual(error["stackTrace"][-1], last)

    def test_sys_exit_while_loading_ends_the_process(self):
        with Function(app("import sys\nsys.exit(3)\n")) as fn:
            self.assertEqual(fn.exit_code(), 3)
            self.assertEqual(fn.api.posts, [])

    def test_without_a_runtime_api_address_the_process_fails(self):
        with Function(ECHO, env={"AWS_LAMBDA_RUNTIME_API": ""}) as fn:
            self.assertEqual(fn.exit_code(), 1)
            self.assertIn("AWS_LAMBDA_RUNTIME_API", fn.err.text)


if __name__ == "__main__":
    unittest.main()
