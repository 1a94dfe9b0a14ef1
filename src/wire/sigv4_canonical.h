#pragma once
// Internal to wire/: the canonical request of Signature Version 4 and what is signed, as both signer and verifier need them.
// Pure; any thread.
#include <string>
#include <string_view>

#include "wire/header.h"
#include "wire/sha256.h"
#include "wire/sigv4.h"

namespace surgetank::wire {

inline constexpr std::string_view signature_algorithm = "AWS4-HMAC-SHA256";
inline constexpr std::string_view signature_terminator = "aws4_request";
inline constexpr std::string_view unsigned_payload = "UNSIGNED-PAYLOAD";

// Parameters of a presigned query that are not signed: the signature itself, and the session token where it was added later.
enum class TokenPlace : std::uint8_t { Signed, AddedLater };

struct CanonicalRequest {
  const SignedRequest& request;
  std::string_view signed_headers;  // "host;x-amz-date"
  std::string_view payload_hash;
  SigningStyle style;
  TokenPlace token = TokenPlace::Signed;
};
// Replaces `out`.
void build_canonical_request(const CanonicalRequest& canonical, std::string& out);

void append_canonical_path(std::string& out, std::string_view path, SigningStyle style);
void append_canonical_query(std::string& out, std::string_view query, TokenPlace token);
// "name:value,value\n" with the values of every header of that name.
void append_canonical_header(std::string& out, HeaderViews headers, std::string_view name);

struct Scope {
  std::string_view date;
  std::string_view region;
  std::string_view service;
};
void build_string_to_sign(std::string_view timestamp, const Scope& scope, std::string_view canonical_request, std::string& out);
HmacSha256Key derive_signing_key(std::string_view secret_access_key, const Scope& scope);

// The first value of a query parameter, decoded; nullopt if absent or its escapes are broken.
std::optional<std::string> find_query_parameter(std::string_view query, std::string_view name);
bool contains_signed_header(std::string_view signed_headers, std::string_view name);

}  // namespace surgetank::wire
