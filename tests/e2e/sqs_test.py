"""SQS by boto3 (Debian's speaks the query protocol), the AWS CLI and the AWS SDK for JavaScript v3 (JSON protocol)."""
import hashlib
import json
import os
import shutil
import subprocess
import threading
import time
import unittest

import harness
from harness import ServerTestCase, eventually

HERE = os.path.dirname(os.path.abspath(__file__))
QUEUE = "AWS.SimpleQueueService."


def md5(text):
    return hashlib.md5(text.encode()).hexdigest()


class Sqs(ServerTestCase):
    @property
    def sqs(self):
        return self.server.boto("sqs")

    def create(self, name, tags=None, **attributes):
        return self.sqs.create_queue(QueueName=name, Attributes=attributes, tags=tags or {})["QueueUrl"]

    def attributes(self, url, *names):
        return self.sqs.get_queue_attributes(QueueUrl=url, AttributeNames=list(names) or ["All"]).get("Attributes", {})

    def test_queues_and_their_attributes(self):
        sqs = self.sqs
        url = self.create("admin", tags={"team": "a"}, VisibilityTimeout="45")
        self.assertEqual(f"{self.server.url}/000000000000/admin", url)
        self.assertEqual(url, sqs.get_queue_url(QueueName="admin")["QueueUrl"])
        self.assertEqual(url, self.create("admin", VisibilityTimeout="45"))
        self.assertEqual(("QueueAlreadyExists", 400), self.error_of(self.create, "admin", VisibilityTimeout="46")[::2])
        self.assertEqual(("InvalidAttributeName", "Unknown Attribute Colour.", 400), self.error_of(self.create, "other", Colour="red"))
        self.assertEqual(QUEUE + "NonExistentQueue", self.error_of(sqs.get_queue_url, QueueName="none")[0])
        shown = self.attributes(url)
        self.assertEqual(("45", "1048576", "345600", "true", "arn:aws:sqs:us-east-1:000000000000:admin"),
                         tuple(shown[name] for name in ("VisibilityTimeout", "MaximumMessageSize", "MessageRetentionPeriod",
                                                        "SqsManagedSseEnabled", "QueueArn")))
        self.assertAlmostEqual(time.time(), int(shown["CreatedTimestamp"]), delta=60)
        sqs.set_queue_attributes(QueueUrl=url, Attributes={"DelaySeconds": "3"})
        self.assertEqual({"DelaySeconds": "3"}, self.attributes(url, "DelaySeconds"))
        sqs.tag_queue(QueueUrl=url, Tags={"b": "c & d"})
        sqs.untag_queue(QueueUrl=url, TagKeys=["team"])
        self.assertEqual({"b": "c & d"}, sqs.list_queue_tags(QueueUrl=url)["Tags"])
        sqs.add_permission(QueueUrl=url, Label="all", AWSAccountIds=["111122223333"], Actions=["*"])
        policy = json.loads(self.attributes(url, "Policy")["Policy"])
        self.assertEqual(["all"], [statement["Sid"] for statement in policy["Statement"]])
        sqs.remove_permission(QueueUrl=url, Label="all")
        self.assertEqual({}, self.attributes(url, "Policy"))
        sqs.delete_queue(QueueUrl=url)
        self.assertEqual(QUEUE + "NonExistentQueue", self.error_of(sqs.list_queue_tags, QueueUrl=url)[0])
        self.assertEqual(QUEUE + "QueueDeletedRecently", self.error_of(self.create, "admin")[0])

    def test_a_policy_says_who_may(self):
        sqs = self.sqs
        url = self.create("guarded")
        other = self.server.boto("sqs", key="111122223333")
        refusal = ("User: arn:aws:iam::111122223333:root is not authorized to perform: sqs:sendmessage on resource: "
                   "arn:aws:sqs:us-east-1:000000000000:guarded because no resource-based policy allows the sqs:sendmessage action")
        self.assertEqual(("AccessDenied", refusal, 403), self.error_of(other.send_message, QueueUrl=url, MessageBody="a"))
        sqs.add_permission(QueueUrl=url, Label="partner", AWSAccountIds=["111122223333"], Actions=["SendMessage"])
        other.send_message(QueueUrl=url, MessageBody="a")
        self.assertEqual("AccessDenied", self.error_of(other.receive_message, QueueUrl=url)[0])
        self.assertEqual(["a"], [message["Body"] for message in sqs.receive_message(QueueUrl=url)["Messages"]])
        # Only a session of one role may send from now on.
        session = self.server.boto("sts").assume_role(RoleArn="arn:aws:iam::000000000000:role/sender", RoleSessionName="session")["Credentials"]
        sender = self.server.boto("sqs", session["AccessKeyId"], session["SecretAccessKey"], session["SessionToken"])
        only = {"Effect": "Deny", "Principal": "*", "Action": "sqs:SendMessage", "Resource": "*",
                "Condition": {"ArnNotEquals": {"aws:PrincipalArn": "arn:aws:iam::000000000000:role/sender"}}}
        sqs.set_queue_attributes(QueueUrl=url, Attributes={"Policy": json.dumps({"Version": "2012-10-17", "Statement": only})})
        code, message, status = self.error_of(sqs.send_message, QueueUrl=url, MessageBody="b")
        self.assertEqual(("AccessDenied", 403), (code, status))
        self.assertIn("with an explicit deny in a resource-based policy", message)
        sender.send_message(QueueUrl=url, MessageBody="b")
        sqs.set_queue_attributes(QueueUrl=url, Attributes={"Policy": ""})
        sqs.send_message(QueueUrl=url, MessageBody="c")

    def test_listings_come_in_pages(self):
        dead = self.create("page-dead")
        arn = self.attributes(dead, "QueueArn")["QueueArn"]
        redrive = json.dumps({"deadLetterTargetArn": arn, "maxReceiveCount": 2})
        urls = [self.create(f"page-{number}", RedrivePolicy=redrive) for number in range(5)]
        pages = list(self.sqs.get_paginator("list_queues").paginate(QueueNamePrefix="page-", PaginationConfig={"PageSize": 4}))
        self.assertEqual([4, 2], [len(page["QueueUrls"]) for page in pages])
        self.assertEqual(sorted([*urls, dead]), sorted(url for page in pages for url in page["QueueUrls"]))
        pages = self.sqs.get_paginator("list_dead_letter_source_queues").paginate(QueueUrl=dead, PaginationConfig={"PageSize": 2})
        self.assertEqual(urls, [url for page in pages for url in page["queueUrls"]])

    def test_a_message_with_attributes_goes_through(self):
        sqs, url = self.sqs, self.create("through")
        sent = sqs.send_message(QueueUrl=url, MessageBody="grüße <&>", MessageAttributes={
            "Text": {"DataType": "String", "StringValue": "a b"}, "Count": {"DataType": "Number.int", "StringValue": "7"},
            "Raw": {"DataType": "Binary", "BinaryValue": b"\x00\xff"}})
        self.assertEqual(md5("grüße <&>"), sent["MD5OfMessageBody"])  # boto3 checks the digests of the attributes by itself
        self.assertEqual({"ApproximateNumberOfMessages": "1"}, self.attributes(url, "ApproximateNumberOfMessages"))
        message = sqs.receive_message(QueueUrl=url, AttributeNames=["All"], MessageAttributeNames=["All"])["Messages"][0]
        self.assertEqual((sent["MessageId"], "grüße <&>"), (message["MessageId"], message["Body"]))
        self.assertEqual(b"\x00\xff", message["MessageAttributes"]["Raw"]["BinaryValue"])
        self.assertEqual(("String", "a b"), (message["MessageAttributes"]["Text"]["DataType"], message["MessageAttributes"]["Text"]["StringValue"]))
        self.assertEqual("1", message["Attributes"]["ApproximateReceiveCount"])
        self.assertAlmostEqual(time.time() * 1000, int(message["Attributes"]["SentTimestamp"]), delta=60_000)
        self.assertEqual({"ApproximateNumberOfMessagesNotVisible": "1"}, self.attributes(url, "ApproximateNumberOfMessagesNotVisible"))
        sqs.change_message_visibility(QueueUrl=url, ReceiptHandle=message["ReceiptHandle"], VisibilityTimeout=0)
        again = sqs.receive_message(QueueUrl=url, AttributeNames=["ApproximateReceiveCount"])["Messages"][0]
        self.assertEqual((message["MessageId"], "2"), (again["MessageId"], again["Attributes"]["ApproximateReceiveCount"]))
        sqs.delete_message(QueueUrl=url, ReceiptHandle=again["ReceiptHandle"])
        self.assertEqual({"ApproximateNumberOfMessagesNotVisible": "0"}, self.attributes(url, "ApproximateNumberOfMessagesNotVisible"))

    def test_batches_tell_each_entry_its_own_result(self):
        sqs, url = self.sqs, self.create("batches")
        answer = sqs.send_message_batch(QueueUrl=url, Entries=[
            {"Id": "good", "MessageBody": "one"}, {"Id": "bad", "MessageBody": "two", "DelaySeconds": 901}])
        self.assertEqual([("good", md5("one"))], [(entry["Id"], entry["MD5OfMessageBody"]) for entry in answer["Successful"]])
        self.assertEqual([("bad", True, "InvalidParameterValue")],
                         [(entry["Id"], entry["SenderFault"], entry["Code"]) for entry in answer["Failed"]])
        self.assertEqual(QUEUE + "BatchEntryIdsNotDistinct", self.error_of(
            sqs.send_message_batch, QueueUrl=url, Entries=[{"Id": "a", "MessageBody": "x"}, {"Id": "a", "MessageBody": "y"}])[0])
        self.assertEqual(QUEUE + "TooManyEntriesInBatchRequest", self.error_of(
            sqs.send_message_batch, QueueUrl=url, Entries=[{"Id": str(i), "MessageBody": "x"} for i in range(11)])[0])

    def test_a_long_poll_ends_when_a_message_comes(self):
        url = self.create("long-poll")
        sender = threading.Timer(1, lambda: self.sqs.send_message(QueueUrl=url, MessageBody="late"))
        started = time.monotonic()
        sender.start()
        messages = self.sqs.receive_message(QueueUrl=url, WaitTimeSeconds=20).get("Messages", [])
        took = time.monotonic() - started
        sender.join()
        self.assertEqual(["late"], [message["Body"] for message in messages])
        self.assertGreater(took, 0.9)
        self.assertLess(took, 15)

    def test_a_fifo_queue_keeps_order_and_drops_duplicates(self):
        sqs, url = self.sqs, self.create("order.fifo", FifoQueue="true", ContentBasedDeduplication="true")
        sent = [sqs.send_message(QueueUrl=url, MessageBody=body, MessageGroupId="g") for body in ("1", "2", "2", "3")]
        self.assertEqual(sent[1]["MessageId"], sent[2]["MessageId"])
        self.assertLess(int(sent[0]["SequenceNumber"]), int(sent[1]["SequenceNumber"]))
        messages = sqs.receive_message(QueueUrl=url, MaxNumberOfMessages=10)["Messages"]
        self.assertEqual(["1", "2", "3"], [message["Body"] for message in messages])
        self.assertNotIn("Messages", sqs.receive_message(QueueUrl=url), "the group is locked")

    def test_what_is_received_too_often_goes_to_the_dead_letter_queue(self):
        sqs, dead = self.sqs, self.create("dead")
        arn = self.attributes(dead, "QueueArn")["QueueArn"]
        url = self.create("alive", VisibilityTimeout="0", RedrivePolicy=json.dumps({"deadLetterTargetArn": arn, "maxReceiveCount": 1}))
        sqs.send_message(QueueUrl=url, MessageBody="poison")
        self.assertEqual(1, len(sqs.receive_message(QueueUrl=url)["Messages"]))
        self.assertNotIn("Messages", sqs.receive_message(QueueUrl=url))
        eventually(lambda: self.attributes(dead, "ApproximateNumberOfMessages")["ApproximateNumberOfMessages"] == "1", "it is in the dead-letter queue")

    def test_queues_and_messages_survive_a_crash(self):
        sqs, url = self.sqs, self.create("lasting", DelaySeconds="0")
        for number in range(20):
            sqs.send_message(QueueUrl=url, MessageBody=str(number))
        self.server.kill()
        self.server.start()
        sqs = self.sqs
        url = sqs.get_queue_url(QueueName="lasting")["QueueUrl"]
        bodies = set()
        while len(bodies) < 20:
            got = sqs.receive_message(QueueUrl=url, MaxNumberOfMessages=10).get("Messages", [])
            self.assertTrue(got, f"{len(bodies)} of 20 messages came")
            bodies.update(message["Body"] for message in got)
        self.assertEqual({str(number) for number in range(20)}, bodies)

    @unittest.skipUnless(shutil.which("aws"), "needs the AWS CLI")
    def test_the_aws_cli(self):
        def aws(*arguments, codes=(0,)):
            environment = dict(harness.environment(), AWS_ACCESS_KEY_ID="test", AWS_SECRET_ACCESS_KEY="test",
                               AWS_DEFAULT_REGION="us-east-1", AWS_MAX_ATTEMPTS="1", AWS_PAGER="")
            ended = subprocess.run(["aws", "--endpoint-url", self.server.url, "--output", "json", "sqs", *arguments], env=environment,
                                   text=True, stdout=subprocess.PIPE, stderr=subprocess.PIPE, timeout=harness.PATIENCE, check=False)
            self.assertIn(ended.returncode, codes, ended.stdout + ended.stderr)
            return json.loads(ended.stdout) if ended.returncode == 0 and ended.stdout.strip() else ended.stderr
        url = aws("create-queue", "--queue-name", "cli", "--attributes", "VisibilityTimeout=60")["QueueUrl"]
        aws("send-message", "--queue-url", url, "--message-body", "from the shell")
        messages = aws("receive-message", "--queue-url", url)["Messages"]
        self.assertEqual(["from the shell"], [message["Body"] for message in messages])
        aws("delete-message", "--queue-url", url, "--receipt-handle", messages[0]["ReceiptHandle"])
        self.assertIn("(AWS.SimpleQueueService.NonExistentQueue)", aws("get-queue-url", "--queue-name", "none", codes=(254, 255)))

    @unittest.skipUnless(shutil.which("node") and shutil.which("npm"), "needs Node and npm")
    def test_the_aws_sdk_for_javascript(self):
        folder = os.path.join(HERE, "javascript")
        if not os.path.isdir(os.path.join(folder, "node_modules")):
            subprocess.run(["npm", "--prefix", folder, "ci", "--ignore-scripts", "--no-audit", "--no-fund", "--no-progress"],
                           stdout=subprocess.PIPE, stderr=subprocess.STDOUT, timeout=2 * harness.PATIENCE, check=True)
        ended = subprocess.run(["node", os.path.join(folder, "sqs.mjs"), self.server.url], env=harness.environment(), text=True,
                               timeout=harness.PATIENCE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, check=False)
        self.assertEqual(0, ended.returncode, ended.stderr)
        seen = json.loads(ended.stdout.strip().splitlines()[-1])
        self.assertEqual({"url": f"{self.server.url}/000000000000/from-js", "attributes": {"VisibilityTimeout": "45"},
                          "body": "zwölf", "text": "a", "raw": [0, 255], "count": "1", "batch": [["a"], [["b", "InvalidParameterValue"]]],
                          "left": "1", "error": ["QueueDoesNotExist", 400, True], "empty": [], "moved": ["COMPLETED", "1"],
                          "back": "poison"}, seen)


if __name__ == "__main__":
    unittest.main()
