"""surgetank load against the cured example: thresholds and exit codes, the report with its plots, asynchronous work followed to its end."""
import http.server
import json
import os
import re
import tempfile
import threading
import unittest

from harness import ROOT, AnswersOk, Server, run

EXAMPLE = os.path.join(ROOT, "examples/orders-async")
ORDER = '{"customer": "c-{{n}}", "items": [{"sku": "sku-{{random 1 9}}", "quantity": 1, "unit_price_cents": 5}]}'


@unittest.skipUnless(os.path.exists(os.path.join(EXAMPLE, "functions/submit-order/node_modules")), "run examples/orders-async/build.sh first")
class LoadOrders(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.server = Server("--no-watch", command=("up", os.path.join(EXAMPLE, "template.yaml")))
        cls.folder = tempfile.TemporaryDirectory(prefix="surgetank-load-")
        # The first of everything is slow, and not what is tested here.
        cls.load("${ApiUrl}/orders", "--body", ORDER, "--rate", "2", "--duration", "2s", "--follow", "60s")

    @classmethod
    def tearDownClass(cls):
        cls.server.close()
        cls.folder.cleanup()

    @classmethod
    def load(cls, *arguments):
        return run("load", *arguments, "--data", cls.server.data, timeout=200)

    def results(self, *arguments):
        done = self.load(*arguments, "--json", "-")
        self.assertIn(done.returncode, (0, 99), done.stderr)
        return done.returncode, json.loads(done.stdout)

    def test_asynchronous_work_is_followed_to_its_end(self):
        report = os.path.join(self.folder.name, "report.html")
        code, results = self.results("${ApiUrl}/orders", "--body", ORDER, "--expect", "202", "--rate", "5", "--duration", "4s", "--sample-ms", "200",
                                     "--follow", "90s", "--html", report, "-t", "failed < 1%", "-t", "done.open <= 0", "-t", "done.p99 < 60s")
        self.assertEqual(code, 0, results["thresholds"])
        total, done = results["total"], results["async"]
        self.assertGreater(total["succeeded"], 5)
        self.assertTrue(done["followed"])
        self.assertEqual(done["accepted"], total["succeeded"])
        self.assertEqual(done["done"], done["accepted"], "HTTP -> function -> SendMessage by the SDK -> worker carries the trace root")
        self.assertEqual(done["acceptedToDoneMs"]["count"], done["done"])
        with open(report, encoding="utf-8") as file:
            html = file.read()
        for title in ("Latency over time", "Rate", "In flight", "Concurrency", "Environments", "Throttles by quota", "Age of the oldest message",
                      "Database connections"):
            self.assertTrue(f"<h3>{title}</h3>" in html, title)
        self.assertFalse("<script" in html)
        self.assertGreater(html.count('class="series"'), 8)

    def test_a_missed_threshold_ends_with_99(self):
        done = self.load("${ApiUrl}/orders", "--body", ORDER, "--rate", "5", "--duration", "1s", "--follow", "0s", "-t", "p50 < 1us", "-t", "failed < 100%")
        self.assertEqual(done.returncode, 99, done.stdout + done.stderr)
        self.assertRegex(done.stdout, r"✗ p50 < 1us")
        self.assertRegex(done.stdout, r"✓ failed < 100%")
        self.assertRegex(done.stdout, r"request_duration\.+: avg=")

    def test_messages_and_events_are_sent_directly(self):
        queue = re.search(r"OrdersDeadLettersUrl\s+(\S+)", self.server.log()).group(1)
        code, results = self.results("--send", queue.rsplit("/", 1)[1], "--body", "message {{n}}", "--rate", "20", "--duration", "1s", "--follow", "0s",
                                     "--arrivals", "even")
        self.assertEqual((code, results["total"]["succeeded"]), (0, 20), results["failures"])
        attributes = self.server.boto("sqs").get_queue_attributes(QueueUrl=queue, AttributeNames=["All"])["Attributes"]
        self.assertEqual(attributes["ApproximateNumberOfMessages"], "20")
        message = self.server.boto("sqs").receive_message(QueueUrl=queue, AttributeNames=["All"])["Messages"][0]
        self.assertIn("Root=1-", message["Attributes"]["AWSTraceHeader"])

        function = [one["FunctionName"] for one in self.server.boto("lambda").list_functions()["Functions"] if "Submit" in one["FunctionName"]][0]
        event = json.dumps({"body": "{}"})
        code, results = self.results("--invoke", function, "--body", event, "--rate", "5", "--duration", "1s", "--arrivals", "even", "--follow", "0s")
        self.assertEqual((code, results["total"]["succeeded"]), (0, 5), results["failures"])
        code, results = self.results("--invoke", function, "--event", "--body", event, "--rate", "5", "--duration", "1s", "--arrivals", "even",
                                     "--follow", "90s")
        self.assertEqual((code, results["async"]["accepted"], results["async"]["done"]), (0, 5, 5))

    def test_what_is_wrong_with_a_plan_is_told_with_its_place(self):
        path = os.path.join(self.folder.name, "plan.yaml")
        with open(path, "w", encoding="utf-8") as file:
            file.write("requests:\n  - http: GET ${ApiUrl}/\n    wait: 5\ntraffic: {phases: [10s]}\n")
        done = self.load(path)
        self.assertEqual(done.returncode, 1)
        self.assertRegex(done.stderr, r"plan\.yaml:3:5: a request has no `wait`")
        self.assertRegex(done.stderr, r"plan\.yaml:4:\d+: `10s` is no phase; write LENGTH@RATE")


class LoadOtherServers(unittest.TestCase):
    def test_any_server_can_be_the_target(self):
        server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), AnswersOk)
        threading.Thread(target=server.serve_forever, daemon=True).start()
        with tempfile.TemporaryDirectory(prefix="surgetank-load-") as folder:
            report = os.path.join(folder, "report.html")
            done = run("load", f"http://127.0.0.1:{server.server_port}/", "--rate", "50", "--duration", "1s", "--arrivals", "even", "--data", folder,
                       "--html", report, "--json", os.path.join(folder, "results.json"))
            self.assertEqual(done.returncode, 0, done.stderr)
            with open(os.path.join(folder, "results.json"), encoding="utf-8") as file:
                self.assertEqual(json.load(file)["total"]["succeeded"], 50)
            with open(report, encoding="utf-8") as file:
                self.assertIn("No Surgetank server was watched", file.read())
        server.shutdown()
        server.server_close()


if __name__ == "__main__":
    unittest.main()
