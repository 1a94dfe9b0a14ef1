"""How exact a quota is under overload, through the real front door: threads ask as fast as they can for ten seconds; what was admitted is
compared with the rate and its first burst.

    python3 bench/quota_bench.py build/release/surgetank [seconds]
"""
import http.client
import subprocess
import sys
import threading
import time

from surgetank_server import Server

RATE = 200
THREADS = 4
HEADERS = {"X-Amz-Target": "secretsmanager.ListSecrets", "Content-Type": "application/x-amz-json-1.1"}


def ask(port, until, counts):
    connection = http.client.HTTPConnection("127.0.0.1", port)
    admitted = refused = 0
    while time.monotonic() < until:
        connection.request("POST", "/", "{}", HEADERS)
        reply = connection.getresponse()
        reply.read()
        if reply.status == 200:
            admitted += 1
        else:
            assert reply.getheader("x-surgetank-quota") == "secretsmanager.list-secrets", reply.status
            refused += 1
    counts.append((admitted, refused))


def main():
    seconds = float(sys.argv[2]) if len(sys.argv) > 2 else 10
    server = Server(sys.argv[1], arguments=("--auth", "off"))
    try:
        command = [server.binary, "quotas", "set", "secretsmanager.list-secrets", str(RATE), "--data", server.data]
        subprocess.run(command, check=True, capture_output=True)
        counts = []
        until = time.monotonic() + seconds
        threads = [threading.Thread(target=ask, args=(server.port, until, counts)) for _ in range(THREADS)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    finally:
        server.stop()
    admitted = sum(one for one, _ in counts)
    offered = admitted + sum(one for _, one in counts)
    expected = RATE * seconds + RATE
    print(f"offered {offered / seconds:.0f}/s, {offered / seconds / RATE:.1f} times the rate; admitted {admitted} of {expected:.0f} "
          f"({(admitted / expected - 1) * 100:+.2f} %)")


if __name__ == "__main__":
    main()
