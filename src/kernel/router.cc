#include "kernel/router.h"

#include <algorithm>

#include "base/assert.h"
#include "base/text.h"

namespace surgetank {
namespace {

constexpr std::string_view service_path_prefix = "/service/";
constexpr std::string_view operation_path_part = "/operation/";

struct RestEntry {
  UriTemplate uri;
  std::string_view query;  // "List=ALL": what the query has to hold; empty: anything
  const Operation* operation;
};

bool holds(std::string_view query, std::string_view wanted) {
  if (wanted.empty()) return true;
  const auto parts = split(query, '&');
  return std::find(parts.begin(), parts.end(), wanted) != parts.end();
}

// Templates are found by method, first segment and number of segments; those with a greedy label by number 0.
struct RestKey {
  std::string_view method;
  std::string_view first_segment;
  std::size_t segments = 0;
  bool operator==(const RestKey&) const = default;
};
struct RestKeyHash {
  std::size_t operator()(const RestKey& key) const {
    const std::hash<std::string_view> hash;
    return hash(key.method) * 31 + hash(key.first_segment) * 7 + key.segments;
  }
};
using RestTable = std::unordered_map<RestKey, std::vector<RestEntry>, RestKeyHash>;

RestKey rest_key(std::string_view method, std::string_view path) {
  if (path.size() > 1 && path.back() == '/') path.remove_suffix(1);
  const auto first = path.substr(std::min<std::size_t>(1, path.size()));
  return {method, first.substr(0, first.find('/')), static_cast<std::size_t>(std::count(path.begin(), path.end(), '/'))};
}

const Operation* find_rest(const RestTable& table, const RestKey& key, const HttpRequest& request, UriLabels& labels) {
  const auto entries = table.find(key);
  if (entries == table.end()) return nullptr;
  for (const auto& entry : entries->second) {
    if (!holds(request.query, entry.query)) continue;
    auto matched = entry.uri.match(request.path);
    if (!matched) continue;
    labels = std::move(*matched);
    return entry.operation;
  }
  return nullptr;
}

Error unsupported(const ErrorCode& code, std::string_view service, std::string_view operation) {
  std::string text = "The operation ";
  text.append(operation).append(service.empty() ? "" : " of service ").append(service);
  return {&code, text + " is not supported by Surgetank yet. See docs/services."};
}

bool is_form(const HttpRequest& request) {
  return equals_ignoring_case(media_type(request.header("content-type").value_or("")), "application/x-www-form-urlencoded");
}

}  // namespace

std::string_view media_type(std::string_view content_type) { return trim(content_type.substr(0, content_type.find(';'))); }

std::string_view host_without_port(std::string_view host) {
  if (!host.empty() && host.front() == '[')
    return host.substr(0, host.find(']') == std::string_view::npos ? host.size() : host.find(']') + 1);
  return host.substr(0, host.find(':'));
}

std::optional<std::string> form_value(std::string_view form, std::string_view name) {
  for (std::size_t at = 0; at < form.size();) {
    const auto end = std::min(form.find('&', at), form.size());
    const auto pair = form.substr(at, end - at);
    if (pair.size() > name.size() && pair.substr(0, name.size()) == name && pair[name.size()] == '=')
      return percent_decode(pair.substr(name.size() + 1), PlusMeaning::Space);
    at = end + 1;
  }
  return std::nullopt;
}

bool supports(const Service& service, Protocol protocol) {
  return std::find(service.protocols.begin(), service.protocols.end(), protocol) != service.protocols.end();
}

struct Router::ServiceIndex {
  const Service* service;
  std::unordered_map<std::string_view, const Operation*> operations;  // those that clients may call
  RestTable rest;

  const Operation* find(std::string_view name) const {
    const auto found = operations.find(name);
    return found == operations.end() ? nullptr : found->second;
  }
};

// What a request says about its destination, read once.
struct Router::Signals {
  const HttpRequest& request;
  std::string_view scope_service;
  std::string_view host_label;
  std::optional<std::string> action;
  std::optional<std::string> version;
};

namespace {

void add_rest(RestTable& table, const Operation& operation) {
  const auto path = operation.uri.substr(0, operation.uri.find('?'));
  const auto query = operation.uri.substr(std::min(path.size() + 1, operation.uri.size()));
  auto key = rest_key(operation.method, path);
  SURGE_ASSERT(key.first_segment.find('{') == std::string_view::npos, "the first segment of a REST path is literal");
  if (contains(operation.uri, "+}")) key.segments = 0;
  auto& entries = table[key];
  entries.push_back({UriTemplate::parse(path), query, &operation});
  std::stable_sort(entries.begin(), entries.end(), [](const RestEntry& a, const RestEntry& b) {
    const auto order = a.uri.compare_specificity(b.uri);
    return order > 0 || (order == 0 && a.query.size() > b.query.size());
  });
}

}  // namespace

Router::Router(std::span<const Service* const> services) {
  for (const auto* service : services) {
    if (service->protocols.empty()) continue;
    auto index = std::make_unique<ServiceIndex>();
    index->service = service;
    for (const auto& operation : service->operations) {
      if (operation.access == Access::Internal) continue;
      SURGE_ASSERT(index->operations.emplace(operation.name, &operation).second, "operations of a service have different names");
      if (supports(*service, Protocol::RestJson) && !operation.method.empty()) add_rest(index->rest, operation);
    }
    if (!service->target_prefix.empty()) {
      SURGE_ASSERT(by_target_prefix_.emplace(service->target_prefix, index.get()).second, "services have different target prefixes");
    }
    by_signing_name_[service->signing_name].push_back(index.get());
    indexes_.push_back(std::move(index));
  }
}

Router::~Router() = default;

const Router::ServiceIndex* Router::find_target(std::string_view prefix) const {
  const auto found = by_target_prefix_.find(prefix);
  return found == by_target_prefix_.end() ? nullptr : found->second;
}

const Router::Indexes& Router::find_signing_name(std::string_view name) const {
  static const Indexes none;
  const auto found = by_signing_name_.find(name);
  return found == by_signing_name_.end() ? none : found->second;
}

const Service* Router::hinted_service(const HttpRequest& request, const std::optional<CredentialScope>& scope) const {
  if (scope) {
    if (const auto& named = find_signing_name(scope->service); !named.empty()) return named.front()->service;
  }
  const auto host = request.header("host").value_or("");
  const auto& named = find_signing_name(host.substr(0, host.find('.')));
  return named.empty() ? nullptr : named.front()->service;
}

// AWS's JSON front end needs its content type; so does our safety: a page of another origin can send text/plain unasked.
Route Router::by_target(const Signals& signals, std::string_view target) const {
  const auto type = media_type(signals.request.header("content-type").value_or(""));
  const auto dot = target.rfind('.');
  const auto prefix = target.substr(0, dot);
  const auto name = dot == std::string_view::npos ? target : target.substr(dot + 1);
  const auto* index = find_target(prefix);
  Route route;
  route.protocol = equals_ignoring_case(type, content_type_of(Protocol::Json10)) ? Protocol::Json10 : Protocol::Json11;
  if (index != nullptr) {
    route.service = index->service;
    const bool as_sent = supports(*index->service, route.protocol);
    if (!as_sent) route.protocol = supports(*index->service, Protocol::Json10) ? Protocol::Json10 : Protocol::Json11;
    if (supports(*index->service, route.protocol) && signals.request.method == "POST") route.operation = index->find(name);
  }
  if (route.operation == nullptr) {
    const auto service = !signals.scope_service.empty() ? signals.scope_service : prefix;
    route.fault = unsupported(router_errors::unknown_json_operation, index != nullptr ? index->service->name : service, name);
  } else if (!equals_ignoring_case(type, content_type_of(Protocol::Json10)) &&
             !equals_ignoring_case(type, content_type_of(Protocol::Json11)) && !equals_ignoring_case(type, "application/json")) {
    route.operation = nullptr;
    route.fault = Error{&router_errors::unknown_json_operation,
                        "A request with X-Amz-Target needs the content type " + std::string(content_type_of(route.protocol)) + "."};
  }
  return route;
}

std::optional<Route> Router::by_cbor_path(const Signals& signals) const {
  const auto path = signals.request.path;
  if (path.substr(0, service_path_prefix.size()) != service_path_prefix) return std::nullopt;
  const auto split_at = path.find(operation_path_part, service_path_prefix.size());
  const auto wire_protocol = signals.request.header("smithy-protocol");
  if (split_at == std::string_view::npos || !wire_protocol) return std::nullopt;
  auto shape = path.substr(service_path_prefix.size(), split_at - service_path_prefix.size());
  shape = shape.substr(shape.rfind('.') == std::string_view::npos ? 0 : shape.rfind('.') + 1);  // it may have a namespace
  const auto name = path.substr(split_at + operation_path_part.size());
  Route route;
  route.protocol = Protocol::RpcV2Cbor;
  const auto* index = find_target(shape);
  if (index != nullptr) route.service = index->service;
  if (*wire_protocol != "rpc-v2-cbor") {
    route.protocol = Protocol::RestJson;
    route.fault =
        Error{&router_errors::unsupported_media_type, "The protocol " + std::string(*wire_protocol) + " is not supported by Surgetank."};
    return route;
  }
  if (index != nullptr && supports(*index->service, Protocol::RpcV2Cbor) && signals.request.method == "POST")
    route.operation = index->find(name);
  if (route.operation == nullptr) {
    const auto service = !signals.scope_service.empty() ? signals.scope_service : shape;
    route.fault = unsupported(router_errors::unknown_operation, index != nullptr ? index->service->name : service, name);
  }
  return route;
}

// The operation of this very service, if the request fits one of its protocols that need no target.
std::optional<Route> Router::by_service(const Signals& signals, const ServiceIndex& index) const {
  const auto& service = *index.service;
  Route route;
  route.service = &service;
  if (signals.action && supports(service, Protocol::Query)) {
    route.protocol = Protocol::Query;
    if (signals.version && *signals.version != service.api_version) return std::nullopt;
    route.operation = index.find(*signals.action);
  } else if (supports(service, Protocol::RestJson)) {
    auto key = rest_key(signals.request.method, signals.request.path);
    route.protocol = Protocol::RestJson;
    route.operation = find_rest(index.rest, key, signals.request, route.labels);
    if (route.operation == nullptr) {
      key.segments = 0;
      route.operation = find_rest(index.rest, key, signals.request, route.labels);
    }
  }
  if (route.operation == nullptr) return std::nullopt;
  return route;
}

Route Router::not_found(const Signals& signals) const {
  const auto& scoped = find_signing_name(signals.scope_service);
  const auto& hosted = find_signing_name(signals.host_label);
  Route route;
  if (!scoped.empty()) {
    route.service = scoped.front()->service;
  } else if (signals.scope_service.empty() && !hosted.empty()) {
    route.service = hosted.front()->service;
  }
  const auto service = route.service != nullptr ? route.service->name : signals.scope_service;
  const bool is_s3 = signals.scope_service == "s3";
  if (signals.action || is_s3) route.protocol = Protocol::Query;
  std::string operation = signals.action ? *signals.action : std::string(signals.request.method) + " " + std::string(signals.request.path);
  const auto& code = is_s3            ? router_errors::not_implemented
                     : signals.action ? router_errors::invalid_action
                                      : router_errors::unknown_operation;
  if (signals.action && signals.version) operation += " (version " + *signals.version + ")";
  route.fault = unsupported(code, service, operation);
  return route;
}

Route Router::route(const HttpRequest& request, std::string_view body, const std::optional<CredentialScope>& scope) const {
  const auto host = host_without_port(request.header("host").value_or(""));
  Signals signals{.request = request,
                  .scope_service = scope ? std::string_view(scope->service) : std::string_view{},
                  .host_label = host.substr(0, host.find('.')),
                  .action = std::nullopt,
                  .version = std::nullopt};
  if (const auto target = request.header("x-amz-target")) return by_target(signals, *target);
  if (auto route = by_cbor_path(signals)) return std::move(*route);
  const auto read_action = [&](std::string_view form) {
    signals.action = form_value(form, "Action");
    if (signals.action) signals.version = form_value(form, "Version");
  };
  if (request.method == "POST" && is_form(request)) read_action(body);
  if (!signals.action && (request.method == "GET" || request.method == "POST")) read_action(request.query);
  for (const auto name : {signals.scope_service, signals.host_label}) {
    for (const auto* index : find_signing_name(name))
      if (auto route = by_service(signals, *index)) return std::move(*route);
  }
  for (const auto& index : indexes_) {
    // Without scope and Host only a version tells the services of the query protocol apart.
    if (signals.action && !signals.version && supports(*index->service, Protocol::Query)) continue;
    if (auto route = by_service(signals, *index)) return std::move(*route);
  }
  return not_found(signals);
}

}  // namespace surgetank
