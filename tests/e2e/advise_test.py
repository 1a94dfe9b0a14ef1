"""surgetank record and advise against the real examples: the naive one gets its findings, the cured one none; and an application of
pitfalls that the examples do not have. Loads are small: they show shapes, not speed."""
import concurrent.futures
import json
import os
import re
import shutil
import stat
import tempfile
import unittest

import harness
from harness import ROOT, Server, eventually, http

ORDERS = os.path.join(ROOT, "examples/orders/template.yaml")
CURED = os.path.join(ROOT, "examples/orders-async/template.yaml")
ORDER = '{"customer":"Ada","items":[{"sku":"tea","quantity":2,"unit_price_cents":350}]}'
JSON = {"content-type": "application/json"}

PITFALLS = """AWSTemplateFormatVersion: "2010-09-09"
Transform: AWS::Serverless-2016-10-31
Globals:
  Function:
    Runtime: python3.12
    Timeout: 10
Resources:
  Api:
    Type: AWS::Serverless::HttpApi
  Submit:
    Type: AWS::Serverless::Function
    Properties:
      Handler: app.handler
      CodeUri: submit/
      Environment:
        Variables:
          QUEUE_URL: !Ref Jobs
      Events:
        Submit:
          Type: HttpApi
          Properties:
            ApiId: !Ref Api
            Method: POST
            Path: /jobs
  Front:
    Type: AWS::Serverless::Function
    Properties:
      Handler: app.handler
      CodeUri: front/
      Environment:
        Variables:
          BACK: !Ref Back
      Events:
        Front:
          Type: HttpApi
          Properties:
            ApiId: !Ref Api
            Method: GET
            Path: /front
  Back:
    Type: AWS::Serverless::Function
    Properties:
      Handler: index.handler
      InlineCode: |
        def handler(event, context):
            return {"large": "x" * 1_200_000}
  Worker:
    Type: AWS::Serverless::Function
    Properties:
      Handler: index.handler
      InlineCode: |
        def handler(event, context):
            if any(record["body"] == "bad" for record in event["Records"]):
                raise ValueError("a bad message")
      Events:
        Jobs:
          Type: SQS
          Properties:
            Queue: !GetAtt Jobs.Arn
            BatchSize: 10
  Jobs:
    Type: AWS::SQS::Queue
    Properties:
      VisibilityTimeout: 12
Outputs:
  ApiUrl:
    Value: !GetAtt Api.ApiEndpoint
  JobsUrl:
    Value: !Ref Jobs
"""
SUBMIT = """import os
import boto3
queue = boto3.client("sqs", endpoint_url=os.environ.get("AWS_ENDPOINT_URL"))


def handler(event, context):
    queue.send_message(QueueUrl=os.environ["QUEUE_URL"], MessageBody=event["body"])
    return {"statusCode": 202}
"""
FRONT = """import os
import boto3
functions = boto3.client("lambda", endpoint_url=os.environ.get("AWS_ENDPOINT_URL"))


def handler(event, context):
    answer = functions.invoke(FunctionName=os.environ["BACK"], Payload=b"{}")
    return {"statusCode": 200, "body": answer["Payload"].read().decode()}
"""


def api_base(server):
    return server.api_base(re.search(r"ApiUrl\s+http://([a-z0-9]+)\.", server.log()).group(1))


def at_once(count, work):
    with concurrent.futures.ThreadPoolExecutor(4) as pool:
        return list(pool.map(work, range(count)))


class Advise(unittest.TestCase):
    def setUp(self):
        self.folder = tempfile.mkdtemp(prefix="surgetank-e2e-advise-")
        self.addCleanup(shutil.rmtree, self.folder, True)

    def advise(self, server, *options):
        printed = server.cli("--json", "advise", *options)
        self.assertEqual("", printed.stderr)
        return json.loads(printed.stdout)["findings"], printed.returncode

    def load_orders(self, base, accepted, count):
        def one(_):
            made = http("POST", base + "/orders", ORDER, JSON)
            self.assertEqual(accepted, made.status, made.body)
            self.assertEqual(200, http("GET", base + "/orders/" + made.json()["id"]).status)
        at_once(count, one)

    def test_the_naive_example_gets_its_findings_with_lines_and_the_same_from_a_file(self):
        path = os.path.join(self.folder, "run.json")
        page = os.path.join(self.folder, "advice.html")
        with Server("--no-watch", command=("up", ORDERS)) as server:
            self.load_orders(api_base(server), 201, 30)
            findings, code = self.advise(server, "--fail-on", "medium")
            self.assertEqual(12, code, findings)
            self.assertEqual({("ST-101", "CreateOrderFunction"), ("ST-101", "GetOrderFunction"),
                              ("ST-111", "CreateOrderFunction"), ("ST-111", "GetOrderFunction"),
                              ("ST-112", "CreateOrderFunction"), ("ST-112", "GetOrderFunction"), ("ST-303", "POST /orders")},
                             {(finding["id"], finding["resource"]) for finding in findings})
            self.assertEqual(0, server.cli("record", "-o", path).returncode)
            trace = server.cli("traces", "--id", findings[0]["traces"][0])
            self.assertIn("db-connect", trace.stdout, "an example trace shows what the finding says")
            secrets = server.boto("secretsmanager")
            name = secrets.list_secrets()["SecretList"][0]["Name"]
            password = json.loads(secrets.get_secret_value(SecretId=name)["SecretString"])["password"]
        self.assertEqual(0o600, stat.S_IMODE(os.stat(path).st_mode))
        with open(path, encoding="utf-8") as file:
            self.assertFalse(password in file.read(), "a recording has no secrets in it")

        secret = next(f for f in findings if f["id"] == "ST-111" and f["resource"] == "CreateOrderFunction")
        code_change, template_change = secret["changes"]
        self.assertTrue(code_change["file"].endswith("functions/create-order/index.mjs"), code_change)
        with open(code_change["file"], encoding="utf-8") as file:
            self.assertIn("GetSecretValueCommand(", file.read().splitlines()[code_change["line"] - 1])
        with open(ORDERS, encoding="utf-8") as file:
            self.assertEqual("  CreateOrderFunction:", file.read().splitlines()[template_change["line"] - 1])

        from_file = harness.run("--json", "advise", "--recording", path, "--html", page)
        self.assertEqual(0, from_file.returncode, from_file.stderr)
        self.assertEqual({f["id"] for f in findings}, {f["id"] for f in json.loads(from_file.stdout)["findings"]})
        with open(page, encoding="utf-8") as file:
            self.assertIn("ST-101", file.read())
        text = harness.run("advise", "--recording", path)
        self.assertIn("A secret read with each invocation", text.stdout)

    @unittest.skipUnless(os.path.exists(os.path.join(ROOT, "examples/orders-async/.build/worker-cpp/bootstrap")),
                         "run examples/orders-async/build.sh first")
    def test_the_cured_example_gets_none(self):
        with Server("--no-watch", command=("up", CURED)) as server:
            self.load_orders(api_base(server), 202, 150)
            findings, code = self.advise(server, "--fail-on", "low")
            self.assertEqual([], findings)
            self.assertEqual(0, code)
            self.assertIn("Nothing to improve", server.cli("advise").stdout)

    def test_pitfalls_of_queues_payloads_and_calls(self):
        for name, text in (("template.yaml", PITFALLS), ("submit/app.py", SUBMIT), ("front/app.py", FRONT)):
            path = os.path.join(self.folder, name)
            os.makedirs(os.path.dirname(path), exist_ok=True)
            with open(path, "w", encoding="utf-8") as file:
                file.write(text)
        with Server("--no-watch", command=("up", os.path.join(self.folder, "template.yaml"))) as server:
            base = api_base(server)
            worker = next(f["FunctionName"] for f in server.boto("lambda").list_functions()["Functions"] if "Worker" in f["FunctionName"])
            server.boto("lambda").put_function_concurrency(FunctionName=worker, ReservedConcurrentExecutions=5)
            at_once(24, lambda i: self.assertEqual(202, http("POST", base + "/jobs", f"job {i}").status))
            at_once(12, lambda _: self.assertEqual(200, http("GET", base + "/front").status))
            queue = server.boto("sqs")
            url = re.search(r"JobsUrl\s+(\S+)", server.log()).group(1)
            entries = [{"Id": str(i), "MessageBody": "bad" if i == 0 else "good"} for i in range(10)]
            for _ in range(6):
                queue.send_message_batch(QueueUrl=url, Entries=entries)

            def found():
                findings = {(f["id"], f["resource"]): f for f in self.advise(server)[0]}
                return findings if ("ST-402", "Jobs -> Worker") in findings else None
            findings = eventually(found, "whole batches have failed")
            expected = {("ST-301", "Front"), ("ST-304", "Submit"), ("ST-402", "Jobs -> Worker"), ("ST-403", "Jobs"), ("ST-404", "Worker"),
                        ("ST-503", "GET /front")}
            self.assertEqual(expected, expected & set(findings), sorted(findings))
            self.assertEqual(set(), {key for key in findings if key[0] not in {id for id, _ in expected} | {"ST-203"}}, sorted(findings))
            lines = PITFALLS.splitlines()
            change = findings["ST-403", "Jobs"]["changes"][0]
            self.assertEqual("      VisibilityTimeout: 12", lines[change["line"] - 1])
            self.assertEqual("      VisibilityTimeout: 12", change["snippet"])
            self.assertEqual("        Jobs:", lines[findings["ST-402", "Jobs -> Worker"]["changes"][0]["line"] - 1])

    def test_bad_input_is_told_by_name(self):
        path = os.path.join(self.folder, "no.json")
        for text, words in (("[]", "no recording"), ('{"format":9}', "format 9"), ("", "no recording")):
            with open(path, "w", encoding="utf-8") as file:
                file.write(text)
            printed = harness.run("advise", "--recording", path)
            self.assertEqual(1, printed.returncode)
            self.assertIn(words, printed.stderr)
        self.assertIn("cannot read", harness.run("advise", "--recording", os.path.join(self.folder, "missing")).stderr)
        self.assertIn("low, medium, high or critical", harness.run("advise", "--recording", path, "--fail-on", "bad").stderr)
        self.assertIn("no server runs", harness.run("--data", self.folder, "advise").stderr)


if __name__ == "__main__":
    unittest.main()
