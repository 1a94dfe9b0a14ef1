#pragma once
// AWS Signature Version 4: verification of what clients sent, and signing for our own clients and tests.
// Source: the SigV4 chapters of the AWS General Reference / IAM User Guide and S3 API Reference; vectors of aws-c-auth.
//
// A SignatureVerifier belongs to one thread (make one per core): it owns a bounded cache of derived signing keys and scratch
// buffers. Everything else is pure. All views of a SignedRequest must outlive the call. Nothing here reads a clock.
//
// What is checked, in order: the Authorization header (or the X-Amz-* query) is complete; scope: date, region, service,
// terminator; signed headers contain host and every x-amz-* header of the request (x-amz-security-token may be added after
// signing, as AWS documents); clock skew within 15 minutes, or for presigned requests not used before their date or after
// X-Amz-Expires; access key and session token (the caller's FindSigningSecret); body hash; signature in constant time.
// Errors are AWS's: wire::missing_authentication_token, incomplete_signature, invalid_signature, unsupported_payload and those
// of FindSigningSecret; with SigningStyle::S3 the wire::s3_* ones.
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "base/log.h"
#include "base/result.h"
#include "base/time.h"
#include "wire/header.h"

namespace surgetank {

inline constexpr Duration signature_clock_skew = minutes(15);
inline constexpr std::int64_t presigned_max_expires_seconds = 604'800;
inline constexpr std::size_t signing_key_cache_entries = 256;
inline constexpr std::size_t signed_headers_max_bytes = 4096;

// Standard: the path is normalised and encoded twice. S3: as sent, encoded once; S3's error codes.
enum class SigningStyle : std::uint8_t { Standard, S3 };
// Whether x-amz-content-sha256: UNSIGNED-PAYLOAD (for S3 also a presigned request without that header) is taken.
enum class PayloadRule : std::uint8_t { MustBeSigned, MayBeUnsigned };

struct SignedRequest {
  std::string_view method;
  std::string_view path;   // as sent: still percent-encoded, without query
  std::string_view query;  // as sent, without '?'
  HeaderViews headers;
  std::string_view body;
  // Lower-case hex SHA-256 of the body when the caller has it already (streamed bodies); empty: `body` is hashed.
  std::string_view body_sha256 = {};
};

struct SignatureExpectation {
  std::string_view service = {};  // empty: any (the front door routes by the scope itself)
  std::string_view region = {};   // empty: any
  Instant now;
  SigningStyle style = SigningStyle::Standard;
  PayloadRule payload = PayloadRule::MustBeSigned;
};

// The owner of the keys: the secret of a known key whose token is right ("" if the request carries none), or the Error to answer
// (wire::unrecognized_client, wire::expired_token or its own).
using FindSigningSecret = std::function<Result<Secret<std::string>>(std::string_view access_key_id, std::string_view session_token)>;

enum class SignatureForm : std::uint8_t { Header, Presigned };
struct VerifiedSignature {
  std::string access_key_id;
  std::string region;
  std::string service;
  std::string signed_headers;  // as signed: lower case, separated by ';'
  std::string session_token;   // empty if none
  Instant signed_at;
  SignatureForm form = SignatureForm::Header;
};

class SignatureVerifier {
 public:
  SignatureVerifier();
  ~SignatureVerifier();
  SignatureVerifier(const SignatureVerifier&) = delete;
  SignatureVerifier& operator=(const SignatureVerifier&) = delete;

  Result<VerifiedSignature> verify(const SignedRequest& request, const SignatureExpectation& expectation,
                                   const FindSigningSecret& find_secret);

 private:
  struct State;
  std::unique_ptr<State> state_;
};

// The scope a request claims, unverified: for routing only. nullopt if it carries no (readable) signature.
struct CredentialScope {
  std::string access_key_id;
  std::string date;
  std::string region;
  std::string service;
};
std::optional<CredentialScope> claimed_scope(const SignedRequest& request);

struct SigningCredentials {
  std::string access_key_id;
  Secret<std::string> secret_access_key;
  std::string session_token = {};
};
struct SigningTarget {
  std::string_view region;
  std::string_view service;
  Instant now;
  SigningStyle style = SigningStyle::Standard;
};
// The headers to add to `request` (its headers must contain Host and none of these): X-Amz-Date, X-Amz-Security-Token, X-Amz-Content-Sha256
// (S3), Authorization. All headers of the request except hop-by-hop ones and User-Agent are signed.
HeaderList sign_request(const SignedRequest& request, const SigningCredentials& credentials, const SigningTarget& target);
// The query to send instead of `request.query`: with the X-Amz-* parameters and the signature.
std::string presign_query(const SignedRequest& request, const SigningCredentials& credentials, const SigningTarget& target,
                          Duration valid_for);

}  // namespace surgetank
