"""surgetank load against servers that are not ours: the WebSocket server of python3-websockets, and TLS by Python's OpenSSL with a
certificate that nobody trusts by itself."""
import asyncio
import http
import http.server
import json
import os
import ssl
import subprocess
import tempfile
import threading
import unittest

import websockets

from harness import PATIENCE, AnswersOk, run

TRY_AGAIN_LATER = 1013
PLENTY = 20


class WebSocketServer:
    """Serves on a loop in a thread of its own; counts connections, and collects the codes with which clients closed."""

    def __init__(self, talk, **options):
        self.talk, self.connections, self.codes = talk, 0, []
        self.loop = asyncio.new_event_loop()
        self.thread = threading.Thread(target=self.loop.run_forever, daemon=True)
        self.thread.start()
        self.server = asyncio.run_coroutine_threadsafe(self.start(options), self.loop).result(PATIENCE)
        self.port = self.server.sockets[0].getsockname()[1]

    async def start(self, options):
        return await websockets.serve(self.handle, "127.0.0.1", 0, **options)

    async def handle(self, socket, *_):
        self.connections += 1
        try:
            await self.talk(socket)
        except websockets.ConnectionClosed:
            pass
        await socket.wait_closed()
        self.codes.append(socket.close_code)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        async def stop():
            self.server.close()
            await self.server.wait_closed()
        asyncio.run_coroutine_threadsafe(stop(), self.loop).result(PATIENCE)
        self.loop.call_soon_threadsafe(self.loop.stop)
        self.thread.join(PATIENCE)
        self.loop.close()


async def echo(socket):
    async for message in socket:
        await socket.send(message.upper())


class Loads(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory(prefix="surgetank-load-")
        self.addCleanup(folder.cleanup)
        self.folder = folder.name

    def load(self, url, *options):
        return run("load", url, "--rate", str(PLENTY), "--duration", "1s", "--arrivals", "even", "--data", self.folder, *options)

    def results(self, url, *options):
        done = self.load(url, "--json", "-", *options)
        self.assertIn(done.returncode, (0, 99), done.stderr)
        return done.returncode, json.loads(done.stdout)

    def assert_all_succeed(self, url, *options):
        code, results = self.results(url, *options)
        self.assertEqual((0, PLENTY, 0), (code, results["total"]["succeeded"], results["total"]["failed"]), results["failures"])
        return results

    def only_failure(self, results):
        self.assertEqual(1, len(results["failures"]), results["failures"])
        return results["failures"][0]["what"]


class WebSockets(Loads):
    def test_messages_are_answered_and_connections_are_kept_and_closed_in_order(self):
        with WebSocketServer(echo, ping_interval=0.2) as server:
            results = self.assert_all_succeed(f"ws://127.0.0.1:{server.port}/chat", "--body", "message {{n}} " + "é" * 40_000, "-t", "failed <= 0%")
            self.assertLess(server.connections, PLENTY)
            self.assertEqual(server.connections, results["connectionsOpened"])
        self.assertEqual([1000] * server.connections, server.codes, "no connection is cut off")

    def test_a_server_that_closes_fails_what_waits_and_is_connected_to_anew(self):
        async def answer_two(socket):
            for _ in range(2):
                await socket.send(await socket.recv())
            await socket.recv()
            await socket.close(TRY_AGAIN_LATER, "too busy")

        with WebSocketServer(answer_two) as server:
            code, results = self.results(f"ws://127.0.0.1:{server.port}/", "--body", "hello", "-t", "failed < 1%")
            self.assertEqual(99, code)
            self.assertEqual("the server closed the WebSocket: code 1013", self.only_failure(results))
            total = results["total"]
            self.assertEqual(PLENTY, total["succeeded"] + total["failed"])
            self.assertGreater(total["succeeded"], total["failed"])
            self.assertGreater(server.connections, 4)
        self.assertEqual({TRY_AGAIN_LATER, 1000}, set(server.codes) | {1000}, "a close is answered")

    def test_a_server_that_refuses_the_handshake_fails_every_message_with_its_status(self):
        async def refuse(*_):
            return http.HTTPStatus.FORBIDDEN, [], b"not you"

        with WebSocketServer(echo, process_request=refuse) as server:
            code, results = self.results(f"ws://127.0.0.1:{server.port}/", "--body", "hello", "-t", "failed < 1%")
            self.assertEqual((99, PLENTY), (code, results["total"]["failed"]))
            self.assertEqual("the WebSocket was refused: HTTP 403", self.only_failure(results))
            self.assertEqual(0, server.connections)


class Tls(Loads):
    def setUp(self):
        super().setUp()
        self.certificate, key = (os.path.join(self.folder, name) for name in ("certificate.pem", "key.pem"))
        subprocess.run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "2", "-subj",
                        "/CN=test", "-addext", "subjectAltName=DNS:localhost", "-keyout", key, "-out", self.certificate],
                       check=True, capture_output=True, timeout=PATIENCE)
        self.context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        self.context.load_cert_chain(self.certificate, key)

    def https_server(self):
        class Quiet(http.server.ThreadingHTTPServer):
            def handle_error(self, *_):  # handshakes that the client gives up
                pass

        server = Quiet(("127.0.0.1", 0), AnswersOk)
        server.socket = self.context.wrap_socket(server.socket, server_side=True, do_handshake_on_connect=False)
        threading.Thread(target=server.serve_forever, daemon=True).start()
        self.addCleanup(server.server_close)
        self.addCleanup(server.shutdown)
        return server.server_port

    def assert_refused(self, url, why, *options):
        done = self.load(url, "--json", "-", *options)
        self.assertEqual((1, ""), (done.returncode, done.stdout), done.stderr)
        self.assertRegex(done.stderr, why)
        self.assertIn("--cacert FILE", done.stderr)
        self.assertIn("--insecure", done.stderr)

    def check(self, scheme, port, *options):
        local = f"{scheme}://localhost:{port}/"
        self.assert_refused(local, rf"localhost:{port}: the certificate is not trusted: self-signed certificate", *options)
        self.assert_all_succeed(local, "--cacert", self.certificate, *options)
        self.assert_all_succeed(local, "--insecure", *options)
        by_address = f"{scheme}://127.0.0.1:{port}/"
        self.assert_refused(by_address, "IP address mismatch", "--cacert", self.certificate, *options)
        self.assert_all_succeed(by_address, "-k", *options)

    def test_https(self):
        self.check("https", self.https_server())

    def test_wss(self):
        with WebSocketServer(echo, ssl=self.context) as server:
            self.check("wss", server.port, "--body", "hello")
        self.assertEqual({1000}, set(server.codes))

    def test_a_file_without_certificates_is_named(self):
        for path in ("/nowhere/at/all.pem", os.path.join(self.folder, "key.pem")):
            done = self.load("https://localhost:1/", "--cacert", path)
            self.assertEqual(1, done.returncode)
            self.assertIn("cannot read the certificates in " + path, done.stderr)


if __name__ == "__main__":
    unittest.main()
