"""ElasticMQ, a queue that keeps everything in memory, for comparison: fetched from Maven Central with mvn, run with java.

`start()` answers None, after a line that says why, where it cannot be had.
"""
import os
import pathlib
import shutil
import signal
import socket
import subprocess
import tempfile
import time

VERSION = "1.6.9"
START_SECONDS = 60
FETCH_SECONDS = 600
POM = f"""<project xmlns="http://maven.apache.org/POM/4.0.0">
  <modelVersion>4.0.0</modelVersion>
  <groupId>surgetank.bench</groupId><artifactId>elasticmq</artifactId><version>1</version>
  <dependencies>
    <dependency><groupId>org.elasticmq</groupId><artifactId>elasticmq-server_2.13</artifactId><version>{VERSION}</version></dependency>
  </dependencies>
</project>
"""
CONFIGURATION = """include classpath("application.conf")
node-address {{ protocol = http, host = "127.0.0.1", port = {port}, context-path = "" }}
rest-sqs {{ enabled = true, bind-port = {port}, bind-hostname = "127.0.0.1", sqs-limits = strict }}
rest-stats {{ enabled = false }}
queues-storage {{ enabled = false }}
"""


def class_path(folder):
    """The jars of the server and of what it needs; None if they cannot be had."""
    pathlib.Path(folder, "pom.xml").write_text(POM)
    kept = pathlib.Path(folder, "classpath")
    fetch = ["mvn", "-B", "-q", "dependency:build-classpath", f"-Dmdep.outputFile={kept}"]
    try:
        done = subprocess.run(fetch, cwd=folder, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, timeout=FETCH_SECONDS)
    except subprocess.TimeoutExpired:
        return None
    return kept.read_text().strip() if done.returncode == 0 and kept.exists() else None


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def answers(port):
    try:
        socket.create_connection(("127.0.0.1", port), timeout=1).close()
        return True
    except OSError:
        return False


class ElasticMq:
    def __init__(self, process, port, folder):
        self.process, self.port, self.folder = process, port, folder

    def stop(self):
        self.process.send_signal(signal.SIGTERM)
        try:
            self.process.wait(timeout=20)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
        shutil.rmtree(self.folder, ignore_errors=True)


def start():
    for program in ("java", "mvn"):
        if shutil.which(program) is None:
            print(f"ElasticMQ is not compared: there is no {program} on this machine")
            return None
    folder = tempfile.mkdtemp(prefix="surgetank-bench-")
    jars = class_path(folder)
    if jars is None:
        print("ElasticMQ is not compared: mvn could not fetch it")
        shutil.rmtree(folder)
        return None
    port = free_port()
    configuration = os.path.join(folder, "server.conf")
    pathlib.Path(configuration).write_text(CONFIGURATION.format(port=port))
    process = subprocess.Popen(["java", f"-Dconfig.file={configuration}", "-cp", jars, "org.elasticmq.server.Main"], cwd=folder,
                               stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline and process.poll() is None:
        if answers(port):
            return ElasticMq(process, port, folder)
        time.sleep(0.2)
    print("ElasticMQ is not compared: it did not start")
    ElasticMq(process, port, folder).stop()
    return None
