"""Functions behind queues: event source mappings with a real function, driven by boto3."""
import json
import time
import unittest

from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials

from harness import REGION, ServerTestCase, create_function, eventually, http

# Says in its log what it got and when; a body "bad" is reported as failed the first time.
WORKER = """
import json, time
def handler(event, context):
    begun = time.time()
    time.sleep(float(PAUSE))
    records = event["Records"]
    print("SEEN " + json.dumps({"begun": begun, "ended": time.time(), "bodies": [record["body"] for record in records],
                                "receives": [int(record["attributes"]["ApproximateReceiveCount"]) for record in records],
                                "record": records[0]}))
    return {"batchItemFailures": [{"itemIdentifier": record["messageId"]} for record in records
                                  if record["body"] == "bad" and record["attributes"]["ApproximateReceiveCount"] == "1"]}
"""


class EventSources(ServerTestCase):
    def setUp(self):
        self.functions = self.server.boto("lambda")
        self.sqs = self.server.boto("sqs")
        self.logs = self.server.boto("logs")

    def worker(self, name, pause=0):
        create_function(self.functions, name, WORKER.replace("PAUSE", repr(str(pause))), Timeout=5)

    def queue(self, name, **attributes):
        url = self.sqs.create_queue(QueueName=name, Attributes={"VisibilityTimeout": "6", **attributes})["QueueUrl"]
        return url, f"arn:aws:sqs:{REGION}:000000000000:{name}"

    def send(self, url, bodies, **more):
        for at in range(0, len(bodies), 10):
            entries = [{"Id": str(i), "MessageBody": body, **more} for i, body in enumerate(bodies[at:at + 10])]
            self.assertEqual([], self.sqs.send_message_batch(QueueUrl=url, Entries=entries).get("Failed", []))

    def seen(self, name):
        """What the worker has printed, in order."""
        found = []
        try:
            pages = self.logs.get_paginator("filter_log_events").paginate(logGroupName=f"/aws/lambda/{name}")
            for page in pages:
                found += [json.loads(event["message"][event["message"].index("SEEN ") + 5:]) for event in page["events"]
                          if "SEEN " in event["message"]]
        except self.logs.exceptions.ResourceNotFoundException:
            pass
        return sorted(found, key=lambda one: one["begun"])

    def drained(self, url):
        names = ["ApproximateNumberOfMessages", "ApproximateNumberOfMessagesNotVisible"]
        return {"0"} == set(self.sqs.get_queue_attributes(QueueUrl=url, AttributeNames=names)["Attributes"].values())

    def enabled(self, uuid):
        eventually(lambda: self.functions.get_event_source_mapping(UUID=uuid)["State"] == "Enabled", "the mapping is enabled")
        return uuid

    def create_mapping(self, **request):
        """CreateEventSourceMapping with members that an older boto3 does not know."""
        signed = AWSRequest("POST", f"{self.server.url}/2015-03-31/event-source-mappings/", data=json.dumps(request),
                            headers={"Content-Type": "application/json"})
        SigV4Auth(Credentials("test", "test"), "lambda", REGION).add_auth(signed)
        answer = http("POST", signed.url, signed.data, dict(signed.headers))
        self.assertEqual(202, answer.status, answer.body)
        return self.enabled(answer.json()["UUID"])

    def test_two_hundred_messages_are_drained(self):
        url, arn = self.queue("drain")
        self.worker("drain")
        bodies = [f"message {i}" for i in range(200)]
        self.send(url, bodies)
        mapping = self.functions.create_event_source_mapping(FunctionName="drain", EventSourceArn=arn, BatchSize=10)
        self.assertEqual(("Creating", 10), (mapping["State"], mapping["BatchSize"]))
        eventually(lambda: self.drained(url), "the queue is empty")
        eventually(lambda: sum(len(one["bodies"]) for one in self.seen("drain")) >= 200, "all messages are in the log")
        seen = self.seen("drain")
        self.assertEqual(sorted(bodies), sorted(body for one in seen for body in one["bodies"]))
        self.assertTrue(all(len(one["bodies"]) <= 10 for one in seen))
        record = seen[0]["record"]
        self.assertEqual({"messageId", "receiptHandle", "body", "attributes", "messageAttributes", "md5OfBody", "eventSource",
                          "eventSourceARN", "awsRegion"}, set(record))
        self.assertEqual(("aws:sqs", arn, REGION), (record["eventSource"], record["eventSourceARN"], record["awsRegion"]))
        self.assertTrue({"ApproximateReceiveCount", "SentTimestamp", "SenderId", "ApproximateFirstReceiveTimestamp"}
                        <= set(record["attributes"]))
        self.functions.delete_event_source_mapping(UUID=mapping["UUID"])
        eventually(lambda: not self.functions.list_event_source_mappings(FunctionName="drain")["EventSourceMappings"], "it is gone")

    def test_maximum_concurrency_is_respected(self):
        url, arn = self.queue("narrow")
        self.worker("narrow", pause=0.2)
        self.send(url, [str(i) for i in range(12)])
        self.create_mapping(FunctionName="narrow", EventSourceArn=arn, BatchSize=1, ScalingConfig={"MaximumConcurrency": 2})
        eventually(lambda: self.drained(url), "the queue is empty")
        eventually(lambda: len(self.seen("narrow")) >= 12, "all messages are in the log")
        seen = self.seen("narrow")
        at_once = [sum(other["begun"] <= one["begun"] < other["ended"] for other in seen) for one in seen]
        self.assertEqual(2, max(at_once))

    def test_reported_failures_are_redelivered_and_the_others_are_not(self):
        url, arn = self.queue("partial")
        self.worker("partial")
        self.send(url, ["good", "bad", "fine"], MessageAttributes={"kind": {"DataType": "String", "StringValue": "x"}})
        self.enabled(self.functions.create_event_source_mapping(
            FunctionName="partial", EventSourceArn=arn, FunctionResponseTypes=["ReportBatchItemFailures"])["UUID"])
        eventually(lambda: self.drained(url), "the queue is empty")
        eventually(lambda: sum(len(one["bodies"]) for one in self.seen("partial")) >= 4, "the failed message came again")
        receives = {}
        for one in self.seen("partial"):
            for body, count in zip(one["bodies"], one["receives"]):
                receives.setdefault(body, []).append(count)
        self.assertEqual({"good": [1], "fine": [1], "bad": [1, 2]}, receives)
        record = self.seen("partial")[0]["record"]
        self.assertEqual({"kind": {"stringValue": "x", "stringListValues": [], "binaryListValues": [], "dataType": "String"}},
                         record["messageAttributes"])
        self.assertEqual(32, len(record["md5OfMessageAttributes"]))

    def test_groups_of_a_fifo_queue_keep_their_order(self):
        url, arn = self.queue("ordered.fifo", FifoQueue="true", ContentBasedDeduplication="true")
        self.worker("ordered")
        for i in range(20):
            self.sqs.send_message(QueueUrl=url, MessageBody=f"{i % 2} {i:02}", MessageGroupId=str(i % 2))
        self.enabled(self.functions.create_event_source_mapping(FunctionName="ordered", EventSourceArn=arn, BatchSize=3)["UUID"])
        eventually(lambda: self.drained(url), "the queue is empty")
        eventually(lambda: sum(len(one["bodies"]) for one in self.seen("ordered")) >= 20, "all messages are in the log")
        bodies = [body for one in self.seen("ordered") for body in one["bodies"]]
        for group in "01":
            mine = [body for body in bodies if body[0] == group]
            self.assertEqual(sorted(mine), mine)

    def test_filters_and_a_restart(self):
        url, arn = self.queue("filtered")
        self.worker("filtered")
        self.enabled(self.functions.create_event_source_mapping(
            FunctionName="filtered", EventSourceArn=arn,
            FilterCriteria={"Filters": [{"Pattern": json.dumps({"body": {"kind": ["order"]}})}]})["UUID"])
        self.server.restart()
        self.setUp()
        self.send(url, ['{"kind":"order"}', '{"kind":"gift"}', "text"])
        eventually(lambda: self.drained(url), "the queue is empty")
        eventually(lambda: self.seen("filtered"), "the order is in the log")
        time.sleep(0.5)
        self.assertEqual([['{"kind":"order"}']], [one["bodies"] for one in self.seen("filtered")])


if __name__ == "__main__":
    unittest.main()
