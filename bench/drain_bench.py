#!/usr/bin/env python3
"""How well event source mappings drain queues: the time for a backlog against the ideal, two mappings side by side, and the time from
SendMessage to the function's start with an idle poller. The ideal is messages x work / concurrency, with the ramp that AWS prescribes:
a mapping starts with 5 concurrent batches and gets 300 more a minute, up to its MaximumConcurrency.

usage: drain_bench.py BUILD_DIRECTORY [--messages 10000] [--work-ms 50] [--concurrency 10,50,200] [--latency-messages 100]

Needs boto3. One function process for each concurrent batch; batches of one, so that concurrency is what is measured.
"""
import argparse
import math
import pathlib
import statistics
import time

import boto3
from botocore.config import Config

from surgetank_server import Server

POLL_SECONDS = 0.05
FIRST_BATCHES = 5
BATCHES_PER_SECOND = 5


def ideal_seconds(messages, work_ms, concurrency):
    """With the ramp. Concurrency times time is work: a trapezoid while it grows, a rectangle after."""
    work = messages * work_ms / 1000
    ramp = max(0, concurrency - FIRST_BATCHES) / BATCHES_PER_SECOND
    in_ramp = FIRST_BATCHES * ramp + BATCHES_PER_SECOND * ramp * ramp / 2
    if work >= in_ramp:
        return ramp + (work - in_ramp) / concurrency
    return (math.sqrt(FIRST_BATCHES**2 + 2 * BATCHES_PER_SECOND * work) - FIRST_BATCHES) / BATCHES_PER_SECOND


def template(code, work_ms, mappings):
    """`mappings` are pairs of a name and a MaximumConcurrency: each a queue, a function and the mapping between them, not yet enabled."""
    resources, outputs = {}, {}
    for name, concurrency in mappings:
        resources[f"{name}Queue"] = {"Type": "AWS::SQS::Queue", "Properties": {"VisibilityTimeout": 300}}
        resources[f"{name}Function"] = {
            "Type": "AWS::Serverless::Function",
            "Properties": {
                "Runtime": "provided.al2023", "Handler": "bootstrap", "CodeUri": str(code), "MemorySize": 128, "Timeout": 30,
                "Environment": {"Variables": {"WORK_MS": str(work_ms)}},
                "Events": {"Queue": {"Type": "SQS", "Properties": {
                    "Queue": {"Fn::GetAtt": [f"{name}Queue", "Arn"]}, "BatchSize": 1, "Enabled": False,
                    "ScalingConfig": {"MaximumConcurrency": concurrency}}}},
            },
        }
        outputs[name] = {"Value": {"Ref": f"{name}Queue"}}
        outputs[f"{name}Function"] = {"Value": {"Ref": f"{name}Function"}}
    return {"Transform": "AWS::Serverless-2016-10-31", "Resources": resources, "Outputs": outputs}


class Cloud:
    def __init__(self, server):
        options = dict(endpoint_url=server.url, region_name="us-east-1", aws_access_key_id="test", aws_secret_access_key="test",
                       config=Config(retries={"max_attempts": 2}))
        self.sqs = boto3.client("sqs", **options)
        self.lambda_ = boto3.client("lambda", **options)
        self.logs = boto3.client("logs", **options)

    def fill(self, queue, count):
        for start in range(0, count, 10):
            entries = [{"Id": str(i), "MessageBody": "0"} for i in range(min(10, count - start))]
            failed = self.sqs.send_message_batch(QueueUrl=queue, Entries=entries).get("Failed")
            if failed:
                raise SystemExit(f"messages were refused: {failed}")

    def left(self, queue):
        names = ["ApproximateNumberOfMessages", "ApproximateNumberOfMessagesNotVisible"]
        return sum(int(value) for value in self.sqs.get_queue_attributes(QueueUrl=queue, AttributeNames=names)["Attributes"].values())

    def mapping_of(self, function):
        return self.lambda_.list_event_source_mappings(FunctionName=function)["EventSourceMappings"][0]["UUID"]

    def enable(self, function):
        self.lambda_.update_event_source_mapping(UUID=self.mapping_of(function), Enabled=True)


def drain(cloud, jobs, deadline_seconds):
    """Enables the mappings of (queue, function) pairs together; seconds until each queue is empty."""
    started = time.perf_counter()
    for _, function in jobs:
        cloud.enable(function)
    done = {}
    while len(done) < len(jobs):
        for queue, _ in jobs:
            if queue not in done and cloud.left(queue) == 0:
                done[queue] = time.perf_counter() - started
        if time.perf_counter() - started > deadline_seconds:
            raise SystemExit(f"a queue was not drained in {deadline_seconds:.0f} s: {[cloud.left(queue) for queue, _ in jobs]} messages are left")
        time.sleep(POLL_SECONDS)
    return [done[queue] for queue, _ in jobs]


def measure_drain(build, code, messages, work_ms, concurrencies, label):
    server = Server(str(build / "surgetank"))
    try:
        outputs = server.deploy(template(code, work_ms, [(f"Q{i}", concurrency) for i, concurrency in enumerate(concurrencies)]))
        cloud = Cloud(server)
        jobs = [(outputs[f"Q{i}"], outputs[f"Q{i}Function"]) for i in range(len(concurrencies))]
        for queue, _ in jobs:
            cloud.fill(queue, messages)
        ideals = [ideal_seconds(messages, work_ms, concurrency) for concurrency in concurrencies]
        for concurrency, ideal, took in zip(concurrencies, ideals, drain(cloud, jobs, 3 * max(ideals) + 120)):
            print(f"{label:14} {messages} messages of {work_ms} ms at {concurrency:4}: {took:7.2f} s, ideal with the ramp {ideal:7.2f} s   ratio {ideal / took:.3f}", flush=True)
    finally:
        server.stop()


def measure_latency(build, code, count):
    server = Server(str(build / "surgetank"))
    try:
        outputs = server.deploy(template(code, 0, [("Q", 2)]))
        cloud = Cloud(server)
        cloud.enable(outputs["QFunction"])
        for i in range(count + 5):
            cloud.sqs.send_message(QueueUrl=outputs["Q"], MessageBody=str(time.time_ns() // 1000))
            time.sleep(0.05)
        while cloud.left(outputs["Q"]):
            time.sleep(POLL_SECONDS)
        time.sleep(1.5)  # the lines travel in batches
        events = cloud.logs.filter_log_events(logGroupName=f"/aws/lambda/{outputs['QFunction']}", filterPattern="LATENCY_US")["events"]
        values = sorted(int(event["message"].split()[1]) / 1000 for event in sorted(events, key=lambda event: event["timestamp"])[5:])
        print(f"SendMessage to the function's line, idle poller, {len(values)} messages: p50 {statistics.median(values):.2f} ms, "
              f"p99 {values[int(len(values) * 0.99) - 1]:.2f} ms (the client's own request is inside)")
    finally:
        server.stop()


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("build")
    parser.add_argument("--messages", type=int, default=10000)
    parser.add_argument("--work-ms", type=int, default=50)
    parser.add_argument("--concurrency", default="10,50,200")
    parser.add_argument("--latency-messages", type=int, default=100)
    arguments = parser.parse_args()
    build = pathlib.Path(arguments.build).resolve()
    code = build / "bench/queue_function"
    if not (code / "bootstrap").exists():
        raise SystemExit(f"there is no {code}/bootstrap; build the benchmarks first")
    measure_latency(build, code, arguments.latency_messages)
    for concurrency in (int(text) for text in arguments.concurrency.split(",")):
        measure_drain(build, code, arguments.messages, arguments.work_ms, [concurrency], "alone")
    measure_drain(build, code, arguments.messages // 4, arguments.work_ms, [10, 20], "side by side")


if __name__ == "__main__":
    main()
