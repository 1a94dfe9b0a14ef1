#pragma once
// Internal to wire/: what a request says of its own signature, read from the Authorization header or from the query and checked
// for form only. Pure; any thread.
#include <string>
#include <string_view>

#include "wire/sigv4.h"
#include "wire/sigv4_canonical.h"

namespace surgetank::wire {

struct SignatureClaim {
  SignatureForm form = SignatureForm::Header;
  std::string credential;  // access key id / date / region / service / aws4_request
  std::string signed_headers;
  std::string signature;
  std::string timestamp;  // 20261123T142800Z
  Instant signed_at;
  std::int64_t expires_seconds = 0;  // presigned only
  std::string session_token;

  // Views into `credential`; valid after parse_claim().
  std::string_view access_key_id;
  Scope scope;

  SignatureClaim() = default;
  SignatureClaim(const SignatureClaim&) = delete;
  SignatureClaim& operator=(const SignatureClaim&) = delete;
};

Result<Unit> parse_claim(const SignedRequest& request, SigningStyle style, SignatureClaim& claim);

// The error that AWS's services in general (`standard`) or S3 (`s3`) use.
Error signature_error(SigningStyle style, const ErrorCode& standard, const ErrorCode& s3, std::string message);

}  // namespace surgetank::wire
