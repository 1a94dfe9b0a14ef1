#pragma once
// Which operation of which service a request means. Signals, in this order (AWS's SDKs send at least one of them):
//   1. X-Amz-Target: <prefix>.<Operation>                       awsJson 1.0 / 1.1
//   2. /service/<Shape>/operation/<Operation> + smithy-protocol  rpc-v2-cbor
//   3. the service in the credential scope (Authorization or X-Amz-Credential), 4. the first label of Host ("sqs.us-east-1.localhost"):
//      of that service the query Action or the rest-json path
//   5. a query Action and Version of any service, 6. a rest-json path of any service.
// Nothing of it is verified here: the scope is a claim, and the front door checks it against the service that was chosen.
//
// Immutable after construction, any thread. The tables of the services outlive the router. A request that means nothing we have
// gets a Route without operation, whose fault names what was asked for and whose protocol is the one to answer in.
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "kernel/http.h"
#include "kernel/operation.h"
#include "wire/protocol.h"
#include "wire/sigv4.h"
#include "wire/uri_template.h"

namespace surgetank {

namespace router_errors {
// AWS's JSON services answer 400, its REST and CBOR front ends 404, query services InvalidAction, S3 NotImplemented.
inline constexpr ErrorCode unknown_json_operation{"UnknownOperationException", 400};
inline constexpr ErrorCode unknown_operation{"UnknownOperationException", 404};
inline constexpr ErrorCode invalid_action{"InvalidAction", 400};
inline constexpr ErrorCode not_implemented{"NotImplemented", 501};
inline constexpr ErrorCode unsupported_media_type{"UnsupportedMediaTypeException", 415};
}  // namespace router_errors

struct Route {
  const Service* service = nullptr;        // null: a service that we do not have
  const Operation* operation = nullptr;    // null: see fault
  Protocol protocol = Protocol::RestJson;  // of the request and so of the answer
  UriLabels labels = {};                   // rest-json only
  std::optional<Error> fault = {};
};

class Router {
 public:
  explicit Router(std::span<const Service* const> services);
  ~Router();
  Router(const Router&) = delete;
  Router& operator=(const Router&) = delete;

  // `body` is the request's body without content coding; `scope` what the request claims (wire/sigv4.h).
  Route route(const HttpRequest& request, std::string_view body, const std::optional<CredentialScope>& scope) const;
  // The service that scope or Host name, before the body is looked at; null if none does.
  const Service* hinted_service(const HttpRequest& request, const std::optional<CredentialScope>& scope) const;

 private:
  struct ServiceIndex;
  struct Signals;
  using Indexes = std::vector<const ServiceIndex*>;

  const ServiceIndex* find_target(std::string_view prefix) const;
  const Indexes& find_signing_name(std::string_view name) const;
  Route by_target(const Signals& signals, std::string_view target) const;
  std::optional<Route> by_cbor_path(const Signals& signals) const;
  std::optional<Route> by_service(const Signals& signals, const ServiceIndex& index) const;
  Route not_found(const Signals& signals) const;

  std::vector<std::unique_ptr<ServiceIndex>> indexes_;
  std::unordered_map<std::string_view, const ServiceIndex*> by_target_prefix_;
  std::unordered_map<std::string_view, Indexes> by_signing_name_;
};

// The first value of a form parameter, decoded; nullopt if absent or broken. `form` is "a=1&b=x+y".
std::optional<std::string> form_value(std::string_view form, std::string_view name);
// The host of a Host header or authority, without port: "localhost", "[::1]".
std::string_view host_without_port(std::string_view host);
// A media type without parameters: "text/xml" of "text/xml; charset=utf-8".
std::string_view media_type(std::string_view content_type);
bool supports(const Service& service, Protocol protocol);

}  // namespace surgetank
