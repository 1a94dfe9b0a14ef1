#include "wire/sigv4.h"

#include <gtest/gtest.h>

#include "base/text.h"
#include "wire/errors.h"
#include "wire/sha256.h"

namespace surgetank {
namespace {

const Instant now = *parse_timestamp("2026-11-23T14:28:00Z");

// A request that can be changed after it was signed.
struct Request {
  std::string method = "POST";
  std::string path = "/";
  std::string query = {};
  HeaderList headers = {
      {"Host", "sqs.us-east-1.amazonaws.com"}, {"Content-Type", "application/x-amz-json-1.0"}, {"X-Amz-Target", "AmazonSQS.SendMessage"}};
  std::string body = R"({"QueueUrl":"q","MessageBody":"b"})";

  std::vector<HeaderView> views() const {
    std::vector<HeaderView> out;
    for (const auto& [name, value] : headers) out.push_back({name, value});
    return out;
  }
  SignedRequest view(const std::vector<HeaderView>& header_views) const {
    return {.method = method, .path = path, .query = query, .headers = header_views, .body = body};
  }
  std::string& header(std::string_view name) {
    for (auto& [each, value] : headers)
      if (equals_ignoring_case(each, name)) return value;
    throw std::out_of_range(std::string(name));
  }
  void remove_header(std::string_view name) {
    std::erase_if(headers, [&](const auto& each) { return equals_ignoring_case(each.first, name); });
  }
};

const SigningCredentials test_credentials{"AKIDEXAMPLE", Secret<std::string>("secret")};

Request signed_request(Request request = {}, SigningStyle style = SigningStyle::Standard, Instant when = now,
                       const SigningCredentials& credentials = test_credentials) {
  const auto headers = request.views();
  for (auto& header : sign_request(request.view(headers), credentials, {"us-east-1", "sqs", when, style}))
    request.headers.push_back(header);
  return request;
}
Request presigned_request(Request request, SigningStyle style = SigningStyle::Standard, Duration valid_for = minutes(5)) {
  const auto headers = request.views();
  request.query = presign_query(request.view(headers), test_credentials, {"us-east-1", "sqs", now, style}, valid_for);
  return request;
}

Result<Secret<std::string>> find_secret(std::string_view access_key_id, std::string_view session_token) {
  if (access_key_id == "AKIDEXAMPLE" && session_token.empty()) return Secret<std::string>("secret");
  if (access_key_id == "ASIAEXAMPLE" && session_token == "token") return Secret<std::string>("other secret");
  return Error{&wire::unrecognized_client, "The security token included in the request is invalid."};
}

Result<VerifiedSignature> verify(const Request& request,
                                 const SignatureExpectation& expectation = {.service = "sqs", .region = "us-east-1", .now = now}) {
  SignatureVerifier verifier;
  const auto headers = request.views();
  return verifier.verify(request.view(headers), expectation, find_secret);
}

TEST(SignatureVerifier, AcceptsWhatOurSignerSigned) {
  const auto verified = verify(signed_request());
  ASSERT_TRUE(verified.ok()) << verified.error().message;
  EXPECT_EQ(verified->access_key_id, "AKIDEXAMPLE");
  EXPECT_EQ(verified->region, "us-east-1");
  EXPECT_EQ(verified->service, "sqs");
  EXPECT_EQ(verified->signed_headers, "content-type;host;x-amz-date;x-amz-target");
  EXPECT_EQ(verified->signed_at, now);
  EXPECT_EQ(verified->form, SignatureForm::Header);
}

TEST(SignatureVerifier, AChangeOfAnySignedPartIsNoticed) {
  const std::vector<std::pair<std::string, std::function<void(Request&)>>> changes = {
      {"method", [](Request& r) { r.method = "PUT"; }},
      {"path", [](Request& r) { r.path = "/x"; }},
      {"query", [](Request& r) { r.query = "a=b"; }},
      {"body", [](Request& r) { r.body += " "; }},
      {"empty body", [](Request& r) { r.body.clear(); }},
      {"host", [](Request& r) { r.header("Host") = "sqs.eu-west-1.amazonaws.com"; }},
      {"target", [](Request& r) { r.header("X-Amz-Target") = "AmazonSQS.DeleteQueue"; }},
      {"content type", [](Request& r) { r.header("Content-Type") = "text/plain"; }},
      {"second host", [](Request& r) { r.headers.emplace_back("host", "other"); }},
      {"removed header", [](Request& r) { r.remove_header("Content-Type"); }},
      {"time", [](Request& r) { r.header("X-Amz-Date") = "20261123T142801Z"; }},
      {"key", [](Request& r) { r.header("Authorization") = replace_all(r.header("Authorization"), "AKIDEXAMPLE", "AKIDEXAMPLF"); }},
      {"region", [](Request& r) { r.header("Authorization") = replace_all(r.header("Authorization"), "us-east-1", "us-east-2"); }},
      {"service", [](Request& r) { r.header("Authorization") = replace_all(r.header("Authorization"), "/sqs/", "/sns/"); }},
      {"date of scope", [](Request& r) { r.header("Authorization") = replace_all(r.header("Authorization"), "20261123", "20261122"); }},
      {"terminator",
       [](Request& r) { r.header("Authorization") = replace_all(r.header("Authorization"), "aws4_request", "aws5_request"); }},
      {"fewer signed headers", [](Request& r) { r.header("Authorization") = replace_all(r.header("Authorization"), "content-type;", ""); }},
      {"shorter signature", [](Request& r) { r.header("Authorization").pop_back(); }},
      {"signature",
       [](Request& r) {
         auto& last = r.header("Authorization").back();
         last = last == '0' ? '1' : '0';
       }},
      {"upper-case signature", [](Request& r) {
         auto& text = r.header("Authorization");
         text = text.substr(0, text.size() - 64) + to_upper(text.substr(text.size() - 64));
       }}};
  for (const auto& [part, change] : changes) {
    auto request = signed_request();
    change(request);
    EXPECT_FALSE(verify(request, {.now = now}).ok()) << part;
  }
}

TEST(SignatureVerifier, AMismatchIsToldInAwsWords) {
  auto request = signed_request();
  request.body = "changed";
  const auto result = verify(request);
  EXPECT_EQ(result.error().code, &wire::invalid_signature);
  EXPECT_EQ(result.error().message.substr(0, result.error().message.find('\n')),
            "The request signature we calculated does not match the signature you provided. Check your AWS Secret Access Key and signing "
            "method. Consult the service documentation for details.");
  EXPECT_TRUE(contains(result.error().message, "'AWS4-HMAC-SHA256\n20261123T142800Z\n20261123/us-east-1/sqs/aws4_request\n"));
}

TEST(SignatureVerifier, EveryAmzHeaderMustBeSignedExceptALaterToken) {
  auto request = signed_request();
  request.headers.emplace_back("X-Amz-Meta", "x");
  EXPECT_EQ(verify(request).error().message, "'x-amz-meta' must be a 'SignedHeader' in the AWS Authorization.");
  request = signed_request({}, SigningStyle::Standard, now, {"ASIAEXAMPLE", Secret<std::string>("other secret")});
  request.headers.emplace_back("X-Amz-Security-Token", "token");
  EXPECT_TRUE(verify(request).ok());
}

TEST(SignatureVerifier, HostMustBeSigned) {
  auto request = signed_request();
  request.header("Authorization") = replace_all(request.header("Authorization"), "host;", "");
  EXPECT_EQ(verify(request).error().message, "'Host' or ':authority' must be a 'SignedHeader' in the AWS Authorization.");
}

TEST(SignatureVerifier, MissingPiecesAreListed) {
  Request plain;
  EXPECT_EQ(verify(plain).error().code, &wire::missing_authentication_token);
  EXPECT_EQ(verify(plain).error().message, "Request is missing Authentication Token");
  plain.headers.emplace_back("Authorization", "Bearer hunter2");
  const auto result = verify(plain);
  EXPECT_EQ(result.error().code, &wire::incomplete_signature);
  EXPECT_EQ(
      result.error().message,
      "Authorization header requires 'Credential' parameter. Authorization header requires 'Signature' parameter. Authorization header "
      "requires 'SignedHeaders' parameter. Authorization header requires existence of either a 'X-Amz-Date' or a 'Date' header. "
      "(Hashed with SHA-256 and encoded with Base64) Authorization=" +
          to_base64(as_bytes(sha256("Bearer hunter2"))));
  plain.header("Authorization") = "AWS4-ECDSA-P256-SHA256 Credential=a";
  EXPECT_EQ(verify(plain).error().message, "Unsupported AWS 'algorithm': 'AWS4-ECDSA-P256-SHA256'.");
  auto request = signed_request();
  request.header("Authorization") = replace_all(request.header("Authorization"), "/sqs/", "/");
  EXPECT_EQ(verify(request).error().message,
            "Credential must have exactly 5 slash-delimited elements, e.g. keyid/date/region/service/term, got "
            "'AKIDEXAMPLE/20261123/us-east-1/aws4_request'");
  request = signed_request();
  request.header("X-Amz-Date") = "2026-11-23";
  EXPECT_EQ(verify(request).error().message,
            "Date must be in ISO-8601 'basic format'. Got '2026-11-23'. See http://en.wikipedia.org/wiki/ISO_8601");
}

TEST(SignatureVerifier, SignedHeadersAreLimited) {
  auto request = signed_request();
  std::string many;
  for (int i = 0; i < 1000; ++i) many += "a;a;a;";
  request.header("Authorization") = replace_all(request.header("Authorization"), "SignedHeaders=", "SignedHeaders=" + many);
  EXPECT_EQ(verify(request).error().message, "The 'SignedHeaders' parameter is too long.");
}

TEST(SignatureVerifier, ScopeMustFitTheService) {
  const auto request = signed_request();
  EXPECT_EQ(verify(request, {.service = "sns", .now = now}).error().message, "Credential should be scoped to correct service: 'sns'. ");
  EXPECT_EQ(verify(request, {.region = "eu-west-1", .now = now}).error().message,
            "Credential should be scoped to a valid region, not 'us-east-1'. ");
  EXPECT_TRUE(verify(request, {.now = now}).ok());
}

TEST(SignatureVerifier, ClocksMayDifferByFifteenMinutes) {
  const auto at = [&](Instant when) { return verify(signed_request({}, SigningStyle::Standard, when), {.now = now}); };
  EXPECT_TRUE(at(now - minutes(15)).ok());
  EXPECT_TRUE(at(now + minutes(15)).ok());
  EXPECT_EQ(at(now - minutes(15) - seconds(1)).error().message,
            "Signature expired: 20261123T141259Z is now earlier than 20261123T141300Z (20261123T142800Z - 15 min.)");
  EXPECT_EQ(at(now + minutes(15) + seconds(1)).error().message,
            "Signature not yet current: 20261123T144301Z is still later than 20261123T144300Z (20261123T142800Z + 15 min.)");
}

TEST(SignatureVerifier, TokensBelongToTheirKey) {
  const SigningCredentials temporary{"ASIAEXAMPLE", Secret<std::string>("other secret"), "token"};
  const auto verified = verify(signed_request({}, SigningStyle::Standard, now, temporary));
  ASSERT_TRUE(verified.ok()) << verified.error().message;
  EXPECT_EQ(verified->session_token, "token");
  auto wrong = signed_request({}, SigningStyle::Standard, now, {"ASIAEXAMPLE", Secret<std::string>("other secret"), "forged"});
  EXPECT_EQ(verify(wrong).error().code, &wire::unrecognized_client);
  wrong = signed_request({}, SigningStyle::Standard, now, {"AKIDEXAMPLE", Secret<std::string>("secret"), "token"});
  EXPECT_EQ(verify(wrong).error().code, &wire::unrecognized_client);
}

TEST(SignatureVerifier, DatesFromADateHeaderCount) {
  auto request = signed_request();
  request.headers.emplace_back("Date", "Mon, 23 Nov 2026 14:28:00 GMT");
  request.remove_header("X-Amz-Date");
  const auto result = verify(request);
  EXPECT_FALSE(result.ok());  // it was signed with the other header, but the date was understood:
  EXPECT_TRUE(contains(result.error().message, "AWS4-HMAC-SHA256\n20261123T142800Z\n"));
}

TEST(SignatureVerifier, ThePayloadHashMustBeTheBodys) {
  Request request;
  request.headers.emplace_back("X-Amz-Content-Sha256", sha256_hex(request.body));
  auto good = signed_request(request);
  EXPECT_TRUE(verify(good).ok());
  good.body = "changed";
  EXPECT_EQ(verify(good).error().message, "The provided 'x-amz-content-sha256' header does not match what was computed.");
}

TEST(SignatureVerifier, UnsignedAndStreamingPayloadsAreRefusedUnlessAllowed) {
  const auto with_mode = [](std::string_view mode) {
    Request request;
    request.headers.emplace_back("X-Amz-Content-Sha256", mode);
    return signed_request(request);
  };
  EXPECT_EQ(verify(with_mode("UNSIGNED-PAYLOAD")).error().code, &wire::invalid_signature);
  EXPECT_TRUE(verify(with_mode("UNSIGNED-PAYLOAD"), {.now = now, .payload = PayloadRule::MayBeUnsigned}).ok());
  for (const auto* mode : {"STREAMING-AWS4-HMAC-SHA256-PAYLOAD", "STREAMING-UNSIGNED-PAYLOAD-TRAILER"}) {
    const auto result = verify(with_mode(mode), {.now = now, .style = SigningStyle::S3, .payload = PayloadRule::MayBeUnsigned});
    EXPECT_EQ(result.error().code, &wire::unsupported_payload) << mode;
    EXPECT_TRUE(contains(result.error().message, mode));
  }
  EXPECT_FALSE(verify(with_mode("whatever"), {.now = now, .payload = PayloadRule::MayBeUnsigned}).ok());
  EXPECT_FALSE(verify(with_mode(std::string(64, 'A')), {.now = now, .payload = PayloadRule::MayBeUnsigned}).ok());
}

TEST(SignatureVerifier, ABodyHashedBeforehandIsNotHashedAgain) {
  const auto request = signed_request();
  const auto headers = request.views();
  auto view = request.view(headers);
  const auto hash = sha256_hex(request.body);
  view.body = {};
  view.body_sha256 = hash;
  SignatureVerifier verifier;
  EXPECT_TRUE(verifier.verify(view, {.now = now}, find_secret).ok());
}

TEST(SignatureVerifier, PresignedRequestsLiveUntilTheyExpire) {
  Request get{.method = "GET", .path = "/queue", .query = "Action=ReceiveMessage&b=%2F", .headers = {{"Host", "h"}}, .body = ""};
  const auto request = presigned_request(get);
  const auto verified = verify(request);
  ASSERT_TRUE(verified.ok()) << verified.error().message;
  EXPECT_EQ(verified->form, SignatureForm::Presigned);
  EXPECT_TRUE(verify(request, {.now = now + minutes(5)}).ok());
  EXPECT_EQ(verify(request, {.now = now + minutes(5) + seconds(1)}).error().message,
            "Signature expired: 20261123T142800Z is now earlier than 20261123T142801Z (20261123T143301Z - 5 min.)");
  EXPECT_FALSE(verify(request, {.now = now - minutes(16)}).ok());
}

TEST(SignatureVerifier, AChangeOfAnyPresignedPartIsNoticed) {
  const Request get{.method = "GET", .path = "/queue", .query = "Action=ReceiveMessage", .headers = {{"Host", "h"}}, .body = ""};
  const std::vector<std::pair<std::string, std::function<void(Request&)>>> changes = {
      {"method", [](Request& r) { r.method = "DELETE"; }},
      {"path", [](Request& r) { r.path = "/other"; }},
      {"host", [](Request& r) { r.header("Host") = "i"; }},
      {"parameter", [](Request& r) { r.query = replace_all(r.query, "ReceiveMessage", "DeleteQueue"); }},
      {"more parameters", [](Request& r) { r.query += "&x=y"; }},
      {"expiry", [](Request& r) { r.query = replace_all(r.query, "Expires=300", "Expires=3000"); }},
      {"signed headers", [](Request& r) { r.query = replace_all(r.query, "SignedHeaders=host", "SignedHeaders=host%3Bx"); }},
      {"header name with a line feed", [](Request& r) { r.query = replace_all(r.query, "SignedHeaders=host", "SignedHeaders=host%0A"); }},
      {"unsigned header", [](Request& r) { r.headers.emplace_back("x-amz-acl", "public-read"); }},
      {"body", [](Request& r) { r.body = "x"; }},
      {"token", [](Request& r) { r.query += "&X-Amz-Security-Token=token"; }},
      {"algorithm", [](Request& r) { r.query = replace_all(r.query, "AWS4-HMAC-SHA256", "AWS4-HMAC-SHA1"); }},
      {"both forms", [](Request& r) { r.headers.emplace_back("Authorization", "AWS4-HMAC-SHA256 x"); }}};
  for (const auto& [part, change] : changes) {
    auto request = presigned_request(get);
    change(request);
    EXPECT_FALSE(verify(request, {.now = now}).ok()) << part;
  }
}

TEST(SignatureVerifier, PresignedExpiryHasBounds) {
  const Request get{.method = "GET", .headers = {{"Host", "h"}}, .body = ""};
  EXPECT_TRUE(verify(presigned_request(get, SigningStyle::Standard, days(7))).ok());
  EXPECT_TRUE(contains(verify(presigned_request(get, SigningStyle::Standard, days(7) + seconds(1))).error().message, "less than a week"));
  EXPECT_EQ(verify(presigned_request(get, SigningStyle::Standard, seconds(-5))).error().message, "X-Amz-Expires must be non-negative");
  auto request = presigned_request(get);
  request.query = replace_all(request.query, "X-Amz-Signature", "X-Amz-Sig");
  EXPECT_EQ(verify(request).error().message,
            "AWS query-string parameters must include 'X-Amz-Signature'. Re-examine the query-string parameters.");
}

TEST(SignatureVerifier, S3HasItsOwnPathsPayloadsAndErrors) {
  const SignatureExpectation s3{
      .service = "sqs", .region = "us-east-1", .now = now, .style = SigningStyle::S3, .payload = PayloadRule::MayBeUnsigned};
  const Request put{.method = "PUT", .path = "/bucket/a//b/../c%20d(1)", .headers = {{"Host", "h"}}, .body = "content"};
  EXPECT_TRUE(verify(signed_request(put, SigningStyle::S3), s3).ok());
  auto presigned = presigned_request(put, SigningStyle::S3);
  presigned.body = "any body: the payload is not signed";
  EXPECT_TRUE(verify(presigned, s3).ok());
  auto strict = s3;
  strict.payload = PayloadRule::MustBeSigned;
  EXPECT_FALSE(verify(presigned, strict).ok());

  auto late = s3;
  late.now = now + hours(1);
  EXPECT_EQ(verify(presigned, late).error().code, &wire::s3_access_denied);
  EXPECT_EQ(verify(presigned, late).error().message, "Request has expired");
  EXPECT_EQ(verify(signed_request(put, SigningStyle::S3), late).error().code, &wire::s3_request_time_too_skewed);
  EXPECT_EQ(verify(put, s3).error().code, &wire::s3_access_denied);
  auto tampered = signed_request(put, SigningStyle::S3);
  tampered.body = "other";
  EXPECT_EQ(verify(tampered, s3).error().code, &wire::s3_content_sha256_mismatch);
  tampered = signed_request(put, SigningStyle::S3);
  tampered.path += "x";
  EXPECT_EQ(verify(tampered, s3).error().code, &wire::s3_signature_does_not_match);
  const auto unknown = signed_request(put, SigningStyle::S3, now, {"AKIDOTHER", Secret<std::string>("x")});
  EXPECT_EQ(verify(unknown, s3).error().code, &wire::s3_invalid_access_key_id);
}

TEST(SignatureVerifier, TheKeyCacheForgetsAReplacedSecret) {
  SignatureVerifier verifier;
  const auto request = signed_request();
  const auto headers = request.views();
  std::string secret = "secret";
  const auto find = [&](std::string_view, std::string_view) -> Result<Secret<std::string>> { return Secret<std::string>(secret); };
  EXPECT_TRUE(verifier.verify(request.view(headers), {.now = now}, find).ok());
  secret = "rotated";
  EXPECT_FALSE(verifier.verify(request.view(headers), {.now = now}, find).ok());
  secret = "secret";
  EXPECT_TRUE(verifier.verify(request.view(headers), {.now = now}, find).ok());
}

TEST(SignatureVerifier, ManyKeysDoNotDisturbEachOther) {
  SignatureVerifier verifier;
  const auto find = [](std::string_view access_key_id, std::string_view) -> Result<Secret<std::string>> {
    return Secret<std::string>("secret of " + std::string(access_key_id));
  };
  for (int round = 0; round < 2; ++round) {
    for (std::size_t i = 0; i < 2 * signing_key_cache_entries; ++i) {
      const auto id = "AKID" + std::to_string(i);
      const auto request = signed_request({}, SigningStyle::Standard, now, {id, Secret<std::string>("secret of " + id)});
      const auto headers = request.views();
      ASSERT_TRUE(verifier.verify(request.view(headers), {.now = now}, find).ok()) << id;
    }
  }
}

TEST(ClaimedScope, IsReadWithoutVerifying) {
  const auto request = signed_request();
  const auto headers = request.views();
  const auto scope = claimed_scope(request.view(headers));
  ASSERT_TRUE(scope);
  EXPECT_EQ(scope->service, "sqs");
  EXPECT_EQ(scope->region, "us-east-1");
  EXPECT_EQ(scope->access_key_id, "AKIDEXAMPLE");
  const Request plain;
  const auto plain_headers = plain.views();
  EXPECT_FALSE(claimed_scope(plain.view(plain_headers)));
}

}  // namespace
}  // namespace surgetank
