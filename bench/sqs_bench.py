#!/usr/bin/env python3
"""SendMessage, SendMessageBatch of ten, and send + receive + delete over HTTP, against a bare committer that writes the same bytes to
RocksDB, one synced batch of as many messages as wait at once; then a backlog: memory per message, rates on top of it, restart.

usage: sqs_bench.py BUILD_DIRECTORY [--seconds 3] [--rounds 3] [--connections 1,8,64,256] [--backlog 1000000]

Server, load and ceiling share the machine. Rates are medians over the rounds.
"""
import argparse
import pathlib
import shutil
import statistics
import subprocess
import tempfile
import time

from surgetank_server import Server

MODES = {"send": 1, "batch": 10, "cycle": 1}  # messages of a request


def fields(command):
    words = subprocess.run([str(part) for part in command], stdout=subprocess.PIPE, text=True, check=True).stdout.split()
    return {name: float(value) for name, value in zip(words[::2], words[1::2])}


class Bench:
    def __init__(self, build):
        self.build = pathlib.Path(build).resolve()
        self.program = self.build / "bench/sqs_bench"
        if not self.program.exists():
            self.program = self.build / "sqs_bench"
        self.server = None

    def load(self, queue, mode, connections, seconds, messages=None):
        more = [] if messages is None else [messages]
        found = fields([self.program, "load", self.server.port, queue, mode, connections, seconds, *more])
        if found["failures"]:
            raise SystemExit(f"{found['failures']:.0f} requests failed")
        return found

    def bare(self, messages, seconds):
        directory = tempfile.mkdtemp(prefix="surgetank-bench-")
        found = fields([self.program, "bare", directory, messages, seconds])
        shutil.rmtree(directory)
        return found["messages_per_second"]

    def rates(self, connections, rounds, seconds):
        print(f"{'':22}{'messages/s':>12}{'p50 ms':>9}{'p99 ms':>9}{'bare/s':>10}{'ratio':>7}")
        for count in connections:
            for mode, messages in MODES.items():
                ours, ceilings = [], []
                for turn in range(rounds):
                    self.server = Server(str(self.build / "surgetank"))
                    try:
                        ours.append(self.load(f"q{turn}", mode, count, seconds))
                    finally:
                        self.server.stop()
                    ceilings.append(self.bare(count * messages, seconds))
                median = sorted(ours, key=lambda each: each["messages_per_second"])[len(ours) // 2]
                ceiling = statistics.median(ceilings)
                rate = median["messages_per_second"]
                print(f"{mode:8}{count:4} connections{rate:10.0f}{median['p50_ms']:9.2f}{median['p99_ms']:9.2f}{ceiling:10.0f}{rate / ceiling:7.2f}", flush=True)

    def backlog(self, messages, seconds):
        self.server = Server(str(self.build / "surgetank"))
        data = self.server.data
        try:
            empty = self.load("empty", "send", 64, seconds)["messages_per_second"]
            empty_cycle = self.load("empty", "cycle", 64, seconds)["messages_per_second"]
            before = self.server.resident_mib()
            self.load("backlog", "batch", 64, 3600, messages)
            time.sleep(1)
            resident = self.server.resident_mib() - before
            print(f"backlog of {messages}: {resident * 1024 * 1024 / messages:.0f} bytes of memory a message, caches and logs of the store included")
            rate = self.load("backlog", "send", 64, seconds)["messages_per_second"]
            cycle = self.load("backlog", "cycle", 64, seconds)["messages_per_second"]
            print(f"on top of it: sends {rate / empty:.2f}, cycles {cycle / empty_cycle:.2f} of the rate of an empty queue")
            self.server.own_data = False
            self.server.stop()
            started = time.perf_counter()
            self.server = Server(str(self.build / "surgetank"), data)
            found = fields([self.program, "receive", self.server.port, "backlog"])
            total = time.perf_counter() - started
            print(f"restart to first receive {total:.2f} s (start {self.server.start_seconds:.2f} s, receive {found['receive_ms'] / 1000:.2f} s, found {found['found']:.0f})")
        finally:
            self.server.stop()
            shutil.rmtree(data, ignore_errors=True)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("build")
    parser.add_argument("--seconds", type=float, default=3)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--connections", default="1,8,64,256")
    parser.add_argument("--backlog", type=int, default=1_000_000)
    arguments = parser.parse_args()
    bench = Bench(arguments.build)
    bench.rates([int(count) for count in arguments.connections.split(",")], arguments.rounds, arguments.seconds)
    if arguments.backlog:
        bench.backlog(arguments.backlog, arguments.seconds)


if __name__ == "__main__":
    main()
