"""The cured example, end to end, with its worker in each language: orders are accepted, stored through the queue, and read back."""
import os
import re
import subprocess
import unittest

from harness import PATIENCE, ROOT, Server, environment

EXAMPLE = os.path.join(ROOT, "examples/orders-async")


@unittest.skipUnless(os.path.exists(os.path.join(EXAMPLE, ".build/worker-cpp/bootstrap")), "run examples/orders-async/build.sh first")
class OrdersAsync(unittest.TestCase):
    def check(self, worker):
        template = os.path.join(EXAMPLE, "template.yaml")
        with Server("--no-watch", command=("up", template, "--parameter", f"Worker={worker}")) as server:
            api_id = re.search(r"ApiUrl\s+http://([a-z0-9]+)\.", server.log()).group(1)
            done = subprocess.run([os.path.join(EXAMPLE, "smoke.sh"), server.api_base(api_id)], env=environment(), timeout=PATIENCE,
                                  text=True, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
            self.assertEqual(done.returncode, 0, done.stdout)
            self.assertIn("ok", done.stdout)
            queues = {name: server.boto("sqs").get_queue_attributes(QueueUrl=url, AttributeNames=["All"])["Attributes"]
                      for name, url in re.findall(r"(Orders\w+Url)\s+(\S+)", server.log())}
            self.assertEqual(len(queues), 2)
            for name, attributes in queues.items():
                self.assertEqual(attributes["ApproximateNumberOfMessages"], "0", name)

    def test_a_worker_in_node_stores_what_was_accepted(self):
        self.check("node")

    def test_a_worker_in_python_stores_what_was_accepted(self):
        self.check("python")

    def test_a_worker_in_cpp_stores_what_was_accepted(self):
        self.check("cpp")


if __name__ == "__main__":
    unittest.main()
