#pragma once
// Internal to wire/: what a request says of its own signature, read from the Authorization header or from the query and checked
// for form only. Pure; any thread.
#include <list>
#include <string>
#include <string_view>

#include "wire/sigv4.h"
#include "wire/sigv4_canonical.h"

namespace surgetank::wire {

// Its views are of the request, or of `decoded`.
struct SignatureClaim {
  SignatureForm form = SignatureForm::Header;
  std::string_view credential;  // access key id / date / region / service / aws4_request
  std::string_view signed_headers;
  std::string_view signature;
  std::string_view timestamp;  // 20261123T142800Z
  Instant signed_at;
  std::int64_t expires_seconds = 0;  // presigned only
  std::string_view session_token;

  // Parts of `credential`; valid after parse_claim().
  std::string_view access_key_id;
  Scope scope;

  std::list<std::string> decoded;  // what is written otherwise in the request: parameters of the query, an HTTP-date
  std::string_view keep(std::string text) { return decoded.emplace_back(std::move(text)); }

  SignatureClaim() = default;
  SignatureClaim(const SignatureClaim&) = delete;
  SignatureClaim& operator=(const SignatureClaim&) = delete;
};

Result<Unit> parse_claim(const SignedRequest& request, SigningStyle style, SignatureClaim& claim);

// The error that AWS's services in general (`standard`) or S3 (`s3`) use.
Error signature_error(SigningStyle style, const ErrorCode& standard, const ErrorCode& s3, std::string message);

}  // namespace surgetank::wire
