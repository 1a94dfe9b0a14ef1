#!/usr/bin/env python3
"""Numbers of one run of an example application, for the table that run_example.sh prints.

  example_numbers.py watch PORT FILE    writes the highest number of connections seen at PORT into FILE, until it is killed
  example_numbers.py collect RESULTS PEAK SINCE_MICROSECONDS < traces.json    one "name<TAB>value" a line
  example_numbers.py table NAME FILE NAME FILE    the table of two such collections, side by side

RESULTS has a line "HTTP_STATUS SECONDS" per request. The traces are those of `surgetank traces --json`.
"""

import json
import sys
import time

ESTABLISHED = "01"
SAMPLE_SECONDS = 0.005
ROWS = [
    "accepted",
    "failed",
    "p50",
    "p99",
    "connections made",
    "database connections at peak",
    "insert statements",
    "secret reads",
    "metric calls",
    "queue calls",
]


def connections_at(port):
    with open("/proc/net/tcp", encoding="ascii") as table:
        next(table)
        fields = (line.split() for line in table)
        return sum(1 for f in fields if f[3] == ESTABLISHED and int(f[1].rsplit(":", 1)[1], 16) == port)


def watch(port, path):
    peak = -1
    while True:
        seen = connections_at(int(port))
        if seen > peak:
            peak = seen
            with open(path, "w", encoding="ascii") as file:
                file.write(f"{peak}\n")
        time.sleep(SAMPLE_SECONDS)


def percentile(values, share):
    return values[min(len(values) - 1, int(len(values) * share))] if values else 0.0


def collect(results, peak, since_us):
    statuses = []
    times = []
    with open(results, encoding="ascii") as lines:
        for line in lines:
            status, seconds = line.split()
            statuses.append(int(status))
            times.append(float(seconds) * 1000)
    times.sort()
    spans = [span for trace in json.load(sys.stdin)["traces"] for span in trace if span["startMicroseconds"] >= int(since_us)]
    names = [span["name"] for span in spans]
    kinds = [span["kind"] for span in spans]
    with open(peak, encoding="ascii") as file:
        peak_connections = file.read().strip()
    values = {
        "accepted": sum(1 for s in statuses if 200 <= s < 300),
        "failed": sum(1 for s in statuses if not 200 <= s < 300),
        "p50": f"{percentile(times, 0.5):.0f} ms",
        "p99": f"{percentile(times, 0.99):.0f} ms",
        "connections made": kinds.count("db-connect"),
        "database connections at peak": peak_connections,
        "insert statements": sum(1 for name in names if name.lstrip().upper().startswith("INSERT")),
        "secret reads": names.count("SecretsManager.GetSecretValue"),
        "metric calls": names.count("CloudWatch.PutMetricData"),
        "queue calls": names.count("SQS.SendMessage"),
    }
    for name in ROWS:
        print(f"{name}\t{values[name]}")


def read_rows(path):
    with open(path, encoding="ascii") as lines:
        return dict(line.rstrip("\n").split("\t") for line in lines)


def table(left_name, left, right_name, right):
    a, b = read_rows(left), read_rows(right)
    print(f"  {'':30}{left_name:>16}{right_name:>16}")
    for row in ROWS:
        print(f"  {row:30}{a[row]:>16}{b[row]:>16}")


if __name__ == "__main__":
    {"watch": watch, "collect": collect, "table": table}[sys.argv[1]](*sys.argv[2:])
