"""An old botocore finds the server, a new one and explicit endpoints are left alone."""

import importlib.util
import os
import subprocess
import sys
import textwrap
import unittest

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, HERE)
from surgetank_runtime.endpoint import endpoint_for  # noqa: E402


def run(code, **environment):
    program = "import sys; sys.path.insert(0, %r)\nfrom surgetank_runtime import endpoint\nendpoint.install()\n" % HERE + textwrap.dedent(code)
    clean = {name: value for name, value in os.environ.items() if not name.startswith("AWS_")}
    reply = subprocess.run([sys.executable, "-c", program], env={**clean, "AWS_DEFAULT_REGION": "us-east-1", **environment}, capture_output=True, text=True, timeout=60)
    return reply.stdout.strip() or reply.stderr


class EndpointFor(unittest.TestCase):
    def test_the_endpoint_of_a_service_wins_over_the_one_for_all(self):
        environment = {"AWS_ENDPOINT_URL": "http://all", "AWS_ENDPOINT_URL_S3": "http://s3", "AWS_ENDPOINT_URL_BEDROCK_AGENT": "http://b"}
        self.assertEqual("http://s3", endpoint_for("s3", environment))
        self.assertEqual("http://b", endpoint_for("bedrock-agent", environment))
        self.assertEqual("http://all", endpoint_for("sts", environment))

    def test_nothing_configured_or_all_ignored_is_none(self):
        self.assertIsNone(endpoint_for("sts", {}))
        self.assertIsNone(endpoint_for("sts", {"AWS_ENDPOINT_URL": "http://all", "AWS_IGNORE_CONFIGURED_ENDPOINT_URLS": "true"}))


@unittest.skipUnless(importlib.util.find_spec("boto3"), "boto3 is not installed")
class WithBoto3(unittest.TestCase):
    def test_clients_and_resources_get_the_endpoint(self):
        code = "import boto3; print(boto3.client('sts').meta.endpoint_url, boto3.resource('s3').meta.client.meta.endpoint_url)"
        self.assertEqual("http://127.0.0.1:9 http://127.0.0.1:9", run(code, AWS_ENDPOINT_URL="http://127.0.0.1:9"))

    def test_an_explicit_endpoint_stays(self):
        code = "import boto3; print(boto3.client('sts', endpoint_url='http://127.0.0.1:8').meta.endpoint_url)"
        self.assertEqual("http://127.0.0.1:8", run(code, AWS_ENDPOINT_URL="http://127.0.0.1:9"))

    def test_without_an_endpoint_nothing_is_touched(self):
        self.assertEqual("https://sts.amazonaws.com", run("import boto3; print(boto3.client('sts').meta.endpoint_url)"))


class WithoutBoto3(unittest.TestCase):
    def test_other_imports_are_not_disturbed(self):
        self.assertEqual("2", run("import json, decimal; print(json.loads('2'))", AWS_ENDPOINT_URL="http://127.0.0.1:9"))


if __name__ == "__main__":
    unittest.main()
