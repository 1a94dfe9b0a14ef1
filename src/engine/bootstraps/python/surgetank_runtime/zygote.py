"""A process that has paid Python's start-up and forks environments on demand. The protocol is in README.md.

It must stay without threads and without buffered output: children inherit both in a broken state.
"""

import fcntl
import gc
import importlib
import json
import os
import select
import signal
import socket
import sys
import time

MAX_REQUEST_BYTES = 4 * 1024 * 1024
MAX_FDS = 8
_RECEIVE_BYTES = 256 * 1024
# Read by Python or by the dynamic linker before the first line of Python: they cannot be changed afterwards.
_START_ONLY = ("PYTHONHASHSEED", "PYTHONUTF8", "PYTHONOPTIMIZE", "PYTHONHOME", "LD_LIBRARY_PATH", "LD_PRELOAD")
_PRELOADED = (
    "argparse base64 calendar collections concurrent.futures contextlib copy csv dataclasses datetime decimal email.message "
    "email.parser email.utils enum fractions functools getpass gzip hashlib hmac html http.client http.cookies importlib.metadata "
    "inspect io ipaddress itertools json logging.handlers mimetypes operator pathlib pickle platform queue random re secrets "
    "shutil socket ssl statistics string struct subprocess tempfile textwrap threading traceback types typing unicodedata "
    "urllib.error urllib.parse urllib.request uuid warnings weakref xml.etree.ElementTree zipfile zlib zoneinfo"
).split()
_STANDARD_FDS = {"stdin": 0, "stdout": 1, "stderr": 2}


class _Refused(Exception):
    pass


def _preload():
    for name in _PRELOADED:
        try:
            importlib.import_module(name)
        except ImportError:
            pass  # a Python built without it
    gc.collect()
    gc.freeze()  # children do not touch, hence do not copy, what is already there


def _check(request, fds):
    if not isinstance(request, dict) or not isinstance(request.get("env"), dict):
        raise _Refused('the request needs "env"')
    names = request.get("fds", [])
    if len(names) != len(fds):
        raise _Refused("%d descriptors are named, %d came" % (len(names), len(fds)))
    for name in names:
        if name not in _STANDARD_FDS and name != "log":
            raise _Refused("unknown descriptor name: %s" % name)
    for name in _START_ONLY:
        if request["env"].get(name, "") != os.environ.get(name, ""):
            raise _Refused("%s takes effect only when a process starts" % name)


def _become(request, fds):
    """In the child: take on the environment, the folder and the descriptors of the request."""
    os.setsid()
    os.environ.clear()
    os.environ.update(request["env"])
    time.tzset()
    # Passed descriptors may sit at 0..2 themselves: move them out of the way before any is replaced.
    moved = []
    for fd in fds:
        moved.append(fcntl.fcntl(fd, fcntl.F_DUPFD_CLOEXEC, 10))
        os.close(fd)
    for name, fd in zip(request.get("fds", []), moved):
        if name == "log":
            os.environ["SURGETANK_LOG_FD"] = str(fd)
        else:
            os.dup2(fd, _STANDARD_FDS[name])
            os.close(fd)
    if isinstance(request.get("cwd"), str):
        os.chdir(request["cwd"])
    extra = [path for path in request["env"].get("PYTHONPATH", "").split(os.pathsep) if path]
    sys.path[:0] = extra
    importlib.invalidate_caches()


class _Zygote:
    def __init__(self, fd):
        self._channel = socket.socket(fileno=fd)
        self._channel.setblocking(True)
        self._text = b""
        self._fds = []
        self._children = {}  # pidfd -> pid

    def serve(self):
        """Returns in a child; the zygote itself ends with its channel."""
        self._send({"ready": True, "pid": os.getpid()})
        poll = select.poll()
        poll.register(self._channel, select.POLLIN)
        while True:
            for fd, _event in poll.poll():
                if fd in self._children:
                    poll.unregister(fd)
                    self._reap(fd)
                elif self._receive():
                    return
                else:
                    self._watch_new_children(poll)

    def _watch_new_children(self, poll):
        for pidfd in self._children:
            poll.register(pidfd, select.POLLIN)

    def _reap(self, pidfd):
        pid = self._children.pop(pidfd)
        os.close(pidfd)
        _, status = os.waitpid(pid, 0)
        if os.WIFSIGNALED(status):
            self._send({"exited": pid, "signal": os.WTERMSIG(status)})
        else:
            self._send({"exited": pid, "code": os.WEXITSTATUS(status)})

    def _send(self, message):
        try:
            self._channel.sendall(json.dumps(message).encode() + b"\n")
        except OSError:
            os._exit(0)

    def _receive(self):
        """Reads once and forks for each complete request. -> True in a child."""
        try:
            data, fds, _flags, _address = socket.recv_fds(self._channel, _RECEIVE_BYTES, MAX_FDS)
        except ConnectionResetError:
            data = b""
        if not data:
            os._exit(0)
        self._fds += fds
        self._text += data
        if len(self._text) > MAX_REQUEST_BYTES:
            os._exit(1)
        while b"\n" in self._text:
            line, self._text = self._text.split(b"\n", 1)
            passed, self._fds = self._fds, []
            if self._fork(line, passed):
                return True
        return False

    def _fork(self, line, fds):
        pid = None
        try:
            request = json.loads(line)
            _check(request, fds)
            pid = os.fork()
        except (ValueError, OSError, _Refused) as error:
            self._send({"error": str(error)})
        if pid == 0:
            self._leave_zygote()
            _become(request, fds)
            return True
        for fd in fds:
            os.close(fd)
        if pid is not None:
            self._children[os.pidfd_open(pid)] = pid
            self._send({"pid": pid})
        return False

    def _leave_zygote(self):
        self._channel.close()
        for pidfd in self._children:
            os.close(pidfd)
        self._children.clear()
        for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
            signal.signal(number, signal.SIG_DFL if number != signal.SIGINT else signal.default_int_handler)


def serve(fd):
    os.set_inheritable(fd, False)
    _preload()
    _Zygote(fd).serve()
