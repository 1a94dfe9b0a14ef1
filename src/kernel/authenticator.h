#pragma once
// The one gate: who sends an API call. Nothing is decoded or dispatched before it lets the request through, and what it does
// not understand (an unknown payload mode, an unknown algorithm) it refuses.
// Any thread. What is derived from keys is cached per thread. Errors are AWS's (wire/sigv4.h, wire/errors.h).
#include <cstdint>
#include <optional>
#include <string>

#include "base/result.h"
#include "base/time.h"
#include "kernel/call.h"
#include "kernel/credentials.h"
#include "kernel/http.h"
#include "kernel/operation.h"
#include "wire/sigv4.h"

namespace surgetank {

enum class AuthMode : std::uint8_t {
  Verify,
  Off,  // signatures are not looked at; the key that a request claims still selects account and principal
};

class Authenticator {
 public:
  Authenticator(const Credentials& credentials, AuthMode mode, std::string default_region);
  // `scope` is what claimed_scope() read from the same request.
  Result<Caller> authenticate(const HttpRequest& request, const Service& service, const std::optional<CredentialScope>& scope,
                              Instant now) const;

 private:
  Result<Caller> verify(const HttpRequest& request, const Service& service, Instant now) const;
  Caller trust(const HttpRequest& request, const std::optional<CredentialScope>& scope, Instant now) const;

  const Credentials& credentials_;
  AuthMode mode_;
  std::string default_region_;
};

// The request as wire/sigv4.h sees it; it must outlive the result.
SignedRequest signed_request(const HttpRequest& request);

}  // namespace surgetank
