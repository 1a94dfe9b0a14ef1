#!/usr/bin/env python3
"""From exec to ready, on a fresh and on an existing data directory, and resident memory when idle.

usage: start_bench.py BUILD_DIRECTORY [--rounds 9]

The floor beside it is the start of a process that does nothing (`surgetank --version`), measured in turn.
"""
import argparse
import shutil
import statistics
import subprocess
import tempfile
import time

from surgetank_server import Server


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("build")
    parser.add_argument("--rounds", type=int, default=9)
    arguments = parser.parse_args()
    binary = arguments.build + "/surgetank"
    fresh, existing, floor, memory = [], [], [], []
    kept = tempfile.mkdtemp(prefix="surgetank-bench-")
    Server(binary, kept).stop()
    for _ in range(arguments.rounds):
        started = time.perf_counter()
        subprocess.run([binary, "--version"], stdout=subprocess.DEVNULL, check=True)
        floor.append(time.perf_counter() - started)
        server = Server(binary)
        fresh.append(server.start_seconds)
        time.sleep(0.3)
        memory.append(server.resident_mib())
        server.stop()
        server = Server(binary, kept)
        existing.append(server.start_seconds)
        server.stop()
    shutil.rmtree(kept, ignore_errors=True)
    ms = lambda values: f"{statistics.median(values) * 1000:.1f} ms (best {min(values) * 1000:.1f})"
    print(f"ready, fresh data directory     {ms(fresh)}")
    print(f"ready, existing data directory  {ms(existing)}")
    print(f"surgetank --version             {ms(floor)}")
    print(f"resident when idle              {statistics.median(memory):.1f} MiB")
    print(f"ratio fresh / --version: {statistics.median(fresh) / statistics.median(floor):.1f}")


if __name__ == "__main__":
    main()
