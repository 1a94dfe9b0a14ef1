"""Who is let in: signatures, accounts, and the reset that must be allowed at the start."""
import unittest

from harness import Server, ServerTestCase, http


class SignaturesOn(ServerTestCase):
    def test_a_wrong_secret_is_refused_by_every_protocol(self):
        for service, call in (("sts", "get_caller_identity"), ("lambda", "list_functions"), ("logs", "describe_log_groups"),
                              ("secretsmanager", "list_secrets"), ("cloudwatch", "list_metrics")):
            code, _, status = self.error_of(getattr(self.server.boto(service, secret="wrong"), call))
            self.assertIn(code, ("SignatureDoesNotMatch", "InvalidSignatureException"), service)
            self.assertEqual(403 if service in ("sts", "lambda", "cloudwatch") else 400, status, service)

    def test_an_unknown_key_is_refused(self):
        code, _, _ = self.error_of(self.server.boto("sts", key="AKIANOBODYKNOWSTHIS0").get_caller_identity)
        self.assertEqual("InvalidClientTokenId", code)

    def test_a_request_without_a_signature_is_refused(self):
        self.assertEqual("MissingAuthenticationToken", self.error_of(self.server.boto("cloudwatch", unsigned=True).list_metrics)[0])
        self.assertIn(self.error_of(self.server.boto("lambda", unsigned=True).list_functions)[2], (400, 403))

    def test_an_altered_request_is_refused(self):
        secrets = self.server.boto("secretsmanager")

        def alter(request, **_):
            request.body = request.body.replace(b"signed", b"forged")
        secrets.meta.events.register("before-send", alter)
        self.assertEqual("InvalidSignatureException", self.error_of(secrets.create_secret, Name="signed", SecretString="x")[0])

    def test_a_presigned_address_works_as_it_is_and_not_otherwise(self):
        address = self.server.boto("sts").generate_presigned_url("get_caller_identity", HttpMethod="GET")
        self.assertEqual(200, http("GET", address).status)
        self.assertEqual(403, http("POST", address).status)
        self.assertEqual(403, http("GET", address.replace("Expires=3600", "Expires=3601")).status)

    def test_a_key_of_twelve_digits_is_an_account_of_its_own(self):
        one = self.server.boto("secretsmanager", key="111111111111")
        two = self.server.boto("secretsmanager", key="222222222222")
        self.assertEqual("111111111111", self.server.boto("sts", key="111111111111").get_caller_identity()["Account"])
        self.assertIn(":111111111111:", one.create_secret(Name="same", SecretString="one")["ARN"])
        self.assertEqual("ResourceNotFoundException", self.error_of(two.get_secret_value, SecretId="same")[0])
        two.create_secret(Name="same", SecretString="two")
        self.assertEqual("one", one.get_secret_value(SecretId="same")["SecretString"])
        self.assertEqual(1, len(two.list_secrets()["SecretList"]))
        self.assertEqual([], self.server.boto("secretsmanager").list_secrets()["SecretList"])

    def test_pages_of_other_origins_and_other_hosts_are_refused(self):
        self.assertEqual(421, http("GET", self.server.url + "/_surgetank/health", headers={"Host": "evil.example"}).status)
        self.assertEqual(403, http("POST", self.server.url + "/_surgetank/reset", "", {"Origin": "http://evil.example"}).status)

    def test_reset_is_refused_without_being_allowed_at_the_start(self):
        refused = self.server.cli("reset")
        self.assertEqual(1, refused.returncode)
        self.assertIn("--allow-reset", refused.stderr)
        self.assertEqual(403, http("POST", self.server.url + "/_surgetank/reset", "").status)


class SignaturesOff(ServerTestCase):
    options = ("--auth", "off")

    def test_anything_goes_and_the_server_says_so(self):
        self.assertEqual("000000000000", self.server.boto("sts", secret="wrong").get_caller_identity()["Account"])
        self.assertEqual([], self.server.boto("lambda", unsigned=True).list_functions()["Functions"])
        self.assertRegex(self.server.log().lower(), r"auth|signature")


class Reset(unittest.TestCase):
    def test_it_empties_everything_and_stays_empty(self):
        with Server("--allow-reset") as server:
            server.boto("secretsmanager").create_secret(Name="s", SecretString="x")
            server.boto("logs").create_log_group(logGroupName="g")
            self.assertEqual(200, http("POST", server.url + "/_surgetank/reset", "").status)  # as test suites call it: no key, no token
            server.boto("logs").create_log_group(logGroupName="again")
            self.assertEqual(0, server.cli("reset").returncode)
            for _ in range(2):
                self.assertEqual([], server.boto("secretsmanager").list_secrets()["SecretList"])
                self.assertEqual([], server.boto("logs").describe_log_groups()["logGroups"])
                server.kill()
                server.start()
            server.boto("secretsmanager").create_secret(Name="s", SecretString="again")


if __name__ == "__main__":
    unittest.main()
