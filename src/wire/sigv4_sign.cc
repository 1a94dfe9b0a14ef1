#include <algorithm>
#include <array>
#include <vector>

#include "base/assert.h"
#include "base/text.h"
#include "wire/sha256.h"
#include "wire/sigv4.h"
#include "wire/sigv4_canonical.h"

namespace surgetank {
namespace {

// Headers that proxies and HTTP libraries change on the way.
bool is_signable(std::string_view name) {
  static constexpr std::array<std::string_view, 12> unsignable = {
      "authorization", "connection",        "expect",  "keep-alive",      "proxy-authorization", "te",
      "trailer",       "transfer-encoding", "upgrade", "x-amzn-trace-id", "user-agent",          "cache-control"};
  return std::none_of(unsignable.begin(), unsignable.end(), [&](std::string_view other) { return equals_ignoring_case(name, other); });
}

std::string signable_names(const std::vector<HeaderView>& headers) {
  std::vector<std::string> names;
  for (const auto& header : headers)
    if (is_signable(header.name)) names.push_back(to_lower(header.name));
  std::sort(names.begin(), names.end());
  names.erase(std::unique(names.begin(), names.end()), names.end());
  SURGE_ASSERT(std::binary_search(names.begin(), names.end(), "host"), "a request is signed with its Host");
  return join(names, ";");
}

std::string signature_of(const wire::CanonicalRequest& canonical, const SigningCredentials& credentials, std::string_view timestamp,
                         const wire::Scope& scope) {
  std::string canonical_request;
  std::string string_to_sign;
  wire::build_canonical_request(canonical, canonical_request);
  wire::build_string_to_sign(timestamp, scope, canonical_request, string_to_sign);
  const auto key = wire::derive_signing_key(credentials.secret_access_key.reveal(), scope);
  return to_hex(key.sign(string_to_sign));
}

std::string credential_of(const SigningCredentials& credentials, const wire::Scope& scope) {
  std::string out = credentials.access_key_id;
  for (const auto part : {scope.date, scope.region, scope.service, wire::signature_terminator}) {
    out += '/';
    out += part;
  }
  return out;
}

std::string body_hash(const SignedRequest& request) {
  if (const auto given = find_header(request.headers, "x-amz-content-sha256")) return std::string(*given);
  return request.body_sha256.empty() ? sha256_hex(request.body) : std::string(request.body_sha256);
}

}  // namespace

HeaderList sign_request(const SignedRequest& request, const SigningCredentials& credentials, const SigningTarget& target) {
  const auto timestamp = basic_timestamp(target.now);
  const auto hash = body_hash(request);
  HeaderList added;
  added.emplace_back("X-Amz-Date", timestamp);
  if (!credentials.session_token.empty()) added.emplace_back("X-Amz-Security-Token", credentials.session_token);
  if (target.style == SigningStyle::S3 && !find_header(request.headers, "x-amz-content-sha256"))
    added.emplace_back("X-Amz-Content-Sha256", hash);

  std::vector<HeaderView> headers(request.headers.begin(), request.headers.end());
  for (const auto& [name, value] : added) headers.push_back({name, value});
  auto whole = request;
  whole.headers = headers;
  const wire::Scope scope{std::string_view(timestamp).substr(0, 8), target.region, target.service};
  const auto signed_headers = signable_names(headers);
  const auto signature = signature_of({whole, signed_headers, hash, target.style}, credentials, timestamp, scope);
  added.emplace_back("Authorization", std::string(wire::signature_algorithm) + " Credential=" + credential_of(credentials, scope) +
                                          ", SignedHeaders=" + signed_headers + ", Signature=" + signature);
  return added;
}

std::string presign_query(const SignedRequest& request, const SigningCredentials& credentials, const SigningTarget& target,
                          Duration valid_for) {
  const auto timestamp = basic_timestamp(target.now);
  const wire::Scope scope{std::string_view(timestamp).substr(0, 8), target.region, target.service};
  const auto signed_headers = signable_names({request.headers.begin(), request.headers.end()});
  std::string query(request.query);
  const auto add = [&](std::string_view name, std::string_view value) {
    if (!query.empty()) query += '&';
    query += name;
    query += '=';
    query += percent_encode(value);
  };
  add("X-Amz-Algorithm", wire::signature_algorithm);
  add("X-Amz-Credential", credential_of(credentials, scope));
  add("X-Amz-Date", timestamp);
  add("X-Amz-SignedHeaders", signed_headers);
  add("X-Amz-Expires", std::to_string(valid_for.us / 1'000'000));
  if (!credentials.session_token.empty()) add("X-Amz-Security-Token", credentials.session_token);
  auto whole = request;
  whole.query = query;
  const auto hash = target.style == SigningStyle::S3 ? std::string(wire::unsigned_payload) : body_hash(request);
  const auto signature = signature_of({whole, signed_headers, hash, target.style}, credentials, timestamp, scope);
  add("X-Amz-Signature", signature);
  return query;
}

}  // namespace surgetank
