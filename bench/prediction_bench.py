#!/usr/bin/python3
"""Predicted and measured: the orders application (POST /orders: Node, a connection of PostgreSQL in each invocation) at five rates around its
knee, in rounds, one for each seed. In a round one server records a run; `surgetank simulate --host this` predicts each rate from that recording;
and `surgetank load` measures it (same phases), each rate on a server of its own. Only the last phase counts; measured figures are medians over the
rounds, with the least and the most; a predicted one of a round is the median of nine simulations, for the arrivals of nine seeds. A fixed
computation before and after each run tells how fast the processors are, against those of the recording.

There are two knees to predict. That of the account: calls and cold starts take as long as on AWS, and a new account has ten concurrent
executions, which decide. And that of the machine: nothing is slowed down or limited, and its processors decide.

    bench/prediction_bench.py account|machine [path of surgetank] [--rates 20,30,40,50,60] [--seeds 1,2,3] [--recorded-rate R] [--json FILE]

With --json a run can be made in parts: the rounds that the file has are kept, and the table shows all of them.

What else the machine does meanwhile is measured and taken off its processors in the prediction; a quiet machine is better all the same.
"""
import argparse
import dataclasses
import json
import math
import os
import pathlib
import re
import resource
import shutil
import statistics
import subprocess
import tempfile
import time

ROOT = pathlib.Path(__file__).resolve().parent.parent
ORDER = '{"customer":"Ada","items":[{"sku":"tea","quantity":2,"unit_price_cents":350}]}'
RECORDED_SECONDS = 60
RAMP_SECONDS = 10
SETTLE_SECONDS = 20  # cold starts of the ramp leave a backlog: it is worked off, or it is not
FUNCTION_PROCESSES = 24  # more Node processes than that start each other's timeouts on two cores
KNEE_P99_MS = 1000
KNEE_FAILED = 0.01
LEAST_FAILED = 0.0005  # what none of a run's requests counts as
SHARES_OF_KNEE = (0.5, 0.8, 1.0, 1.2, 1.6)
SIMULATIONS = 9


@dataclasses.dataclass
class Knee:
    """What the application meets first, and how it is started and recorded for that."""
    server_options: tuple
    recorded_rate: float
    hold_seconds: int


KNEES = {
    # A rate that leaves no environment cold and refuses little.
    "account": Knee(("--quotas", "aws-new-account", "--latency", "aws"), 12, 60),
    # A quarter of the machine: environments warm up, and requests hardly wait for each other.
    "machine": Knee((), 20, 20),
}


def process_times():
    """pid -> (parent, processor seconds of it and of its children that have ended)"""
    table = {}
    for name in filter(str.isdigit, os.listdir("/proc")):
        try:
            fields = pathlib.Path("/proc", name, "stat").read_text(encoding="utf-8", errors="replace").rsplit(")", 1)[1].split()
        except OSError:
            continue
        table[int(name)] = (int(fields[1]), sum(map(int, fields[11:15])) / os.sysconf("SC_CLK_TCK"))
    return table


def busy_of_tree(root):
    table = process_times()
    below, found = {root}, True
    while found:
        found = {pid for pid, (parent, _) in table.items() if parent in below and pid not in below}
        below |= found
    return sum(table[pid][1] for pid in below if pid in table)


def busy_of_machine():
    fields = [int(field) for field in pathlib.Path("/proc/stat").read_text(encoding="utf-8").split("\n", 1)[0].split()[1:]]
    return (sum(fields[:8]) - fields[3] - fields[4]) / os.sysconf("SC_CLK_TCK")


class OtherWork:
    """How many processors what is neither the application nor the load generator kept busy."""

    def __init__(self, application):
        self.root = application.process.pid
        self.begun, self.before = time.monotonic(), self.now()

    def now(self):
        ours = resource.getrusage(resource.RUSAGE_CHILDREN)
        return busy_of_machine() - busy_of_tree(self.root) - ours.ru_utime - ours.ru_stime

    def processors(self):
        return max(0.0, (self.now() - self.before) / (time.monotonic() - self.begun))


WORK = "import time\nbegun = time.process_time()\nfor _ in range(40):\n sum(range(500_000))\nprint(time.process_time() - begun)"


def speed():
    """How fast the processors are now: fixed pieces of work a second of processor time, all processors at once."""
    workers = [subprocess.Popen(["/usr/bin/python3", "-c", WORK], stdout=subprocess.PIPE, text=True) for _ in range(os.cpu_count())]
    return sum(1 / float(worker.communicate()[0]) for worker in workers)


class Application:
    def __init__(self, binary, knee):
        self.binary = binary
        self.data = tempfile.mkdtemp(prefix="surgetank-bench-")
        self.log = open(os.path.join(self.data, "log"), "w+", encoding="utf-8")
        command = [binary, "up", str(ROOT / "examples/orders/template.yaml"), "--no-watch", "--data", os.path.join(self.data, "data"),
                   "--listen", "127.0.0.1:0", "--function-processes", str(FUNCTION_PROCESSES), *knee.server_options]
        self.process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=self.log, stderr=self.log)
        deadline = time.monotonic() + 120
        while not re.search(r"^Ready\.", self.text(), re.MULTILINE):
            if self.process.poll() is not None or time.monotonic() > deadline:
                raise SystemExit("the application did not start:\n" + self.text())
            time.sleep(0.1)
        url = re.search(r"listens on (http://\S+)", self.text()).group(1)
        api = re.search(r"ApiUrl\s+http://([a-z0-9]+)\.", self.text()).group(1)
        self.orders = f"{url}/_surgetank/execute-api/{api}/orders"

    def text(self):
        return pathlib.Path(self.data, "log").read_text(encoding="utf-8")

    def run(self, *arguments, accept=(0,)):
        done = subprocess.run([self.binary, "--data", os.path.join(self.data, "data"), *arguments], capture_output=True, text=True, check=False)
        if done.returncode not in accept:
            raise SystemExit(f"{arguments}: {done.stderr}{done.stdout}")
        return done.stdout

    def load(self, seed, *phases):
        results = os.path.join(self.data, "load.json")
        options = [option for phase in phases for option in ("--phase", phase)]
        self.run("load", self.orders, "-X", "POST", "-d", ORDER, "-H", "content-type: application/json", "--seed", str(seed), "--json", results, *options)
        return json.loads(pathlib.Path(results).read_text(encoding="utf-8"))

    def close(self):
        self.process.terminate()
        self.process.wait(timeout=90)
        self.log.close()
        shutil.rmtree(self.data, ignore_errors=True)


def simulate(binary, recording, *arguments):
    command = [binary, "simulate", recording, "--host", "this", "--json", "--no-relief", *arguments]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if not done.stdout:
        raise SystemExit(done.stderr)
    return json.loads(done.stdout)


def phases_of(knee, rate):
    return f"{RAMP_SECONDS}s@{rate / 10:g}..{rate:g}", f"{SETTLE_SECONDS}s@{rate:g}", f"{knee.hold_seconds}s@{rate:g}"


def predicted_once(binary, knee, recording, rate, seed, processors):
    phases = [option for phase in phases_of(knee, rate) for option in ("--phase", phase)]
    total = simulate(binary, recording, *phases, "--warm-up", str(RAMP_SECONDS + SETTLE_SECONDS), "--seed", str(seed), "--set",
                     f"host.processors={processors:.2f}")["total"]
    return {"throughput": total["succeeded"] / knee.hold_seconds, "p50": total["latency"]["p50Ms"], "p99": total["latency"]["p99Ms"],
            "failed": (total["failed"] + total["throttled"]) / max(1, total["requests"])}


def predicted(binary, knee, recording, rate, other_work):
    processors = max(0.1, os.cpu_count() - other_work)
    runs = [predicted_once(binary, knee, recording, rate, seed, processors) for seed in range(1, SIMULATIONS + 1)]
    return {key: statistics.median(run[key] for run in runs) for key in runs[0]}


def measured(binary, knee, rate, seed):
    before = speed()
    application = Application(binary, knee)
    try:
        work = OtherWork(application)
        hold = application.load(seed, *phases_of(knee, rate))["phases"][2]
        other_work = work.processors()
    finally:
        application.close()
    return {"other_work": other_work, "speed": (before + speed()) / 2, "throughput": hold["succeeded"] / knee.hold_seconds,
            "p50": hold["latencyMs"].get("p50", 0), "p99": hold["latencyMs"].get("p99", 0), "failed": hold["failedShare"]}


class Row:
    """What was measured at one rate, and predicted: a figure for each seed."""

    def __init__(self, rate, runs):
        self.rate, self.runs = rate, runs

    def all(self, which, key):
        return [run[which][key] for run in self.runs.values()]

    def median(self, which, key):
        return statistics.median(self.all(which, key))

    def range(self, which, key):
        return f"{min(self.all(which, key)):.0f}..{max(self.all(which, key)):.0f}"

    def show(self):
        real, guess = (lambda key: self.median("measured", key)), (lambda key: self.median("predicted", key))
        return (f"{self.rate:9.1f} | {real('throughput'):9.1f} {guess('throughput'):9.1f} {error(real('throughput'), guess('throughput')):>6} |"
                f" {real('p99'):6.0f} {self.range('measured', 'p99'):>13} {guess('p99'):9.0f} {self.range('predicted', 'p99'):>13}"
                f" {error(real('p99'), guess('p99')):>6} | {100 * real('failed'):7.1f}% {100 * guess('failed'):8.1f}% |"
                f" {real('p50'):5.0f} {guess('p50'):5.0f} | {real('other_work'):.2f}, {real('speed'):.2f} ({len(self.runs)})")


HEADER = ("     rate | succeeded/s, predicted, error | p99 ms,  least..most, predicted, least..most, error |"
          "  failed, predicted | p50 ms, pred. | other work: processors, speed (rounds)")


def knee_between(rows, key):
    """The rate at which the thresholds are first missed, on straight lines of log p99 and of log failures between the rates around it."""
    good = None
    for row in rows:
        bad_by = {"p99": row.median(key, "p99") / KNEE_P99_MS, "failed": max(row.median(key, "failed"), LEAST_FAILED) / KNEE_FAILED}
        if max(bad_by.values()) <= 1:
            good = (row.rate, bad_by)
            continue
        if good is None:
            return row.rate
        rate, good_by = good
        shares = [-math.log(good_by[name]) / (math.log(bad_by[name]) - math.log(good_by[name])) for name in bad_by if bad_by[name] > 1]
        return rate + min(shares) * (row.rate - rate)
    return None


def error(measured_value, predicted_value):
    return f"{100 * (predicted_value - measured_value) / measured_value:+.0f} %" if measured_value else "-"


def record(binary, knee, recording, rate):
    application = Application(binary, knee)
    try:
        application.load(1, f"{RECORDED_SECONDS}s@{rate:g}")  # cold starts are part of it
        application.run("record", "-o", recording, "--last", "10000")
    finally:
        application.close()


def one_round(options, knee, seed, recording, runs):
    """Adds what one round predicted and measured to `runs`, after each rate."""
    before = speed()
    record(options.binary, knee, recording, options.recorded_rate or knee.recorded_rate)
    recorded_speed = (before + speed()) / 2
    at = simulate(options.binary, recording, "--find", "knee", "--p99", str(KNEE_P99_MS), "--failed", str(KNEE_FAILED))["knee"]
    print(f"round {seed}: predicted knee (p99 {KNEE_P99_MS} ms, {100 * KNEE_FAILED:g} % failures): {at:.1f}/s", flush=True)
    rates = [float(rate) for rate in options.rates.split(",")] if options.rates else sorted(runs) or [round(at * share) for share in SHARES_OF_KNEE]
    for rate in rates:
        real = measured(options.binary, knee, rate, seed)
        real["speed"] /= recorded_speed
        guess = predicted(options.binary, knee, recording, rate, real["other_work"])
        runs.setdefault(float(rate), {})[seed] = {"measured": real, "predicted": guess}
        yield


def show(runs):
    rows = [Row(rate, by_seed) for rate, by_seed in sorted(runs.items())]
    print("\n".join([HEADER] + [row.show() for row in rows]))
    real_knee, guessed_knee = knee_between(rows, "measured"), knee_between(rows, "predicted")
    text = lambda rate: "beyond the rates" if rate is None else f"{rate:.1f}/s"
    print(f"knee between the rates: measured {text(real_knee)}, predicted {text(guessed_knee)}"
          + (f", error {error(real_knee, guessed_knee)}" if real_knee and guessed_knee else ""))


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("knee", choices=sorted(KNEES))
    parser.add_argument("binary", nargs="?", default=str(ROOT / "build/release/surgetank"))
    parser.add_argument("--rates", help="instead of shares of the predicted knee")
    parser.add_argument("--seeds", default="1,2,3")
    parser.add_argument("--recorded-rate", type=float)
    parser.add_argument("--json", help="what was measured: read if it is there, and added to")
    options = parser.parse_args()
    subprocess.run([str(ROOT / "examples/orders/build.sh")], check=True)
    folder = tempfile.mkdtemp(prefix="surgetank-bench-")
    results = pathlib.Path(options.json or os.path.join(folder, "results.json"))
    runs = {float(rate): by_seed for rate, by_seed in json.loads(results.read_text(encoding="utf-8")).items()} if results.exists() else {}
    for seed in options.seeds.split(","):
        for _ in one_round(options, KNEES[options.knee], seed, os.path.join(folder, f"recording-{seed}.json"), runs):
            results.write_text(json.dumps(runs), encoding="utf-8")
    show(runs)
    shutil.rmtree(folder, ignore_errors=True)


if __name__ == "__main__":
    main()
