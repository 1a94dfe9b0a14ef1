"""surgetank compare on the example with a switch for each cure: the same load on the application without cures and with all of them."""
import json
import os
import tempfile
import unittest

from harness import ROOT, Server, run

EXAMPLE = os.path.join(ROOT, "examples/orders-cures")
ORDER = '{"customer": "c-{{n}}", "items": [{"sku": "tea", "quantity": 1, "unit_price_cents": 5}]}'
CURES = ("ReuseConnection", "CacheSecret", "EmbedMetrics", "Queue", "Batch", "Compress")


@unittest.skipUnless(os.path.exists(os.path.join(EXAMPLE, "functions/orders/node_modules")), "run examples/orders-cures/build.sh first")
class CompareCures(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.folder = tempfile.TemporaryDirectory(prefix="surgetank-compare-")
        cls.addClassCleanup(cls.folder.cleanup)
        cls.runs = [cls.measure("none", ()), cls.measure("all", CURES)]

    @classmethod
    def measure(cls, name, cures):
        """Puts the application under load; the run as `compare` takes it."""
        load, recording = (os.path.join(cls.folder.name, f"{name}.{kind}.json") for kind in ("load", "recording"))
        parameters = [part for cure in cures for part in ("-p", f"{cure}=on")]
        with Server("--no-watch", command=("up", os.path.join(EXAMPLE, "template.yaml"), *parameters)) as server:
            for arguments in (("load", "${ApiUrl}/orders", "--body", ORDER, "--rate", "8", "--duration", "4s", "--follow", "60s", "--json", load),
                              ("record", "-o", recording, "--last", "5000")):
                done = server.cli(*arguments, timeout=200)
                if done.returncode != 0:
                    raise AssertionError(done.stdout + done.stderr + server.log())
        return f"{name}={load},{recording}"

    def test_the_cures_show_in_the_figures(self):
        done = run("compare", *self.runs, "--json")
        self.assertEqual(done.returncode, 0, done.stderr)
        none, cured = json.loads(done.stdout)["runs"]
        self.assertEqual((none["failed"], cured["failed"]), (0, 0))
        self.assertEqual(none["requests"], cured["requests"])
        self.assertEqual(none["connectionsMade"], none["requests"], "without cures each request makes a connection")
        self.assertLess(cured["connectionsMade"], none["connectionsMade"])
        self.assertEqual(none["calls"]["SecretsManager.GetSecretValue"], none["requests"])
        self.assertEqual(none["calls"]["CloudWatch.PutMetricData"], none["requests"])
        self.assertNotIn("CloudWatch.PutMetricData", cured["calls"])
        self.assertEqual(cured["calls"]["SQS.SendMessage"], cured["requests"])
        self.assertIn("doneP99Milliseconds", cured)
        self.assertLess(cured["dollarsPerMillion"], none["dollarsPerMillion"])

    def test_the_table_and_the_report_have_every_run(self):
        report = os.path.join(self.folder.name, "report.html")
        done = run("compare", *self.runs, "--title", "Cures", "--html", report)
        self.assertEqual(done.returncode, 0, done.stderr)
        lines = done.stdout.splitlines()
        self.assertEqual([line.split()[0] for line in lines[1:]], ["none", "all"])
        with open(report, encoding="utf-8") as file:
            html = file.read()
        for text in ("<h1>Cures</h1>", "Cost of a million requests", "SecretsManager.GetSecretValue"):
            self.assertIn(text, html)

    def test_what_is_no_run_is_named(self):
        load = self.runs[0].split("=", 1)[1].split(",")[0]
        for argument, told in (("none", "NAME=LOAD.json,RECORDING.json"), ("x=/nowhere.json,/nowhere.json", "/nowhere.json"),
                               (f"x={load},{load}", "recording")):
            done = run("compare", argument)
            self.assertEqual(done.returncode, 1)
            self.assertIn(told, done.stderr)


if __name__ == "__main__":
    unittest.main()
