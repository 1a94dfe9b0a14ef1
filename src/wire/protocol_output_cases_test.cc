// What AWS's clients expect: the output cases of botocore, written by our interpreters and compared with the reply of the case;
// and for the protocols that we read, the reply of the case read back.
#include <algorithm>

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

struct Expected {
  const Shape& shape;
  const JsonValue& value;
  void* object;  // filled with `value`
};

// Errors are shapes, too: the case names them and tells their members.
Expected expected_of(const ProtocolCase& each) {
  static const JsonValue nothing = JsonValue::object();
  const auto* output = each.content.find_path({"given", "output", "shape"});
  const auto* error = each.content.find("error");
  const auto* result = error != nullptr ? error : each.content.find("result");
  const auto* errors = each.content.find_path({"given", "errors"});
  const Shape* shape = shape_of<Empty>();
  if (error != nullptr) {
    shape = &each.shapes.structure(text_or(errors->as_array()->front(), "shape"));
  } else if (output != nullptr) {
    shape = &each.shapes.structure(*output->as_string());
  }
  const auto& value = result == nullptr ? nothing : *result;
  void* object = each.shapes.make_object(*shape);
  testing::assign(*shape, object, value);
  return {*shape, value, object};
}

std::string body_of(const ProtocolCase& each) { return text_or(*each.content.find("response"), "body"); }

std::string canonical_json(const std::string& text) {
  const auto value = parse_json(text.empty() ? "{}" : text);
  return value.ok() ? canonical(*value) : "not JSON: " + text;
}

// Cases whose reply is valid but not what we would write: another offset, members and type words that clients must ignore.
const std::set<std::string> only_read = {"AwsJson11DateTimeWithNegativeOffset",  "AwsJson11DateTimeWithPositiveOffset",
                                         "handles_unexpected_json_output",       "AwsJson11DeserializeIgnoreType",
                                         "AwsJson10HandlesUnexpectedJsonOutput", "AwsJson10DeserializeIgnoreType"};

// Without __type and the other words about the type that only errors and unions carry.
std::string canonical_reply(const std::string& text) {
  auto value = parse_json(text.empty() ? "{}" : text);
  if (!value.ok()) return "not JSON: " + text;
  auto without_type = JsonValue::object();
  if (!value->is_object()) return canonical(*value);
  for (const auto& field : *value->as_object())
    if (field.name != "__type" && field.name != "code") without_type.set(field.name, field.value);
  return canonical(without_type);
}

void check_json_case(const ProtocolCase& each) {
  const auto expected = expected_of(each);
  void* read_back = each.shapes.make_object(expected.shape);
  const auto result = read_json(body_of(each), expected.shape, read_back);
  ASSERT_TRUE(result.ok()) << result.error().message;
  EXPECT_EQ(canonical(testing::value_of(expected.shape, read_back)), canonical(expected.value));
  if (only_read.contains(each.id)) return;
  std::string written;
  write_json(expected.shape, expected.object, written);
  EXPECT_EQ(canonical_json(written), canonical_reply(body_of(each)));
}

TEST(ProtocolOutputCases, Json11) { for_each_case("output/json.json", {}, check_json_case); }

TEST(ProtocolOutputCases, Json10) { for_each_case("output/json_1_0.json", {}, check_json_case); }

TEST(ProtocolOutputCases, RpcV2Cbor) {
  // A server refuses the null in a dense map that clients skip.
  for_each_case("output/smithy-rpc-v2-cbor.json", {"RpcV2CborDeserializesDenseSetMapAndSkipsNull"}, [](const ProtocolCase& each) {
    const auto expected = expected_of(each);
    const auto bytes = from_base64(body_of(each));
    ASSERT_TRUE(bytes.has_value());
    void* read_back = each.shapes.make_object(expected.shape);
    auto result = read_cbor(*bytes, expected.shape, read_back);
    ASSERT_TRUE(result.ok()) << result.error().message;
    EXPECT_EQ(canonical(testing::value_of(expected.shape, read_back)), canonical(expected.value));
    std::string written;
    write_cbor(expected.shape, expected.object, written);
    void* own = each.shapes.make_object(expected.shape);
    result = read_cbor(written, expected.shape, own);
    ASSERT_TRUE(result.ok()) << result.error().message;
    EXPECT_EQ(canonical(testing::value_of(expected.shape, own)), canonical(expected.value));
  });
}

// Enough of an XML reader for replies: elements with children or text; attributes and request ids are dropped, the entries of
// maps sorted.
class XmlTree {
 public:
  explicit XmlTree(std::string_view text) : text_(text) {}
  std::string read() {
    std::string own_text;
    std::vector<std::string> children;
    while (at_ < text_.size()) {
      if (text_[at_] != '<') {
        own_text += text_[at_++];
        continue;
      }
      const auto end = text_.find('>', at_);
      const auto tag = text_.substr(at_ + 1, end - at_ - 1);
      at_ = end + 1;
      if (tag.starts_with('?')) continue;
      if (tag.starts_with('/')) break;
      const std::string name(tag.substr(0, tag.find_first_of(" \n/")));
      if (name == "ResponseMetadata" || name == "RequestId") {
        read();
        continue;
      }
      children.push_back("<" + name + (tag.ends_with('/') ? std::string() : read()) + ">");
    }
    if (children.empty()) return own_text.find_first_not_of(" \n") == std::string::npos ? "" : "=" + own_text;
    const auto is_entry = [](const std::string& child) { return child.starts_with("<entry") || child.starts_with("<myMap"); };
    if (std::all_of(children.begin(), children.end(), is_entry)) std::sort(children.begin(), children.end());
    std::string out;
    for (const auto& child : children) out += child;
    return out;
  }

 private:
  std::string_view text_;
  std::size_t at_ = 0;
};

TEST(ProtocolOutputCases, Query) {
  const std::set<std::string> left_out = {"AwsQueryDateTimeWithNegativeOffset",
                                          "AwsQueryDateTimeWithPositiveOffset",  // we write Z
                                          "QueryEmptyInputAndEmptyOutput",
                                          "QueryNoInputAndNoOutput",
                                          "QueryNoInputAndOutput",  // no body at all
                                          "QueryQueryFlattenedXmlMapWithXmlName",
                                          "QueryQueryFlattenedXmlMapWithXmlNamespace",
                                          "QueryQueryXmlMapsXmlName"};  // bindings have no names for keys and values
  for_each_case("output/query.json", left_out, [](const ProtocolCase& each) {
    if (each.content.find("error") != nullptr) return;  // encode_error has tests of its own
    const auto expected = expected_of(each);
    const auto written =
        write_query_response(text_or(*each.content.find("given"), "name"), "https://example.com/", expected.shape, expected.object, "id");
    EXPECT_EQ(XmlTree(written).read(), XmlTree(body_of(each)).read());
  });
}

const std::set<std::string> ours_to_set = {"content-type", "content-length", "x-amzn-errortype"};

TEST(ProtocolOutputCases, RestJson) {
  const std::set<std::string> left_out = {"RestJsonDateTimeWithNegativeOffset", "RestJsonDateTimeWithPositiveOffset",  // we write Z
                                          "RestJsonDeserializeIgnoreType",  // a type word that clients must ignore
                                          "HttpPrefixHeadersResponse",      // a map of all headers: an empty prefix has no binding
                                          "MediaTypeHeaderOutputBase64"};   // the value is what is inside the encoded string
  for_each_case("output/rest-json.json", left_out, [](const ProtocolCase& each) {
    const auto expected = expected_of(each);
    const auto& response = *each.content.find("response");
    const auto reply = write_rest_json(expected.shape, expected.object);
    if (reply.content_type == "application/json" || reply.body.empty()) {
      EXPECT_EQ(canonical_reply(reply.body), canonical_reply(body_of(each)));
    } else {
      EXPECT_EQ(reply.body, body_of(each));
    }
    std::vector<HeaderView> headers;
    for (const auto& [name, value] : reply.headers) headers.push_back({name, value});
    const auto* expected_headers = response.find("headers");
    if (expected_headers == nullptr) return;
    for (const auto& field : *expected_headers->as_object()) {
      if (ours_to_set.contains(to_lower(field.name))) continue;
      EXPECT_EQ(find_header(headers, field.name).value_or("(absent)"), *field.value.as_string()) << field.name;
    }
  });
}

}  // namespace
}  // namespace surgetank
