"""Producers and consumers of two SDKs at once, boto3 and the AWS SDK for JavaScript v3 with their default retries: every id that was
acknowledged is received and deleted, nothing else is, and FIFO groups keep their order. $SURGETANK_SOAK_SECONDS says for how long (8)."""
import collections
import json
import os
import shutil
import subprocess
import threading
import time
import unittest

import boto3

from harness import PATIENCE, REGION, Server, environment

HERE = os.path.dirname(os.path.abspath(__file__))
SECONDS = float(os.environ.get("SURGETANK_SOAK_SECONDS", "8"))
GROUPS = 5


class Accounting(unittest.TestCase):
    def setUp(self):
        self.server = Server()
        self.addCleanup(self.server.close)
        self.failures = []
        self.lock = threading.Lock()

    def client(self):
        return boto3.session.Session().client("sqs", endpoint_url=self.server.url, region_name=REGION, aws_access_key_id="test",
                                              aws_secret_access_key="test")

    def in_threads(self, *work):
        def guarded(task):
            try:
                task()
            except Exception as error:  # whatever it is, the test has to hear of it
                self.failures.append(error)

        threads = [threading.Thread(target=guarded, args=(task,)) for task in work]
        for thread in threads:
            thread.start()
        return threads

    def consume(self, queue, producing, take):
        """Receives and deletes until the queue has been empty for a while after the producers have ended."""
        sqs = self.client()
        empty = 0
        while producing.is_set() or empty < 2:
            messages = sqs.receive_message(QueueUrl=queue, MaxNumberOfMessages=10, WaitTimeSeconds=1,
                                           AttributeNames=["All"]).get("Messages", [])
            empty = 0 if messages else empty + 1
            if not messages:
                continue
            with self.lock:
                take(messages)
            entries = [{"Id": str(i), "ReceiptHandle": message["ReceiptHandle"]} for i, message in enumerate(messages)]
            failed = sqs.delete_message_batch(QueueUrl=queue, Entries=entries).get("Failed", [])
            if failed:
                self.failures.append(failed)

    @unittest.skipUnless(shutil.which("node") and shutil.which("npm"), "needs Node and npm")
    def test_every_acknowledged_id_of_two_sdks_is_received_and_deleted(self):
        folder = os.path.join(HERE, "javascript")
        if not os.path.isdir(os.path.join(folder, "node_modules", "@aws-sdk", "client-sqs")):
            subprocess.run(["npm", "--prefix", folder, "ci", "--ignore-scripts", "--no-audit", "--no-fund", "--no-progress"], check=True,
                           timeout=PATIENCE * 2, stdout=subprocess.DEVNULL)
        queue = self.client().create_queue(QueueName="accounts", Attributes={"VisibilityTimeout": "120"})["QueueUrl"]
        sent, received = [], collections.Counter()
        producing = threading.Event()
        producing.set()

        def produce(producer):
            sqs = self.client()
            end = time.monotonic() + SECONDS
            count = 0
            while time.monotonic() < end:
                count += 1
                name = f"py-{producer}-{count}"
                if count % 3 == 0:
                    sqs.send_message(QueueUrl=queue, MessageBody=name)
                    sent.append(name)
                    continue
                entries = [{"Id": f"e{i}", "MessageBody": f"{name}-{i}"} for i in range(10)]
                bodies = {entry["Id"]: entry["MessageBody"] for entry in entries}
                reply = sqs.send_message_batch(QueueUrl=queue, Entries=entries)
                sent.extend(bodies[done["Id"]] for done in reply.get("Successful", []))

        def take(messages):
            received.update(message["Body"] for message in messages)

        script = subprocess.Popen(["node", os.path.join(folder, "sqs_accounting.mjs"), self.server.url, queue, str(SECONDS)],
                                  stdout=subprocess.PIPE, text=True, env=environment())
        consumers = self.in_threads(*[lambda: self.consume(queue, producing, take)] * 3)
        for thread in self.in_threads(*[lambda producer=producer: produce(producer) for producer in range(3)]):
            thread.join()
        producing.clear()
        output, _ = script.communicate(timeout=SECONDS + PATIENCE)
        for thread in consumers:
            thread.join()
        self.assertEqual(script.returncode, 0)
        self.assertEqual(self.failures, [])
        script_seen = json.loads(output)
        received.update(script_seen["received"])
        everything = sent + script_seen["sent"]
        self.assertGreater(len(sent), 100)
        self.assertGreater(len(script_seen["sent"]), 100)
        self.assertEqual(len(everything), len(set(everything)))
        self.assertEqual(sorted(set(everything) - set(received)), [], "acknowledged and never received")
        self.assertEqual(sorted(set(received) - set(everything)), [], "received and never acknowledged")
        # Nobody took longer than the visibility timeout.
        self.assertEqual([name for name, count in received.items() if count > 1], [], "received again")

    def test_fifo_groups_keep_their_order_and_every_message_comes_once(self):
        queue = self.client().create_queue(QueueName="accounts.fifo", Attributes={"FifoQueue": "true", "VisibilityTimeout": "120"})["QueueUrl"]
        sent, received = collections.Counter(), collections.defaultdict(list)
        producing = threading.Event()
        producing.set()

        def produce(group):
            sqs = self.client()
            end = time.monotonic() + SECONDS
            while time.monotonic() < end:
                number = str(sent[group])
                for _ in range(2):  # the second is a duplicate
                    sqs.send_message(QueueUrl=queue, MessageBody=number, MessageGroupId=group, MessageDeduplicationId=f"{group}-{number}")
                sent[group] += 1

        def take(messages):
            for message in messages:
                received[message["Attributes"]["MessageGroupId"]].append((int(message["Attributes"]["SequenceNumber"]), int(message["Body"])))

        consumers = self.in_threads(*[lambda: self.consume(queue, producing, take)] * 3)
        for thread in self.in_threads(*[lambda group=f"group-{number}": produce(group) for number in range(GROUPS)]):
            thread.join()
        producing.clear()
        for thread in consumers:
            thread.join()
        self.assertEqual(self.failures, [])
        for group, count in sent.items():
            self.assertEqual([body for _, body in received[group]], list(range(count)), group)
            self.assertEqual(received[group], sorted(received[group]), group)


if __name__ == "__main__":
    unittest.main()
