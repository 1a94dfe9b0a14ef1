#include "wire/sigv4_claim.h"

#include <algorithm>
#include <array>

#include "base/text.h"
#include "wire/errors.h"

namespace surgetank::wire {
namespace {

// AWS hashes what it does not want to repeat: the header may hold somebody's password.
std::string hashed_authorization(std::string_view authorization) {
  return "(Hashed with SHA-256 and encoded with Base64) Authorization=" + to_base64(as_bytes(sha256(authorization)));
}

Error incomplete(SigningStyle style, std::string message) {
  return signature_error(style, incomplete_signature, s3_authorization_header_malformed, std::move(message));
}

// "Credential=.., SignedHeaders=.., Signature=..": commas with or without spaces, any order.
void read_fields(std::string_view fields, SignatureClaim& claim) {
  while (!fields.empty()) {
    const auto end = std::min(fields.find(','), fields.size());
    const auto field = trim(fields.substr(0, end));
    fields.remove_prefix(std::min(end + 1, fields.size()));
    const auto equals = field.find('=');
    if (equals == std::string_view::npos) continue;
    const auto name = field.substr(0, equals);
    const auto value = field.substr(equals + 1);
    if (name == "Credential") claim.credential = value;
    if (name == "SignedHeaders") claim.signed_headers = value;
    if (name == "Signature") claim.signature = value;
  }
}

Result<Unit> read_timestamp(std::string_view text, SigningStyle style, SignatureClaim& claim) {
  const auto instant = parse_basic_timestamp(text);
  if (!instant) {
    return incomplete(
        style, "Date must be in ISO-8601 'basic format'. Got '" + std::string(text) + "'. See http://en.wikipedia.org/wiki/ISO_8601");
  }
  claim.signed_at = *instant;
  claim.timestamp = text;
  return Unit{};
}

Result<Unit> parse_header_claim(const SignedRequest& request, std::string_view authorization, SigningStyle style, SignatureClaim& claim) {
  claim.form = SignatureForm::Header;
  const auto space = std::min(authorization.find(' '), authorization.size());
  const auto algorithm = authorization.substr(0, space);
  if (algorithm.starts_with("AWS4-") && algorithm != signature_algorithm)
    return incomplete(style, "Unsupported AWS 'algorithm': '" + std::string(algorithm) + "'.");
  if (algorithm == signature_algorithm) read_fields(authorization.substr(space), claim);
  const auto amz_date = find_header(request.headers, "x-amz-date");
  const auto date = amz_date ? amz_date : find_header(request.headers, "date");
  std::string missing;
  if (claim.credential.empty()) missing += "Authorization header requires 'Credential' parameter. ";
  if (claim.signature.empty()) missing += "Authorization header requires 'Signature' parameter. ";
  if (claim.signed_headers.empty()) missing += "Authorization header requires 'SignedHeaders' parameter. ";
  if (!date) missing += "Authorization header requires existence of either a 'X-Amz-Date' or a 'Date' header. ";
  if (!missing.empty()) return incomplete(style, missing + hashed_authorization(authorization));
  claim.session_token = find_header(request.headers, "x-amz-security-token").value_or("");
  if (amz_date) return read_timestamp(*amz_date, style, claim);
  // A Date header may be an HTTP-date; what is signed is its basic form.
  const auto http_date = parse_timestamp(*date);
  return read_timestamp(http_date ? claim.keep(basic_timestamp(*http_date)) : *date, style, claim);
}

Result<Unit> parse_query_claim(const SignedRequest& request, SigningStyle style, SignatureClaim& claim) {
  claim.form = SignatureForm::Presigned;
  const auto malformed = [&](std::string message) {
    return signature_error(style, incomplete_signature, s3_authorization_query_parameters, std::move(message));
  };
  std::string missing;
  const auto take = [&](std::string_view name) {
    auto value = find_query_parameter(request.query, name);
    if (!value || value->empty()) missing += "AWS query-string parameters must include '" + std::string(name) + "'. ";
    return value.value_or("");
  };
  const auto algorithm = take("X-Amz-Algorithm");
  claim.credential = claim.keep(take("X-Amz-Credential"));
  claim.signature = claim.keep(take("X-Amz-Signature"));
  claim.signed_headers = claim.keep(take("X-Amz-SignedHeaders"));
  const auto date = claim.keep(take("X-Amz-Date"));
  if (!missing.empty()) return malformed(missing + "Re-examine the query-string parameters.");
  if (algorithm != signature_algorithm) return malformed("Unsupported AWS 'algorithm': '" + algorithm + "'.");
  claim.session_token = claim.keep(find_query_parameter(request.query, "X-Amz-Security-Token").value_or(""));
  // Only S3 insists on an expiry; elsewhere a presigned request without one lives as long as a signed header.
  const auto expires = find_query_parameter(request.query, "X-Amz-Expires");
  if (!expires && style == SigningStyle::S3) return malformed("AWS query-string parameters must include 'X-Amz-Expires'.");
  const auto seconds = expires ? parse_integer(*expires) : std::optional<std::int64_t>(signature_clock_skew.us / 1'000'000);
  if (!seconds) return malformed("X-Amz-Expires should be a number");
  if (*seconds < 0) return malformed("X-Amz-Expires must be non-negative");
  if (*seconds > presigned_max_expires_seconds) {
    return malformed(
        "X-Amz-Expires must be less than a week (in seconds); that is, the given X-Amz-Expires must be less than "
        "604800 seconds");
  }
  claim.expires_seconds = *seconds;
  return read_timestamp(date, style, claim);
}

Result<Unit> parse_credential(SigningStyle style, SignatureClaim& claim) {
  std::array<std::string_view, 5> parts;
  auto rest = claim.credential;
  for (auto& part : parts) {
    part = rest.substr(0, rest.find('/'));
    rest.remove_prefix(std::min(part.size() + 1, rest.size()));
  }
  if (std::count(claim.credential.begin(), claim.credential.end(), '/') != 4) {
    return incomplete(style, "Credential must have exactly 5 slash-delimited elements, e.g. keyid/date/region/service/term, got '" +
                                 std::string(claim.credential) + "'");
  }
  claim.access_key_id = parts[0];
  claim.scope = {parts[1], parts[2], parts[3]};
  const auto reject = [&](std::string message) {
    return signature_error(style, invalid_signature, s3_authorization_header_malformed, std::move(message));
  };
  if (parts[4] != signature_terminator) {
    return reject("Credential should be scoped with a valid terminator: 'aws4_request', not '" + std::string(parts[4]) + "'.");
  }
  if (claim.scope.date != claim.timestamp.substr(0, 8)) {
    return reject("Date in Credential scope does not match YYYYMMDD from ISO-8601 version of date from HTTP: '" +
                  std::string(claim.scope.date) + "' != '" + std::string(claim.timestamp.substr(0, 8)) + "', from '" +
                  std::string(claim.timestamp) + "'.");
  }
  // A name that could not be a header's must not get into what is signed.
  const auto is_name_character = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == ';' || c == '-' || c == '_' || c == '.';
  };
  if (!std::all_of(claim.signed_headers.begin(), claim.signed_headers.end(), is_name_character))
    return incomplete(style, "The 'SignedHeaders' parameter must be a list of lower-case header names separated by ';'.");
  if (claim.signed_headers.size() > signed_headers_max_bytes) return incomplete(style, "The 'SignedHeaders' parameter is too long.");
  return Unit{};
}

}  // namespace

Error signature_error(SigningStyle style, const ErrorCode& standard, const ErrorCode& s3, std::string message) {
  return {style == SigningStyle::S3 ? &s3 : &standard, std::move(message)};
}

Result<Unit> parse_claim(const SignedRequest& request, SigningStyle style, SignatureClaim& claim) {
  const auto authorization = find_header(request.headers, "authorization");
  const bool presigned = !request.query.empty() && (find_query_parameter(request.query, "X-Amz-Algorithm").has_value() ||
                                                    find_query_parameter(request.query, "X-Amz-Signature").has_value());
  if (!authorization && !presigned)
    return signature_error(style, missing_authentication_token, s3_access_denied,
                           style == SigningStyle::S3 ? "Access Denied" : "Request is missing Authentication Token");
  if (authorization && presigned) {
    return signature_error(style, incomplete_signature, s3_invalid_argument,
                           "Only one auth mechanism allowed; only the X-Amz-Algorithm query parameter, Signature query string parameter or "
                           "the Authorization header should be specified");
  }
  SURGE_CHECK(presigned ? parse_query_claim(request, style, claim) : parse_header_claim(request, *authorization, style, claim));
  return parse_credential(style, claim);
}

}  // namespace surgetank::wire
