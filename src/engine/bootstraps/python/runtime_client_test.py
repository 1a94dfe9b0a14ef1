"""Rules of the connection to the Runtime API."""

import json
import os
import socket
import sys
import unittest

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from surgetank_runtime.runtime_client import Connection, RuntimeApiError  # noqa: E402
from testing.fake_runtime_api import Function, request_id  # noqa: E402

ECHO = {"app.py": "def handler(event, context):\n    return event\n"}
EVENT = {"text": "ünïcödé ✓ 𝄞", "list": [1, 2.5, None, True]}


def app(code):
    return {"app.py": code}


TOO_LARGE = b'{"errorType":"RequestEntityTooLarge","errorMessage":"Exceeded maximum allowed payload size (6291556 bytes)."}'


class RuntimeApiConnection(unittest.TestCase):
    def test_replies_split_into_bytes_and_pieces_plain_and_chunked(self):
        for split in ("bytes", "pieces"):
            for chunked in (False, True):
                with self.subTest(split=split, chunked=chunked), Function(ECHO, split=split, chunked=chunked) as fn:
                    for i in range(3):
                        self.assertEqual(fn.api.invoke(i, EVENT).value, EVENT)

    def test_six_megabytes_in_and_out(self):
        big = {"data": "é" * 3_000_000}
        payload = json.dumps(big, ensure_ascii=False).encode()
        with Function(ECHO, unix=True, env={"AWS_EXECUTION_ENV": "AWS_Lambda_python3.13"}) as fn:
            for i in range(2):
                post = fn.api.invoke(i, payload)
                self.assertEqual(post.body, payload)
                self.assertFalse(post.with_next)
            self.assertEqual(fn.api.invoke(3, EVENT).value, EVENT)
            self.assertEqual(len(fn.api.connections), 1)

    def test_a_server_that_closes_after_each_reply_is_connected_to_again(self):
        with Function(ECHO, close_after_post=True) as fn:
            for i in range(3):
                self.assertEqual(fn.api.invoke(i, EVENT).value, EVENT)
            self.assertGreaterEqual(len(fn.api.connections), 3)

    def test_a_refused_result_is_logged_and_the_loop_goes_on(self):
        for status in (400, 403):
            refuse = lambda post, status=status: (status, b"{}") if post.body == b'"odd"' else None  # noqa: E731
            with self.subTest(status=status), Function(ECHO, status_of=refuse) as fn:
                fn.api.invoke(1, "odd")
                self.assertEqual(fn.api.invoke(2, EVENT).value, EVENT)
                fn.finished_log()
                self.assertIn("Failed to post handler success response. Http response code: %d." % status, fn.err.text)

    def test_413_makes_the_result_the_error_response_size_too_large(self):
        def status_of(post):
            return (413, TOO_LARGE) if post.kind == "response" and len(post.body) > 6291556 else None

        with Function(app("def handler(event, context):\n    return 'z' * event\n"), status_of=status_of) as fn:
            fn.api.push(1, 7_000_000)
            post = fn.api.posts_until(2)[1]
            self.assertEqual(post.path, "/2018-06-01/runtime/invocation/%s/error" % request_id(1))
            message = "Response payload size exceeded maximum allowed payload size (6291556 bytes)."
            self.assertEqual(post.value, {"errorMessage": message, "errorType": "Function.ResponseSizeTooLarge"})
            fn.api.push(2, 2)
            self.assertEqual(fn.api.posts_until(3)[2].value, "zz")

    def test_413_for_a_pipelined_result(self):
        for next_answers in ([200, 403, 200], [200, 200]):
            answers = list(next_answers)
            options = {
                "status_of": lambda post: (413, TOO_LARGE) if post.body == b'"big"' else None,
                "next_status": lambda answers=answers: answers.pop(0) if answers else 200,
            }
            with self.subTest(next_answers=next_answers), Function(ECHO, **options) as fn:
                fn.api.push(1, "big")
                fn.api.push(2, "small")
                posts = fn.api.posts_until(3 if 403 in next_answers else 2)
                if 403 in next_answers:
                    self.assertEqual(posts.pop(1).value["errorType"], "Function.ResponseSizeTooLarge")
                self.assertEqual([post.body for post in posts], [b'"big"', b'"small"'])

    def test_500_a_refused_next_and_a_lost_connection_end_the_process(self):
        with Function(ECHO, status_of=lambda post: (500, b"{}")) as fn:
            fn.api.invoke(1, EVENT)
            self.assertEqual(fn.exit_code(), 1)
        with Function(ECHO, next_status=lambda: 403) as fn:
            self.assertEqual(fn.exit_code(), 1)
            self.assertIn("Failed to get next invocation. Http response code: 403", fn.err.text)
        with Function(ECHO) as fn:
            fn.api.invoke(1, EVENT)
            for connection in fn.api.connections:
                fn.api.cut(connection)
            self.assertEqual(fn.exit_code(), 1)

    def parse(self, data):
        ours, theirs = socket.socketpair()
        connection = Connection.__new__(Connection)
        connection._socket, connection._rest = ours, b""
        with ours, theirs:
            theirs.sendall(data)
            theirs.shutdown(socket.SHUT_WR)
            replies = []
            while True:
                try:
                    reply = connection.read_reply()
                except RuntimeApiError as error:
                    if replies and "closed" in str(error):
                        return replies
                    raise
                replies.append((reply.status, bytes(reply.body)))

    def test_malformed_replies_are_refused(self):
        data = b"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 202 \r\nContent-Length: 2\r\n\r\nokHTTP/1.1 204 No\r\n\r\n"
        self.assertEqual(self.parse(data), [(202, b"ok"), (204, b"")])
        self.assertEqual(self.parse(b"HTTP/1.0 200 OK\r\n\r\nuntil the end"), [(200, b"until the end")])
        for bad in (
            b"HTTP/2 200\r\n\r\n",
            b"ICY 200 OK\r\n\r\n",
            b"HTTP/1.1 200 OK\r\nContent-Length: -1\r\n\r\n",
            b"HTTP/1.1 200 OK\r\nContent-Length: 99999999999\r\n\r\n",
            b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nab",
            b"HTTP/1.1 200 OK\r\nnot a header\r\n\r\n",
            b"HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip\r\n\r\n",
            b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nxyz\r\n",
            b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1\r\nabc\r\n",
        ):
            with self.subTest(bad=bad), self.assertRaises(RuntimeApiError):
                self.parse(bad)


if __name__ == "__main__":
    unittest.main()
