"""A Surgetank server for benchmarks: started on a free port with a data directory of its own, stopped by its own process id."""
import json
import os
import pathlib
import shutil
import subprocess
import tempfile
import time


class Server:
    def __init__(self, binary, data=None, arguments=()):
        self.binary = binary
        self.own_data = data is None
        self.data = data or tempfile.mkdtemp(prefix="surgetank-bench-")
        started = time.perf_counter()
        self.process = subprocess.Popen([binary, "start", "--data", self.data, "--listen", "127.0.0.1:0", "--quotas", "none", *arguments], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
        for line in self.process.stdout:
            if line.startswith("Ready."):
                break
        else:
            raise SystemExit("the server did not start")
        self.start_seconds = time.perf_counter() - started
        self.url = json.loads(pathlib.Path(self.data, "server.json").read_text())["url"]
        self.port = int(self.url.rsplit(":", 1)[1])

    def deploy(self, template):
        """Deploys a template (a dict; code folders must be absolute) and returns its outputs."""
        folder = tempfile.mkdtemp(prefix="surgetank-bench-")
        path = os.path.join(folder, "template.json")
        pathlib.Path(path).write_text(json.dumps(template))
        reply = subprocess.run([self.binary, "deploy", path, "--stack", "bench", "--data", self.data, "--json"], capture_output=True, text=True)
        shutil.rmtree(folder)
        outcome = json.loads(reply.stdout.strip().splitlines()[-1]) if reply.stdout.strip() else {}
        if outcome.get("kind") != "deployed":
            raise SystemExit(f"deployment failed: {reply.stdout}{reply.stderr}")
        return outcome["stack"]["outputs"]

    def resident_mib(self):
        for line in pathlib.Path(f"/proc/{self.process.pid}/status").read_text().splitlines():
            if line.startswith("VmRSS:"):
                return int(line.split()[1]) / 1024
        return 0.0

    def stop(self):
        self.process.terminate()
        self.process.wait(timeout=60)
        if self.own_data:
            shutil.rmtree(self.data, ignore_errors=True)


def function_template(runtime, handler, code):
    """An HTTP API whose $default route is one function."""
    return {
        "Transform": "AWS::Serverless-2016-10-31",
        "Resources": {
            "Api": {"Type": "AWS::Serverless::HttpApi"},
            "Function": {
                "Type": "AWS::Serverless::Function",
                "Properties": {
                    "Runtime": runtime, "Handler": handler, "CodeUri": str(code), "MemorySize": 512, "Timeout": 30,
                    "Events": {"All": {"Type": "HttpApi", "Properties": {"ApiId": {"Ref": "Api"}, "Method": "ANY", "Path": "/{proxy+}"}}},
                },
            },
        },
        "Outputs": {"ApiId": {"Value": {"Ref": "Api"}}, "Function": {"Value": {"Ref": "Function"}}},
    }
