#!/usr/bin/env python3
"""Plain HTTP against a ceiling: http_bench_server and nginx `return 200`, in one rotation, loaded by wrk with keep-alive connections.

usage: http_bench.py path/to/http_bench_server [--seconds 2] [--rounds 5] [--connections 64] [--loops 1 2]

Prints the median requests per second and CPU microseconds per request of both, and the ratio (ours / nginx, median of the rounds).
Absolute figures depend on the machine and its neighbours; the ratio and the CPU time do not much. Needs Debian's nginx-light and wrk.
"""
import argparse
import os
import pathlib
import re
import shutil
import socket
import statistics
import subprocess
import sys
import tempfile
import time

NGINX_CONFIG = """
daemon off;
worker_processes {workers};
pid {directory}/nginx.pid;
error_log {directory}/error.log crit;
events {{ worker_connections 1024; }}
http {{
  access_log off;
  keepalive_requests 1000000000;
  server {{
    listen 127.0.0.1:{port};
    location / {{ default_type text/plain; return 200 "hello, world\\n"; }}
  }}
}}
"""


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def wait_for_port(port):
    for _ in range(200):
        try:
            socket.create_connection(("127.0.0.1", port), timeout=1).close()
            return
        except OSError:
            time.sleep(0.02)
    raise SystemExit(f"nothing answers on port {port}")


def cpu_seconds(pids):
    ticks = 0
    for pid in pids:
        fields = pathlib.Path(f"/proc/{pid}/stat").read_text().rsplit(") ", 1)[1].split()
        ticks += int(fields[11]) + int(fields[12])
    return ticks / os.sysconf("SC_CLK_TCK")


def children(pid):
    listed = pathlib.Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    return [pid] + [int(child) for child in listed]


class Nginx:
    def __init__(self, workers):
        self.directory = tempfile.mkdtemp(prefix="surge-bench-")
        self.port = free_port()
        config = pathlib.Path(self.directory, "nginx.conf")
        config.write_text(NGINX_CONFIG.format(workers=workers, directory=self.directory, port=self.port))
        self.process = subprocess.Popen(["nginx", "-c", str(config), "-p", self.directory], stderr=subprocess.DEVNULL)
        wait_for_port(self.port)

    def close(self):
        self.process.terminate()
        self.process.wait(timeout=10)
        shutil.rmtree(self.directory)


class Ours:
    def __init__(self, program, loops):
        self.process = subprocess.Popen([program, str(loops)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        self.port = int(self.process.stdout.readline().split()[1])
        wait_for_port(self.port)

    def close(self):
        self.process.stdin.close()
        self.process.wait(timeout=10)


def load(server, threads, connections, seconds):
    """(requests per second, CPU microseconds of the server per request)"""
    pids = children(server.process.pid)
    before = cpu_seconds(pids)
    output = subprocess.run(
        ["wrk", f"-t{threads}", f"-c{connections}", f"-d{seconds}s", f"http://127.0.0.1:{server.port}/"],
        capture_output=True, text=True, check=True, timeout=seconds + 30).stdout
    spent = cpu_seconds(pids) - before
    requests = int(re.search(r"(\d+) requests in", output).group(1))
    if "Non-2xx" in output or "Socket errors" in output:
        raise SystemExit(f"errors under load:\n{output}")
    rate = float(re.search(r"Requests/sec:\s+([\d.]+)", output).group(1))
    return rate, spent / requests * 1e6


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("program")
    parser.add_argument("--seconds", type=int, default=2)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--connections", type=int, default=64)
    parser.add_argument("--loops", type=int, nargs="+", default=[1, 2])
    options = parser.parse_args()
    for tool in ("nginx", "wrk"):
        if not shutil.which(tool):
            sys.exit(f"{tool} is not installed")
    for loops in options.loops:
        servers = {"nginx": Nginx(loops), "surgetank": Ours(options.program, loops)}
        results = {name: [] for name in servers}
        try:
            for _ in range(options.rounds):
                for name, server in servers.items():
                    results[name].append(load(server, loops, options.connections, options.seconds))
        finally:
            for server in servers.values():
                server.close()
        for name, samples in results.items():
            rates = [rate for rate, _ in samples]
            print(f"{name:10} {loops} threads, {options.connections} connections: {statistics.median(rates):8.0f} requests/s "
                  f"[{min(rates):.0f}-{max(rates):.0f}], {statistics.median(cpu for _, cpu in samples):5.1f} us CPU a request")
        ratio = statistics.median(ours[0] / theirs[0] for ours, theirs in zip(results["surgetank"], results["nginx"]))
        print(f"ratio      {loops} threads, {options.connections} connections: {ratio:.2f} of nginx", flush=True)


if __name__ == "__main__":
    main()
