"""Quotas: set through the Service Quotas API and the command line, met by clients, kept over a restart."""
import json
import subprocess
import tempfile
import unittest

import harness
from harness import Server, ServerTestCase


class Quotas(ServerTestCase):
    options = ("--quotas", "aws")

    def cli(self, *arguments):
        return subprocess.run([harness.BINARY, "quotas", *arguments, "--data", self.server.data], capture_output=True, text=True, timeout=60)

    def quota(self, name):
        reply = self.cli("show", name, "--json")
        self.assertEqual(0, reply.returncode, reply.stderr)
        return next(row for row in json.loads(reply.stdout)["quotas"] if row["id"] == name)

    def test_an_increase_is_granted_at_once(self):
        client = self.server.boto("service-quotas")
        before = client.get_service_quota(ServiceCode="lambda", QuotaCode="L-B99A9384")["Quota"]
        wanted = before["Value"] + 100
        granted = client.request_service_quota_increase(ServiceCode="lambda", QuotaCode="L-B99A9384", DesiredValue=wanted)["RequestedQuota"]
        self.assertEqual(("APPROVED", wanted), (granted["Status"], granted["DesiredValue"]))
        self.assertEqual(wanted, client.get_service_quota(ServiceCode="lambda", QuotaCode="L-B99A9384")["Quota"]["Value"])
        self.assertEqual(wanted, self.server.boto("lambda").get_account_settings()["AccountLimit"]["ConcurrentExecutions"])
        history = client.list_requested_service_quota_change_history(ServiceCode="lambda")["RequestedQuotas"]
        self.assertIn(granted["Id"], [one["Id"] for one in history])

    def test_a_client_meets_the_exact_throttle(self):
        reply = self.cli("set", "secretsmanager.get-random-password", "2")
        self.assertEqual(0, reply.returncode, reply.stderr)
        secrets = self.server.boto("secretsmanager")
        refused = None
        for _ in range(50):
            try:
                secrets.get_random_password()
            except secrets.exceptions.ClientError as error:
                refused = error.response
                break
        self.assertIsNotNone(refused)
        self.assertEqual(("ThrottlingException", "Rate exceeded", 400),
                         (refused["Error"]["Code"], refused["Error"]["Message"], refused["ResponseMetadata"]["HTTPStatusCode"]))
        self.assertEqual("secretsmanager.get-random-password", refused["ResponseMetadata"]["HTTPHeaders"]["x-surgetank-quota"])
        row = self.quota("secretsmanager.get-random-password")
        self.assertEqual((2, True), (row["value"], row["set"]))
        self.assertGreaterEqual(row["rejections"], 1)
        self.assertIn("surgetank quotas set secretsmanager.get-random-password 4", self.server.log())

    def test_a_fifo_queue_is_throttled_in_both_protocols_words(self):
        self.assertEqual(0, self.cli("set", "sqs.fifo-requests", "1").returncode)
        sqs = self.server.boto("sqs")
        url = sqs.create_queue(QueueName="few.fifo", Attributes={"FifoQueue": "true"})["QueueUrl"]
        codes = []
        for number in range(10):
            try:
                sqs.send_message(QueueUrl=url, MessageBody="b", MessageGroupId="g", MessageDeduplicationId=str(number))
                codes.append(None)
            except sqs.exceptions.ClientError as error:
                codes.append(error.response["Error"]["Code"])
        self.assertEqual(None, codes[0])
        self.assertIn("RequestThrottled", codes)
        self.cli("reset", "sqs.fifo-requests")

    def test_what_does_not_exist_is_said(self):
        reply = self.cli("set", "lambda.nonsense", "3")
        self.assertEqual(1, reply.returncode)
        self.assertIn("there is no quota lambda.nonsense", reply.stderr.lower())


class Values(unittest.TestCase):
    def test_values_that_were_set_survive_a_restart(self):
        with Server("--quotas", "aws-new-account") as server:
            def value(name):
                reply = subprocess.run([harness.BINARY, "quotas", "--json", "--data", server.data], capture_output=True, text=True, timeout=60)
                return next(row for row in json.loads(reply.stdout)["quotas"] if row["id"] == name)["value"]

            self.assertEqual(10, value("lambda.concurrent-executions"))
            subprocess.run([harness.BINARY, "quotas", "set", "sqs.in-flight", "7", "--data", server.data], check=True, capture_output=True, timeout=60)
            server.stop()
            server.start()
            self.assertEqual(7, value("sqs.in-flight"))
            self.assertEqual(10, value("lambda.concurrent-executions"))
            subprocess.run([harness.BINARY, "quotas", "reset", "--data", server.data], check=True, capture_output=True, timeout=60)
            self.assertEqual(120000, value("sqs.in-flight"))

    def test_a_file_says_the_values(self):
        with tempfile.NamedTemporaryFile("w", suffix=".yaml") as file:
            file.write("profile: aws\nlambda.concurrent-executions: 77\n")
            file.flush()
            with Server("--quotas", file.name) as server:
                settings = server.boto("lambda").get_account_settings()
                self.assertEqual(77, settings["AccountLimit"]["ConcurrentExecutions"])

    def test_nothing_is_limited_but_shown_limits_are_numbers(self):
        with Server("--quotas", "none") as server:
            self.assertEqual(80530636800, server.boto("lambda").get_account_settings()["AccountLimit"]["TotalCodeSize"])

    def test_a_region_has_its_own_values(self):
        with Server("--quotas", "aws", "--region", "eu-west-2") as server:
            listed = json.loads(subprocess.run([harness.BINARY, "quotas", "--json", "--data", server.data], check=True, capture_output=True,
                                               timeout=60).stdout)
            values = {quota["id"]: quota["value"] for quota in listed["quotas"]}
            self.assertEqual(4500, values["sqs.fifo-high-throughput-requests"])
            self.assertEqual(500, values["cloudformation.resources"])


if __name__ == "__main__":
    unittest.main()
