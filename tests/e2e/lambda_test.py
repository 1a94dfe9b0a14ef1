"""Lambda as boto3 sees it: functions of three runtimes in zips, and every way in which they fail."""
import base64
import json
import unittest

from harness import NODE, PYTHON, ServerTestCase, create_function, eventually, invoke, zipped

BOOTSTRAP = """#!/usr/bin/python3
import json, os, urllib.request
api = "http://" + os.environ["AWS_LAMBDA_RUNTIME_API"] + "/2018-06-01/runtime/invocation/"
while True:
    with urllib.request.urlopen(api + "next") as event:
        request_id = event.headers["Lambda-Runtime-Aws-Request-Id"]
        answer = {"echo": json.load(event), "handler": os.environ["_HANDLER"], "arn": event.headers["Lambda-Runtime-Invoked-Function-Arn"]}
    urllib.request.urlopen(api + request_id + "/response", data=json.dumps(answer).encode()).read()
"""

NODE_ECHO = """export const handler = async (event, context) => {
  console.log("seen", event.word);
  return { word: event.word, name: context.functionName, id: context.awsRequestId, node: process.version.slice(0, 1) };
};
"""


class Functions(ServerTestCase):
    def setUp(self):
        self.functions = self.server.boto("lambda")

    def tail(self, answer):
        return base64.b64decode(answer["LogResult"]).decode()

    def test_python_echoes_with_its_context_and_the_tail_of_its_log(self):
        create_function(self.functions, "echo", """
import os
def handler(event, context):
    print("seen", event["word"])
    return {"word": event["word"], "name": context.function_name, "id": context.aws_request_id, "mb": context.memory_limit_in_mb,
            "arn": context.invoked_function_arn, "left": context.get_remaining_time_in_millis()}
""", MemorySize=192, Timeout=20)
        value, answer = invoke(self.functions, "echo", {"word": "grüße"}, LogType="Tail")
        self.assertEqual(200, answer["StatusCode"])
        self.assertEqual("$LATEST", answer["ExecutedVersion"])
        self.assertNotIn("FunctionError", answer)
        self.assertEqual(("grüße", "echo", "192"), (value["word"], value["name"], str(value["mb"])))
        self.assertEqual("arn:aws:lambda:us-east-1:000000000000:function:echo", value["arn"])
        self.assertTrue(10_000 < value["left"] <= 20_000, value["left"])
        log = self.tail(answer)
        request_id = value["id"]
        self.assertRegex(log, rf"START RequestId: {request_id} Version: \$LATEST\n(.*\n)*seen grüße\n"
                              rf"(.*\n)*END RequestId: {request_id}\n")
        self.assertRegex(log, rf"REPORT RequestId: {request_id}\tDuration: [\d.]+ ms\tBilled Duration: \d+ ms\tMemory Size: 192 MB\t"
                              r"Max Memory Used: \d+ MB\tInit Duration: [\d.]+ ms")
        _, warm = invoke(self.functions, "echo", {"word": "again"}, LogType="Tail")
        self.assertNotIn("Init Duration", self.tail(warm))

    def test_node_esm_commonjs_and_callbacks(self):
        create_function(self.functions, "esm", {"index.mjs": NODE_ECHO}, NODE, "index.handler", Timeout=20)
        value, answer = invoke(self.functions, "esm", {"word": "hi"}, LogType="Tail")
        self.assertEqual(("hi", "esm", "v"), (value["word"], value["name"], value["node"]))
        self.assertIn(f"\t{value['id']}\tINFO\tseen hi", self.tail(answer))
        create_function(self.functions, "cjs", {"lib/app.js": "exports.run = (event, context, callback) => callback(null, event.n + 1);"},
                        NODE, "lib/app.run", Timeout=20)
        self.assertEqual(42, invoke(self.functions, "cjs", {"n": 41})[0])

    def test_any_executable_called_bootstrap_is_a_function(self):
        create_function(self.functions, "own", {"bootstrap": BOOTSTRAP}, "provided.al2023", "whatever", executable=("bootstrap",),
                        Timeout=20)
        value, _ = invoke(self.functions, "own", [1, {"a": None}])
        self.assertEqual({"echo": [1, {"a": None}], "handler": "whatever",
                          "arn": "arn:aws:lambda:us-east-1:000000000000:function:own"}, value)

    def test_errors_have_the_shapes_of_the_runtimes(self):
        create_function(self.functions, "raises", "def handler(event, context):\n    raise ValueError('no ' + event['what'])\n", Timeout=20)
        value, answer = invoke(self.functions, "raises", {"what": "way"}, LogType="Tail")
        self.assertEqual((200, "Unhandled"), (answer["StatusCode"], answer["FunctionError"]))
        self.assertEqual(("no way", "ValueError"), (value["errorMessage"], value["errorType"]))
        self.assertIn("app.py", "".join(value["stackTrace"]))
        self.assertIn("requestId", value)
        self.assertIn("[ERROR] ValueError: no way", self.tail(answer))

        create_function(self.functions, "throws", {"index.mjs": "export const handler = async () => { throw new TypeError('no way'); };"},
                        NODE, "index.handler", Timeout=20)
        value, answer = invoke(self.functions, "throws")
        self.assertEqual("Unhandled", answer["FunctionError"])
        self.assertEqual(("TypeError", "no way"), (value["errorType"], value["errorMessage"]))
        self.assertIsInstance(value["trace"], list)

        create_function(self.functions, "nomodule", {"other.py": ""}, Timeout=20)
        value, answer = invoke(self.functions, "nomodule")
        self.assertEqual("Unhandled", answer["FunctionError"])
        self.assertEqual("Runtime.ImportModuleError", value["errorType"])
        self.assertIn("Unable to import module 'app'", value["errorMessage"])

        create_function(self.functions, "nohandler", "x = 1\n", Timeout=20)
        self.assertEqual("Runtime.HandlerNotFound", invoke(self.functions, "nohandler")[0]["errorType"])

    def test_a_timeout_ends_the_environment_and_the_next_invocation_works(self):
        create_function(self.functions, "slow", """
import time
count = 0
def handler(event, context):
    global count
    count += 1
    time.sleep(event)
    return count
""", Timeout=2)
        self.assertEqual(1, invoke(self.functions, "slow", 0)[0])
        value, answer = invoke(self.functions, "slow", 60, LogType="Tail")
        self.assertEqual("Unhandled", answer["FunctionError"])
        self.assertEqual("Sandbox.Timedout", value["errorType"])
        self.assertRegex(value["errorMessage"], r"^RequestId: [0-9a-f-]{36} Error: Task timed out after 2\.00 seconds$")
        self.assertIn("Status: timeout", self.tail(answer))
        self.assertEqual(1, invoke(self.functions, "slow", 0)[0], "a new environment began to count anew")

    def test_an_exit_and_a_crash_are_told_and_the_next_invocation_works(self):
        create_function(self.functions, "ends", """
import os, signal
def handler(event, context):
    if event == "exit": os._exit(3)
    if event == "kill": os.kill(os.getpid(), signal.SIGKILL)
    if event == "memory": hoard = [b"x" * 10_000_000 * n for n in range(1, 100)]
    return "fine"
""", Timeout=20)
        value, answer = invoke(self.functions, "ends", "exit", LogType="Tail")
        self.assertEqual("Unhandled", answer["FunctionError"])
        self.assertEqual("Runtime.ExitError", value["errorType"])
        self.assertRegex(value["errorMessage"], r"RequestId: \S+ Error: Runtime exited with error: exit status 3")
        self.assertIn("Status: error", self.tail(answer))
        self.assertEqual("fine", invoke(self.functions, "ends", "")[0])
        value, _ = invoke(self.functions, "ends", "kill")
        self.assertEqual("Runtime.ExitError", value["errorType"])
        self.assertIn("signal: killed", value["errorMessage"])
        self.assertEqual("fine", invoke(self.functions, "ends", "")[0])
        self.assertEqual("Runtime.OutOfMemory", invoke(self.functions, "ends", "memory")[0]["errorType"])
        self.assertEqual("fine", invoke(self.functions, "ends", "")[0])

    def test_the_environment_is_the_one_of_lambda(self):
        create_function(self.functions, "environ", "import os\ndef handler(event, context):\n    return dict(os.environ)\n", Timeout=20,
                        MemorySize=256, Environment={"Variables": {"COLOUR": "grün", "EMPTY": ""}})
        seen, _ = invoke(self.functions, "environ")
        wanted = {"COLOUR": "grün", "EMPTY": "", "AWS_LAMBDA_FUNCTION_NAME": "environ", "AWS_LAMBDA_FUNCTION_MEMORY_SIZE": "256",
                  "AWS_LAMBDA_FUNCTION_VERSION": "$LATEST", "AWS_REGION": "us-east-1", "AWS_DEFAULT_REGION": "us-east-1",
                  "_HANDLER": "app.handler",
                  "AWS_LAMBDA_LOG_GROUP_NAME": "/aws/lambda/environ", "AWS_EXECUTION_ENV": "AWS_Lambda_python3.12",
                  "AWS_LAMBDA_INITIALIZATION_TYPE": "on-demand"}
        self.assertEqual(wanted, {name: seen.get(name) for name in wanted})
        for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN", "AWS_LAMBDA_LOG_STREAM_NAME", "LAMBDA_TASK_ROOT"):
            self.assertTrue(seen.get(name), name)
        self.assertEqual([], [name for name in seen if name.startswith("SURGETANK_SECRET")])

    def test_new_code_and_configuration_take_effect_at_the_next_invocation(self):
        create_function(self.functions, "changes", "def handler(event, context): return 'one'\n", Timeout=20)
        self.assertEqual("one", invoke(self.functions, "changes")[0])
        before = self.functions.get_function(FunctionName="changes")["Configuration"]
        after = self.functions.update_function_code(
            FunctionName="changes",
            ZipFile=zipped({"app.py": "import os\ndef handler(event, context): return os.environ.get('WORD', 'two')\n"}))
        self.assertNotEqual(before["CodeSha256"], after["CodeSha256"])
        self.assertNotEqual(before["RevisionId"], after["RevisionId"])
        self.assertEqual("two", invoke(self.functions, "changes")[0])
        self.functions.update_function_configuration(FunctionName="changes", Environment={"Variables": {"WORD": "three"}})
        self.assertEqual("three", invoke(self.functions, "changes")[0])
        listed = {function["FunctionName"] for function in self.functions.list_functions()["Functions"]}
        self.assertIn("changes", listed)

    def test_a_deleted_function_is_gone(self):
        create_function(self.functions, "goes", "def handler(event, context): return 1\n", Timeout=20)
        self.assertEqual(1, invoke(self.functions, "goes")[0])
        self.functions.delete_function(FunctionName="goes")
        code, message, status = self.error_of(self.functions.get_function, FunctionName="goes")
        self.assertEqual(("ResourceNotFoundException", 404), (code, status))
        self.assertEqual("Function not found: arn:aws:lambda:us-east-1:000000000000:function:goes", message)
        self.assertEqual("ResourceNotFoundException", self.error_of(self.functions.invoke, FunctionName="goes")[0])

    def test_refusals(self):
        create_function(self.functions, "twice", "def handler(event, context): return 1\n", wait=False)
        code, _, status = self.error_of(create_function, self.functions, "twice", "def handler(event, context): return 1\n")
        self.assertEqual(("ResourceConflictException", 409), (code, status))
        self.assertEqual(204, self.functions.invoke(FunctionName="twice", InvocationType="DryRun")["StatusCode"])
        self.assertEqual("InvalidRequestContentException",
                         self.error_of(self.functions.invoke, FunctionName="twice", Payload=b"{no json")[0])
        code, message, _ = self.error_of(create_function, self.functions, "odd", "x = 1", FileSystemConfigs=[
            {"Arn": "arn:aws:elasticfilesystem:us-east-1:000000000000:access-point/fsap-0123456789abcdef0", "LocalMountPath": "/mnt/x"}])
        self.assertEqual("InvalidParameterValueException", code)
        self.assertIn("FileSystemConfigs", message)

    def test_tags(self):
        made = create_function(self.functions, "tagged", "def handler(event, context): return 1\n", wait=False,
                               Tags={"team": "a", "stage": "test"})
        arn = made["FunctionArn"]
        self.functions.tag_resource(Resource=arn, Tags={"team": "b", "cost": "1"})
        self.functions.untag_resource(Resource=arn, TagKeys=["stage"])
        self.assertEqual({"team": "b", "cost": "1"}, self.functions.list_tags(Resource=arn)["Tags"])

    def test_policy(self):
        create_function(self.functions, "guarded", "def handler(event, context): return 1\n", wait=False)
        self.assertEqual("ResourceNotFoundException", self.error_of(self.functions.get_policy, FunctionName="guarded")[0])
        self.functions.add_permission(FunctionName="guarded", StatementId="gateway", Action="lambda:InvokeFunction",
                                      Principal="apigateway.amazonaws.com", SourceArn="arn:aws:execute-api:us-east-1:000000000000:abc/*")
        statement, = json.loads(self.functions.get_policy(FunctionName="guarded")["Policy"])["Statement"]
        self.assertEqual(("gateway", "Allow", {"Service": "apigateway.amazonaws.com"}, "lambda:InvokeFunction"),
                         (statement["Sid"], statement["Effect"], statement["Principal"], statement["Action"]))
        self.assertEqual({"ArnLike": {"AWS:SourceArn": "arn:aws:execute-api:us-east-1:000000000000:abc/*"}}, statement["Condition"])
        self.assertEqual("ResourceConflictException", self.error_of(
            self.functions.add_permission, FunctionName="guarded", StatementId="gateway", Action="lambda:InvokeFunction", Principal="*")[0])
        self.functions.remove_permission(FunctionName="guarded", StatementId="gateway")
        self.assertEqual("ResourceNotFoundException", self.error_of(self.functions.get_policy, FunctionName="guarded")[0])

    def test_a_hostile_zip_is_refused_and_leaves_nothing(self):
        def create(package):
            return self.functions.create_function(FunctionName="hostile", Runtime=PYTHON, Handler="app.handler",
                                                  Role="arn:aws:iam::000000000000:role/test", Code={"ZipFile": package})
        good = "def handler(event, context): return 1\n"
        for name in ("../outside.py", "a/../../outside.py", "/tmp/surgetank-e2e-outside.py"):
            code, _, status = self.error_of(create, zipped({"app.py": good, name: "x = 1"}))
            self.assertEqual(("InvalidParameterValueException", 400), (code, status), name)
        for package in (b"this is no zip", zipped({"app.py": good})[:-30]):
            self.assertEqual("InvalidParameterValueException", self.error_of(create, package)[0])
        self.assertEqual("ResourceNotFoundException", self.error_of(self.functions.get_function, FunctionName="hostile")[0])

    def test_log_lines_arrive_in_cloudwatch_logs(self):
        create_function(self.functions, "logging", "def handler(event, context): print('mark', event)\n", Timeout=20)
        invoke(self.functions, "logging", 7)
        logs = self.server.boto("logs")

        def messages():
            try:
                return [event["message"] for event in logs.filter_log_events(logGroupName="/aws/lambda/logging")["events"]]
            except logs.exceptions.ResourceNotFoundException:
                return []
        eventually(lambda: any(message.startswith("REPORT") for message in messages()), "the log is in CloudWatch Logs")
        seen = messages()
        self.assertIn("mark 7\n", seen)
        self.assertTrue(any(message.startswith("START RequestId") for message in seen), seen)


if __name__ == "__main__":
    unittest.main()
