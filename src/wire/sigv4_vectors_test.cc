// The signing vectors of aws-c-auth (headers and presigned) and the older suite of botocore: canonical request, string to sign,
// signature, our signer's result and our verifier's verdict.
#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <map>

#include "base/text.h"
#include "wire/errors.h"
#include "wire/protocol_cases.h"
#include "wire/sigv4.h"
#include "wire/sigv4_canonical.h"

namespace surgetank {
namespace {

namespace fs = std::filesystem;
using testing::read_text_file;
using testing::vectors_directory;

constexpr std::string_view secret_key = "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY";
const Instant vector_time = *parse_timestamp("2015-08-30T12:36:00Z");

struct StoredRequest {
  std::string method;
  std::string path;
  std::string query;
  std::vector<std::pair<std::string, std::string>> headers;
  std::string body;

  std::vector<HeaderView> header_views() const {
    std::vector<HeaderView> views;
    for (const auto& [name, value] : headers) views.push_back({name, value});
    return views;
  }
};

// Request lines of the vectors hold raw spaces and UTF-8, headers go on over several lines.
StoredRequest parse_request(const std::string& text) {
  StoredRequest request;
  auto lines = split(text, '\n');
  const auto first = lines[0];
  request.method = first.substr(0, first.find(' '));
  auto target = first.substr(first.find(' ') + 1);
  target = target.substr(0, target.rfind(' '));
  request.path = target.substr(0, target.find('?'));
  if (target.find('?') != std::string_view::npos) request.query = target.substr(target.find('?') + 1);
  std::size_t i = 1;
  for (; i < lines.size() && !lines[i].empty(); ++i) {
    if (lines[i].starts_with(' ')) {
      request.headers.back().second += " " + std::string(trim(lines[i]));
      continue;
    }
    const auto colon = lines[i].find(':');
    request.headers.emplace_back(lines[i].substr(0, colon), trim(lines[i].substr(colon + 1)));
  }
  for (++i; i < lines.size(); ++i) request.body += (request.body.empty() ? "" : "\n") + std::string(lines[i]);
  return request;
}

SignedRequest view_of(const StoredRequest& request, const std::vector<HeaderView>& headers) {
  return {.method = request.method, .path = request.path, .query = request.query, .headers = headers, .body = request.body};
}

Result<Secret<std::string>> vector_secret(std::string_view access_key_id, std::string_view) {
  if (access_key_id != "AKIDEXAMPLE") return Error{&wire::unrecognized_client, ""};
  return Secret<std::string>(std::string(secret_key));
}

std::string canonical_of(const StoredRequest& request, std::string_view signed_headers, SigningStyle style, wire::TokenPlace token) {
  const auto headers = request.header_views();
  const auto view = view_of(request, headers);
  const auto hash = sha256_hex(request.body);
  std::string out;
  wire::build_canonical_request({view, signed_headers, hash, style, token}, out);
  return out;
}

std::string string_to_sign_of(const std::string& canonical) {
  std::string out;
  wire::build_string_to_sign("20150830T123600Z", {"20150830", "us-east-1", "service"}, canonical, out);
  return out;
}

std::string last_line_but_one(const std::string& canonical) {
  const auto lines = split(canonical, '\n');
  return std::string(lines[lines.size() - 2]);
}

// "unnormalized" vectors leave the path as it is, as S3 does.
SigningStyle style_of(const fs::path& directory) {
  return directory.filename().string().find("unnormalized") != std::string::npos ? SigningStyle::S3 : SigningStyle::Standard;
}

class Vector {
 public:
  explicit Vector(const fs::path& directory) : directory_(directory), style_(style_of(directory)) {
    const auto context = parse_json(read("context.json"));
    token_ = testing::text_or(*context->find("credentials"), "token");
    token_later_ = context->find("omit_session_token") != nullptr && *context->find("omit_session_token")->as_boolean();
  }

  void check_header_form() const {
    const auto sent = parse_request(read("header-signed-request.txt"));
    const auto expected = read("header-canonical-request.txt");
    const auto canonical = canonical_of(sent, last_line_but_one(expected), style_, wire::TokenPlace::Signed);
    EXPECT_EQ(canonical, expected);
    EXPECT_EQ(string_to_sign_of(canonical), read("header-string-to-sign.txt"));
    expect_verified(sent);
    if (token_later_ || style_ == SigningStyle::S3) return;  // our signer always signs the token, and for S3 the body's hash
    auto plain = parse_request(read("request.txt"));
    for (const auto& header : sent.headers)
      if (equals_ignoring_case(header.first, "x-amz-content-sha256")) plain.headers.push_back(header);
    const auto headers = plain.header_views();
    const auto added = sign_request(view_of(plain, headers), credentials(), target());
    const std::string authorization = added.back().second;
    EXPECT_EQ(authorization.substr(authorization.size() - 64), read("header-signature.txt"));
  }

  void check_presigned_form() const {
    const auto sent = parse_request(read("query-signed-request.txt"));
    const auto expected = read("query-canonical-request.txt");
    const auto token = token_later_ ? wire::TokenPlace::AddedLater : wire::TokenPlace::Signed;
    const auto canonical = canonical_of(sent, last_line_but_one(expected), style_, token);
    EXPECT_EQ(canonical, expected);
    EXPECT_EQ(string_to_sign_of(canonical), read("query-string-to-sign.txt"));
    expect_verified(sent);
    if (token_later_ || style_ == SigningStyle::S3) return;  // S3 presigns an unsigned payload, the vectors do not
    const auto plain = parse_request(read("request.txt"));
    const auto headers = plain.header_views();
    EXPECT_EQ(presign_query(view_of(plain, headers), credentials(), target(), hours(1)), sent.query);
  }

 private:
  std::string read(std::string_view name) const { return read_text_file(directory_ / name); }
  SigningCredentials credentials() const { return {"AKIDEXAMPLE", Secret<std::string>(std::string(secret_key)), token_}; }
  SigningTarget target() const { return {"us-east-1", "service", vector_time, style_}; }

  void expect_verified(const StoredRequest& sent) const {
    SignatureVerifier verifier;
    const auto headers = sent.header_views();
    auto request = view_of(sent, headers);
    const auto verified =
        verifier.verify(request, {.service = "service", .region = "us-east-1", .now = vector_time, .style = style_}, vector_secret);
    ASSERT_TRUE(verified.ok()) << verified.error().message;
    EXPECT_EQ(verified->access_key_id, "AKIDEXAMPLE");
    EXPECT_EQ(verified->session_token, token_);
  }

  fs::path directory_;
  SigningStyle style_;
  std::string token_;
  bool token_later_ = false;
};

TEST(SignatureVectors, HeaderAndPresignedFormsOfEveryVectorAgree) {
  const auto root = fs::path(vectors_directory) / "sigv4/tests/aws-signing-test-suite/v4";
  if (!fs::exists(root)) GTEST_SKIP() << "the signing vectors are not beside this clone";
  int checked = 0;
  for (const auto& entry : fs::directory_iterator(root)) {
    SCOPED_TRACE(entry.path().filename().string());
    const Vector vector(entry.path());
    vector.check_header_form();
    vector.check_presigned_form();
    ++checked;
  }
  EXPECT_EQ(checked, 38);
}

TEST(SignatureVectors, OlderSuiteVerifies) {
  const auto root = fs::path(vectors_directory) / "botocore-protocols/tests/unit/auth/aws4_testsuite";
  if (!fs::exists(root)) GTEST_SKIP() << "the signing vectors are not beside this clone";
  int checked = 0;
  for (const auto& entry : fs::recursive_directory_iterator(root)) {
    if (entry.path().extension() != ".sreq") continue;
    SCOPED_TRACE(entry.path().filename().string());
    auto sent = parse_request(read_text_file(entry.path()));
    // one .sreq of the suite carries a signature that its own .authz contradicts
    auto sibling = entry.path();
    for (auto& [name, value] : sent.headers)
      if (name == "Authorization") value = read_text_file(sibling.replace_extension(".authz"));
    SignatureVerifier verifier;
    const auto headers = sent.header_views();
    const auto verified = verifier.verify(view_of(sent, headers), {.now = vector_time}, vector_secret);
    EXPECT_TRUE(verified.ok()) << verified.error().message;
    const auto expected = read_text_file(sibling.replace_extension(".creq"));
    EXPECT_EQ(canonical_of(sent, last_line_but_one(expected), SigningStyle::Standard, wire::TokenPlace::Signed), expected);
    ++checked;
  }
  EXPECT_GT(checked, 30);
}

}  // namespace
}  // namespace surgetank
