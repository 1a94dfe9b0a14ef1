// Who may call: signatures, keys, accounts. The operation x authentication matrix over all real services is in tests/wire.
#include <gtest/gtest.h>

#include "base/text.h"
#include "kernel/test_door.h"
#include "kernel/test_gadgets.h"

namespace surgetank {
namespace {

TestDoor make_door(AuthMode mode = AuthMode::Verify) { return TestDoor({&test::gadgets, &test::shelves}, {.authentication = mode}); }

const TestSigning as_gadgets{.service = "gadgetry"};
const HeaderPairs put_headers{{"X-Amz-Target", "Gadgets_2020.PutGadget"}, {"Content-Type", "application/x-amz-json-1.0"}};
constexpr auto put_body = R"({"Name":"g"})";

HttpResponse put_as(TestDoor& door, const TestSigning& signing) { return door.send_signed("POST", "/", put_headers, put_body, signing); }

// The same request after something on the way has changed it.
HttpRequest forged(const HttpRequest& original, std::string_view target, const HeaderPairs& replaced, std::string body) {
  HeaderPairs headers;
  for (const auto& header : original.headers) headers.emplace_back(header.name, header.value);
  for (const auto& [name, value] : replaced)
    for (auto& header : headers)
      if (equals_ignoring_case(header.first, name)) header.second = value;
  return plain_request(original.method, target, headers, std::move(body), original.received);
}

TEST(FrontDoorAuth, UnsignedCallsAreRefusedInTheEnvelopeOfTheProtocol) {
  auto door = make_door();
  const auto json = door.send(plain_request("POST", "/", put_headers, put_body, door.now()));
  EXPECT_EQ(json.status, 400);
  EXPECT_TRUE(contains(json.body, R"("__type":"MissingAuthenticationTokenException")")) << json.body;
  const auto query = door.send(plain_request("GET", "/?Action=PutGadget&Version=2020-02-20&Name=g", {}, {}, door.now()));
  EXPECT_EQ(query.status, 403);
  EXPECT_TRUE(contains(query.body, "<Code>MissingAuthenticationToken</Code>")) << query.body;
  const auto rest = door.send(plain_request("GET", "/shelves/x", {}, {}, door.now()));
  EXPECT_EQ(rest.status, 403);
  EXPECT_EQ(header_of(rest, "x-amzn-errortype"), "MissingAuthenticationTokenException");
}

TEST(FrontDoorAuth, WrongSecretsKeysAndScopesAreRefused) {
  auto door = make_door();
  EXPECT_TRUE(contains(put_as(door, {.service = "gadgetry", .secret_access_key = "wrong"}).body, "InvalidSignatureException"));
  EXPECT_TRUE(contains(put_as(door, {.service = "gadgetry", .access_key_id = "AKIAUNKNOWN"}).body, "UnrecognizedClientException"));
  const auto scope = put_as(door, {.service = "shelves"});
  EXPECT_TRUE(contains(scope.body, "Credential should be scoped to correct service: 'gadgetry'.")) << scope.body;
  for (const auto* region : {"US-EAST-1", "a.b", "a%2Fb", "..", "a-very-long-name-for-a-region-of-aws"})
    EXPECT_TRUE(contains(put_as(door, {.service = "gadgetry", .region = region}).body, "Credential should be scoped to a valid region."))
        << region;
}

TEST(FrontDoorAuth, WhateverIsSignedCannotBeChanged) {
  auto door = make_door();
  const auto original = signed_request("POST", "/", put_headers, put_body, as_gadgets, door.now());
  EXPECT_EQ(door.send(forged(original, "/", {}, put_body)).status, 200) << "the copy itself is good";
  std::vector<HttpRequest> changed;
  changed.push_back(forged(original, "/", {}, R"({"Name":"h"})"));
  changed.push_back(forged(original, "/?x=1", {}, put_body));
  changed.push_back(forged(original, "/x", {}, put_body));
  changed.push_back(forged(original, "/", {{"X-Amz-Target", "Gadgets_2020.FindGadget"}}, put_body));
  changed.push_back(forged(original, "/", {{"Host", "127.0.0.1:4566"}}, put_body));
  changed.push_back(forged(original, "/", {{"X-Amz-Date", basic_timestamp(door.now() + seconds(1))}}, put_body));
  for (auto& request : changed) {
    const auto reply = door.send(std::move(request));
    EXPECT_EQ(reply.status, 400);
    EXPECT_TRUE(contains(reply.body, "InvalidSignatureException")) << reply.body;
  }
}

TEST(FrontDoorAuth, OldAndFutureSignaturesAreRefused) {
  auto door = make_door();
  EXPECT_EQ(put_as(door, {.service = "gadgetry", .clock_error = minutes(14)}).status, 200);
  EXPECT_TRUE(contains(put_as(door, {.service = "gadgetry", .clock_error = minutes(-16)}).body, "Signature expired"));
  EXPECT_TRUE(contains(put_as(door, {.service = "gadgetry", .clock_error = minutes(16)}).body, "Signature not yet current"));
}

TEST(FrontDoorAuth, UnknownPayloadModesAreRefused) {
  auto door = make_door();
  for (const auto* mode : {"UNSIGNED-PAYLOAD", "STREAMING-UNSIGNED-PAYLOAD-TRAILER", "STREAMING-AWS4-HMAC-SHA256-PAYLOAD", "NEW-MODE"}) {
    auto headers = put_headers;
    headers.emplace_back("X-Amz-Content-Sha256", mode);
    EXPECT_GE(door.send_signed("POST", "/", headers, put_body, as_gadgets).status, 400) << mode;
  }
}

TEST(FrontDoorAuth, PresignedQueriesAreAcceptedUntilTheyExpire) {
  auto door = make_door();
  const auto target = presigned_target("GET", "/?Action=PutGadget&Version=2020-02-20&Name=g", as_gadgets, seconds(60), door.now());
  EXPECT_EQ(door.send(plain_request("GET", target, {}, {}, door.now())).status, 200);
  EXPECT_EQ(door.send(plain_request("GET", target + "&Size=1", {}, {}, door.now())).status, 403);
  EXPECT_EQ(door.send(plain_request("GET", target, {}, {}, door.now() + seconds(61))).status, 403);
}

TEST(FrontDoorAuth, TwelveDigitsSelectTheAccountAndTheScopeTheRegion) {
  auto door = make_door();
  const auto reply = put_as(door, {.service = "gadgetry", .access_key_id = "111122223333", .region = "eu-west-1"});
  EXPECT_TRUE(contains(reply.body, R"("Account":"111122223333","Region":"eu-west-1","Principal":"arn:aws:iam::111122223333:root")"))
      << reply.body;
}

TEST(FrontDoorAuth, TemporaryCredentialsWorkWithTheirTokenUntilTheyExpire) {
  auto door = make_door();
  Random random(1);
  const Principal role{.account = "000000000000", .arn = "arn:aws:sts::000000000000:assumed-role/R/s", .user_id = "AROA:s"};
  const auto issued = door.world.credentials.issue(role, door.now() + hours(1), random);
  TestSigning signing{.service = "gadgetry",
                      .access_key_id = issued.access_key_id,
                      .secret_access_key = issued.secret_access_key.reveal(),
                      .session_token = issued.session_token};
  EXPECT_TRUE(contains(put_as(door, signing).body, role.arn));
  door.world.advance(hours(2));
  EXPECT_TRUE(contains(put_as(door, signing).body, "ExpiredTokenException"));
  signing.session_token.clear();
  EXPECT_TRUE(contains(put_as(door, signing).body, "UnrecognizedClientException"));
}

TEST(FrontDoorAuth, OffTakesTheClaimedAccountWithoutASignature) {
  auto door = make_door(AuthMode::Off);
  const auto bare = door.send(plain_request("POST", "/", put_headers, put_body, door.now()));
  EXPECT_TRUE(contains(bare.body, R"("Account":"000000000000","Region":"us-east-1")")) << bare.body;
  const auto forged_key =
      put_as(door, {.service = "gadgetry", .access_key_id = "111122223333", .secret_access_key = "any", .region = "eu-west-1"});
  EXPECT_TRUE(contains(forged_key.body, R"("Account":"111122223333","Region":"eu-west-1")")) << forged_key.body;
  EXPECT_EQ(put_as(door, {.service = "shelves"}).status, 200);
  auto headers = put_headers;
  headers.emplace_back("Origin", "http://evil.example");
  EXPECT_EQ(door.send(plain_request("POST", "/", headers, put_body, door.now())).status, 403) << "pages stay out all the same";
}

}  // namespace
}  // namespace surgetank
