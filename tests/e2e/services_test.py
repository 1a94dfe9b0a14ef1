"""Secrets Manager, STS, IAM, CloudWatch and Logs by boto3, the AWS CLI and the AWS SDK for JavaScript v3."""
import datetime
import json
import os
import shutil
import subprocess
import time
import unittest

import harness
from harness import EXAMPLE, ServerTestCase, create_function, eventually, invoke


def around_now():
    now = datetime.datetime.now(datetime.timezone.utc)
    return {"StartTime": now - datetime.timedelta(minutes=10), "EndTime": now + datetime.timedelta(minutes=10)}


class Services(ServerTestCase):
    def test_a_secret_and_its_versions(self):
        secrets = self.server.boto("secretsmanager")
        made = secrets.create_secret(Name="app/db", Description="d", SecretString='{"a": 1}', Tags=[{"Key": "k", "Value": "v"}])
        self.assertRegex(made["ARN"], r"^arn:aws:secretsmanager:us-east-1:000000000000:secret:app/db-[A-Za-z0-9]{6}$")
        second = secrets.put_secret_value(SecretId=made["ARN"], SecretString="two")
        self.assertEqual("two", secrets.get_secret_value(SecretId="app/db")["SecretString"])
        self.assertEqual('{"a": 1}', secrets.get_secret_value(SecretId="app/db", VersionStage="AWSPREVIOUS")["SecretString"])
        self.assertEqual({made["VersionId"]: ["AWSPREVIOUS"], second["VersionId"]: ["AWSCURRENT"]},
                         secrets.describe_secret(SecretId="app/db")["VersionIdsToStages"])
        pending = secrets.put_secret_value(SecretId="app/db", SecretString="three", VersionStages=["AWSPENDING"])
        secrets.update_secret_version_stage(SecretId="app/db", VersionStage="AWSCURRENT", MoveToVersionId=pending["VersionId"],
                                            RemoveFromVersionId=second["VersionId"])
        self.assertEqual("three", secrets.get_secret_value(SecretId="app/db")["SecretString"])
        self.assertEqual("ResourceExistsException", self.error_of(secrets.create_secret, Name="app/db", SecretString="x")[0])
        secrets.delete_secret(SecretId="app/db", RecoveryWindowInDays=7)
        code, message, _ = self.error_of(secrets.get_secret_value, SecretId="app/db")
        self.assertEqual("InvalidRequestException", code)
        self.assertIn("marked for deletion", message)
        secrets.restore_secret(SecretId="app/db")
        self.assertEqual("three", secrets.get_secret_value(SecretId="app/db")["SecretString"])
        secrets.delete_secret(SecretId="app/db", ForceDeleteWithoutRecovery=True)
        self.assertEqual(("ResourceNotFoundException", "Secrets Manager can't find the specified secret.", 400),
                         self.error_of(secrets.describe_secret, SecretId="app/db"))

    def test_secret_values_do_not_lie_on_the_disk_in_clear(self):
        marker = "not-to-be-found-" + "anywhere-on-disk"
        self.server.boto("secretsmanager").create_secret(Name="hidden", SecretString=marker)
        for folder, _, names in os.walk(self.server.data):
            for name in names:
                with open(os.path.join(folder, name), "rb") as file:
                    self.assertNotIn(marker.encode(), file.read(), name)

    def test_a_role_is_assumed_and_its_credentials_work(self):
        iam = self.server.boto("iam")
        trust = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Principal": {"AWS": "*"}, "Action": "sts:AssumeRole"}]}
        role = iam.create_role(RoleName="worker", AssumeRolePolicyDocument=json.dumps(trust))["Role"]
        self.assertEqual("arn:aws:iam::000000000000:role/worker", role["Arn"])
        iam.attach_role_policy(RoleName="worker", PolicyArn="arn:aws:iam::aws:policy/ReadOnlyAccess")
        self.assertEqual(["ReadOnlyAccess"],
                         [policy["PolicyName"] for policy in iam.list_attached_role_policies(RoleName="worker")["AttachedPolicies"]])
        self.assertEqual(trust, iam.get_role(RoleName="worker")["Role"]["AssumeRolePolicyDocument"])
        self.assertEqual("arn:aws:iam::000000000000:root", self.server.boto("sts").get_caller_identity()["Arn"])

        assumed = self.server.boto("sts").assume_role(RoleArn=role["Arn"], RoleSessionName="job")["Credentials"]
        self.assertTrue(assumed["AccessKeyId"].startswith("ASIA"))
        key, secret, token = assumed["AccessKeyId"], assumed["SecretAccessKey"], assumed["SessionToken"]
        session = self.server.boto("sts", key=key, secret=secret, token=token)
        self.assertEqual("arn:aws:sts::000000000000:assumed-role/worker/job", session.get_caller_identity()["Arn"])
        self.server.boto("secretsmanager", key=key, secret=secret, token=token).create_secret(Name="of-the-role", SecretString="x")
        self.assertEqual("x", self.server.boto("secretsmanager").get_secret_value(SecretId="of-the-role")["SecretString"])
        self.assertEqual("SignatureDoesNotMatch", self.error_of(
            self.server.boto("sts", key=key, secret=secret + "x", token=token).get_caller_identity)[0])

        self.assertEqual("DeleteConflict", self.error_of(iam.delete_role, RoleName="worker")[0])
        iam.detach_role_policy(RoleName="worker", PolicyArn="arn:aws:iam::aws:policy/ReadOnlyAccess")
        iam.delete_role(RoleName="worker")
        self.assertEqual(("NoSuchEntity", 404), self.error_of(iam.get_role, RoleName="worker")[::2])

    def test_logs_are_put_read_and_filtered(self):
        logs = self.server.boto("logs")
        logs.create_log_group(logGroupName="/app")
        logs.create_log_stream(logGroupName="/app", logStreamName="s")
        now = int(time.time() * 1000)
        lines = ["INFO started", "ERROR disk full", '{"level": "ERROR", "code": 7}', "grüße"]
        logs.put_log_events(logGroupName="/app", logStreamName="s",
                            logEvents=[{"timestamp": now + number, "message": line} for number, line in enumerate(lines)])
        read = logs.get_log_events(logGroupName="/app", logStreamName="s", startFromHead=True)["events"]
        self.assertEqual(lines, [event["message"] for event in read])

        def filtered(pattern):
            return [event["message"] for event in logs.filter_log_events(logGroupName="/app", filterPattern=pattern)["events"]]
        self.assertEqual(lines[1:3], filtered("ERROR"))
        self.assertEqual(lines[2:3], filtered("{ $.code = 7 }"))
        self.assertEqual(lines[1:2], filtered('"disk full"'))
        logs.put_retention_policy(logGroupName="/app", retentionInDays=7)
        self.assertEqual(7, logs.describe_log_groups(logGroupNamePrefix="/app")["logGroups"][0]["retentionInDays"])
        logs.delete_log_group(logGroupName="/app")
        self.assertEqual("ResourceNotFoundException", self.error_of(logs.get_log_events, logGroupName="/app", logStreamName="s")[0])

    def test_metrics_are_put_and_read(self):
        metrics = self.server.boto("cloudwatch")
        dimensions = [{"Name": "Shop", "Value": "a"}]
        metrics.put_metric_data(Namespace="Mine", MetricData=[
            {"MetricName": "Size", "Dimensions": dimensions, "Value": 2, "Unit": "Count"},
            {"MetricName": "Size", "Dimensions": dimensions, "Values": [4, 8], "Counts": [1, 2], "Unit": "Count"},
            {"MetricName": "Size", "Dimensions": dimensions, "Unit": "Count",
             "StatisticValues": {"SampleCount": 2, "Sum": 10, "Minimum": 1, "Maximum": 9}}])
        points = metrics.get_metric_statistics(Namespace="Mine", MetricName="Size", Dimensions=dimensions, Period=60,
                                               Statistics=["Sum", "SampleCount", "Minimum", "Maximum"], **around_now())["Datapoints"]
        # All three may fall on both sides of a full minute.
        self.assertEqual((32, 6), (sum(point["Sum"] for point in points), sum(point["SampleCount"] for point in points)))
        self.assertEqual((1, 9), (min(point["Minimum"] for point in points), max(point["Maximum"] for point in points)))
        listed = metrics.list_metrics(Namespace="Mine")["Metrics"]
        self.assertEqual([("Size", dimensions)], [(metric["MetricName"], metric["Dimensions"]) for metric in listed])
        self.assertEqual([], metrics.get_metric_statistics(Namespace="Mine", MetricName="Size", Period=60, Statistics=["Sum"],
                                                           **around_now())["Datapoints"], "without its dimensions it is another metric")

    def sum_of(self, namespace, metric, dimensions):
        answer = self.server.boto("cloudwatch").get_metric_statistics(
            Namespace=namespace, MetricName=metric, Dimensions=[{"Name": name, "Value": value} for name, value in dimensions.items()],
            Period=60, Statistics=["Sum"], **around_now())
        return sum(point["Sum"] for point in answer["Datapoints"])

    def test_embedded_metrics_and_the_engines_own_metrics(self):
        functions = self.server.boto("lambda")
        create_function(functions, "measures", """
import json, time
def handler(event, context):
    if event == "fail": raise ValueError("asked for")
    print(json.dumps({"_aws": {"Timestamp": int(time.time() * 1000), "CloudWatchMetrics": [
        {"Namespace": "Embedded", "Dimensions": [["Kind"]], "Metrics": [{"Name": "Paid", "Unit": "Count"}]}]},
        "Kind": "card", "Paid": event}))
""", Timeout=20)
        for value in (5, 7, "fail"):
            invoke(functions, "measures", value)
        eventually(lambda: self.sum_of("Embedded", "Paid", {"Kind": "card"}) == 12, "the embedded metric is there", seconds=30)
        of_function = {"FunctionName": "measures"}
        eventually(lambda: self.sum_of("AWS/Lambda", "Invocations", of_function) == 3, "AWS/Lambda Invocations counts 3", seconds=30)
        eventually(lambda: self.sum_of("AWS/Lambda", "Errors", of_function) == 1, "AWS/Lambda Errors counts 1", seconds=30)

    def test_an_unmodified_boto3_function_talks_to_this_server_as_its_role(self):
        functions = self.server.boto("lambda")
        create_function(functions, "unmodified", """
import boto3
identity = boto3.client("sts")
def handler(event, context):
    return identity.get_caller_identity()["Arn"]
""", Timeout=30)
        arn, _ = invoke(functions, "unmodified", {})
        self.assertRegex(arn, r"^arn:aws:sts::000000000000:assumed-role/[^/]+/unmodified$")

    @unittest.skipUnless(shutil.which("aws"), "needs the AWS CLI")
    def test_the_aws_cli(self):
        def aws(*arguments, codes=(0,)):
            environment = dict(harness.environment(), AWS_ACCESS_KEY_ID="test", AWS_SECRET_ACCESS_KEY="test",
                               AWS_DEFAULT_REGION="us-east-1", AWS_MAX_ATTEMPTS="1", AWS_PAGER="")
            ended = subprocess.run(["aws", "--endpoint-url", self.server.url, "--output", "json", *arguments], env=environment, text=True,
                                   stdout=subprocess.PIPE, stderr=subprocess.PIPE, timeout=harness.PATIENCE, check=False)
            self.assertIn(ended.returncode, codes, ended.stdout + ended.stderr)
            return json.loads(ended.stdout) if ended.returncode == 0 and ended.stdout.strip() else ended.stderr
        self.assertEqual("000000000000", aws("sts", "get-caller-identity")["Account"])
        aws("secretsmanager", "create-secret", "--name", "cli", "--secret-string", "from the shell")
        self.assertEqual("from the shell", aws("secretsmanager", "get-secret-value", "--secret-id", "cli")["SecretString"])
        # 254 says that the service answered with an error; the CLI of Debian, with a botocore of its own, ends with 255.
        self.assertIn("(ResourceNotFoundException)", aws("secretsmanager", "get-secret-value", "--secret-id", "none", codes=(254, 255)))
        aws("logs", "create-log-group", "--log-group-name", "cli")
        groups = aws("logs", "describe-log-groups", "--log-group-name-prefix", "cli")["logGroups"]
        self.assertEqual(["cli"], [group["logGroupName"] for group in groups])

    @unittest.skipUnless(shutil.which("node"), "needs Node")
    def test_the_aws_sdk_for_javascript(self):
        folder = os.path.join(EXAMPLE, "functions/create-order")
        self.assertTrue(os.path.isdir(os.path.join(folder, "node_modules")), "examples/orders/build.sh installs the SDK")
        script = os.path.join(os.path.dirname(os.path.abspath(__file__)), "sdk_v3.mjs")
        ended = subprocess.run(["node", script, self.server.url, folder], env=harness.environment(), text=True, timeout=harness.PATIENCE,
                               stdout=subprocess.PIPE, stderr=subprocess.PIPE, check=False)
        self.assertEqual(0, ended.returncode, ended.stderr)
        seen = json.loads(ended.stdout.strip().splitlines()[-1])
        self.assertEqual({"current": "zwölf", "previous": [0, 255, 1], "error": ["ResourceNotFoundException", 400, True],
                          "points": [[3, 6, 3, "Milliseconds", True]], "averages": [2], "metricError": 400}, seen)


if __name__ == "__main__":
    unittest.main()
