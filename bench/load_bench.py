#!/usr/bin/env python3
"""The ceiling of the load generator, from one core, against wrk in the same rotation.

Both drive nginx `return 200` with one worker over the same number of connections, pinned to the core that nginx does not have. The load
generator is told to send more than it can, so that what it finishes is its ceiling; CPU time a request is told beside it, since it
depends less on what else the machine does. Then it is asked for rates that it can serve: how late it is, and what it costs.
"""
import argparse
import json
import os
import re
import resource
import shutil
import statistics
import subprocess
import sys

from http_bench import Nginx


def cpu_seconds():
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def measured(command, timeout):
    """(output, CPU seconds of the process)"""
    before = cpu_seconds()
    output = subprocess.run(command, capture_output=True, text=True, check=True, timeout=timeout).stdout
    return output, cpu_seconds() - before


def pinned(core, command):
    return ["taskset", "-c", str(core), *command] if core is not None else command


def wrk(port, options, core):
    output, cpu = measured(pinned(core, ["wrk", "-t1", f"-c{options.connections}", f"-d{options.seconds}s", f"http://127.0.0.1:{port}/"]),
                           options.seconds + 60)
    requests = int(re.search(r"(\d+) requests in", output).group(1))
    return float(re.search(r"Requests/sec:\s+([\d.]+)", output).group(1)), cpu / requests * 1e6


def load(program, port, rate, options, core):
    """(answers a second, CPU microseconds a request, the whole result)"""
    output, cpu = measured(pinned(core, [
        program, "load", f"http://127.0.0.1:{port}/", "--rate", str(rate), "--duration", f"{options.seconds}s", "--arrivals", "even",
        "--connections", str(options.connections), "--timeout", "30m", "--follow", "0s", "--data", "/nonexistent", "--json", "-"]), options.seconds * 20 + 60)
    result = json.loads(output)
    total = result["total"]
    if total["failed"]:
        sys.exit(f"requests failed: {result['failures']}")
    return total["succeeded"] / result["elapsedSeconds"], cpu / total["succeeded"] * 1e6, result


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("build")
    parser.add_argument("--seconds", type=int, default=3)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--connections", type=int, default=64)
    parser.add_argument("--overload", type=int, default=200_000, help="the rate that is more than it can")
    parser.add_argument("--rates", type=int, nargs="*", default=[5_000, 20_000])
    options = parser.parse_args()
    for tool in ("nginx", "wrk"):
        if not shutil.which(tool):
            sys.exit(f"{tool} is not installed")
    program = os.path.join(options.build, "surgetank")
    core = 1 if (os.cpu_count() or 1) > 1 and shutil.which("taskset") else None
    nginx = Nginx(1)
    try:
        if core is not None:
            os.system(f"taskset -a -p -c 0 {nginx.process.pid} >/dev/null")
        peers, ours = [], []
        for _ in range(options.rounds):
            peers.append(wrk(nginx.port, options, core))
            ours.append(load(program, nginx.port, options.overload, options, core)[:2])
        for name, samples in (("wrk", peers), ("load", ours)):
            rates = [rate for rate, _ in samples]
            print(f"{name:6} {statistics.median(rates):8.0f} requests/s [{min(rates):.0f}-{max(rates):.0f}], "
                  f"{statistics.median(cpu for _, cpu in samples):5.1f} us CPU a request: {1e6 / statistics.median(cpu for _, cpu in samples):.0f}/s from a core of its own")
        print(f"ratio  {statistics.median(mine[0] / other[0] for mine, other in zip(ours, peers)):.2f} of wrk's rate, "
              f"{statistics.median(other[1] / mine[1] for mine, other in zip(ours, peers)):.2f} by CPU time")
        for rate in options.rates:
            got, cpu, result = load(program, nginx.port, rate, options, core)
            late = result["generatorLatenessMs"]
            print(f"at {rate}/s: answered {got:.0f}/s, {cpu:.1f} us CPU a request, p99 {result['total']['latencyMs']['p99']:.2f} ms, "
                  f"generator late p50 {late['p50']:.3f} p99 {late['p99']:.2f} ms", flush=True)
    finally:
        nginx.close()


if __name__ == "__main__":
    main()
