#!/usr/bin/env python3
"""SendMessage, SendMessageBatch of ten, and send + receive + delete over HTTP, 1 KB bodies, in one rotation with
- a bare committer that writes the same bytes to RocksDB, one synced batch of as many messages as wait at once (ratio "bare");
- a bare prototype of the whole path of a send (sqs_prototype.cc) under the same load (ratio "path");
then the same with sync off (a power loss takes back what was acknowledged), ElasticMQ in memory where java and mvn are at hand,
and a backlog: memory per message, rates on top of it, restart.

usage: sqs_bench.py BUILD_DIRECTORY [--seconds 2] [--rounds 2] [--connections 1,8,64,256] [--backlog 1000000] [--no-elasticmq]

Servers, load and ceilings share the machine. Rates are medians over the rounds; "us" is the server's processor time a message.
"""
import argparse
import os
import pathlib
import shutil
import statistics
import subprocess
import tempfile
import time

import elasticmq
from surgetank_server import Server

MODES = {"send": 1, "batch": 10, "cycle": 1}  # messages of a request
COMPARED_CONNECTIONS = 64
WARM_UP_SECONDS = 10  # of a Java program


def fields(command):
    words = subprocess.run([str(part) for part in command], stdout=subprocess.PIPE, text=True, check=True).stdout.split()
    return {name: float(value) for name, value in zip(words[::2], words[1::2])}


def processor_seconds(pid):
    words = pathlib.Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
    return (int(words[11]) + int(words[12])) / os.sysconf("SC_CLK_TCK")


class Prototype:
    def __init__(self, program):
        self.directory = tempfile.mkdtemp(prefix="surgetank-bench-")
        self.process = subprocess.Popen([str(program), self.directory], stdout=subprocess.PIPE, text=True)
        self.port = int(self.process.stdout.readline().split()[1])

    def stop(self):
        self.process.terminate()
        self.process.wait(timeout=20)
        shutil.rmtree(self.directory, ignore_errors=True)


class Bench:
    def __init__(self, build):
        build = pathlib.Path(build).resolve()
        self.program = build / "bench/sqs_bench"
        if not self.program.exists():
            self.program = build / "sqs_bench"
        self.prototype = self.program.with_name("sqs_prototype")
        self.surgetank = str(build / "surgetank")
        self.server = None

    def load(self, port, queue, mode, connections, seconds, messages=None):
        more = [] if messages is None else [messages]
        found = fields([self.program, "load", port, queue, mode, connections, seconds, *more])
        if found["failures"]:
            raise SystemExit(f"{found['failures']:.0f} requests failed")
        return found

    def ours(self, mode, connections, seconds, arguments=()):
        server = Server(self.surgetank, arguments=arguments)
        try:
            before = processor_seconds(server.process.pid)
            found = self.load(server.port, "queue", mode, connections, seconds)
            found["us"] = (processor_seconds(server.process.pid) - before) / (found["messages_per_second"] * seconds) * 1e6
            return found
        finally:
            server.stop()

    def path(self, mode, connections, seconds):
        prototype = Prototype(self.prototype)
        try:
            return self.load(prototype.port, "queue", mode, connections, seconds)["messages_per_second"]
        finally:
            prototype.stop()

    def bare(self, messages, seconds):
        directory = tempfile.mkdtemp(prefix="surgetank-bench-")
        found = fields([self.program, "bare", directory, messages, seconds])
        shutil.rmtree(directory)
        return found["messages_per_second"]

    def rates(self, connections, rounds, seconds):
        print(f"{'':22}{'messages/s':>11}{'p50 ms':>8}{'p99 ms':>8}{'us':>6}{'bare/s':>9}{'ratio':>6}{'path/s':>9}{'ratio':>6}")
        for count in connections:
            for mode, messages in MODES.items():
                ours, ceilings, paths = [], [], []
                for _ in range(rounds):
                    ours.append(self.ours(mode, count, seconds))
                    if mode != "cycle":
                        paths.append(self.path(mode, count, seconds))
                    ceilings.append(self.bare(count * messages, seconds))
                self.print_rate(f"{mode:8}{count:4} connections", ours, ceilings, paths)

    @staticmethod
    def print_rate(label, ours, ceilings, paths):
        median = sorted(ours, key=lambda each: each["messages_per_second"])[len(ours) // 2]
        rate = median["messages_per_second"]
        line = f"{label:22}{rate:11.0f}{median['p50_ms']:8.2f}{median['p99_ms']:8.2f}{median['us']:6.0f}"
        for others in (ceilings, paths):
            line += f"{statistics.median(others):9.0f}{rate / statistics.median(others):6.2f}" if others else ""
        print(line, flush=True)

    def without_sync(self, rounds, seconds):
        print("sync off (a power loss takes back what was acknowledged):")
        for mode in MODES:
            self.print_rate(f"{mode:8}{COMPARED_CONNECTIONS:4} connections",
                            [self.ours(mode, COMPARED_CONNECTIONS, seconds, ["--sync", "off"]) for _ in range(rounds)], [], [])

    def peers(self, rounds, seconds):
        peer = elasticmq.start()
        if peer is None:
            return
        try:
            for mode in MODES:
                self.load(peer.port, "warm", mode, COMPARED_CONNECTIONS, WARM_UP_SECONDS / len(MODES))
            for mode in MODES:
                ours, theirs = [], []
                for turn in range(rounds):
                    ours.append(self.ours(mode, COMPARED_CONNECTIONS, seconds)["messages_per_second"])
                    theirs.append(self.load(peer.port, f"{mode}{turn}", mode, COMPARED_CONNECTIONS, seconds)["messages_per_second"])
                rate, other = statistics.median(ours), statistics.median(theirs)
                print(f"{mode:8}{COMPARED_CONNECTIONS:4} connections: surgetank, synced {rate:.0f}/s, ElasticMQ {elasticmq.VERSION} in memory "
                      f"{other:.0f}/s, ratio {rate / other:.1f}", flush=True)
        finally:
            peer.stop()

    def backlog(self, messages, seconds):
        self.server = Server(self.surgetank)
        data = self.server.data
        try:
            empty = self.load(self.server.port, "empty", "send", 64, seconds)["messages_per_second"]
            empty_cycle = self.load(self.server.port, "empty", "cycle", 64, seconds)["messages_per_second"]
            before = self.server.resident_mib()
            self.load(self.server.port, "backlog", "batch", 64, 3600, messages)
            time.sleep(1)
            resident = self.server.resident_mib() - before
            print(f"backlog of {messages}: {resident * 1024 * 1024 / messages:.0f} bytes of memory a message, caches and logs of the store included")
            rate = self.load(self.server.port, "backlog", "send", 64, seconds)["messages_per_second"]
            cycle = self.load(self.server.port, "backlog", "cycle", 64, seconds)["messages_per_second"]
            print(f"on top of it: sends {rate / empty:.2f}, cycles {cycle / empty_cycle:.2f} of the rate of an empty queue")
            self.server.own_data = False
            self.server.stop()
            started = time.perf_counter()
            self.server = Server(self.surgetank, data)
            found = fields([self.program, "receive", self.server.port, "backlog"])
            total = time.perf_counter() - started
            print(f"restart to first receive {total:.2f} s (start {self.server.start_seconds:.2f} s, receive {found['receive_ms'] / 1000:.2f} s, found {found['found']:.0f})")
        finally:
            self.server.stop()
            shutil.rmtree(data, ignore_errors=True)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("build")
    parser.add_argument("--seconds", type=float, default=2)
    parser.add_argument("--rounds", type=int, default=2)
    parser.add_argument("--connections", default="1,8,64,256")
    parser.add_argument("--backlog", type=int, default=1_000_000)
    parser.add_argument("--no-elasticmq", action="store_true")
    arguments = parser.parse_args()
    bench = Bench(arguments.build)
    bench.rates([int(count) for count in arguments.connections.split(",")], arguments.rounds, arguments.seconds)
    bench.without_sync(arguments.rounds, arguments.seconds)
    if not arguments.no_elasticmq:
        bench.peers(arguments.rounds, arguments.seconds)
    if arguments.backlog:
        bench.backlog(arguments.backlog, arguments.seconds)


if __name__ == "__main__":
    main()
