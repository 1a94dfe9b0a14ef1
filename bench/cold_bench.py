#!/usr/bin/env python3
"""The first invocation of a native, a Node and a Python function, against the bare start of the same program.

usage: cold_bench.py BUILD_DIRECTORY [--rounds 7]

Each round invokes a function that has no environment (its configuration is changed before, which retires the old ones), and starts the
bare program: the same native executable failing to find a Runtime API, `node -e 0`, `python3 -c pass`.
"""
import argparse
import pathlib
import statistics
import subprocess
import time
import urllib.request

from surgetank_server import Server, function_template

HERE = pathlib.Path(__file__).resolve().parent


def once(url):
    started = time.perf_counter()
    with urllib.request.urlopen(url, timeout=60) as reply:
        reply.read()
    return time.perf_counter() - started


def bare(command):
    started = time.perf_counter()
    subprocess.run(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, env={"PATH": "/usr/bin:/bin", "AWS_LAMBDA_RUNTIME_API": "127.0.0.1:1"}, check=False)
    return time.perf_counter() - started


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("build")
    parser.add_argument("--rounds", type=int, default=7)
    arguments = parser.parse_args()
    build = pathlib.Path(arguments.build).resolve()
    native = build / "bench/echo_function"
    kinds = {
        "native": ("provided.al2023", "bootstrap", native, [str(native / "bootstrap")]),
        "node": ("nodejs20.x", "index.handler", HERE / "functions/node", ["node", "-e", "0"]),
        "python": ("python3.11", "app.handler", HERE / "functions/python", ["/usr/bin/python3", "-c", "pass"]),
    }
    server = Server(str(build / "surgetank"))
    try:
        for name, (runtime, handler, code, command) in kinds.items():
            cold, warm, floor = [], [], []
            for round_number in range(arguments.rounds):
                template = function_template(runtime, handler, code)
                template["Resources"]["Function"]["Properties"]["Description"] = f"round {round_number}"
                outputs = server.deploy(template)
                url = f"{server.url}/_surgetank/execute-api/{outputs['ApiId']}/hello"
                cold.append(once(url))
                warm.append(once(url))
                floor.append(bare(command))
            ms = lambda values: statistics.median(values) * 1000
            print(f"{name:8} first invocation {ms(cold):7.1f} ms   next {ms(warm):6.2f} ms   bare start {ms(floor):7.1f} ms   "
                  f"ratio first / bare: {ms(cold) / ms(floor):.2f}   on top: {ms(cold) - ms(floor):.1f} ms")
    finally:
        server.stop()


if __name__ == "__main__":
    main()
