"""kill -9 under load: whatever was acknowledged is there after the next start."""
import threading
import time
import unittest

from botocore.exceptions import BotoCoreError, ClientError

from harness import Server

ROUNDS = 3
SECONDS_OF_LOAD = 1.5


class Load:
    """Threads that write until the server is gone, and remember what was acknowledged."""

    def __init__(self, server, round_number):
        self.round = round_number
        self.versions = {}     # secret -> list of acknowledged (version, value)
        self.created = {}      # name -> value
        self.log_lines = []
        self.refused = []      # answers that are errors: there must be none
        self.stopped = False
        self.lock = threading.Lock()
        writers = [self.put_values, self.put_values, self.create_secrets, self.put_logs]
        self.threads = [threading.Thread(target=self.repeat, args=(server, writer, number)) for number, writer in enumerate(writers)]
        for thread in self.threads:
            thread.start()

    def repeat(self, server, writer, number):
        try:
            writer(server, number)
        except ClientError as error:
            self.refused.append(error)
        except BotoCoreError:
            pass  # the server was killed

    def put_values(self, server, number):
        secrets = server.boto("secretsmanager")
        name = f"values-{self.round}-{number}"
        first = secrets.create_secret(Name=name, SecretString="0")
        acknowledged = self.versions[name] = [(first["VersionId"], "0")]
        count = 0
        while not self.stopped:
            count += 1
            answer = secrets.put_secret_value(SecretId=name, SecretString=str(count))
            acknowledged.append((answer["VersionId"], str(count)))

    def create_secrets(self, server, number):
        secrets = server.boto("secretsmanager")
        count = 0
        while not self.stopped:
            count += 1
            name = f"created-{self.round}-{number}-{count}"
            secrets.create_secret(Name=name, SecretString=name)
            self.created[name] = name

    def put_logs(self, server, number):
        logs = server.boto("logs")
        group = f"group-{self.round}"
        logs.create_log_group(logGroupName=group)
        logs.create_log_stream(logGroupName=group, logStreamName="stream")
        count = 0
        while not self.stopped:
            count += 1
            line = f"line-{self.round}-{number}-{count}"
            logs.put_log_events(logGroupName=group, logStreamName="stream",
                                logEvents=[{"timestamp": int(time.time() * 1000), "message": line}])
            self.log_lines.append(line)

    def end(self):
        self.stopped = True
        for thread in self.threads:
            thread.join()

    def total(self):
        return sum(len(values) for values in self.versions.values()) + len(self.created) + len(self.log_lines)


class Durability(unittest.TestCase):
    def test_a_killed_server_loses_no_acknowledged_write(self):
        loads = []
        with Server() as server:
            for round_number in range(ROUNDS):
                load = Load(server, round_number)
                deadline = time.monotonic() + 30
                while time.monotonic() < deadline and not (load.versions and load.created and load.log_lines):
                    time.sleep(0.02)
                time.sleep(SECONDS_OF_LOAD)
                server.kill()
                load.end()
                loads.append(load)
                self.assertEqual([], load.refused)
                self.assertGreater(load.total(), 10)
                server.start()
                for earlier in loads:
                    self.check(server, earlier)

    def check(self, server, load):
        secrets = server.boto("secretsmanager")
        names = self.listed(secrets)
        self.assertEqual(set(), set(load.created) - names)
        for name in sorted(load.created)[-3:]:
            self.assertEqual(load.created[name], secrets.get_secret_value(SecretId=name)["SecretString"])
        for name, versions in load.versions.items():
            version, value = versions[-1]
            current = secrets.get_secret_value(SecretId=name)["SecretString"]
            # One more may have been written whose answer the kill took away.
            self.assertIn(int(current) - int(value), (0, 1))
            self.assertEqual(value, secrets.get_secret_value(SecretId=name, VersionId=version)["SecretString"])
        self.assertEqual(set(), set(load.log_lines) - self.lines(server.boto("logs"), f"group-{load.round}"))

    def listed(self, secrets):
        return {secret["Name"] for page in secrets.get_paginator("list_secrets").paginate() for secret in page["SecretList"]}

    def lines(self, logs, group):
        pages = logs.get_paginator("filter_log_events").paginate(logGroupName=group)
        return {event["message"] for page in pages for event in page["events"]}


if __name__ == "__main__":
    unittest.main()
