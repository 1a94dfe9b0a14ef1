// What AWS's clients send, read by our interpreters: the input cases of botocore.
#include "base/text.h"
#include "wire/cbor.h"
#include "wire/json.h"
#include "wire/protocol_cases.h"
#include "wire/query.h"
#include "wire/rest_json.h"

namespace surgetank {
namespace {

using testing::canonical;
using testing::for_each_case;
using testing::ProtocolCase;
using testing::text_or;

const Shape* input_shape(const ProtocolCase& each) {
  const auto* input = each.content.find_path({"given", "input", "shape"});
  return input == nullptr ? shape_of<Empty>() : &each.shapes.structure(*input->as_string());
}

using Reader = std::function<Result<Unit>(const ProtocolCase&, const std::string& body, const Shape&, void*)>;

void check_input(const ProtocolCase& each, const Reader& read) {
  const auto& shape = *input_shape(each);
  void* object = each.shapes.make_object(shape);
  const auto result = read(each, text_or(*each.content.find("serialized"), "body"), shape, object);
  ASSERT_TRUE(result.ok()) << result.error().message;
  EXPECT_EQ(canonical(testing::value_of(shape, object)), canonical(*each.content.find("params")));
}

const Reader read_json_body = [](const ProtocolCase&, const std::string& body, const Shape& shape, void* out) {
  return read_json(body, shape, out);
};

// The clients compress these bodies, and the cases do not say to what.
const std::set<std::string> compressed_json_1_1 = {"SDKAppliedContentEncoding_awsJson1_1",
                                                   "SDKAppendsGzipAndIgnoresHttpProvidedEncoding_awsJson1_1"};

TEST(ProtocolInputCases, Json11) {
  auto left_out = compressed_json_1_1;
  left_out.insert("serializes_string_shapes_with_jsonvalue_trait");  // the parameter is what is inside the string
  left_out.insert("AwsJson11StructuresDontSerializeNullValues");     // the parameter is a null that is not sent
  for_each_case("input/json.json", left_out, [](const ProtocolCase& each) { check_input(each, read_json_body); });
}

TEST(ProtocolInputCases, Json10) {
  for_each_case("input/json_1_0.json", {"SDKAppliedContentEncoding_awsJson1_0", "SDKAppendsGzipAndIgnoresHttpProvidedEncoding_awsJson1_0"},
                [](const ProtocolCase& each) { check_input(each, read_json_body); });
}

TEST(ProtocolInputCases, Query) {
  const std::set<std::string> left_out = {"SDKAppliedContentEncoding_awsQuery",
                                          "SDKAppendsGzipAndIgnoresHttpProvidedEncoding_awsQuery",
                                          "QueryProtocolIdempotencyTokenAutoFill",  // the client adds a token that is no parameter
                                          "QueryFlattenedListArgWithXmlName",       // botocore itself does not send this form
                                          "QueryEmptyQueryMaps",                    // the client does not send an empty map
                                          "QueryQueryMapWithMemberXmlName",
                                          "QueryFlattenedQueryMapsWithXmlName"};  // bindings have no names for keys and values
  for_each_case("input/query.json", left_out, [](const ProtocolCase& each) {
    check_input(each,
                [](const ProtocolCase&, const std::string& body, const Shape& shape, void* out) { return read_query(body, shape, out); });
  });
}

TEST(ProtocolInputCases, RpcV2Cbor) {
  for_each_case("input/smithy-rpc-v2-cbor.json", {}, [](const ProtocolCase& each) {
    check_input(each, [](const ProtocolCase&, const std::string& body, const Shape& shape, void* out) -> Result<Unit> {
      const auto bytes = from_base64(body);
      EXPECT_TRUE(bytes.has_value());
      return read_cbor(bytes.value_or(""), shape, out);
    });
  });
}

Result<Unit> read_rest(const ProtocolCase& each, const std::string& body, const Shape& shape, void* out) {
  const auto& serialized = *each.content.find("serialized");
  const auto uri = text_or(serialized, "uri");
  const auto path = uri.substr(0, uri.find('?'));
  const auto full_template = text_or(*each.content.find_path({"given", "http"}), "requestUri");
  const auto labels = UriTemplate::parse(full_template.substr(0, full_template.find('?'))).match(path);
  EXPECT_TRUE(labels.has_value()) << full_template << " does not match " << path;
  std::vector<HeaderView> headers;
  if (const auto* given = serialized.find("headers"))
    for (const auto& field : *given->as_object()) headers.push_back({field.name, *field.value.as_string()});
  const auto question = uri.find('?');
  const RestRequest request{.labels = labels ? &*labels : nullptr,
                            .query = question == std::string::npos ? std::string_view() : std::string_view(uri).substr(question + 1),
                            .headers = headers,
                            .body = body};
  return read_rest_json(request, shape, out);
}

TEST(ProtocolInputCases, RestJson) {
  const std::set<std::string> left_out = {"SDKAppliedContentEncoding_restJson1",
                                          "SDKAppendedGzipAfterProvidedEncoding_restJson1",  // compressed, the cases do not say to what
                                          "RestJsonHostWithPath",                            // a prefix of the client's endpoint
                                          "RestJsonQueryIdempotencyTokenAutoFill",           // the client adds a token that is no parameter
                                          // the client does not send what is empty or null
                                          "RestJsonHttpPrefixHeadersAreNotPresent", "RestJsonOmitsEmptyListQueryValues",
                                          // the client sends {} for an absent payload
                                          "RestJsonHttpWithEmptyStructurePayload", "RestJsonHttpWithHeadersButNoPayload",
                                          "MediaTypeHeaderInputBase64",  // the parameter is what is inside the encoded string
                                          // the map takes every parameter, also those that have members of their own
                                          "RestJsonQueryParamsStringListMap", "RestJsonQueryPrecedence"};
  for_each_case("input/rest-json.json", left_out, [](const ProtocolCase& each) { check_input(each, read_rest); });
}

}  // namespace
}  // namespace surgetank
