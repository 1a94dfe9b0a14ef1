#include "wire/sigv4.h"

#include <array>
#include <cstdint>

#include "base/text.h"
#include "wire/errors.h"
#include "wire/sha256.h"
#include "wire/sigv4_canonical.h"
#include "wire/sigv4_claim.h"

namespace surgetank {
namespace {

using wire::Scope;
using wire::signature_error;
using wire::SignatureClaim;

// A derived key serves a whole day of one client; deriving costs more than all the rest of a verification.
struct CachedKey {
  std::string access_key_id;
  std::string secret_access_key;
  std::string date;
  std::string region;
  std::string service;
  HmacSha256Key key;
};

// Direct-mapped: a collision derives again and nothing grows.
class SigningKeyCache {
 public:
  const HmacSha256Key& find(std::string_view access_key_id, const std::string& secret, const Scope& scope) {
    auto& entry = entries_[hash(access_key_id, scope) % entries_.size()];
    const bool same = entry && entry->access_key_id == access_key_id && entry->secret_access_key == secret && entry->date == scope.date &&
                      entry->region == scope.region && entry->service == scope.service;
    if (!same) {
      entry = CachedKey{.access_key_id = std::string(access_key_id),
                        .secret_access_key = secret,
                        .date = std::string(scope.date),
                        .region = std::string(scope.region),
                        .service = std::string(scope.service),
                        .key = wire::derive_signing_key(secret, scope)};
    }
    return entry->key;
  }

 private:
  static std::uint64_t hash(std::string_view access_key_id, const Scope& scope) {
    std::uint64_t value = 0xcbf29ce484222325ULL;
    for (const auto part : {access_key_id, scope.date, scope.region, scope.service}) {
      for (const char c : part) value = (value ^ static_cast<unsigned char>(c)) * 0x100000001b3ULL;
      value = (value ^ 0xff) * 0x100000001b3ULL;
    }
    return value ^ value >> 32;
  }

  std::array<std::optional<CachedKey>, signing_key_cache_entries> entries_;
};

bool is_hex_digest(std::string_view text) {
  return text.size() == 64 && text.find_first_not_of("0123456789abcdef") == std::string_view::npos;
}

Result<Unit> check_scope(const SignatureClaim& claim, const SignatureExpectation& expected) {
  const auto& scope = claim.scope;
  if (!expected.region.empty() && scope.region != expected.region) {
    if (expected.style == SigningStyle::S3) {
      return Error{&wire::s3_authorization_header_malformed, "The authorization header is malformed; the region '" +
                                                                 std::string(scope.region) + "' is wrong; expecting '" +
                                                                 std::string(expected.region) + "'"};
    }
    return Error{&wire::invalid_signature, "Credential should be scoped to a valid region, not '" + std::string(scope.region) + "'. "};
  }
  if (!expected.service.empty() && scope.service != expected.service) {
    return signature_error(expected.style, wire::invalid_signature, wire::s3_authorization_header_malformed,
                           "Credential should be scoped to correct service: '" + std::string(expected.service) + "'. ");
  }
  return Unit{};
}

bool is_amz_header(std::string_view name) { return name.size() > 6 && equals_ignoring_case(name.substr(0, 6), "x-amz-"); }

Result<Unit> check_signed_headers(const SignedRequest& request, const SignatureClaim& claim, SigningStyle style) {
  if (!wire::contains_signed_header(claim.signed_headers, "host")) {
    return signature_error(style, wire::invalid_signature, wire::s3_access_denied,
                           "'Host' or ':authority' must be a 'SignedHeader' in the AWS Authorization.");
  }
  for (const auto& header : request.headers) {
    if (!is_amz_header(header.name) || equals_ignoring_case(header.name, "x-amz-security-token")) continue;
    if (wire::contains_signed_header(claim.signed_headers, header.name)) continue;
    if (style == SigningStyle::S3) {
      return Error{&wire::s3_access_denied,
                   "There were headers present in the request which were not signed",
                   {{"HeadersNotSigned", to_lower(header.name)}}};
    }
    return Error{&wire::invalid_signature, "'" + to_lower(header.name) + "' must be a 'SignedHeader' in the AWS Authorization."};
  }
  return Unit{};
}

Error expired(const SignatureClaim& claim, const SignatureExpectation& expected, Duration life) {
  return {&wire::invalid_signature, "Signature expired: " + std::string(claim.timestamp) + " is now earlier than " +
                                        basic_timestamp(expected.now - life) + " (" + basic_timestamp(expected.now) + " - " +
                                        std::to_string(life.us / 60'000'000) + " min.)"};
}

Result<Unit> check_time(const SignatureClaim& claim, const SignatureExpectation& expected) {
  const bool s3 = expected.style == SigningStyle::S3;
  const bool presigned = claim.form == SignatureForm::Presigned;
  if (claim.signed_at > expected.now + signature_clock_skew) {
    if (s3 && presigned) return Error{&wire::s3_access_denied, "Request is not valid yet"};
    if (s3) return Error{&wire::s3_request_time_too_skewed, "The difference between the request time and the current time is too large."};
    return Error{&wire::invalid_signature, "Signature not yet current: " + std::string(claim.timestamp) + " is still later than " +
                                               basic_timestamp(expected.now + signature_clock_skew) + " (" + basic_timestamp(expected.now) +
                                               " + 15 min.)"};
  }
  const auto life = presigned ? seconds(claim.expires_seconds) : signature_clock_skew;
  if (claim.signed_at + life >= expected.now) return Unit{};
  if (s3 && presigned) {
    return Error{&wire::s3_access_denied,
                 "Request has expired",
                 {{"X-Amz-Expires", std::to_string(claim.expires_seconds)},
                  {"Expires", iso8601_seconds(claim.signed_at + life)},
                  {"ServerTime", iso8601_seconds(expected.now)}}};
  }
  if (s3) return Error{&wire::s3_request_time_too_skewed, "The difference between the request time and the current time is too large."};
  return expired(claim, expected, life);
}

Error s3_spelling(Error error, SigningStyle style) {
  if (style != SigningStyle::S3) return error;
  if (error.code->name == wire::unrecognized_client.name)
    return {&wire::s3_invalid_access_key_id, "The AWS Access Key Id you provided does not exist in our records."};
  if (error.code->name == wire::expired_token.name) return {&wire::s3_expired_token, "The provided token has expired."};
  return error;
}

Error mismatch(SigningStyle style, std::string_view canonical_request, std::string_view string_to_sign) {
  if (style == SigningStyle::S3) {
    return {&wire::s3_signature_does_not_match,
            "The request signature we calculated does not match the signature you provided. Check your key and signing method.",
            {{"StringToSign", std::string(string_to_sign)}, {"CanonicalRequest", std::string(canonical_request)}}};
  }
  return {&wire::invalid_signature,
          "The request signature we calculated does not match the signature you provided. Check your AWS Secret Access Key and signing "
          "method. Consult the service documentation for details.\n\nThe Canonical String for this request should have been\n'" +
              std::string(canonical_request) + "'\n\nThe String-to-Sign should have been\n'" + std::string(string_to_sign) + "'\n"};
}

// What stands for the body in the canonical request.
Result<std::string> payload_hash(const SignedRequest& request, const SignatureClaim& claim, const SignatureExpectation& expected) {
  const bool may_be_unsigned = expected.payload == PayloadRule::MayBeUnsigned;
  auto claimed = std::string(find_header(request.headers, "x-amz-content-sha256").value_or(""));
  if (claimed.empty() && claim.form == SignatureForm::Presigned) {
    claimed = wire::find_query_parameter(request.query, "X-Amz-Content-Sha256").value_or("");
    const bool s3_default = claimed.empty() && expected.style == SigningStyle::S3 && may_be_unsigned;
    if (s3_default) return std::string(wire::unsigned_payload);
  }
  if (claimed == wire::unsigned_payload) {
    if (may_be_unsigned) return claimed;
    return signature_error(expected.style, wire::invalid_signature, wire::s3_invalid_argument,
                           "x-amz-content-sha256: UNSIGNED-PAYLOAD is not allowed here: the payload must be signed.");
  }
  if (!claimed.empty() && !is_hex_digest(claimed)) {
    if (claimed.starts_with("STREAMING-"))
      return Error{&wire::unsupported_payload, "x-amz-content-sha256: " + claimed + " is not implemented: signed chunks are not read."};
    return signature_error(expected.style, wire::invalid_signature, wire::s3_invalid_argument,
                           "x-amz-content-sha256 must be UNSIGNED-PAYLOAD or a valid sha256 value.");
  }
  auto actual = request.body_sha256.empty() ? sha256_hex(request.body) : std::string(request.body_sha256);
  if (claimed.empty() || equal_in_constant_time(claimed, actual)) return actual;
  return signature_error(expected.style, wire::invalid_signature, wire::s3_content_sha256_mismatch,
                         "The provided 'x-amz-content-sha256' header does not match what was computed.");
}

}  // namespace

struct SignatureVerifier::State {
  SigningKeyCache keys;
  std::string canonical_request;
  std::string string_to_sign;

  bool matches(const wire::CanonicalRequest& canonical, const SignatureClaim& claim, const HmacSha256Key& key) {
    wire::build_canonical_request(canonical, canonical_request);
    wire::build_string_to_sign(claim.timestamp, claim.scope, canonical_request, string_to_sign);
    return equal_in_constant_time(claim.signature, to_hex(key.sign(string_to_sign)));
  }
};

SignatureVerifier::SignatureVerifier() : state_(std::make_unique<State>()) {}
SignatureVerifier::~SignatureVerifier() = default;

Result<VerifiedSignature> SignatureVerifier::verify(const SignedRequest& request, const SignatureExpectation& expectation,
                                                    const FindSigningSecret& find_secret) {
  const auto style = expectation.style;
  SignatureClaim claim;
  SURGE_CHECK(wire::parse_claim(request, style, claim));
  SURGE_CHECK(check_scope(claim, expectation));
  SURGE_CHECK(check_signed_headers(request, claim, style));
  SURGE_CHECK(check_time(claim, expectation));
  auto secret = find_secret(claim.access_key_id, claim.session_token);
  if (!secret.ok()) return s3_spelling(std::move(secret.error()), style);
  SURGE_TRY(hash, payload_hash(request, claim, expectation));
  const auto& key = state_->keys.find(claim.access_key_id, secret->reveal(), claim.scope);
  wire::CanonicalRequest canonical{request, claim.signed_headers, hash, style};
  bool valid = state_->matches(canonical, claim, key);
  if (!valid && claim.form == SignatureForm::Presigned && !claim.session_token.empty()) {
    canonical.token = wire::TokenPlace::AddedLater;
    valid = state_->matches(canonical, claim, key);
  }
  if (!valid) return mismatch(style, state_->canonical_request, state_->string_to_sign);
  return VerifiedSignature{.access_key_id = std::string(claim.access_key_id),
                           .region = std::string(claim.scope.region),
                           .service = std::string(claim.scope.service),
                           .signed_headers = std::string(claim.signed_headers),
                           .session_token = std::string(claim.session_token),
                           .signed_at = claim.signed_at,
                           .form = claim.form};
}

std::optional<CredentialScope> claimed_scope(const SignedRequest& request) {
  SignatureClaim claim;
  if (!wire::parse_claim(request, SigningStyle::Standard, claim).ok()) return std::nullopt;
  return CredentialScope{.access_key_id = std::string(claim.access_key_id),
                         .date = std::string(claim.scope.date),
                         .region = std::string(claim.scope.region),
                         .service = std::string(claim.scope.service)};
}

}  // namespace surgetank
