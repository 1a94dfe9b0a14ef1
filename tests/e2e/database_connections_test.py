"""ST-102, connections of the database at their maximum: the orders application beside another client that holds what PostgreSQL accepts.
The refusals are PostgreSQL's own, the advice is read from what the functions met."""
import contextlib
import json
import os
import re
import subprocess
import time
import unittest

import psycopg2

import harness
from harness import ROOT, Server, eventually, http

ORDERS = os.path.join(ROOT, "examples/orders/template.yaml")
ORDER = '{"customer":"Ada","items":[{"sku":"tea","quantity":2,"unit_price_cents":350}]}'
JSON = {"content-type": "application/json"}
CRITICAL = 13  # exit code
REFUSED = 6
REQUESTS = 20


def stamp(seconds):
    return time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(seconds))


@unittest.skipUnless(os.path.exists(os.path.join(ROOT, "examples/orders/functions/create-order/node_modules")), "run examples/orders/build.sh first")
class DatabaseConnections(unittest.TestCase):
    def test_refused_connections_are_named_with_their_traces_and_few_connections_are_not(self):
        with Server("--no-watch", command=("up", ORDERS)) as server:
            base = server.api_base(re.search(r"ApiUrl\s+http://([a-z0-9]+)\.", server.log()).group(1))
            for _ in range(REQUESTS):
                made = http("POST", base + "/orders", ORDER, JSON)
                self.assertEqual(201, made.status, made.body)
            findings, _ = self.advise(server)
            self.assertNotIn("ST-102", {f["id"] for f in findings}, "one connection at a time is no pitfall")
            self.assertIn("ST-101", {f["id"] for f in findings}, "the advisor has seen the connections")

            with contextlib.ExitStack() as held:
                limit = self.take_all_connections(server, held)
                for _ in range(REFUSED):
                    refused = http("POST", base + "/orders", ORDER, JSON)
                    self.assertEqual(500, refused.status, refused.body)
                # The gauge of the database is read once a second.
                found = eventually(lambda: self.full(server, limit), "the peak is at the maximum")
                code = self.advise(server, "--fail-on", "critical")[1]
                self.check(server, found, limit)
                self.assertEqual(CRITICAL, code)

    def advise(self, server, *options):
        printed = server.cli("--json", "advise", *options)
        self.assertEqual("", printed.stderr)
        return json.loads(printed.stdout)["findings"], printed.returncode

    def full(self, server, limit):
        found = [f for f in self.advise(server)[0] if f["id"] == "ST-102"]
        self.assertEqual(1, len(found), found)
        return found[0] if found[0]["limit"]["used"] > limit * 0.9 else None

    def take_all_connections(self, server, held):
        """Until PostgreSQL refuses an ordinary client; its limit."""
        secrets = server.boto("secretsmanager")
        name = secrets.list_secrets()["SecretList"][0]["Name"]
        password = json.loads(secrets.get_secret_value(SecretId=name)["SecretString"])["password"]
        endpoint = server.boto("rds").describe_db_instances()["DBInstances"][0]["Endpoint"]

        def connect():
            return held.enter_context(contextlib.closing(psycopg2.connect(
                host=endpoint["Address"], port=endpoint["Port"], user="orders", password=password, dbname="orders",
                connect_timeout=harness.PATIENCE)))
        with connect().cursor() as cursor:
            cursor.execute("select current_setting('max_connections')::int")
            limit, = cursor.fetchone()
        # Connections of requests that were just answered may still be ending: full is what refuses for a whole second.
        full_since = None
        for _ in range(4 * limit):
            try:
                connect()
                full_since = None
            except psycopg2.OperationalError as error:
                self.assertRegex(str(error), "too many clients already|remaining connection slots are reserved")
                full_since = full_since or time.monotonic()
                if time.monotonic() - full_since > 1:
                    return limit
                time.sleep(0.05)
        return self.fail(f"PostgreSQL never refused a connection; max_connections is {limit}")

    def check(self, server, found, limit):
        self.assertEqual(("critical", "Database"), (found["severity"], found["resource"]))
        facts = {fact["name"]: fact["value"] for fact in found["evidence"]}
        self.assertEqual(str(REFUSED), facts["refused (53300 too many clients)"])
        self.assertIn(f"of at most {limit} connections (db.t4g.micro); it refused {REFUSED}.", found["summary"])
        self.assertEqual((limit, "connections", "max_connections of db.t4g.micro"),
                         (found["limit"]["limit"], found["limit"]["unit"], found["limit"]["name"]))
        self.assertEqual(facts["peak connections"], str(round(found["limit"]["used"])))
        self.assertLessEqual(found["limit"]["used"], limit, "a connection that was refused was none")
        for part in ("ST-101", "MaximumConcurrency", "RDS Proxy", "larger class"):
            self.assertIn(part, found["cure"])
        change = found["changes"][0]
        with open(ORDERS, encoding="utf-8") as file:
            self.assertIn("DBInstanceClass:", file.read().splitlines()[change["line"] - 1])
        self.assertTrue(os.path.exists(os.path.join(ROOT, found["page"])))
        self.assertTrue(found["traces"])
        for trace in found["traces"]:
            shown = server.cli("traces", "--id", trace).stdout
            self.assertRegex(shown, "53300", "an example trace shows the refusal")
        # Once no report of the gauge is under way any more.
        eventually(lambda: self.full(server, limit)["limit"]["used"] == self.peak(server), "the AWS CLI reads the same peak")

    def peak(self, server):
        return float(subprocess.run(
            ["aws", "--endpoint-url", server.url, "--region", harness.REGION, "cloudwatch", "get-metric-statistics", "--namespace", "AWS/RDS",
             "--metric-name", "DatabaseConnections", "--dimensions", "Name=DBInstanceIdentifier,Value=" + self.identifier(server),
             "--start-time", stamp(time.time() - 86400), "--end-time", stamp(time.time() + 3600), "--period", "3600", "--statistics", "Maximum",
             "--query", "max(Datapoints[].Maximum)", "--output", "text"],
            env={**harness.environment(), "AWS_ACCESS_KEY_ID": "test", "AWS_SECRET_ACCESS_KEY": "test"}, capture_output=True, text=True, check=True,
            timeout=harness.PATIENCE).stdout)

    def identifier(self, server):
        return server.boto("rds").describe_db_instances()["DBInstances"][0]["DBInstanceIdentifier"]


if __name__ == "__main__":
    unittest.main()
