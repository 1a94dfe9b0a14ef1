"""The function's side of the Lambda Runtime API (2018-06-01) over one raw keep-alive socket, unix or TCP.

Why not http.client: parsing through email.message costs more than a whole invocation here. A result and the following "give
me the next event" leave in one write (HTTP pipelining); the server answers both, in order.

Blocking, used by one thread. A lost connection, a malformed reply or a 5xx is unrecoverable: RuntimeApiError.
"""

import re
import socket
import sys

API = "/2018-06-01/runtime"
MAX_HEAD_BYTES = 256 * 1024
MAX_BODY_BYTES = 64 * 1024 * 1024
READ_BYTES = 64 * 1024
# A result above this size is posted alone: it might be refused as too large, and then an error must follow first.
MAX_PIPELINED_BYTES = 256 * 1024
DEFAULT_PAYLOAD_LIMIT = "6291556"

_STATUS_LINE = re.compile(rb"HTTP/1\.[01] (\d{3})(?: |$)")
_LENGTH = re.compile(r"\d{1,15}\Z", re.ASCII)
_CHUNK_SIZE = re.compile(rb"([0-9a-fA-F]{1,8})[ \t]*(?:;.*)?\Z")
_NOT_HEADER_SAFE = re.compile(r"[^\x20-\x7e]")


class RuntimeApiError(Exception):
    """The Runtime API cannot be talked to any more."""


class Reply:
    __slots__ = ("status", "headers", "body")

    def __init__(self, status, headers, body):
        self.status = status
        self.headers = headers
        self.body = body


class Connection:
    """One connection: whole requests out, whole replies in."""

    def __init__(self, family, address):
        self._socket = socket.socket(family, socket.SOCK_STREAM)
        try:
            self._socket.connect(address)
            if family != socket.AF_UNIX:
                self._socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        except OSError:
            self._socket.close()
            raise
        self._rest = b""

    def send(self, data):
        self._socket.sendall(data)

    def close(self):
        self._socket.close()

    def _read_more(self):
        data = self._socket.recv(READ_BYTES)
        if not data:
            raise RuntimeApiError("the Runtime API closed the connection")
        self._rest = self._rest + data if self._rest else data

    def _read_until(self, mark, limit):
        """Takes the bytes before `mark` (and drops the mark)."""
        searched = 0
        while True:
            end = self._rest.find(mark, searched)
            if end >= 0:
                taken = self._rest[:end]
                self._rest = self._rest[end + len(mark) :]
                return taken
            if len(self._rest) > limit:
                raise RuntimeApiError("reply head too large")
            searched = max(0, len(self._rest) - len(mark) + 1)
            self._read_more()

    def _read_exactly(self, length):
        rest = self._rest
        if len(rest) >= length:
            self._rest = rest[length:]
            return rest[:length]
        body = bytearray(length)
        body[: len(rest)] = rest
        filled = len(rest)
        self._rest = b""
        with memoryview(body) as view:
            while filled < length:
                count = self._socket.recv_into(view[filled:])
                if count == 0:
                    raise RuntimeApiError("the Runtime API closed the connection")
                filled += count
        return body

    def read_reply(self):
        while True:
            lines = self._read_until(b"\r\n\r\n", MAX_HEAD_BYTES).split(b"\r\n")
            match = _STATUS_LINE.match(lines[0])
            if match is None:
                raise RuntimeApiError("malformed status line: %r" % lines[0][:80])
            status = int(match[1])
            if status >= 200:  # 100 Continue and the like announce a later, real reply
                break
        headers = {}
        for line in lines[1:]:
            name, colon, value = line.decode("utf-8", "replace").partition(":")
            if not colon or not name:
                raise RuntimeApiError("malformed header line")
            headers[name.lower()] = value.strip()
        return Reply(status, headers, self._read_body(status, headers))

    def _read_body(self, status, headers):
        if status in (204, 304):
            return b""
        encoding = headers.get("transfer-encoding")
        if encoding is not None:
            if encoding.lower() != "chunked":
                raise RuntimeApiError("unsupported transfer encoding: " + encoding)
            return self._read_chunks()
        length = headers.get("content-length")
        if length is None:
            headers["connection"] = "close"  # the end of the connection delimits the body
            return self._read_until_close()
        if not _LENGTH.match(length):
            raise RuntimeApiError("malformed Content-Length")
        if int(length) > MAX_BODY_BYTES:
            raise RuntimeApiError("reply body too large")
        return self._read_exactly(int(length))

    def _read_chunks(self):
        body = bytearray()
        while True:
            match = _CHUNK_SIZE.match(self._read_until(b"\r\n", MAX_HEAD_BYTES))
            if match is None:
                raise RuntimeApiError("malformed chunk size")
            size = int(match[1], 16)
            if size == 0:
                break
            if len(body) + size > MAX_BODY_BYTES:
                raise RuntimeApiError("reply body too large")
            body += self._read_exactly(size)
            if self._read_exactly(2) != b"\r\n":
                raise RuntimeApiError("malformed chunk")
        while self._read_until(b"\r\n", MAX_HEAD_BYTES):
            pass  # trailers
        return body

    def _read_until_close(self):
        body = bytearray(self._rest)
        self._rest = b""
        while True:
            data = self._socket.recv(READ_BYTES)
            if not data:
                return body
            body += data
            if len(body) > MAX_BODY_BYTES:
                raise RuntimeApiError("reply body too large")


def parse_target(socket_path, host_port):
    """-> (family, address, Host header)"""
    if socket_path:
        return socket.AF_UNIX, socket_path, "localhost"
    match = re.fullmatch(r"(?:\[([^\]]+)\]|([^:]+)):(\d{1,5})", host_port or "")
    if match is None:
        raise RuntimeApiError("AWS_LAMBDA_RUNTIME_API must be host:port")
    host = match[1] or match[2]
    family = socket.AF_INET6 if match[1] else socket.getaddrinfo(host, None, type=socket.SOCK_STREAM)[0][0]
    return family, (host, int(match[3])), host_port


def _header_safe(value):
    return _NOT_HEADER_SAFE.sub("?", str(value))[:256]


class RuntimeClient:
    """`report(line)` gets refusals that are worth a line in the function's log."""

    def __init__(self, target, report):
        self._family, self._address, host = target
        self._report = report
        self._connection = None
        version = "%d.%d.%d" % sys.version_info[:3]
        common = "Host: %s\r\nUser-Agent: surgetank-lambda-python/%s\r\n" % (host, version)
        self._next_request = ("GET %s/invocation/next HTTP/1.1\r\n%s\r\n" % (API, common)).encode()
        self._common = common
        self._next_is_sent = False
        self._early_event = None  # an event that arrived while a refused result was dealt with

    def next(self):
        """Waits for the next event: a Reply with status 200."""
        reply, self._early_event = self._early_event, None
        if reply is None:
            reply = self._receive_next()
        if reply.status != 200:
            raise RuntimeApiError(
                "Failed to get next invocation. Http response code: %d. %s" % (reply.status, bytes(reply.body).decode("utf-8", "replace"))
            )
        return reply

    def respond(self, request_id, body, content_type):
        """Posts a result; the next event is asked for as well."""
        path = "/invocation/%s/response" % request_id
        if len(body) > MAX_PIPELINED_BYTES:
            reply = self._post(path, body, content_type)
            if reply.status == 413:
                self.fail(request_id, *_too_large(reply.body))
            return
        reply = self._post(path, body, content_type, with_next=True)
        if reply.status == 413:
            # Either the server has closed the invocation itself and sends the next event, or it refuses to: then the error closes it.
            answer = self._receive_next()
            if answer.status == 200:
                self._early_event = answer
            else:
                self.fail(request_id, *_too_large(reply.body))

    def fail(self, request_id, error_type, body):
        """Posts an error; the next event is asked for as well."""
        self._post("/invocation/%s/error" % request_id, body, "application/json", error_type, with_next=True)

    def fail_init(self, error_type, body):
        self._post("/init/error", body, "application/json", error_type)

    def _post(self, path, body, content_type, error_type=None, with_next=False):
        extra = "" if error_type is None else "Lambda-Runtime-Function-Error-Type: %s\r\n" % _header_safe(error_type)
        head = "POST %s%s HTTP/1.1\r\n%sContent-Type: %s\r\n%sContent-Length: %d\r\n\r\n" % (
            API,
            path,
            self._common,
            content_type,
            extra,
            len(body),
        )
        self._send(b"".join((head.encode(), body, self._next_request if with_next else b"")))
        self._next_is_sent = with_next
        reply = self._receive()
        if not 200 <= reply.status <= 299:
            what = "handler success response" if path.endswith("/response") else "handler error"
            text = bytes(reply.body).decode("utf-8", "replace")
            self._report("LAMBDA_RUNTIME Failed to post %s. Http response code: %d. %s" % (what, reply.status, text))
            if reply.status >= 500:
                raise RuntimeApiError("the Runtime API answered %d" % reply.status)
        return reply

    def _send(self, data):
        try:
            if self._connection is None:
                self._connection = Connection(self._family, self._address)
            self._connection.send(data)
        except OSError as error:
            raise RuntimeApiError("the Runtime API cannot be reached: %s" % error) from error

    def _receive_next(self):
        if not self._next_is_sent:
            self._send(self._next_request)
        self._next_is_sent = False
        return self._receive()

    def _receive(self):
        try:
            reply = self._connection.read_reply()
        except OSError as error:
            raise RuntimeApiError("the Runtime API cannot be reached: %s" % error) from error
        if reply.headers.get("connection", "").lower() == "close":
            # The server reads no further from this connection: what was pipelined behind must be repeated.
            self._connection.close()
            self._connection = None
            self._next_is_sent = False
        return reply


def _too_large(refusal):
    match = re.search(rb"\((\d+) bytes\)", refusal)
    limit = match[1].decode() if match else DEFAULT_PAYLOAD_LIMIT
    message = "Response payload size exceeded maximum allowed payload size (%s bytes)." % limit
    kind = "Function.ResponseSizeTooLarge"
    return kind, ('{"errorMessage": "%s", "errorType": "%s"}' % (message, kind)).encode()
