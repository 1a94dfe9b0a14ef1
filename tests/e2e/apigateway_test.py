"""HTTP APIs made with boto3, and plain HTTP requests to them."""
import json
import unittest

from harness import ServerTestCase, create_function, http

PROXY = """
import base64, json, time
def handler(event, context):
    path = event["rawPath"]
    if path.endswith("/raises"): raise ValueError("no")
    if path.endswith("/slow"): time.sleep(15)
    if path.endswith("/odd"): return {"statusCode": "what"}
    if path.endswith("/plain"): return {"just": "a value"}
    if path.endswith("/cookies"):
        sent = ";".join(event.get("cookies", []))
        return {"statusCode": 201, "cookies": ["a=1; Path=/", "b=2"], "headers": {"X-Own": "yes"}, "body": sent}
    if path.endswith("/binary"):
        body = base64.b64decode(event["body"]) if event["isBase64Encoded"] else b"text:" + event["body"].encode()
        return {"statusCode": 200, "isBase64Encoded": True, "headers": {"content-type": "application/octet-stream"},
                "body": base64.b64encode(body[::-1]).decode()}
    return {"statusCode": 200, "headers": {"content-type": "application/json"}, "body": json.dumps(event)}
"""


class Gateway(ServerTestCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.functions = cls.server.boto("lambda")
        cls.gateway = cls.server.boto("apigatewayv2")
        cls.arn = create_function(cls.functions, "proxy", PROXY, Timeout=20)["FunctionArn"]
        cls.api = cls.gateway.create_api(
            Name="shop", ProtocolType="HTTP",
            CorsConfiguration={"AllowOrigins": ["http://shop.example"], "AllowMethods": ["GET", "POST"], "AllowHeaders": ["content-type"],
                               "MaxAge": 300})["ApiId"]
        cls.functions.add_permission(FunctionName="proxy", StatementId="gateway", Action="lambda:InvokeFunction",
                                     Principal="apigateway.amazonaws.com",
                                     SourceArn=f"arn:aws:execute-api:us-east-1:000000000000:{cls.api}/*")
        cls.integration = cls.integrate(cls.api, cls.arn)
        for route in ("GET /items/{id}", "ANY /files/{rest+}", "GET /items/special"):
            cls.gateway.create_route(ApiId=cls.api, RouteKey=route, Target=f"integrations/{cls.integration}")
        quick = cls.integrate(cls.api, cls.arn, TimeoutInMillis=500)
        cls.gateway.create_route(ApiId=cls.api, RouteKey="GET /slow", Target=f"integrations/{quick}")
        cls.gateway.create_stage(ApiId=cls.api, StageName="$default", AutoDeploy=True)
        cls.base = cls.server.api_base(cls.api)

    @classmethod
    def integrate(cls, api, arn, version="2.0", **more):
        return cls.gateway.create_integration(ApiId=api, IntegrationType="AWS_PROXY", IntegrationUri=arn, PayloadFormatVersion=version,
                                              **more)["IntegrationId"]

    def test_path_query_and_headers_arrive(self):
        answer = http("GET", self.base + "/items/a%20b?x=1&x=2&y=%C3%BC", headers={"X-Some": "Thing"})
        self.assertEqual(200, answer.status, answer.body)
        event = answer.json()
        self.assertEqual(("2.0", "GET /items/{id}", "/items/a b"), (event["version"], event["routeKey"], event["rawPath"]))
        self.assertEqual({"id": "a b"}, event["pathParameters"])
        self.assertEqual({"x": "1,2", "y": "ü"}, event["queryStringParameters"])
        self.assertEqual("x=1&x=2&y=%C3%BC", event["rawQueryString"])
        self.assertEqual("Thing", event["headers"]["x-some"])
        context = event["requestContext"]
        self.assertEqual((self.api, "$default", "000000000000", "GET", "127.0.0.1"),
                         (context["apiId"], context["stage"], context["accountId"], context["http"]["method"], context["http"]["sourceIp"]))
        self.assertIs(False, event["isBase64Encoded"])

    def test_the_most_particular_route_wins_and_a_greedy_one_takes_the_rest(self):
        self.assertEqual("GET /items/special", http("GET", self.base + "/items/special").json()["routeKey"])
        event = http("DELETE", self.base + "/files/a/b/c").json()
        self.assertEqual(("ANY /files/{rest+}", {"rest": "a/b/c"}), (event["routeKey"], event["pathParameters"]))

    def test_the_host_form_and_the_path_form_are_the_same_api(self):
        by_host = http("GET", self.server.url + "/items/7", headers={"Host": f"{self.api}.execute-api.localhost:{self.server.port}"})
        self.assertEqual({"id": "7"}, by_host.json()["pathParameters"])
        self.assertEqual({"id": "7"}, http("GET", self.base + "/items/7").json()["pathParameters"])

    def test_cookies_go_both_ways(self):
        answer = http("GET", self.base + "/files/cookies", headers={"Cookie": "u=1; v=2"})
        self.assertEqual((201, b"u=1;v=2", "yes"), (answer.status, answer.body, answer.headers["x-own"]))
        self.assertEqual(["a=1; Path=/", "b=2"], answer.headers.get_all("set-cookie"))

    def test_binary_bodies_go_both_ways_unharmed(self):
        body = bytes(range(256)) * 40
        answer = http("POST", self.base + "/files/binary", body, {"Content-Type": "application/octet-stream"})
        self.assertEqual((200, body[::-1]), (answer.status, answer.body))
        self.assertEqual(b"text:hello"[::-1], http("POST", self.base + "/files/binary", "hello", {"Content-Type": "text/plain"}).body)

    def test_an_answer_without_a_status_code_is_the_body(self):
        answer = http("GET", self.base + "/files/plain")
        self.assertEqual((200, {"just": "a value"}, "application/json"), (answer.status, answer.json(), answer.headers["content-type"]))

    def test_cors_preflight_is_answered_by_the_gateway(self):
        asking = {"Origin": "http://shop.example", "Access-Control-Request-Method": "POST"}
        answer = http("OPTIONS", self.base + "/items/1", headers=asking)
        self.assertEqual(204, answer.status)
        self.assertEqual("http://shop.example", answer.headers["access-control-allow-origin"])
        self.assertEqual("300", answer.headers["access-control-max-age"])
        self.assertEqual({"GET", "POST"}, set(answer.headers["access-control-allow-methods"].replace(" ", "").split(",")))
        answer = http("GET", self.base + "/items/1", headers={"Origin": "http://shop.example"})
        self.assertEqual((200, "http://shop.example"), (answer.status, answer.headers["access-control-allow-origin"]))
        answer = http("GET", self.base + "/items/1", headers={"Origin": "http://evil.example"})
        self.assertIsNone(answer.headers["access-control-allow-origin"])

    def test_what_is_not_there_is_404(self):
        for url in (self.base + "/nothing", self.server.api_base("abcdefghij") + "/items/1"):
            answer = http("GET", url)
            self.assertEqual((404, {"message": "Not Found"}), (answer.status, answer.json()), url)
        self.assertEqual(404, http("POST", self.base + "/items/1", "").status)

    def test_a_function_that_fails_is_500_and_one_that_is_slow_is_503(self):
        for path in ("/files/raises", "/files/odd"):
            answer = http("GET", self.base + path)
            self.assertEqual((500, {"message": "Internal Server Error"}), (answer.status, answer.json()), path)
        answer = http("GET", self.base + "/slow")
        self.assertEqual((503, {"message": "Service Unavailable"}), (answer.status, answer.json()))

    def test_without_permission_the_function_is_not_invoked(self):
        create_function(self.functions, "closed", PROXY, Timeout=20)
        api = self.gateway.create_api(Name="closed", ProtocolType="HTTP",
                                      Target=self.arn.replace("proxy", "closed"))["ApiId"]
        self.assertEqual(500, http("GET", self.server.api_base(api) + "/any").status)
        self.functions.add_permission(FunctionName="closed", StatementId="gateway", Action="lambda:InvokeFunction",
                                      Principal="apigateway.amazonaws.com",
                                      SourceArn=f"arn:aws:execute-api:us-east-1:000000000000:{api}/*")
        self.assertEqual(200, http("GET", self.server.api_base(api) + "/any").status)
        self.gateway.delete_api(ApiId=api)
        self.assertEqual(404, http("GET", self.server.api_base(api) + "/any").status)

    def test_payload_format_1_0_and_a_named_stage_with_variables(self):
        old = """
import json
def handler(event, context):
    return {"statusCode": 200, "multiValueHeaders": {"X-Many": ["1", "2"]}, "body": json.dumps(event)}
"""
        arn = create_function(self.functions, "old", old, Timeout=20)["FunctionArn"]
        api = self.gateway.create_api(Name="old", ProtocolType="HTTP")["ApiId"]
        self.functions.add_permission(FunctionName="old", StatementId="gateway", Action="lambda:InvokeFunction",
                                      Principal="apigateway.amazonaws.com")
        self.gateway.create_route(ApiId=api, RouteKey="GET /x/{id}", Target="integrations/" + self.integrate(api, arn, "1.0"))
        self.gateway.create_stage(ApiId=api, StageName="live", AutoDeploy=True, StageVariables={"colour": "green"})
        answer = http("GET", self.server.api_base(api) + "/live/x/9?q=1&q=2")
        self.assertEqual(200, answer.status, answer.body)
        event = answer.json()
        self.assertEqual(("1.0", "/x/{id}", {"id": "9"}, {"colour": "green"}),
                         (event["version"], event["resource"], event["pathParameters"], event["stageVariables"]))
        self.assertEqual(["1", "2"], event["multiValueQueryStringParameters"]["q"])
        self.assertEqual(["1", "2"], answer.headers.get_all("x-many"))

    def test_an_http_proxy_integration_reaches_another_server(self):
        api = self.gateway.create_api(Name="proxy", ProtocolType="HTTP")["ApiId"]
        integration = self.gateway.create_integration(
            ApiId=api, IntegrationType="HTTP_PROXY", IntegrationMethod="GET", PayloadFormatVersion="1.0",
            IntegrationUri=self.server.url + "/_surgetank/health")["IntegrationId"]
        self.gateway.create_route(ApiId=api, RouteKey="GET /health", Target=f"integrations/{integration}")
        self.gateway.create_stage(ApiId=api, StageName="$default", AutoDeploy=True)
        answer = http("GET", self.server.api_base(api) + "/health")
        self.assertEqual((200, "ok"), (answer.status, answer.json().get("status")), answer.body)

    def test_listing_updating_and_errors(self):
        routes = {route["RouteKey"] for route in self.gateway.get_routes(ApiId=self.api)["Items"]}
        self.assertLessEqual({"GET /items/{id}", "ANY /files/{rest+}"}, routes)
        api = self.gateway.create_api(Name="brief", ProtocolType="HTTP")["ApiId"]
        self.assertEqual("renamed", self.gateway.update_api(ApiId=api, Name="renamed")["Name"])
        self.assertIn(api, {found["ApiId"] for found in self.gateway.get_apis()["Items"]})
        self.gateway.delete_api(ApiId=api)
        code, message, status = self.error_of(self.gateway.get_api, ApiId=api)
        self.assertEqual(("NotFoundException", 404), (code, status))
        self.assertIn(api, message)


if __name__ == "__main__":
    unittest.main()
