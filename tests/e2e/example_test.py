"""The example application and the command line, as a user meets them: up, requests, traces, stopped, killed, started again."""
import json
import os
import re
import shutil
import signal
import subprocess
import tempfile
import unittest

import harness
from harness import EXAMPLE, NotReady, Server, alive, command_lines, descendants, eventually, http

TEMPLATE = os.path.join(EXAMPLE, "template.yaml")


def api_base(server):
    api_id = re.search(r"ApiUrl\s+http://([a-z0-9]+)\.", server.log()).group(1)
    return server.api_base(api_id)


def smoke(base):
    return subprocess.run([os.path.join(EXAMPLE, "smoke.sh"), base], env=harness.environment(), timeout=200, text=True,
                          stdout=subprocess.PIPE, stderr=subprocess.STDOUT, check=False)


def up(template, data=None, *options, cwd=None):
    return Server("--no-watch", *options, command=("up", template), data=data, cwd=cwd)


class Example(unittest.TestCase):
    def setUp(self):
        self.folder = tempfile.mkdtemp(prefix="surgetank-e2e-")
        self.addCleanup(shutil.rmtree, self.folder, True)
        self.data = os.path.join(self.folder, "data")

    def assert_all_gone(self, processes):
        try:
            eventually(lambda: not alive(processes), "no process of the server is left", seconds=30)
        except AssertionError as error:
            self.fail(f"{error}\n{command_lines(alive(processes))}")

    def test_orders_survive_an_interrupt_and_a_kill_and_no_process_is_left(self):
        with up(TEMPLATE, self.data) as server:
            base = api_base(server)
            checked = smoke(base)
            self.assertEqual(0, checked.returncode, checked.stdout + server.log())
            order = http("POST", base + "/orders", '{"customer":"Ada","items":[{"sku":"tea","quantity":2,"unit_price_cents":350}]}',
                         {"content-type": "application/json"})
            self.assertEqual(201, order.status, order.body)
            path = "/orders/" + order.json()["id"]
            read = http("GET", base + path).json()
            self.check_traces(server)
            self.check_second_start_is_refused(server)
            processes = descendants(server.process.pid)
            self.assertTrue(any("postgres" in line for line in command_lines(processes).splitlines()), command_lines(processes))
            self.assertEqual(0, server.stop(signal.SIGINT), server.log())
            self.assert_all_gone(processes)

        with up(TEMPLATE, self.data) as server:
            base = api_base(server)
            self.assertIn("nothing to change in stack", server.log())
            self.assertNotRegex(server.log(), r"(CREATE|UPDATE|DELETE)_(IN_PROGRESS|COMPLETE)")
            self.assertEqual(read, http("GET", base + path).json())
            processes = descendants(server.process.pid)
            self.assertTrue(processes)
            server.kill()
            self.assert_all_gone(processes)

        with up(TEMPLATE, self.data) as server:
            self.assertEqual(read, http("GET", api_base(server) + path).json())
            checked = smoke(api_base(server))
            self.assertEqual(0, checked.returncode, checked.stdout + server.log())

    def check_traces(self, server):
        printed = server.cli("--json", "traces", "--last", "50")
        self.assertEqual(0, printed.returncode, printed.stderr)
        traces = json.loads(printed.stdout)["traces"]
        kinds = [[span["kind"] for span in trace] for trace in traces]
        wanted = {"gateway", "invoke", "aws", "db-connect", "db-statement"}
        self.assertTrue(any(wanted <= set(of_one) for of_one in kinds), kinds)
        shown = server.cli("traces", "--last", "1")
        self.assertEqual(0, shown.returncode, shown.stderr)
        self.assertIn("/orders", shown.stdout)

    def check_second_start_is_refused(self, server):
        for command in (("start",), ("up", TEMPLATE)):
            second = harness.run(*command, "--data", self.data, "--listen", "127.0.0.1:0")
            self.assertEqual(1, second.returncode, second.stdout + second.stderr)
            self.assertIn(self.data, second.stderr)
            self.assertIn(str(server.process.pid), second.stderr)


class BrokenTemplate(unittest.TestCase):
    def setUp(self):
        self.folder = tempfile.mkdtemp(prefix="surgetank-e2e-")
        self.addCleanup(shutil.rmtree, self.folder, True)

    def up(self, text):
        path = os.path.join(self.folder, "template.yaml")
        with open(path, "w", encoding="utf-8") as file:
            file.write(text)
        return path, harness.run("up", path, "--data", os.path.join(self.folder, "data"), "--listen", "127.0.0.1:0")

    def test_an_unsupported_resource_is_named_with_its_place(self):
        path, ended = self.up("Resources:\n  Queue:\n    Type: AWS::Robots::Robot\n")
        self.assertEqual(1, ended.returncode)
        self.assertRegex(ended.stdout + ended.stderr, re.escape(path) + r":3:\d+")
        self.assertIn("AWS::Robots::Robot", ended.stdout + ended.stderr)
        self.assertIn("AWS::SecretsManager::Secret", ended.stdout + ended.stderr, "what is supported is listed")

    def test_broken_yaml_and_a_dangling_reference_are_told_with_their_place(self):
        path, ended = self.up("Resources:\n  A: [\n")
        self.assertEqual(1, ended.returncode)
        self.assertRegex(ended.stdout + ended.stderr, re.escape(path) + r":\d+:\d+")
        path, ended = self.up("Resources:\n  S:\n    Type: AWS::SecretsManager::Secret\n    Properties:\n      Name: !Ref Nothing\n")
        self.assertEqual(1, ended.returncode)
        self.assertRegex(ended.stdout + ended.stderr, re.escape(path) + r":5:\d+")
        self.assertIn("Nothing", ended.stdout + ended.stderr)


ONE_FUNCTION = """Transform: AWS::Serverless-2016-10-31
Resources:
  Api:
    Type: AWS::Serverless::HttpApi
  Hello:
    Type: AWS::Serverless::Function
    Properties:
      FunctionName: hello
      Runtime: python3.12
      Handler: app.handler
      CodeUri: code/
      Timeout: 20
      Events:
        Any:
          Type: HttpApi
          Properties: {ApiId: !Ref Api, Method: GET, Path: /}
Outputs:
  ApiUrl:
    Value: !GetAtt Api.ApiEndpoint
"""


class OneFunction(unittest.TestCase):
    def setUp(self):
        self.folder = tempfile.mkdtemp(prefix="surgetank-e2e-")
        self.addCleanup(shutil.rmtree, self.folder, True)
        os.mkdir(os.path.join(self.folder, "code"))
        self.template = os.path.join(self.folder, "template.yaml")
        with open(self.template, "w", encoding="utf-8") as file:
            file.write(ONE_FUNCTION)
        self.write_code("one")

    def write_code(self, word):
        with open(os.path.join(self.folder, "code/app.py"), "w", encoding="utf-8") as file:
            file.write(f"def handler(event, context):\n    print('said', '{word}')\n    return '{word}'\n")

    def test_a_changed_file_is_live_without_anybody_asking(self):
        with Server(command=("up", self.template), data=os.path.join(self.folder, "data")) as server:
            base = api_base(server)
            self.assertEqual(b"one", http("GET", base + "/").body)
            self.write_code("two")
            eventually(lambda: http("GET", base + "/").body == b"two", "the changed function answers", seconds=30)
            self.write_code("three")
            eventually(lambda: http("GET", base + "/").body == b"three", "the changed function answers again", seconds=30)

    def test_deploy_invoke_logs_env_status_delete_and_stop_from_the_command_line(self):
        with Server(data=os.path.join(self.folder, "data")) as server:
            for _ in range(2):
                deployed = server.cli("deploy", self.template, "--stack", "one")
                self.assertEqual(0, deployed.returncode, deployed.stdout + deployed.stderr)
            answer = server.cli("invoke", "hello", "{}")
            self.assertEqual(0, answer.returncode, answer.stderr)
            self.assertIn('"one"', answer.stdout)
            eventually(lambda: "said one" in server.cli("logs", "hello").stdout, "the log shows what the function printed", seconds=30)
            self.assertIn(server.url, server.cli("env").stdout)
            status = json.loads(server.cli("--json", "status").stdout)
            self.assertEqual(server.process.pid, status["pid"])
            deleted = server.cli("delete", "one")
            self.assertEqual(0, deleted.returncode, deleted.stdout + deleted.stderr)
            self.assertNotEqual(0, server.cli("invoke", "hello", "{}").returncode)
            self.assertEqual(0, server.cli("stop").returncode)
            self.assertEqual(0, server.process.wait(timeout=60))
            gone = server.cli("status")
            self.assertEqual(1, gone.returncode)

    def test_a_second_start_is_refused_and_a_stale_lock_is_not_an_obstacle(self):
        with Server(data=os.path.join(self.folder, "data")) as server:
            with self.assertRaises(NotReady) as refused:
                Server(data=server.data)
            self.assertIn("ended with 1", str(refused.exception))
            server.kill()
            server.start()
            self.assertEqual(200, http("GET", server.url + "/_surgetank/health").status)


if __name__ == "__main__":
    unittest.main()
