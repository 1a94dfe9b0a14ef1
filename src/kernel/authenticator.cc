#include "kernel/authenticator.h"

#include <algorithm>
#include <array>
#include <utility>

#include "base/text.h"
#include "kernel/router.h"
#include "wire/errors.h"

namespace surgetank {
namespace {

// A region comes from the client and becomes part of keys, ARNs and host names.
bool is_region(std::string_view region) {
  constexpr std::size_t longest = 32;
  return !region.empty() && region.size() <= longest &&
         std::all_of(region.begin(), region.end(), [](char c) { return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-'; });
}

// The same fault has one constant, so that every envelope knows it.
Error as_wire_error(Error error) {
  static constexpr std::array known{&wire::unrecognized_client, &wire::expired_token};
  for (const auto* code : known)
    if (error.code->name == code->name) error.code = code;
  return error;
}

Caller caller_of(Principal principal, std::string_view access_key_id, std::string_view region, const HttpRequest& request) {
  Caller caller;
  caller.account = std::move(principal.account);
  caller.region = region;
  caller.principal_arn = std::move(principal.arn);
  caller.role_arn = std::move(principal.role_arn);
  caller.user_id = std::move(principal.user_id);
  caller.access_key_id = access_key_id;
  caller.source_address = request.peer_address;
  caller.user_agent = request.header("user-agent").value_or("");
  return caller;
}

}  // namespace

SignedRequest signed_request(const HttpRequest& request) {
  return {.method = request.method, .path = request.path, .query = request.query, .headers = request.headers, .body = request.body};
}

Authenticator::Authenticator(const Credentials& credentials, AuthMode mode, std::string default_region)
    : credentials_(credentials), mode_(mode), default_region_(std::move(default_region)) {}

Result<Caller> Authenticator::authenticate(const HttpRequest& request, const Service& service, const std::optional<CredentialScope>& scope,
                                           Instant now) const {
  if (mode_ == AuthMode::Off) return trust(request, scope, now);
  return verify(request, service, now);
}

Result<Caller> Authenticator::verify(const HttpRequest& request, const Service& service, Instant now) const {
  // Signing keys are derived from secrets and dates alone, so that all front doors of a thread may share them.
  static thread_local SignatureVerifier verifier;
  Principal principal;
  const auto verified = verifier.verify(signed_request(request), {.service = service.signing_name, .now = now},
                                        [&](std::string_view access_key_id, std::string_view session_token) -> Result<Secret<std::string>> {
                                          auto found = credentials_.find(access_key_id, session_token, now);
                                          if (!found.ok()) return as_wire_error(std::move(found.error()));
                                          principal = std::move(found->principal);
                                          return std::move(found->secret_access_key);
                                        });
  if (!verified.ok()) return verified.error();
  if (!is_region(verified->region)) return Error{&wire::invalid_signature, "Credential should be scoped to a valid region."};
  return caller_of(std::move(principal), verified->access_key_id, verified->region, request);
}

Caller Authenticator::trust(const HttpRequest& request, const std::optional<CredentialScope>& scope, Instant now) const {
  constexpr std::string_view built_in_key = "test";
  const std::string access_key_id = scope ? scope->access_key_id : std::string(built_in_key);
  const auto region = scope && is_region(scope->region) ? scope->region : default_region_;
  std::string session_token(request.header("x-amz-security-token").value_or(""));
  if (session_token.empty()) session_token = form_value(request.query, "X-Amz-Security-Token").value_or("");
  auto found = credentials_.find(access_key_id, session_token, now);
  if (!found.ok()) found = credentials_.find(built_in_key, {}, now);
  if (!found.ok()) return caller_of({}, access_key_id, region, request);
  return caller_of(std::move(found->principal), access_key_id, region, request);
}

}  // namespace surgetank
