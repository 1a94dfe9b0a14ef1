// What the front door makes of requests that may come in; front_door_auth_test.cc is about who may send them.
#include "kernel/front_door.h"

#include <gtest/gtest.h>
#include <zlib.h>

#include "base/text.h"
#include "kernel/test_door.h"
#include "kernel/test_gadgets.h"
#include "wire/cbor.h"

namespace surgetank {
namespace {

TestDoor make_door(FrontDoorOptions options = {}) { return TestDoor({&test::gadgets, &test::shelves}, std::move(options)); }

const TestSigning as_gadgets{.service = "gadgetry"};
const TestSigning as_shelves{.service = "shelves"};

HttpResponse call_json(TestDoor& door, const std::string& operation, const std::string& body, HeaderPairs headers = {}) {
  headers.emplace_back("X-Amz-Target", "Gadgets_2020." + operation);
  headers.emplace_back("Content-Type", "application/x-amz-json-1.0");
  return door.send_signed("POST", "/", headers, body, as_gadgets);
}

bool is_uuid(std::string_view text) {
  if (text.size() != 36) return false;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const bool dash = i == 8 || i == 13 || i == 18 || i == 23;
    if (dash ? text[i] != '-' : std::string_view("0123456789abcdef").find(text[i]) == std::string_view::npos) return false;
  }
  return true;
}

std::string gzip(std::string_view text) {
  z_stream stream{};
  deflateInit2(&stream, Z_DEFAULT_COMPRESSION, Z_DEFLATED, 16 + MAX_WBITS, 8, Z_DEFAULT_STRATEGY);
  std::string out(deflateBound(&stream, text.size()), '\0');
  stream.next_in = const_cast<Bytef*>(reinterpret_cast<const Bytef*>(text.data()));
  stream.avail_in = static_cast<uInt>(text.size());
  stream.next_out = reinterpret_cast<Bytef*>(out.data());
  stream.avail_out = static_cast<uInt>(out.size());
  deflate(&stream, Z_FINISH);
  out.resize(stream.total_out);
  deflateEnd(&stream);
  return out;
}

constexpr auto whole_gadget =
    R"({"Name":"g","Size":3,"Weight":1.5,"Shiny":true,"MadeAt":1700000000,"Picture":"aGk=",)"
    R"("Parts":[{"Id":"p","Count":2}],"Labels":{"a":"b"}})";

TEST(FrontDoor, JsonCallsComeBackAsJson) {
  auto door = make_door();
  const auto reply = call_json(door, "PutGadget", whole_gadget);
  EXPECT_EQ(reply.status, 200);
  EXPECT_EQ(header_of(reply, "content-type"), "application/x-amz-json-1.0");
  EXPECT_TRUE(is_uuid(header_of(reply, "x-amzn-requestid")));
  EXPECT_TRUE(contains(reply.body, std::string(R"("Gadget":)") + whole_gadget)) << reply.body;
  EXPECT_TRUE(contains(reply.body, R"("Account":"000000000000","Region":"us-east-1","Principal":"arn:aws:iam::000000000000:root")"))
      << reply.body;
  EXPECT_TRUE(contains(reply.body, R"("RequestId":")" + header_of(reply, "x-amzn-requestid"))) << "the operation knows the id";
}

TEST(FrontDoor, QueryCallsComeBackAsXml) {
  auto door = make_door();
  const auto reply = door.send_signed("POST", "/", {{"Content-Type", "application/x-www-form-urlencoded"}},
                                      "Action=PutGadget&Version=2020-02-20&Name=a+b&Parts.member.1.Id=x&Size=4", as_gadgets);
  EXPECT_EQ(reply.status, 200);
  EXPECT_EQ(header_of(reply, "content-type"), "text/xml");
  EXPECT_TRUE(contains(
      reply.body,
      "<PutGadgetResponse xmlns=\"http://gadgets.example/doc/2020-02-20/\"><PutGadgetResult><Gadget><Name>a b</Name><Size>4</Size>"))
      << reply.body;
  EXPECT_TRUE(contains(reply.body, "<RequestId>" + header_of(reply, "x-amzn-requestid") + "</RequestId>")) << reply.body;
}

TEST(FrontDoor, QueryMayBeAGetOrSplitBetweenUrlAndBody) {
  auto door = make_door();
  EXPECT_EQ(door.send_signed("GET", "/?Action=PutGadget&Version=2020-02-20&Name=g", {}, {}, as_gadgets).status, 200);
  const auto reply = door.send_signed("POST", "/?Action=PutGadget&Version=2020-02-20",
                                      {{"Content-Type", "application/x-www-form-urlencoded"}}, "Name=g&Size=9", as_gadgets);
  EXPECT_TRUE(contains(reply.body, "<Name>g</Name><Size>9</Size>")) << reply.body;
}

TEST(FrontDoor, CborCallsComeBackAsCbor) {
  auto door = make_door();
  std::string body;
  append_cbor_map(body, 2);
  append_cbor_text(body, "Name");
  append_cbor_text(body, "g");
  append_cbor_text(body, "Weight");
  append_cbor_double(body, 2.5);
  const auto reply = door.send_signed("POST", "/service/Gadgets_2020/operation/PutGadget",
                                      {{"smithy-protocol", "rpc-v2-cbor"}, {"Content-Type", "application/cbor"}}, body, as_gadgets);
  EXPECT_EQ(reply.status, 200);
  EXPECT_EQ(header_of(reply, "content-type"), "application/cbor");
  EXPECT_EQ(header_of(reply, "smithy-protocol"), "rpc-v2-cbor");
  test::PutGadgetResponse decoded;
  ASSERT_TRUE(read_cbor(reply.body, *shape_of<test::PutGadgetResponse>(), &decoded).ok());
  EXPECT_EQ(decoded.Gadget.Name, "g");
  EXPECT_EQ(decoded.Gadget.Weight, 2.5);
}

TEST(FrontDoor, RestCallsUsePathQueryBodyAndStatus) {
  auto door = make_door();
  EXPECT_EQ(door.send_signed("GET", "/shelves/a%20b?depth=3", {}, {}, as_shelves).body, R"({"Name":"a b","Depth":3})");
  const auto put = door.send_signed("PUT", "/shelves/x", {{"Content-Type", "application/json"}}, R"({"Colour":"red"})", as_shelves);
  EXPECT_EQ(put.status, 201);
  EXPECT_EQ(put.body, R"({"Name":"x","Colour":"red"})");
  const auto gone = door.send_signed("DELETE", "/shelves/x", {}, {}, as_shelves);
  EXPECT_EQ(gone.status, 204);
  EXPECT_EQ(gone.body, "");
  EXPECT_EQ(header_of(gone, "content-type"), "");
  EXPECT_TRUE(is_uuid(header_of(gone, "x-amzn-requestid")));
}

TEST(FrontDoor, ErrorsOfOperationsComeInTheEnvelopeOfTheProtocol) {
  auto door = make_door();
  const auto json = call_json(door, "FindGadget", R"({"Name":"x"})");
  EXPECT_EQ(json.status, 404);
  EXPECT_EQ(json.body, R"({"__type":"GadgetNotFoundException","message":"There is no gadget x."})");
  EXPECT_EQ(header_of(json, "x-amzn-query-error"), "");
  const auto compatible = call_json(door, "FindGadget", R"({"Name":"x"})", {{"x-amzn-query-mode", "true"}});
  EXPECT_EQ(header_of(compatible, "x-amzn-query-error"), "Gadgets.NonExistentGadget;Sender");
  const auto query = door.send_signed("GET", "/?Action=FindGadget&Version=2020-02-20&Name=x", {}, {}, as_gadgets);
  EXPECT_EQ(query.status, 404);
  EXPECT_TRUE(contains(query.body, "<Code>Gadgets.NonExistentGadget</Code><Message>There is no gadget x.</Message>")) << query.body;
}

TEST(FrontDoor, WhatCannotBeDecodedIsWordedAsTheServiceDoes) {
  auto door = make_door();
  const auto missing = call_json(door, "PutGadget", R"({"Parts":[]})");
  EXPECT_EQ(missing.status, 400);
  EXPECT_EQ(missing.body, R"({"__type":"MissingParameter","message":"The request must contain the parameter Name."})");
  const auto wrong = call_json(door, "PutGadget", R"({"Name":5})");
  EXPECT_EQ(wrong.status, 400);
  EXPECT_TRUE(contains(wrong.body, R"("__type":"SerializationException")")) << wrong.body;
  EXPECT_EQ(call_json(door, "PutGadget", "{").status, 400);
}

TEST(FrontDoor, UnknownOperationsAndServicesAreNamed) {
  auto door = make_door();
  const auto json = call_json(door, "PaintGadget", "{}");
  EXPECT_EQ(json.status, 400);
  EXPECT_EQ(
      json.body,
      R"({"__type":"UnknownOperationException",)"
            R"("message":"The operation PaintGadget of service gadgets is not supported by Surgetank yet. See docs/services."})");
  const auto rest = door.send_signed("GET", "/buckets", {}, {}, {.service = "dynamodb"});
  EXPECT_EQ(rest.status, 404);
  EXPECT_EQ(header_of(rest, "x-amzn-errortype"), "UnknownOperationException");
  EXPECT_TRUE(is_uuid(header_of(rest, "x-amzn-requestid")));
  EXPECT_EQ(call_json(door, "PurgeGadgets", "{}").status, 400) << "internal operations are not for clients";
}

TEST(FrontDoor, AsynchronousOperationsAnswerLater) {
  auto door = make_door();
  const auto began = door.now();
  EXPECT_EQ(call_json(door, "AwaitGadget", "{}").body, R"({"Id":"late"})");
  EXPECT_EQ(door.now() - began, seconds(3));
}

TEST(FrontDoor, FailuresOfOursAreInternalFailuresInTheEnvelope) {
  auto door = make_door();
  const auto reply = call_json(door, "BreakGadget", "{}");
  EXPECT_EQ(reply.status, 500);
  EXPECT_TRUE(contains(reply.body, R"("__type":"InternalFailure")")) << reply.body;
  EXPECT_FALSE(contains(reply.body, "asked to break")) << "what went wrong inside is for the log";
  EXPECT_EQ(call_json(door, "PutGadget", R"({"Name":"g"})").status, 200);
}

TEST(FrontDoor, DataPlanesThatFailAreAnsweredAllTheSame) {
  auto door = make_door();
  EXPECT_EQ(door.send(plain_request("GET", "/broken", {{"Host", "a.shelf.localhost"}}, {}, door.now())).status, 500);
}

TEST(FrontDoor, CompressedBodiesAreRead) {
  auto door = make_door();
  const auto reply = call_json(door, "PutGadget", gzip(R"({"Name":"zipped"})"), {{"Content-Encoding", "gzip"}});
  EXPECT_TRUE(contains(reply.body, R"("Name":"zipped")")) << reply.body;
  const auto query = door.send_signed("POST", "/", {{"Content-Type", "application/x-www-form-urlencoded"}, {"Content-Encoding", "gzip"}},
                                      gzip("Action=PutGadget&Version=2020-02-20&Name=zipped"), as_gadgets);
  EXPECT_TRUE(contains(query.body, "<Name>zipped</Name>")) << query.body;
  EXPECT_EQ(call_json(door, "PutGadget", "{}", {{"Content-Encoding", "br"}}).status, 415);
  EXPECT_EQ(call_json(door, "PutGadget", "{}", {{"Content-Encoding", "gzip"}}).status, 400);
}

TEST(FrontDoor, BodiesBeyondTheLimitOfTheServiceAreRefused) {
  auto door = make_door();
  const std::string large = R"({"Name":")" + std::string(5000, 'x') + R"("})";
  for (const auto& reply :
       {call_json(door, "PutGadget", large), call_json(door, "PutGadget", gzip(large), {{"Content-Encoding", "gzip"}})}) {
    EXPECT_EQ(reply.status, 413);
    EXPECT_EQ(reply.body, R"({"__type":"RequestEntityTooLargeException","message":"Request must be smaller than 4000 bytes."})");
  }
}

TEST(FrontDoor, OtherHostsAreMisdirected) {
  auto door = make_door({.further_hosts = {"*.build.example"}});
  EXPECT_EQ(door.send(plain_request("GET", "/_surgetank/health", {{"Host", "evil.example"}}, {}, door.now())).status, 421);
  EXPECT_EQ(door.send(plain_request("GET", "/_surgetank/health", {{"Host", "a.build.example"}}, {}, door.now())).status, 200);
  EXPECT_EQ(door.send(make_http_request("GET", "/_surgetank/health", {}, {})).status, 421) << "no Host at all";
}

TEST(FrontDoor, ForeignPagesReachDataPlanesOnly) {
  auto door = make_door();
  const HeaderPairs foreign{{"Origin", "http://evil.example"}};
  EXPECT_EQ(door.send_signed("GET", "/shelves/x", foreign, {}, as_shelves).status, 403);
  const auto reply =
      door.send(plain_request("GET", "/path", {{"Host", "A1.Shelf.localhost:4566"}, {"Origin", "http://evil.example"}}, {}, door.now()));
  EXPECT_EQ(reply.body, "shelf of /path");
}

TEST(FrontDoor, AdminRoutesAreServedBesideHealth) {
  auto door = make_door({.admin_token = Secret<std::string>("token"),
                         .admin_routes = {{.method = "POST",
                                           .path = "/_surgetank/reset",
                                           .handler = [](const HttpRequest&, HttpReply reply) { reply({.status = 202}); }}},
                         .version = "9"});
  EXPECT_EQ(door.send(plain_request("GET", "/_surgetank/health", {}, {}, door.now())).body,
            R"({"status":"ok","version":"9","services":{"gadgets":"running","shelves":"running"}})");
  EXPECT_EQ(door.send(plain_request("POST", "/_surgetank/reset", {}, {}, door.now())).status, 401);
  EXPECT_EQ(door.send(plain_request("POST", "/_surgetank/reset", {{"Authorization", "Bearer token"}}, {}, door.now())).status, 202);
  EXPECT_EQ(door.send(plain_request("OPTIONS", "/", {}, {}, door.now())).status, 204);
}

TEST(FrontDoor, EveryCallIsASpanOfItsTrace) {
  auto door = make_door();
  const std::string root = "1-5759e988-bd862e3fe1be46a994272793";
  const auto reply =
      call_json(door, "PutGadget", R"({"Name":"g"})", {{"X-Amzn-Trace-Id", "Root=" + root + ";Parent=53995c3f42cd8ad8;Sampled=1"}});
  const auto spans = door.world.telemetry.trace(root);
  ASSERT_EQ(spans.size(), 1U);
  EXPECT_EQ(spans[0].kind, "aws");
  EXPECT_EQ(spans[0].name, "Gadgets.PutGadget");
  EXPECT_EQ(spans[0].parent, "53995c3f42cd8ad8");
  EXPECT_EQ(spans[0].status, 200);
  EXPECT_EQ(spans[0].fault, "");
  EXPECT_TRUE(contains(reply.body, R"("TraceRoot":")" + root + R"(","TraceParent":")" + spans[0].id)) << reply.body;
}

TEST(FrontDoor, CallsWithoutATraceBeginOne) {
  auto door = make_door();
  call_json(door, "FindGadget", R"({"Name":"x"})");
  door.world.advance(seconds(1));
  call_json(door, "AwaitGadget", "{}");
  const auto traces = door.world.telemetry.last_traces(2);
  ASSERT_EQ(traces.size(), 2U);
  EXPECT_EQ(traces[0][0].fault, "GadgetNotFoundException");
  EXPECT_EQ(traces[0][0].parent, "");
  EXPECT_EQ(traces[1][0].length, seconds(3));
}

TEST(FrontDoor, IdsDependOnTheSeedAlone) {
  auto one = make_door({.seed = 7});
  auto two = make_door({.seed = 7});
  auto three = make_door({.seed = 8});
  const auto id = [](TestDoor& door) { return header_of(call_json(door, "FindGadget", R"({"Name":"x"})"), "x-amzn-requestid"); };
  const auto first = id(one);
  EXPECT_EQ(first, id(two));
  EXPECT_NE(first, id(three));
  EXPECT_NE(first, id(one)) << "every call has its own";
}

}  // namespace
}  // namespace surgetank
