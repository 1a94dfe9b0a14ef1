"""Rules of the Python zygote: one warm process, forked into environments."""

import json
import os
import shutil
import socket
import subprocess
import sys
import unittest

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from testing import fake_runtime_api as fake  # noqa: E402

CODE = """
import logging, os, sys, time
def handler(event, context):
    if event == "exit":
        sys.exit(5)
    if event == "kill":
        os.kill(os.getpid(), 9)
    print("out"); print("err", file=sys.stderr); logging.warning("log")
    return {"env": dict(os.environ), "cwd": os.getcwd(), "hour": time.localtime(0).tm_hour, "pid": os.getpid(),
            "leader": os.getsid(0) == os.getpid(), "path": sys.path[:2], "fds": sorted(os.listdir("/proc/self/fd")),
            "threads": len(os.listdir("/proc/self/task"))}
"""


class Zygote:
    def __init__(self, kind):
        self.channel, theirs = socket.socketpair(socket.AF_UNIX, kind)
        self.channel.settimeout(fake.TIMEOUT_S)
        self.process = subprocess.Popen(
            [sys.executable, fake.BOOTSTRAP],
            env={"PATH": os.environ["PATH"], "SURGETANK_ZYGOTE_FD": str(theirs.fileno()), "UNWANTED": "1"},
            cwd="/",
            pass_fds=[theirs.fileno()],
            stdin=subprocess.DEVNULL,
        )
        theirs.close()
        self.pending = b""

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.channel.close()
        self.process.wait(fake.TIMEOUT_S)

    def message(self):
        while b"\n" not in self.pending:
            data = self.channel.recv(1 << 16)
            if not data:
                raise AssertionError("the zygote closed its channel")
            self.pending += data
        line, self.pending = self.pending.split(b"\n", 1)
        return json.loads(line)

    def request(self, request, fds=(), split=False):
        data = json.dumps(request).encode() + b"\n"
        head = data[:20] if split else data
        socket.send_fds(self.channel, [head], list(fds))
        if split:
            self.channel.sendall(data[20:])
        return self.message()


class Environment:
    """One forked environment with its own fake Runtime API and pipes."""

    def __init__(self, zygote, env=None, split=False):
        self.directory = fake.make_task({"app.py": CODE, "layer/dep.py": ""})
        self.api = fake.FakeRuntimeApi(self.directory, unix=True)
        environment = fake.function_environment(self.directory, self.api, "app.handler")
        environment.update(env or {})
        pipes = [os.pipe() for _ in range(3)]
        null = os.open(os.devnull, os.O_RDONLY)
        self.reply = zygote.request(
            {"env": environment, "cwd": self.directory, "fds": ["stdin", "stdout", "stderr", "log"]},
            [null] + [write_end for _, write_end in pipes],
            split,
        )
        os.close(null)
        for _, write_end in pipes:
            os.close(write_end)
        self.out, self.err, self.log = (fake.Collector(read_end) for read_end, _ in pipes)

    def close(self):
        if "pid" in self.reply:
            try:
                os.kill(self.reply["pid"], 9)
            except ProcessLookupError:
                pass
        for pipe in (self.out, self.err, self.log):
            pipe.join()
            pipe.close()
        self.api.close()
        shutil.rmtree(self.directory, ignore_errors=True)


class ZygoteTest(unittest.TestCase):
    def environment(self, zygote, **options):
        environment = Environment(zygote, **options)
        self.addCleanup(environment.close)
        return environment

    def test_children_become_what_they_are_told_to_be(self):
        for kind, split in ((socket.SOCK_STREAM, True), (socket.SOCK_SEQPACKET, False)):
            with self.subTest(kind=kind), Zygote(kind) as zygote:
                self.assertEqual(zygote.message(), {"ready": True, "pid": zygote.process.pid})
                env = {"TZ": "Asia/Tokyo", "COLOUR": "blå", "PYTHONPATH": "/opt/python"}
                first = self.environment(zygote, env=env, split=split)
                second = self.environment(zygote)
                value = first.api.invoke(1, {}).value
                self.assertEqual(value["pid"], first.reply["pid"])
                self.assertEqual(value["cwd"], first.directory)
                self.assertEqual(value["hour"], 9)
                self.assertEqual(value["env"]["COLOUR"], "blå")
                self.assertNotIn("UNWANTED", value["env"])
                self.assertEqual([name for name in value["env"] if name.startswith("SURGETANK")], [])
                self.assertEqual(value["path"], [first.directory, "/opt/python"])
                self.assertEqual([value["leader"], value["threads"]], [True, 1])
                # 0 1 2, the log pipe, the Runtime API, and the directory being listed: nothing of the zygote or of siblings.
                self.assertEqual(len(value["fds"]), 6, value["fds"])
                other = second.api.invoke(1, {}).value
                self.assertEqual(len(other["fds"]), 6, other["fds"])
                self.assertEqual([other["pid"], "COLOUR" in other["env"]], [second.reply["pid"], False])
                for environment in (first, second):
                    os.kill(environment.reply["pid"], 9)
                    self.assertEqual(zygote.message(), {"exited": environment.reply["pid"], "signal": 9})
                    for pipe in (environment.out, environment.err, environment.log):
                        pipe.join()
                    self.assertEqual(environment.out.text, "out\n")
                    self.assertEqual(environment.err.text, "err\n")
                    self.assertTrue(fake.parse_frames(environment.log.data)[0][0].endswith("\tlog\n"))

    def test_exits_are_reported_with_their_status(self):
        with Zygote(socket.SOCK_STREAM) as zygote:
            zygote.message()
            for event, expected in (("exit", {"code": 5}), ("kill", {"signal": 9})):
                environment = self.environment(zygote)
                environment.api.push(1, event)
                self.assertEqual(zygote.message(), {"exited": environment.reply["pid"], **expected})

    def test_bad_requests_are_refused_and_the_zygote_lives_on(self):
        with Zygote(socket.SOCK_STREAM) as zygote:
            zygote.message()
            self.assertIn("env", zygote.request({})["error"])
            self.assertIn("env", zygote.request([])["error"])
            null = os.open(os.devnull, os.O_RDONLY)
            self.addCleanup(os.close, null)
            self.assertEqual(zygote.request({"env": {}, "fds": ["stdin", "log"]}, [null])["error"], "2 descriptors are named, 1 came")
            self.assertEqual(zygote.request({"env": {}, "fds": ["shoe"]}, [null])["error"], "unknown descriptor name: shoe")
            self.assertTrue(zygote.request({"env": {"LD_PRELOAD": "/x.so"}})["error"].startswith("LD_PRELOAD takes effect only"))
            zygote.channel.sendall(b"not json\n")
            self.assertIn("error", zygote.message())
            descriptors = len(os.listdir("/proc/%d/fd" % zygote.process.pid))
            environment = self.environment(zygote)
            self.assertEqual(environment.api.invoke(1, {}).kind, "response")
            # one more than before: the pidfd of the child
            self.assertEqual(len(os.listdir("/proc/%d/fd" % zygote.process.pid)), descriptors + 1)

    def test_the_zygote_ends_with_its_channel_and_its_children_live_on(self):
        with Zygote(socket.SOCK_STREAM) as zygote:
            zygote.message()
            environment = self.environment(zygote)
            zygote.channel.close()
            self.assertEqual(zygote.process.wait(fake.TIMEOUT_S), 0)
            self.assertEqual(environment.api.invoke(1, {}).kind, "response")

    def test_the_zygote_ends_quietly_when_the_engine_left_without_reading(self):
        with Zygote(socket.SOCK_STREAM) as zygote:
            zygote.channel.sendall(b"{}\n" * 3)
            zygote.channel.close()
            self.assertEqual(zygote.process.wait(fake.TIMEOUT_S), 0)


if __name__ == "__main__":
    unittest.main()
