"""surgetank simulate: the orders example is recorded under a small load, and its recording is simulated."""
import json
import os
import re
import tempfile
import time
import unittest

from harness import EXAMPLE, Server, http, run

TEMPLATE = os.path.join(EXAMPLE, "template.yaml")
ORDER = '{"customer":"Ada","items":[{"sku":"tea","quantity":2,"unit_price_cents":350}]}'
REQUESTS = 40

class Simulate(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.folder = tempfile.TemporaryDirectory(prefix="surgetank-e2e-")
        cls.addClassCleanup(cls.folder.cleanup)
        cls.recording = os.path.join(cls.folder.name, "recording.json")
        with Server("--no-watch", command=("up", TEMPLATE)) as server:
            base = server.api_base(re.search(r"ApiUrl\s+http://([a-z0-9]+)\.", server.log()).group(1))
            for _ in range(REQUESTS):
                answer = http("POST", base + "/orders", ORDER, {"content-type": "application/json"})
                assert answer.status == 201, answer.body
                time.sleep(0.05)
            assert server.cli("quotas", "set", "lambda.concurrent-executions", "900").returncode == 0
            recorded = server.cli("record", "-o", cls.recording)
            assert recorded.returncode == 0, recorded.stderr

    def simulate(self, *arguments):
        done = run("simulate", self.recording, "--json", *arguments)
        self.assertEqual(0, done.returncode, done.stderr)
        return done.stdout

    def test_a_low_rate_is_served_and_the_same_seed_gives_the_same_text(self):
        text = self.simulate("--phase", "60s@5", "--seed", "7", "--warm-up", "10")
        self.assertEqual(text, self.simulate("--phase", "60s@5", "--seed", "7", "--warm-up", "10"))
        self.assertNotEqual(text, self.simulate("--phase", "60s@5", "--seed", "8", "--warm-up", "10"))
        outcome = json.loads(text)
        total = outcome["total"]
        self.assertEqual(total["requests"], total["succeeded"])
        self.assertAlmostEqual(250, total["requests"], delta=70)
        function = next(one for one in outcome["functions"] if one["name"] == "CreateOrderFunction")
        self.assertGreater(function["invocations"], 200)
        self.assertGreaterEqual(total["latency"]["p99Ms"], total["latency"]["p50Ms"])
        self.assertEqual("db.t4g.micro", outcome["databases"][0]["instanceClass"])
        self.assertGreater(outcome["databases"][0]["connectionsPeak"], 0)

    def test_a_burst_meets_the_connections_of_the_database_and_a_larger_class_refuses_none(self):
        phase = ("--phase", "20s@20..1000", "--set", "CreateOrderFunction.MemorySize=1769")
        small = json.loads(self.simulate(*phase))
        self.assertGreater(small["databases"][0]["refused"], 0)
        self.assertEqual(small["databases"][0]["mostConnections"], small["databases"][0]["connectionsPeak"])
        # Which comes first, its processors or its connections, depends on how fast this machine is.
        self.assertIn(small["bottleneck"]["id"], ("Database.connections", "Database.processors"))
        self.assertIn("instance-class", small["bottleneck"]["cure"])
        self.assertIn(small["reliefFinding"], ("helps", "together"))
        self.assertEqual("as-it-is", small["relief"][0]["verdict"])
        best = next(row for row in small["relief"] if row["verdict"] == "best")
        self.assertEqual(small["bottleneck"]["id"], best["raised"][0]["id"])
        self.assertLess(best["lostShare"], small["relief"][0]["lostShare"])
        left_out = json.loads(self.simulate(*phase, "--no-relief"))
        self.assertEqual(([], "not-tried"), (left_out["relief"], left_out["reliefFinding"]))
        large = json.loads(self.simulate(*phase, "--set", "db.instance-class=db.r6g.8xlarge"))
        self.assertEqual(0, large["databases"][0]["refused"])

    def test_the_knee_is_found_and_reported(self):
        page = os.path.join(self.folder.name, "knee.html")
        found = json.loads(self.simulate("--find", "knee", "--p99", "5000", "--failed", "0.01", "--html", page))
        self.assertGreater(found["knee"], 5)
        self.assertTrue(any(probe["missed"] for probe in found["probes"]))
        self.assertIsNotNone(found["bottleneck"])
        with open(page, encoding="utf-8") as file:
            text = file.read()
        self.assertIn("<svg", text)
        self.assertIn("What relieves", text)

    def test_quotas_are_those_of_the_recorded_region_or_of_the_one_that_is_asked_for(self):
        def gateway(*arguments):
            outcome = json.loads(self.simulate("--phase", "3s@6000", "--no-relief", *arguments))
            limits = {one["id"]: one for one in outcome["limits"]}
            return outcome["region"], limits.get("apigateway.throttle-rate", {}).get("limit")
        self.assertEqual(("us-east-1", None), gateway())  # 10,000: not met
        self.assertEqual(("eu-south-1", 2_500), gateway("--region", "eu-south-1"))

    def test_quotas_are_those_in_force_when_it_was_recorded_or_those_that_are_asked_for(self):
        def concurrency(*arguments):
            done = run("simulate", self.recording, "--json", "--phase", "5s@5", "--no-relief", *arguments)
            self.assertEqual(0, done.returncode, done.stderr)
            limits = {one["id"]: one for one in json.loads(done.stdout)["limits"]}
            return limits["lambda.concurrent-executions"]["limit"], "lambda.concurrent-executions=900" in done.stderr
        self.assertEqual((900, True), concurrency())
        self.assertEqual((1_000, False), concurrency("--quotas", "aws"))
        self.assertEqual((10, False), concurrency("--quotas", "aws-new-account"))
        self.assertEqual((50, True), concurrency("--set", "lambda.concurrent-executions=50"))

    def test_this_machine_is_bounded_by_its_processors(self):
        found = json.loads(self.simulate("--find", "knee", "--p99", "2000", "--host", "this"))
        self.assertGreater(found["knee"], 1)
        self.assertEqual("host.processors", found["bottleneck"]["id"])

    def test_a_profile_is_written_and_simulates_the_same(self):
        profile = os.path.join(self.folder.name, "profile.json")
        self.assertEqual(0, run("simulate", self.recording, "--write-profile", profile).returncode)
        ours = json.loads(run("simulate", "--profile", profile, "--phase", "20s@50", "--json").stdout)
        theirs = json.loads(self.simulate("--phase", "20s@50"))
        self.assertEqual(theirs["total"], ours["total"])

    def test_mistakes_are_told_with_what_is_near(self):
        wrong = run("simulate", self.recording, "--phase", "5s@5", "--set", "CreateOrderFunktion.Timeout=5")
        self.assertEqual(1, wrong.returncode)
        self.assertIn("did you mean `CreateOrderFunction`?", wrong.stderr)
        self.assertIn("--phase", run("simulate", self.recording).stderr)
        self.assertNotEqual(0, run("simulate", "/nowhere.json", "--phase", "5s@5").returncode)

if __name__ == "__main__":
    unittest.main()
