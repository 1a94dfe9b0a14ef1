"""A server of our own for a test: its binary, its data directory, its process id; and real clients that talk to it.

Every Server has a temporary data directory and a free port, and is ended by its own process id. Nothing else on the machine is
touched. The binary is $SURGETANK_BINARY, or build/dev/surgetank of this checkout.
"""
import io
import json
import os
import re
import shutil
import signal
import subprocess
import tempfile
import time
import unittest
import urllib.error
import urllib.request
import zipfile
from http.server import BaseHTTPRequestHandler

import boto3
from botocore.config import Config

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
BINARY = os.path.abspath(os.environ.get("SURGETANK_BINARY") or os.path.join(ROOT, "build/dev/surgetank"))
EXAMPLE = os.path.join(ROOT, "examples/orders")
REGION = "us-east-1"
ROLE = "arn:aws:iam::000000000000:role/test"
PATIENCE = 90  # seconds; a loaded machine is slow, a working one never comes near


class NotReady(Exception):
    """The server ended, or did not say that it is ready; the text is what it printed."""


def environment():
    """The environment without anything that would lead an AWS client to another place than the test says."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("AWS_", "SURGETANK_"))}
    for name in ("http_proxy", "https_proxy", "HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "all_proxy"):
        kept.pop(name, None)
    kept["AWS_EC2_METADATA_DISABLED"] = "true"
    kept["AWS_CONFIG_FILE"] = kept["AWS_SHARED_CREDENTIALS_FILE"] = "/dev/null"
    return kept


def eventually(probe, what, seconds=PATIENCE, pause=0.05):
    """The first true answer of `probe`; fails with `what` after `seconds`."""
    deadline = time.monotonic() + seconds
    while True:
        answer = probe()
        if answer:
            return answer
        if time.monotonic() > deadline:
            raise AssertionError(f"not within {seconds} s: {what}")
        time.sleep(pause)


def run(*arguments, input=None, env=None, cwd=None, timeout=PATIENCE):
    """Runs the surgetank binary to its end; the CompletedProcess has text."""
    return subprocess.run([BINARY, *arguments], input=input, env=env or environment(), cwd=cwd, timeout=timeout, text=True,
                          stdout=subprocess.PIPE, stderr=subprocess.PIPE, check=False)


def _process_table():
    """pid -> (parent, start time); a zombie is not listed: it runs no more."""
    table = {}
    for name in os.listdir("/proc"):
        if not name.isdigit():
            continue
        try:
            with open(f"/proc/{name}/stat", encoding="utf-8", errors="replace") as file:
                fields = file.read().rsplit(")", 1)[1].split()
        except OSError:
            continue
        if fields[0] not in ("Z", "X"):
            table[int(name)] = (int(fields[1]), fields[19])
    return table


def descendants(pid):
    """The set of (pid, start time) of everything below `pid`; the start time tells a reused number apart."""
    table = _process_table()
    children = {}
    for child, (parent, _) in table.items():
        children.setdefault(parent, []).append(child)
    found, pending = set(), list(children.get(pid, []))
    while pending:
        child = pending.pop()
        found.add((child, table[child][1]))
        pending.extend(children.get(child, []))
    return found


def alive(processes):
    table = _process_table()
    return {(pid, start) for pid, start in processes if pid in table and table[pid][1] == start}


def command_lines(processes):
    lines = []
    for pid, _ in processes:
        try:
            with open(f"/proc/{pid}/cmdline", encoding="utf-8", errors="replace") as file:
                lines.append(f"{pid}: {file.read().replace(chr(0), ' ')}")
        except OSError:
            pass
    return "\n".join(lines)


class Server:
    """A running server. Use as a context manager, or call stop() or kill()."""

    def __init__(self, *options, command=("start",), data=None, wait="Ready.", cwd=None):
        self.owned = None
        if data is None:
            self.owned = tempfile.mkdtemp(prefix="surgetank-e2e-")
            data = os.path.join(self.owned, "data")
        self.data = data
        self.command = command
        # Tests ask faster than an account may; those of quotas say which they want.
        self.options = options if "--quotas" in options else ("--quotas", "none", *options)
        self.cwd = cwd
        self.process = None
        self.log_path = None
        self.url = None
        try:
            self.start(wait)
        except BaseException:
            self.close()
            raise

    def start(self, wait="Ready."):
        """Starts on the same data; the port is a new one."""
        self.url = None
        self._remove_log()
        log_file, self.log_path = tempfile.mkstemp(prefix="surgetank-e2e-log-")
        with os.fdopen(log_file, "wb") as log:
            arguments = [BINARY, *self.command, "--data", self.data, "--listen", "127.0.0.1:0", *self.options]
            self.process = subprocess.Popen(arguments, stdin=subprocess.DEVNULL, stdout=log, stderr=log, env=environment(), cwd=self.cwd)

        def ready():
            if re.search(rf"^{re.escape(wait)}", self.log(), re.MULTILINE):
                return True
            if self.process.poll() is not None:
                raise NotReady(f"ended with {self.process.returncode}:\n{self.log()}")
            return False

        try:
            eventually(ready, f'the server says "{wait}"')
        except AssertionError as error:
            raise NotReady(f"{error}\n{self.log()}") from None
        self.url = re.search(r"listens on (http://\S+)", self.log()).group(1)
        self.port = int(self.url.rsplit(":", 1)[1])

    def _remove_log(self):
        if self.log_path is not None and os.path.exists(self.log_path):
            os.unlink(self.log_path)

    def log(self):
        with open(self.log_path, encoding="utf-8", errors="replace") as log:
            return log.read()

    def stop(self, how=signal.SIGINT):
        """Ends it with a signal and waits; the exit code."""
        if self.process.poll() is None:
            self.process.send_signal(how)
        return self.process.wait(timeout=PATIENCE)

    def kill(self):
        self.process.kill()
        self.process.wait(timeout=PATIENCE)

    def restart(self):
        self.stop()
        self.start()

    def close(self):
        if self.process is not None and self.process.poll() is None:
            try:
                self.stop()
            except subprocess.TimeoutExpired:
                self.kill()
        self._remove_log()
        if self.owned:
            # A server that was killed takes its children along, but not in the same instant.
            shutil.rmtree(self.owned, ignore_errors=True)
            if os.path.exists(self.owned):
                time.sleep(1)
                shutil.rmtree(self.owned, ignore_errors=True)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()

    def cli(self, *arguments, **options):
        """Another surgetank command that finds this server through its data directory."""
        return run("--data", self.data, *arguments, **options)

    def boto(self, service, key="test", secret="test", token=None, unsigned=False, **config):
        if unsigned:
            from botocore import UNSIGNED
            config["signature_version"] = UNSIGNED
        return boto3.session.Session().client(
            service, endpoint_url=self.url, region_name=REGION, aws_access_key_id=key, aws_secret_access_key=secret,
            aws_session_token=token,
            config=Config(retries={"total_max_attempts": 1}, connect_timeout=20, read_timeout=PATIENCE, max_pool_connections=20,
                          **config))

    def api_base(self, api_id):
        """The path form of an API's address, for clients that cannot resolve the host form."""
        return f"{self.url}/_surgetank/execute-api/{api_id}"


class Answer:
    def __init__(self, status, headers, body):
        self.status, self.headers, self.body = status, headers, body

    def json(self):
        return json.loads(self.body)


class _NoRedirect(urllib.request.HTTPRedirectHandler):
    def redirect_request(self, *_):
        return None


def http(method, url, body=None, headers=None, timeout=PATIENCE):
    """One HTTP request, whatever its status."""
    if isinstance(body, str):
        body = body.encode()
    request = urllib.request.Request(url, data=body, method=method, headers=headers or {})
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}), _NoRedirect())
    try:
        with opener.open(request, timeout=timeout) as response:
            return Answer(response.status, response.headers, response.read())
    except urllib.error.HTTPError as error:
        with error:
            return Answer(error.code, error.headers, error.read())


def zipped(files, executable=()):
    """A zip archive of {name: text or bytes}."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            entry = zipfile.ZipInfo(name, (2024, 1, 1, 0, 0, 0))
            entry.external_attr = (0o100755 if name in executable else 0o100644) << 16
            archive.writestr(entry, content)
    return out.getvalue()


PYTHON = "python3.12"
NODE = "nodejs22.x"


def create_function(client, name, files, runtime=PYTHON, handler="app.handler", executable=(), wait=True, **more):
    if isinstance(files, str):
        files = {"app.py": files}
    made = client.create_function(FunctionName=name, Runtime=runtime, Handler=handler, Role=ROLE,
                                  Code={"ZipFile": zipped(files, executable)}, **more)
    if wait:
        eventually(lambda: client.get_function_configuration(FunctionName=name)["State"] == "Active", f"{name} is active")
    return made


def invoke(client, name, payload=None, **more):
    """(payload as a value, whole answer)"""
    answer = client.invoke(FunctionName=name, Payload=json.dumps(payload).encode(), **more)
    text = answer["Payload"].read()
    return (json.loads(text) if text else None), answer


class AnswersOk(BaseHTTPRequestHandler):
    """Of a server that is not ours: 200 and `ok` for every GET, on connections that stay."""
    protocol_version = "HTTP/1.1"

    def do_GET(self):
        self.send_response(200)
        self.send_header("Content-Length", "2")
        self.end_headers()
        self.wfile.write(b"ok")

    def log_message(self, *_):
        pass


class ServerTestCase(unittest.TestCase):
    """One server for all tests of a class."""
    options = ()

    @classmethod
    def setUpClass(cls):
        cls.server = Server(*cls.options)

    @classmethod
    def tearDownClass(cls):
        cls.server.close()

    def error_of(self, call, *arguments, **named):
        """(code, message, HTTP status) of the error that the call must end in."""
        from botocore.exceptions import ClientError
        with self.assertRaises(ClientError) as caught:
            call(*arguments, **named)
        response = caught.exception.response
        return response["Error"]["Code"], response["Error"]["Message"], response["ResponseMetadata"]["HTTPStatusCode"]
