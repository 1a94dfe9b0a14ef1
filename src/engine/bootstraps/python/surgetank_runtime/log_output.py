"""Everything a function prints. Every byte is written synchronously, so that the log of an invocation is complete before its
result leaves and survives a crash.

`logging` and context.log go, one event per call, to the frame pipe if the engine gave one (SURGETANK_LOG_FD), else to stdout
with inner newlines turned into carriage returns. A frame: 0xa55a0003, length, time in microseconds since 1970 (4 + 4 + 8
bytes, big-endian), then the UTF-8 text. print() and the standard streams stay raw. AWS_LAMBDA_LOG_FORMAT=JSON and
AWS_LAMBDA_LOG_LEVEL act as on AWS.
"""

import io
import json
import logging
import os
import struct
import sys
import threading
import time
import traceback

FRAME_MAGIC = 0xA55A0003
_FRAME_HEADER = struct.Struct(">IIQ")
_NO_BREAK_SPACE = "\u00a0"  # indentation that log viewers do not swallow

current_request_id = ""
current_tenant_id = None


def set_current_request(request_id, tenant_id):
    global current_request_id, current_tenant_id
    current_request_id = request_id
    current_tenant_id = tenant_id


def write_all(fd, data):
    """Writes all bytes, waiting while a non-blocking pipe is full. A reader that has gone away is ignored."""
    view = memoryview(data)
    while view:
        try:
            view = view[os.write(fd, view) :]
        except BlockingIOError:
            import select

            select.select([], [fd], [])
        except OSError:
            return


class _PipeWriter(io.RawIOBase):
    """The bottom of sys.stdout and sys.stderr."""

    def __init__(self, fd):
        self._fd = fd
        self.mode = "wb"

    def writable(self):
        return True

    def fileno(self):
        return self._fd

    def isatty(self):
        return os.isatty(self._fd)

    def write(self, data):
        write_all(self._fd, data)
        return len(data)


def _open_stream(fd, name, errors):
    stream = io.TextIOWrapper(_PipeWriter(fd), encoding="utf-8", errors=errors, newline="\n", write_through=True)
    stream.mode = "w"
    stream.buffer.name = name
    return stream


class _Sink:
    """Threads may log at the same time; a child process made by os.fork gets a lock of its own."""

    def __init__(self):
        self._renew_lock()
        os.register_at_fork(after_in_child=self._renew_lock)

    def _renew_lock(self):
        self._lock = threading.Lock()


class FrameSink(_Sink):
    def __init__(self, fd):
        super().__init__()
        self._fd = fd
        os.set_inheritable(fd, False)

    def write(self, text):
        data = text.encode("utf-8", "backslashreplace")
        header = _FRAME_HEADER.pack(FRAME_MAGIC, len(data), time.time_ns() // 1000)
        with self._lock:
            write_all(self._fd, header + data)


class LineSink(_Sink):
    """One event per line of stdout."""

    def write(self, text):
        body = text[:-1] if text.endswith("\n") else text
        with self._lock:
            write_all(1, (body.replace("\n", "\r") + "\n").encode("utf-8", "backslashreplace"))


class _RequestFilter(logging.Filter):
    def filter(self, record):
        record.aws_request_id = current_request_id
        record.tenant_id = current_tenant_id
        return True


class _LambdaHandler(logging.Handler):
    def __init__(self, sink):
        super().__init__()
        self.log_sink = sink

    def emit(self, record):
        try:
            self.log_sink.write(self.format(record))
        except Exception:
            self.handleError(record)


def _timestamp(seconds):
    return "%s.%03dZ" % (time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime(seconds)), seconds * 1000 % 1000)


class JsonFormatter(logging.Formatter):
    """One JSON object a record; what `extra=` adds becomes members."""

    _STANDARD = frozenset(logging.makeLogRecord({}).__dict__) | {"aws_request_id", "tenant_id", "message", "asctime", "taskName"}
    _encode = json.JSONEncoder(ensure_ascii=False, default=str).encode

    def format(self, record):
        level = min(50, max(0, record.levelno)) // 10 * 10
        error = record.exc_info or (None, None, None)
        result = {
            "timestamp": _timestamp(record.created),
            "level": logging.getLevelName(level),
            "message": record.getMessage(),
            "logger": record.name,
            "stackTrace": traceback.format_tb(error[2]) if error[0] else None,
            "errorType": error[0].__name__ if error[0] else None,
            "errorMessage": str(error[1]) if error[0] else None,
            "requestId": record.aws_request_id,
            "location": "%s:%s:%s" % (record.pathname, record.funcName, record.lineno) if error[0] else None,
            "tenantId": record.tenant_id,
        }
        for name, value in record.__dict__.items():
            if name not in self._STANDARD and name not in result:
                result[name] = value
        return self._encode({name: value for name, value in result.items() if value is not None}) + "\n"


class LogOutput:
    """What the rest of the runtime needs: raw events and failures."""

    def __init__(self, sink, is_json, encoder):
        self._sink = sink
        self._is_json = is_json
        self._encoder = encoder

    def event(self, text):
        self._sink.write(text)

    def diagnostic(self, line):
        write_all(2, (line.replace("\n", "\r") + "\n").encode("utf-8", "backslashreplace"))

    def failure(self, error):
        """error: {errorMessage, errorType, requestId, stackTrace}"""
        if self._is_json:
            self._sink.write(self._encoder.encode({"timestamp": _timestamp(time.time()), "level": "ERROR", **error}).decode())
            return
        title = ": ".join(filter(None, (error["errorType"], error["errorMessage"])))
        lines = ["[ERROR] " + title, "Traceback (most recent call last):"]
        for entry in error["stackTrace"]:
            lines += [_keep_indentation(line) for line in entry.splitlines()]
        self._sink.write("\n".join(lines))


def _keep_indentation(line):
    text = line.lstrip(" ")
    return _NO_BREAK_SPACE * (len(line) - len(text)) + text


def _level_from_environment():
    level = os.environ.get("AWS_LAMBDA_LOG_LEVEL", "").upper()
    return "DEBUG" if level == "TRACE" else level


def install(encoder):
    """Replaces the standard streams and gives the root logger Lambda's handler. -> LogOutput"""
    sys.stdout = _open_stream(1, "<stdout>", "strict")
    sys.stderr = _open_stream(2, "<stderr>", "backslashreplace")
    fd = os.environ.pop("SURGETANK_LOG_FD", "")
    sink = FrameSink(int(fd)) if fd.isdigit() else LineSink()
    is_json = os.environ.get("AWS_LAMBDA_LOG_FORMAT", "").upper() == "JSON"

    logging.Formatter.converter = time.gmtime
    handler = _LambdaHandler(sink)
    if is_json:
        handler.setFormatter(JsonFormatter())
    else:
        form = "[%(levelname)s]\t%(asctime)s.%(msecs)03dZ\t%(aws_request_id)s\t%(message)s\n"
        handler.setFormatter(logging.Formatter(form, "%Y-%m-%dT%H:%M:%S"))
    handler.addFilter(_RequestFilter())
    root = logging.getLogger()
    root.addHandler(handler)
    level = _level_from_environment()
    if isinstance(logging.getLevelName(level), int):
        root.setLevel(level)
    return LogOutput(sink, is_json, encoder)
