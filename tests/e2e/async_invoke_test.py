"""Asynchronous invocation as boto3 sees it: accepted at once, run by real functions, delivered to destinations, kept over a kill."""
import json
import os
import shutil
import tempfile
import unittest

from harness import Server, create_function, eventually

NOTE = """
import json, time
def handler(event, context):
    time.sleep(event.get("sleep", 0))
    print("noted " + json.dumps(event))
    if event.get("fail"):
        raise ValueError("as told")
    return {"noted": event, "arn": context.invoked_function_arn}
"""


class AsynchronousInvocation(unittest.TestCase):
    def setUp(self):
        self.folder = tempfile.mkdtemp(prefix="surgetank-e2e-")
        self.addCleanup(shutil.rmtree, self.folder, True)

    def notes(self, server, name):
        """The events that a function has noted in its log."""
        logs = server.boto("logs")
        pages = logs.get_paginator("filter_log_events").paginate(logGroupName=f"/aws/lambda/{name}", filterPattern="noted")
        try:
            messages = [event["message"] for page in pages for event in page["events"]]
        except logs.exceptions.ResourceNotFoundException:
            return []
        return [json.loads(message.split("noted ", 1)[1]) for message in messages]

    def send(self, functions, name, event):
        answer = functions.invoke(FunctionName=name, InvocationType="Event", Payload=json.dumps(event))
        self.assertEqual(202, answer["StatusCode"])
        self.assertEqual(b"", answer["Payload"].read())
        return answer["ResponseMetadata"]["RequestId"]

    def test_events_are_run_and_their_results_delivered(self):
        with Server() as server:
            functions = server.boto("lambda")
            for name in ("orders", "reports"):
                create_function(functions, name, NOTE, Timeout=20)
            arn = functions.get_function(FunctionName="reports")["Configuration"]["FunctionArn"]
            config = functions.put_function_event_invoke_config(
                FunctionName="orders", MaximumRetryAttempts=0, MaximumEventAgeInSeconds=60,
                DestinationConfig={"OnSuccess": {"Destination": arn}, "OnFailure": {"Destination": arn}})
            self.assertEqual(("arn:aws:lambda:us-east-1:000000000000:function:orders:$LATEST", 0, 60),
                             (config["FunctionArn"], config["MaximumRetryAttempts"], config["MaximumEventAgeInSeconds"]))
            fine = self.send(functions, "orders", {"id": 1})
            bad = self.send(functions, "orders", {"id": 2, "fail": True})
            self.assertEqual(202, functions.invoke_async(FunctionName="orders", InvokeArgs=b'{"id": 3}')["Status"])
            eventually(lambda: len(self.notes(server, "reports")) == 3, "three reports")
            self.assertEqual([1, 2, 3], sorted(event["id"] for event in self.notes(server, "orders")))
            by_id = {report["requestContext"]["requestId"]: report for report in self.notes(server, "reports")}
            success, failure = by_id[fine], by_id[bad]
            self.assertEqual(("1.0", "Success", 1), (success["version"], success["requestContext"]["condition"],
                                                     success["requestContext"]["approximateInvokeCount"]))
            self.assertEqual({"noted": {"id": 1}, "arn": "arn:aws:lambda:us-east-1:000000000000:function:orders"},
                             success["responsePayload"])
            self.assertEqual(("RetriesExhausted", "Unhandled", "as told"),
                             (failure["requestContext"]["condition"], failure["responseContext"]["functionError"],
                              failure["responsePayload"]["errorMessage"]))

    def test_failed_events_reach_queues(self):
        with Server() as server:
            functions, sqs = server.boto("lambda"), server.boto("sqs")
            queues = {}
            for name in ("failures", "dead"):
                url = sqs.create_queue(QueueName=name)["QueueUrl"]
                queues[name] = url, sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
            create_function(functions, "orders", NOTE, Timeout=20, DeadLetterConfig={"TargetArn": queues["dead"][1]})
            functions.put_function_event_invoke_config(FunctionName="orders", MaximumRetryAttempts=0,
                                                       DestinationConfig={"OnFailure": {"Destination": queues["failures"][1]}})
            request = self.send(functions, "orders", {"id": 1, "fail": True})
            found = {}
            for name, (url, _) in queues.items():
                messages = eventually(lambda url=url: sqs.receive_message(QueueUrl=url, WaitTimeSeconds=5,
                                                                          MessageAttributeNames=["All"]).get("Messages"), f"a message in {name}")
                self.assertEqual(1, len(messages))
                found[name] = messages[0]
            report = json.loads(found["failures"]["Body"])
            self.assertEqual((request, "RetriesExhausted", {"id": 1, "fail": True}),
                             (report["requestContext"]["requestId"], report["requestContext"]["condition"], report["requestPayload"]))
            self.assertEqual({"id": 1, "fail": True}, json.loads(found["dead"]["Body"]))
            attributes = {name: value["StringValue"] for name, value in found["dead"]["MessageAttributes"].items()}
            self.assertEqual(request, attributes["RequestID"])
            self.assertEqual({"RequestID", "ErrorCode", "ErrorMessage"}, set(attributes))

    def test_accepted_events_outlive_a_kill(self):
        data = os.path.join(self.folder, "data")
        count = 8
        with Server(data=data) as server:
            functions = server.boto("lambda")
            create_function(functions, "orders", NOTE, Timeout=20)
            for i in range(count):
                self.send(functions, "orders", {"id": i, "sleep": 3})  # none is done when the server dies
            server.kill()
        with Server(data=data) as server:
            eventually(lambda: {event["id"] for event in self.notes(server, "orders")} == set(range(count)), "all events have run")


if __name__ == "__main__":
    unittest.main()
