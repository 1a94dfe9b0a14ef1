"""Reserved and provisioned concurrency and the limits of the machine, with real functions and boto3."""
import base64
import concurrent.futures
import os
import shutil
import tempfile
import time
import unittest

from botocore.exceptions import ClientError

from harness import ServerTestCase, create_function, eventually, http, invoke, run

SLEEPER = """
import os, time
def handler(event, context):
    if event.get("die"):
        os._exit(3)
    time.sleep(event.get("seconds", 0))
    return {"pid": os.getpid(), "type": os.environ["AWS_LAMBDA_INITIALIZATION_TYPE"], "version": context.function_version}
"""


def throttle_of(client, name, payload=None, **more):
    """(code, Reason, message, status) of the error that an invocation ends in; None: it succeeded."""
    try:
        invoke(client, name, payload or {}, **more)
    except ClientError as error:
        response = error.response
        return response["Error"]["Code"], response.get("Reason"), response["Error"]["Message"], response["ResponseMetadata"]["HTTPStatusCode"]
    return None


class Concurrency(ServerTestCase):
    options = ("--concurrent-executions", "1000")

    def setUp(self):
        self.functions = self.server.boto("lambda")
        self.pool = concurrent.futures.ThreadPoolExecutor(8)
        self.addCleanup(self.pool.shutdown)

    def later(self, name, payload, **more):
        return self.pool.submit(invoke, self.functions, name, payload, **more)

    def unreserved(self):
        return self.functions.get_account_settings()["AccountLimit"]["UnreservedConcurrentExecutions"]

    def test_one_reserved_execution_throttles_the_second_with_its_reason(self):
        create_function(self.functions, "single", SLEEPER, Timeout=10)
        before = self.unreserved()
        answer = self.functions.put_function_concurrency(FunctionName="single", ReservedConcurrentExecutions=1)
        self.assertEqual(1, answer["ReservedConcurrentExecutions"])
        self.assertEqual(before - 1, self.unreserved())
        invoke(self.functions, "single", {})
        first = self.later("single", {"seconds": 2})
        time.sleep(0.7)
        self.assertEqual(("TooManyRequestsException", "ReservedFunctionConcurrentInvocationLimitExceeded", "Rate Exceeded.", 429),
                         throttle_of(self.functions, "single"))
        first.result()
        self.assertIsNone(throttle_of(self.functions, "single"))
        self.functions.put_function_concurrency(FunctionName="single", ReservedConcurrentExecutions=0)
        self.assertEqual("ReservedFunctionConcurrentInvocationLimitExceeded", throttle_of(self.functions, "single")[1])
        self.functions.delete_function_concurrency(FunctionName="single")
        self.assertIsNone(throttle_of(self.functions, "single"))
        self.assertEqual(before, self.unreserved())

    def test_the_account_keeps_a_hundred(self):
        create_function(self.functions, "greedy", SLEEPER)
        code, message, status = self.error_of(self.functions.put_function_concurrency, FunctionName="greedy",
                                              ReservedConcurrentExecutions=950)
        self.assertEqual(("InvalidParameterValueException", 400), (code, status))
        self.assertIn("below its minimum value of [100]", message)

    def ready(self, name, qualifier, amount):
        def probe():
            config = self.functions.get_provisioned_concurrency_config(FunctionName=name, Qualifier=qualifier)
            self.assertNotEqual("FAILED", config["Status"], config)
            return config["Status"] == "READY" and config["AllocatedProvisionedConcurrentExecutions"] == amount
        eventually(probe, f"{name}:{qualifier} has {amount} provisioned")

    def test_provisioned_environments_are_warm_at_the_first_invocation_and_the_rest_spills_over(self):
        create_function(self.functions, "ahead", SLEEPER, Timeout=10, Publish=True)
        self.functions.create_alias(FunctionName="ahead", Name="live", FunctionVersion="1")
        answer = self.functions.put_provisioned_concurrency_config(FunctionName="ahead", Qualifier="live",
                                                                   ProvisionedConcurrentExecutions=2)
        self.assertEqual("IN_PROGRESS", answer["Status"])
        self.ready("ahead", "live", 2)
        payload, answer = invoke(self.functions, "ahead", {}, Qualifier="live", LogType="Tail")
        self.assertEqual("provisioned-concurrency", payload["type"])
        self.assertEqual("1", payload["version"])
        self.assertNotIn("Init Duration", base64.b64decode(answer["LogResult"]).decode())
        busy = [self.later("ahead", {"seconds": 2}, Qualifier="live") for _ in range(3)]
        types = sorted(one.result()[0]["type"] for one in busy)
        self.assertEqual(["on-demand", "provisioned-concurrency", "provisioned-concurrency"], types)
        listed = self.functions.list_provisioned_concurrency_configs(FunctionName="ahead")["ProvisionedConcurrencyConfigs"]
        self.assertEqual([2], [one["RequestedProvisionedConcurrentExecutions"] for one in listed])

        metrics = self.server.boto("cloudwatch")
        def spilled():
            found = metrics.get_metric_statistics(Namespace="AWS/Lambda", MetricName="ProvisionedConcurrencySpilloverInvocations",
                                                  Dimensions=[{"Name": "FunctionName", "Value": "ahead"}], Period=3600,
                                                  StartTime=time.time() - 3600, EndTime=time.time() + 60, Statistics=["Sum"])
            return sum(point["Sum"] for point in found["Datapoints"]) == 1
        eventually(spilled, "one invocation is counted as spill-over")

    def test_provisioned_environments_come_back_after_a_crash_and_after_a_restart(self):
        create_function(self.functions, "lasting", SLEEPER, Publish=True)
        self.functions.put_provisioned_concurrency_config(FunctionName="lasting", Qualifier="1", ProvisionedConcurrentExecutions=1)
        self.ready("lasting", "1", 1)
        _, answer = invoke(self.functions, "lasting", {"die": True}, Qualifier="1")
        self.assertEqual("Unhandled", answer["FunctionError"])
        self.ready("lasting", "1", 1)
        self.assertEqual("provisioned-concurrency", invoke(self.functions, "lasting", {}, Qualifier="1")[0]["type"])
        self.functions.put_function_concurrency(FunctionName="lasting", ReservedConcurrentExecutions=3)
        self.server.restart()
        self.functions = self.server.boto("lambda")
        self.ready("lasting", "1", 1)
        self.assertEqual("provisioned-concurrency", invoke(self.functions, "lasting", {}, Qualifier="1")[0]["type"])
        self.assertEqual(3, self.functions.get_function_concurrency(FunctionName="lasting")["ReservedConcurrentExecutions"])

    def test_an_init_that_fails_is_told(self):
        create_function(self.functions, "broken", "raise RuntimeError('no')", Publish=True)
        self.functions.put_provisioned_concurrency_config(FunctionName="broken", Qualifier="1", ProvisionedConcurrentExecutions=1)
        def failed():
            config = self.functions.get_provisioned_concurrency_config(FunctionName="broken", Qualifier="1")
            return config["Status"] == "FAILED" and config["StatusReason"]
        self.assertEqual("FUNCTION_ERROR_INIT_FAILURE", eventually(failed, "the init has failed"))
        self.functions.delete_provisioned_concurrency_config(FunctionName="broken", Qualifier="1")


class HostLimit(ServerTestCase):
    options = ("--function-processes", "2")

    def test_a_machine_without_room_throttles_with_its_own_reason_and_recovers(self):
        functions = self.server.boto("lambda")
        create_function(functions, "busy", SLEEPER, Timeout=20)
        create_function(functions, "late", SLEEPER, Timeout=1)
        with concurrent.futures.ThreadPoolExecutor(4) as pool:
            running = [pool.submit(invoke, functions, "busy", {"seconds": 6}) for _ in range(2)]
            time.sleep(2)
            code, reason, message, status = throttle_of(functions, "late")
            self.assertEqual(("TooManyRequestsException", "HostProcessLimitExceeded", 429), (code, reason, status))
            self.assertIn("at most 2 function processes", message)
            self.assertIn("--function-processes", message)
            self.assertEqual(200, http("GET", self.server.url + "/_surgetank/health").status)
            for one in running:
                one.result()
        eventually(lambda: throttle_of(functions, "late") is None, "there is room again")


TEMPLATE = """
Transform: AWS::Serverless-2016-10-31
Resources:
  Worker:
    Type: AWS::Serverless::Function
    Properties:
      FunctionName: worker
      Runtime: python3.12
      Handler: app.handler
      CodeUri: code/
      ReservedConcurrentExecutions: 4
      AutoPublishAlias: live
      ProvisionedConcurrencyConfig:
        ProvisionedConcurrentExecutions: 1
"""


class Deployed(ServerTestCase):
    def test_a_template_reserves_publishes_and_provisions(self):
        folder = tempfile.mkdtemp(prefix="surgetank-e2e-app-")
        self.addCleanup(shutil.rmtree, folder)
        os.mkdir(os.path.join(folder, "code"))
        template = os.path.join(folder, "template.yaml")

        def deploy(code):
            with open(os.path.join(folder, "code", "app.py"), "w", encoding="utf-8") as file:
                file.write(code)
            result = run("deploy", template, "--stack", "app", "--data", self.server.data)
            self.assertEqual(0, result.returncode, result.stdout + result.stderr)

        with open(template, "w", encoding="utf-8") as file:
            file.write(TEMPLATE)
        deploy(SLEEPER)
        functions = self.server.boto("lambda")
        self.assertEqual(4, functions.get_function_concurrency(FunctionName="worker")["ReservedConcurrentExecutions"])
        payload = invoke(functions, "worker", {}, Qualifier="live")[0]
        self.assertEqual(("provisioned-concurrency", "1"), (payload["type"], payload["version"]))
        deploy(SLEEPER + "# changed\n")
        payload = invoke(functions, "worker", {}, Qualifier="live")[0]
        self.assertEqual(("provisioned-concurrency", "2"), (payload["type"], payload["version"]))
        deploy(SLEEPER + "# changed\n")
        self.assertEqual("2", functions.get_alias(FunctionName="worker", Name="live")["FunctionVersion"])


if __name__ == "__main__":
    unittest.main()
