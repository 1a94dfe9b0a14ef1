"""A small Runtime API server and a function process for the tests of the Python bootstrap."""

import json
import os
import shutil
import socket
import struct
import subprocess
import sys
import tempfile
import threading
import time

BOOTSTRAP = os.path.join(os.path.dirname(os.path.dirname(os.path.abspath(__file__))), "bootstrap.py")
TIMEOUT_S = 20
ARN = "arn:aws:lambda:eu-west-1:000000000000:function:orders"
FRAME_MAGIC = 0xA55A0003


def request_id(number):
    return "8f507cfc-1234-4697-b07a-%012d" % number


class Post:
    def __init__(self, path, headers, body, with_next):
        self.path, self.headers, self.body, self.with_next = path, headers, body, with_next

    @property
    def kind(self):
        return self.path.rsplit("/", 1)[1]

    @property
    def value(self):
        return json.loads(self.body)


class FakeRuntimeApi:
    """Options: unix; chunked; split ("bytes"); close_after_post; status_of(post) -> (status, body) or None; next_status()."""

    def __init__(self, directory, unix=False, chunked=False, split=None, close_after_post=False, status_of=None, next_status=None):
        self.chunked, self.split, self.close_after_post = chunked, split, close_after_post
        self.status_of = status_of or (lambda post: None)
        self.next_status = next_status or (lambda: 200)
        self.changed = threading.Condition()
        self.posts, self.events, self.connections, self.next_count = [], [], [], 0
        if unix:
            path = os.path.join(directory, "api.sock")
            self.listener = socket.socket(socket.AF_UNIX)
            self.listener.bind(path)
            self.environment = {"SURGETANK_RUNTIME_SOCKET": path, "AWS_LAMBDA_RUNTIME_API": "127.0.0.1:1"}
        else:
            self.listener = socket.socket()
            self.listener.bind(("127.0.0.1", 0))
            self.environment = {"AWS_LAMBDA_RUNTIME_API": "127.0.0.1:%d" % self.listener.getsockname()[1]}
        self.listener.listen()
        threading.Thread(target=self._accept, daemon=True).start()

    def close(self):
        self.listener.close()
        for connection in self.connections:
            self.cut(connection)
        with self.changed:
            self.changed.notify_all()

    @staticmethod
    def cut(connection):
        try:
            connection.shutdown(socket.SHUT_RDWR)
        except OSError:
            pass
        connection.close()

    def _accept(self):
        while True:
            try:
                connection, _ = self.listener.accept()
            except OSError:
                return
            if connection.family == socket.AF_INET:
                connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            self.connections.append(connection)
            threading.Thread(target=self._guarded_serve, args=(connection,), daemon=True).start()

    def _guarded_serve(self, connection):
        try:
            self._serve(connection)
        except OSError:
            pass

    def _serve(self, connection):
        data = b""
        while True:
            while b"\r\n\r\n" not in data:
                more = connection.recv(1 << 20)
                if not more:
                    return
                data += more
            head, data = data.split(b"\r\n\r\n", 1)
            request_line, *lines = head.decode("latin-1").split("\r\n")
            headers = {name.lower(): value for name, value in (line.split(": ", 1) for line in lines)}
            method, path, version = request_line.split(" ")
            assert version == "HTTP/1.1" and headers["host"], request_line
            body = bytearray(data)
            while len(body) < int(headers.get("content-length", 0)):
                body += connection.recv(1 << 20)
            length = int(headers.get("content-length", 0))
            body, data = bytes(body[:length]), bytes(body[length:])
            if method == "GET":
                assert path == "/2018-06-01/runtime/invocation/next", path
                if not self._serve_next(connection):
                    return
            elif not self._serve_post(connection, Post(path, headers, body, data.startswith(b"GET "))):
                return

    def _serve_next(self, connection):
        with self.changed:
            self.next_count += 1
            self.changed.notify_all()
            status = self.next_status()
            if status == 200:
                while not self.events:
                    if not self.changed.wait(TIMEOUT_S):
                        return False
                    if self.listener.fileno() < 0:
                        return False
                headers, payload = self.events.pop(0)
            else:
                headers, payload = {}, b'{"errorType":"InvalidStateTransition"}'
        self._reply(connection, status, headers, payload)
        return True

    def _serve_post(self, connection, post):
        status, body = self.status_of(post) or (202, b'{"status":"OK"}')
        self._reply(connection, status, {"Connection": "close"} if self.close_after_post else {}, body)
        with self.changed:
            self.posts.append(post)
            self.changed.notify_all()
        if self.close_after_post:
            self.cut(connection)
        return not self.close_after_post

    def _reply(self, connection, status, headers, body):
        headers = {"Content-Type": "application/json", **headers}
        if self.chunked:
            headers["Transfer-Encoding"] = "chunked"
            half = (len(body) + 1) // 2
            parts = [part for part in (body[:half], body[half:]) if part]
            body = b"".join(b"%x;note=1\r\n%b\r\n" % (len(part), part) for part in parts) + b"0\r\nX-Trailer: yes\r\n\r\n"
        else:
            headers["Content-Length"] = len(body)
        head = "HTTP/1.1 %d Whatever\r\n%s\r\n" % (status, "".join("%s: %s\r\n" % item for item in headers.items()))
        message = head.encode() + body
        if self.split == "bytes":
            for i in range(len(message)):
                connection.sendall(message[i : i + 1])
        elif self.split == "pieces":
            third = len(message) // 3 + 1
            for start in range(0, len(message), third):
                connection.sendall(message[start : start + third])
                time.sleep(0.005)
        else:
            connection.sendall(message)

    def push(self, number, event, headers=None):
        payload = event if isinstance(event, bytes) else json.dumps(event).encode()
        deadline = int(time.time() * 1000) + 3000
        with self.changed:
            self.events.append(
                (
                    {
                        "Lambda-Runtime-Aws-Request-Id": request_id(number),
                        "Lambda-Runtime-Deadline-Ms": deadline,
                        "Lambda-Runtime-Invoked-Function-Arn": ARN,
                        **(headers or {}),
                    },
                    payload,
                )
            )
            self.changed.notify_all()

    def posts_until(self, count):
        with self.changed:
            if not self.changed.wait_for(lambda: len(self.posts) >= count, TIMEOUT_S):
                raise AssertionError("only %d of %d posts" % (len(self.posts), count))
            return list(self.posts)

    def invoke(self, number, event, headers=None):
        before = len(self.posts)
        self.push(number, event, headers)
        post = self.posts_until(before + 1)[before]
        assert post.path.startswith("/2018-06-01/runtime/invocation/%s/" % request_id(number)), post.path
        return post


def function_environment(directory, api, handler):
    return {
        "PATH": os.environ["PATH"],
        "LAMBDA_TASK_ROOT": directory,
        "_HANDLER": handler,
        "AWS_LAMBDA_FUNCTION_NAME": "orders",
        "AWS_LAMBDA_FUNCTION_VERSION": "$LATEST",
        "AWS_LAMBDA_FUNCTION_MEMORY_SIZE": "128",
        "AWS_LAMBDA_LOG_GROUP_NAME": "/aws/lambda/orders",
        "AWS_LAMBDA_LOG_STREAM_NAME": "2025/01/01/[$LATEST]00",
        **api.environment,
    }


class Collector:
    """Reads a pipe to its end in a thread."""

    def __init__(self, fd, start=True):
        self.data = bytearray()
        self._fd = fd
        self._thread = threading.Thread(target=self._read, daemon=True)
        if start:
            self.start()

    def start(self):
        self._thread.start()

    def _read(self):
        while True:
            data = os.read(self._fd, 1 << 16)
            if not data:
                return
            self.data += data

    def join(self):
        self._thread.join(TIMEOUT_S)

    def close(self):
        os.close(self._fd)

    @property
    def text(self):
        return self.data.decode()


def parse_frames(data):
    """-> [(text, time in microseconds)]"""
    frames, offset = [], 0
    while offset < len(data):
        magic, length, time_us = struct.unpack_from(">IIQ", data, offset)
        assert magic == FRAME_MAGIC, hex(magic)
        frames.append((bytes(data[offset + 16 : offset + 16 + length]).decode(), time_us))
        offset += 16 + length
    return frames


def make_task(files):
    directory = tempfile.mkdtemp(prefix="surgetank-python-")
    for name, text in files.items():
        path = os.path.join(directory, name)
        os.makedirs(os.path.dirname(path), exist_ok=True)
        with open(path, "w", encoding="utf-8") as file:
            file.write(text)
    return directory


class Function:
    """A function process with its files in a temporary directory and its output collected. A context manager."""

    def __init__(self, files, handler="app.handler", env=None, log_pipe=False, read=True, **api_options):
        self.directory = make_task(files)
        self.api = FakeRuntimeApi(self.directory, **api_options)
        environment = function_environment(self.directory, self.api, handler)
        environment.update({name: value.replace("<dir>", self.directory) for name, value in (env or {}).items()})
        pipes = [os.pipe(), os.pipe(), os.pipe()]
        if log_pipe:
            environment["SURGETANK_LOG_FD"] = str(pipes[2][1])
        self.process = subprocess.Popen(
            [sys.executable, BOOTSTRAP],
            cwd=self.directory,
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=pipes[0][1],
            stderr=pipes[1][1],
            pass_fds=[pipes[2][1]],
        )
        for _, write_end in pipes:
            os.close(write_end)
        self.out, self.err, self.log = (Collector(read_end, start=read) for read_end, _ in pipes)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.process.kill()
        self.process.wait(TIMEOUT_S)
        for pipe in (self.out, self.err, self.log):
            if not pipe._thread.is_alive() and pipe._thread.ident is None:
                continue
            pipe.join()
            pipe.close()
        self.api.close()
        shutil.rmtree(self.directory, ignore_errors=True)

    def exit_code(self):
        code = self.process.wait(TIMEOUT_S)
        for pipe in (self.out, self.err, self.log):
            pipe.join()
        return code

    def finished_log(self):
        """Ends the process; everything it wrote is then complete."""
        self.process.kill()
        self.exit_code()
        return parse_frames(self.log.data)
