#!/usr/bin/env python3
"""Warm round trips through an HTTP API to a function, against two ceilings measured in the same rotation: nginx `return 200`, and a bare
relay client -> HTTP -> function process -> client (relay.cc). For Node and Python also our bootstraps against the way of talking
HTTP of the official clients, both behind the relay.

usage: invoke_bench.py BUILD_DIRECTORY [--seconds 3] [--rounds 3] [--connections 64] [--functions 8] [--only native,node,python]

Prints medians over the rounds: requests per second, p50 and p99 of the round trip, and ratios. Needs Debian's nginx-light and wrk.
"""
import argparse
import os
import pathlib
import re
import shutil
import statistics
import subprocess
import tempfile

from http_bench import NGINX_CONFIG, free_port, wait_for_port
from surgetank_server import Server, function_template

HERE = pathlib.Path(__file__).resolve().parent


def milliseconds(text):
    number, unit = re.match(r"([\d.]+)(us|ms|s)", text).groups()
    return float(number) * {"us": 0.001, "ms": 1, "s": 1000}[unit]


def load(url, seconds, connections):
    """One wrk run: requests per second, p50 and p99 in ms, and how many answers were not 2xx."""
    output = subprocess.run(["wrk", "-t1", f"-c{connections}", f"-d{seconds}s", "--latency", url], capture_output=True, text=True, check=True).stdout
    rate = float(re.search(r"Requests/sec:\s+([\d.]+)", output).group(1))
    p50 = milliseconds(re.search(r"\n\s+50%\s+(\S+)", output).group(1))
    p99 = milliseconds(re.search(r"\n\s+99%\s+(\S+)", output).group(1))
    failed = re.search(r"Non-2xx or 3xx responses: (\d+)", output)
    return rate, p50, p99, int(failed.group(1)) if failed else 0


class Processes:
    def __init__(self):
        self.running = []

    def start(self, command, environment=None, **more):
        process = subprocess.Popen(command, env={**os.environ, **(environment or {})}, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, **more)
        self.running.append(process)
        return process

    def stop(self):
        for process in reversed(self.running):
            process.terminate()
        for process in self.running:
            process.wait(timeout=20)


class Bench:
    def __init__(self, build, functions):
        self.build = pathlib.Path(build).resolve()
        self.functions = functions
        self.directory = tempfile.mkdtemp(prefix="surgetank-bench-")
        self.processes = Processes()
        self.servers = []
        self.targets = {}  # name -> url

    def nginx(self):
        port = free_port()
        config = os.path.join(self.directory, "nginx.conf")
        pathlib.Path(config).write_text(NGINX_CONFIG.format(workers=2, directory=self.directory, port=port))
        self.processes.start([shutil.which("nginx") or "/usr/sbin/nginx", "-c", config])
        wait_for_port(port)
        self.targets["nginx return 200"] = f"http://127.0.0.1:{port}/"

    def relay(self, name, command, environment=None, tcp=False, functions=None):
        """A relay with its function processes: over its unix socket, or over TCP for clients that know nothing else."""
        port, tcp_port = free_port(), free_port()
        path = os.path.join(self.directory, f"relay-{port}.sock")
        self.processes.start([str(self.build / "bench/relay"), str(port), path, str(tcp_port)])
        wait_for_port(port)
        runtime = {"AWS_LAMBDA_RUNTIME_API": f"127.0.0.1:{tcp_port}"} if tcp else {"SURGETANK_RUNTIME_SOCKET": path, "AWS_LAMBDA_RUNTIME_API": "127.0.0.1:1"}
        for _ in range(functions or self.functions):
            self.processes.start(command, {**runtime, **(environment or {})})
        self.targets[name] = f"http://127.0.0.1:{port}/"

    def surgetank(self, name, runtime, handler, code):
        server = Server(str(self.build / "surgetank"))
        self.servers.append(server)
        outputs = server.deploy(function_template(runtime, handler, code))
        self.targets[name] = f"{server.url}/_surgetank/execute-api/{outputs['ApiId']}/hello"

    def stop(self):
        for server in self.servers:
            server.stop()
        self.processes.stop()
        shutil.rmtree(self.directory, ignore_errors=True)


def prepare(bench, kinds, connections):
    task = {"LAMBDA_TASK_ROOT": "", "AWS_LAMBDA_FUNCTION_NAME": "f", "AWS_LAMBDA_FUNCTION_MEMORY_SIZE": "512", "AWS_LAMBDA_FUNCTION_VERSION": "$LATEST",
            "AWS_LAMBDA_LOG_GROUP_NAME": "g", "AWS_LAMBDA_LOG_STREAM_NAME": "s", "AWS_REGION": "us-east-1"}
    bootstraps = HERE.parent / "src/engine/bootstraps"
    bench.nginx()
    if "native" in kinds:
        bench.relay("relay, C++", [str(bench.build / "bench/echo_function/bootstrap")])
        # A Lambda environment serves one request at a time, so as many connections keep as many processes busy.
        bench.relay("relay, C++, a process each", [str(bench.build / "bench/echo_function/bootstrap")], functions=connections)
        bench.surgetank("surgetank, C++", "provided.al2023", "bootstrap", bench.build / "bench/echo_function")
    if "node" in kinds:
        node = {**task, "LAMBDA_TASK_ROOT": str(HERE / "functions/node"), "_HANDLER": "index.handler"}
        bench.relay("relay, Node, our bootstrap", ["node", str(bootstraps / "node/bootstrap.cjs")], node)
        bench.relay("relay, Node, http.Agent", ["node", str(HERE / "functions/http_agent.mjs")], tcp=True)
        bench.surgetank("surgetank, Node", "nodejs20.x", "index.handler", HERE / "functions/node")
    if "python" in kinds:
        python = {**task, "LAMBDA_TASK_ROOT": str(HERE / "functions/python"), "_HANDLER": "app.handler"}
        bench.relay("relay, Python, our bootstrap", ["/usr/bin/python3", str(bootstraps / "python/bootstrap.py")], python)
        bench.relay("relay, Python, http.client", ["/usr/bin/python3", str(HERE / "functions/http_client.py")], tcp=True)
        bench.surgetank("surgetank, Python", "python3.11", "app.handler", HERE / "functions/python")


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("build")
    parser.add_argument("--seconds", type=int, default=3)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--connections", type=int, default=64)
    parser.add_argument("--functions", type=int, default=8)
    parser.add_argument("--only", default="native,node,python")
    arguments = parser.parse_args()
    bench = Bench(arguments.build, arguments.functions)
    measured = {}
    try:
        prepare(bench, arguments.only.split(","), arguments.connections)
        for name, url in bench.targets.items():
            load(url, 1, arguments.functions)  # warm
        for _ in range(arguments.rounds):
            for name, url in bench.targets.items():
                # An interpreter a connection would measure the machine's memory: Node and Python get as many connections as functions.
                interpreted = "Node" in name or "Python" in name
                connections = arguments.functions if interpreted else arguments.connections
                measured.setdefault(name, []).append(load(url, arguments.seconds, connections))
    finally:
        bench.stop()
    median = {name: [statistics.median(column) for column in zip(*rows)] for name, rows in measured.items()}
    print(f"{arguments.connections} connections ({arguments.functions} for Node and Python), {arguments.functions} relay functions, median of {arguments.rounds} rounds of {arguments.seconds} s")
    for name, (rate, p50, p99, failed) in median.items():
        print(f"  {name:30} {rate:10.0f} /s   p50 {p50:8.2f} ms   p99 {p99:8.2f} ms   not 2xx {failed:.0f}")
    ratio = lambda a, b: print(f"  ratio {a} / {b}: {median[a][0] / median[b][0]:.3f}") if a in median and b in median else None
    ratio("surgetank, C++", "relay, C++")
    ratio("surgetank, C++", "relay, C++, a process each")
    ratio("surgetank, C++", "nginx return 200")
    ratio("relay, C++", "nginx return 200")
    ratio("surgetank, Node", "relay, Node, http.Agent")
    ratio("relay, Node, our bootstrap", "relay, Node, http.Agent")
    ratio("surgetank, Python", "relay, Python, http.client")
    ratio("relay, Python, our bootstrap", "relay, Python, http.client")


if __name__ == "__main__":
    main()
