#include "wire/rest_json.h"

#include <gtest/gtest.h>

#include "wire/errors.h"

namespace surgetank {
namespace {

struct InvokeRequest {
  String FunctionName = {};
  Opt<String> InvocationType = {};
  Opt<String> Qualifier = {};
  Opt<Blob> Payload = {};
};
SURGE_SHAPE(InvokeRequest, FunctionName, InvocationType, Qualifier, Payload)
SURGE_BINDINGS(InvokeRequest, {.member = "FunctionName", .location = Location::Label},
               {.member = "InvocationType", .location = Location::Header, .wire_name = "X-Amz-Invocation-Type"},
               {.member = "Qualifier", .location = Location::Query}, {.member = "Payload", .location = Location::Payload})

struct InvokeResponse {
  Integer StatusCode = 200;
  Opt<String> FunctionError = {};
  Opt<Blob> Payload = {};
};
SURGE_SHAPE(InvokeResponse, StatusCode, FunctionError, Payload)
SURGE_BINDINGS(InvokeResponse, {.member = "StatusCode", .location = Location::StatusCode},
               {.member = "FunctionError", .location = Location::Header, .wire_name = "X-Amz-Function-Error"},
               {.member = "Payload", .location = Location::Payload})

struct UntagRequest {
  String Resource = {};
  List<String> TagKeys = {};
  Opt<Integer> MaxItems = {};
  Opt<bool> Force = {};
  Opt<Instant> Since = {};
  Opt<Instant> IfModified = {};
  List<Instant> Dates = {};
  List<String> Words = {};
  Map<String> Metadata = {};
  Opt<String> Description = {};
  Integer Size = 0;
};
SURGE_SHAPE(UntagRequest, Resource, TagKeys, MaxItems, Force, Since, IfModified, Dates, Words, Metadata, Description, Size)
SURGE_BINDINGS(UntagRequest, {.member = "Resource", .location = Location::Label, .wire_name = "ARN"},
               {.member = "TagKeys", .location = Location::Query, .wire_name = "tagKeys"},
               {.member = "MaxItems", .location = Location::Query}, {.member = "Force", .location = Location::Query},
               {.member = "Since", .location = Location::Query},
               {.member = "IfModified", .location = Location::Header, .wire_name = "If-Modified-Since"},
               {.member = "Dates", .location = Location::Header, .wire_name = "X-Dates"},
               {.member = "Words", .location = Location::Header, .wire_name = "X-Words"},
               {.member = "Metadata", .location = Location::Header, .wire_name = "X-Meta-"},
               {.member = "Description", .wire_name = "description"})

TEST(ReadRestJson, TakesEachMemberFromItsPlace) {
  const UriLabels labels = {{"FunctionName", "f"}};
  const std::vector<HeaderView> headers = {{"x-amz-invocation-type", "Event"}};
  InvokeRequest request;
  ASSERT_TRUE(read_rest_json({.labels = &labels, .query = "Qualifier=%24LATEST", .headers = headers, .body = "any \x01 bytes"},
                             *shape_of<InvokeRequest>(), &request)
                  .ok());
  EXPECT_EQ(request.FunctionName, "f");
  EXPECT_EQ(request.InvocationType, "Event");
  EXPECT_EQ(request.Qualifier, "$LATEST");
  EXPECT_EQ(request.Payload->bytes, "any \x01 bytes");
}

TEST(ReadRestJson, AnEmptyBodyIsAnAbsentPayload) {
  const UriLabels labels = {{"FunctionName", "f"}};
  InvokeRequest request;
  ASSERT_TRUE(read_rest_json({.labels = &labels}, *shape_of<InvokeRequest>(), &request).ok());
  EXPECT_FALSE(request.Payload);
}

TEST(ReadRestJson, ConvertsQueryAndHeaderValuesByType) {
  const UriLabels labels = {{"ARN", "r"}};
  const std::vector<HeaderView> headers = {{"If-Modified-Since", "Tue, 14 Nov 2023 22:13:20 GMT"},
                                           {"X-Dates", "Tue, 14 Nov 2023 22:13:20 GMT, Tue, 14 Nov 2023 22:13:21 GMT"},
                                           {"X-Words", "a, \"b,c\""},
                                           {"x-words", "\"d\\\"e\" ,f"},
                                           {"x-meta-One", "1"},
                                           {"X-Meta-", "no name"}};
  UntagRequest request;
  const auto result = read_rest_json({.labels = &labels,
                                      .query = "tagKeys=a&tagKeys=b%20c&MaxItems=5&Force=true&Since=2023-11-14T22%3A13%3A20Z&unknown=1",
                                      .headers = headers,
                                      .body = R"({"description":"d","Size":3,"MaxItems":99})"},
                                     *shape_of<UntagRequest>(), &request);
  ASSERT_TRUE(result.ok()) << result.error().message;
  EXPECT_EQ(request.TagKeys, (List<String>{"a", "b c"}));
  EXPECT_EQ(request.MaxItems, 5);
  EXPECT_EQ(request.Force, true);
  EXPECT_EQ(request.Since, Instant{1'700'000'000'000'000});
  EXPECT_EQ(request.IfModified, Instant{1'700'000'000'000'000});
  EXPECT_EQ(request.Dates, (List<Instant>{{1'700'000'000'000'000}, {1'700'000'001'000'000}}));
  EXPECT_EQ(request.Words, (List<String>{"a", "b,c", "d\"e", "f"}));
  EXPECT_EQ(request.Metadata, (Map<String>{{"One", "1"}}));
  EXPECT_EQ(request.Description, "d");
  EXPECT_EQ(request.Size, 3);
}

TEST(ReadRestJson, FaultsAreNamed) {
  const UriLabels labels = {{"ARN", "r"}};
  const auto error = [&](const RestRequest& request) {
    UntagRequest out;
    return read_rest_json(request, *shape_of<UntagRequest>(), &out).error();
  };
  EXPECT_EQ(error({.body = R"({"Size":1})"}).message, "Resource");
  EXPECT_EQ(error({.labels = &labels}).message, "Size");
  EXPECT_EQ(error({.labels = &labels}).code, &wire::missing_member);
  EXPECT_EQ(error({.labels = &labels, .query = "MaxItems=x"}).message, "STRING_VALUE can not be converted to Integer");
  EXPECT_EQ(error({.labels = &labels, .query = "Force=1"}).code, &wire::serialization_error);
  EXPECT_EQ(error({.labels = &labels, .query = "tagKeys=%"}).code, &wire::serialization_error);
  EXPECT_EQ(error({.labels = &labels, .query = "tagKeys=%ff"}).code, &wire::serialization_error);
}

TEST(WriteRestJson, PutsEachMemberIntoItsPlace) {
  const InvokeResponse response{.StatusCode = 202, .FunctionError = "Unhandled\r\nX: y", .Payload = Blob{"{}"}};
  const auto reply = write_rest_json(*shape_of<InvokeResponse>(), &response);
  EXPECT_EQ(reply.status, 202);
  EXPECT_EQ(reply.headers, (HeaderList{{"X-Amz-Function-Error", "Unhandled  X: y"}}));
  EXPECT_EQ(reply.body, "{}");
  EXPECT_EQ(reply.content_type, "application/octet-stream");
}

TEST(WriteRestJson, BodyHasOnlyWhatTravelsThere) {
  UntagRequest value{.Resource = "r", .TagKeys = {"a"}, .IfModified = Instant{1'700'000'000'000'000}, .Words = {"a", "b,c"}};
  value.Metadata = {{"One", "1"}};
  value.Description = "d";
  const auto reply = write_rest_json(*shape_of<UntagRequest>(), &value);
  EXPECT_EQ(reply.body, R"({"description":"d","Size":0})");
  EXPECT_EQ(reply.content_type, "application/json");
  EXPECT_EQ(reply.headers,
            (HeaderList{{"If-Modified-Since", "Tue, 14 Nov 2023 22:13:20 GMT"}, {"X-Words", "a, \"b,c\""}, {"X-Meta-One", "1"}}));
  const Empty nothing;
  EXPECT_EQ(write_rest_json(*shape_of<Empty>(), &nothing).body, "");
  const InvokeResponse no_payload;
  EXPECT_EQ(write_rest_json(*shape_of<InvokeResponse>(), &no_payload).body, "");
}

}  // namespace
}  // namespace surgetank
