#include "services/apigateway/data_plane.h"

#include <algorithm>
#include <atomic>

#include "base/text.h"
#include "kernel/admission.h"
#include "kernel/cloud_latency.h"
#include "kernel/dispatcher.h"
#include "kernel/function_runner.h"
#include "kernel/http_client.h"
#include "kernel/ports.h"
#include "kernel/quotas.h"
#include "kernel/telemetry.h"
#include "kernel/text_density.h"
#include "services/apigateway/cors.h"
#include "services/apigateway/exchange.h"
#include "services/apigateway/limits.h"
#include "services/apigateway/parameter_mapping.h"
#include "services/apigateway/proxy_event.h"
#include "services/apigateway/proxy_response.h"
#include "services/apigateway/quotas.h"
#include "services/apigateway/service.h"
#include "services/apigateway/state.h"

namespace surgetank::apigateway {
namespace {

constexpr std::string_view host_marker = ".execute-api.";
constexpr std::string_view path_form = "/_surgetank/execute-api/";
constexpr std::string_view id_alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_-";

HttpResponse message(int status, std::string_view text) {
  return {.status = status, .headers = {{"content-type", "application/json"}}, .body = "{\"message\":\"" + std::string(text) + "\"}"};
}

// The id of the API that a request names, and what is left of the path.
std::pair<std::string, std::string_view> api_of(std::string_view host, std::string_view path) {
  if (path.substr(0, path_form.size()) == path_form) {
    const auto rest = path.substr(path_form.size());
    const auto slash = rest.find('/');
    return {std::string(rest.substr(0, slash)), slash == std::string_view::npos ? std::string_view("/") : rest.substr(slash)};
  }
  return {std::string(host.substr(0, host.find('.'))), path};
}

std::size_t head_bytes(const HttpRequest& request) {
  std::size_t bytes = request.method.size() + request.target.size() + 12;
  for (const auto& header : request.headers) bytes += header.name.size() + header.value.size() + 4;
  return bytes;
}

// One request under way; kept alive by whatever it waits for.
struct Serving : std::enable_shared_from_this<Serving> {
  Serving(ServiceContext& its_context, Exchange its_exchange) : context(its_context), exchange(std::move(its_exchange)) {}
  ServiceContext& context;
  Exchange exchange;
  Lane* lane = nullptr;               // that serves it: the connection's
  std::atomic<bool> answered{false};  // the integration's answer races with its timeout
  TimerId timeout = 0;
  Instant integration_started;
  Duration integration_latency{};

  void invoke_function(Call& call);
  void call_backend();
  void start_timeout(Call& call);
  void integration_answered(HttpResponse response);
  // Beyond a quota: says which. True if it was, and is answered.
  bool refused_by(const QuotaRow& row, bool admitted);
  bool throttled();
  void finish(HttpResponse response);
  void leave(HttpResponse response);
  void record(const HttpResponse& response, Instant end);
};

void Serving::start_timeout(Call& call) {
  integration_started = call.now;
  timeout = lane->at(call.now + milliseconds(exchange.integration().timeoutInMillis), [self = shared_from_this()] {
    if (!self->answered.exchange(true)) self->finish(message(503, "Service Unavailable"));
  });
}

// From any thread: only the first answer counts, and the timer is the lane's to cancel.
void Serving::integration_answered(HttpResponse response) {
  if (answered.exchange(true)) return;
  const auto complete = [self = shared_from_this()](HttpResponse& late) {
    self->lane->cancel(self->timeout);
    self->integration_latency = self->lane->now() - self->integration_started;
    self->finish(std::move(late));
  };
  if (lane->here()) return complete(response);
  lane->post([complete, late = std::move(response)]() mutable { complete(late); });
}

std::optional<HttpResponse> response_of(const Exchange& exchange, const FunctionCallResult& result) {
  using Kind = FunctionCallResult::Kind;
  switch (result.kind) {
    case Kind::Success:
      return exchange.integration().payloadFormatVersion == "1.0" ? response_1_0(result.payload) : response_2_0(result.payload);
    case Kind::Throttled:
    case Kind::Unavailable:
      return message(503, "Service Unavailable");
    case Kind::FunctionError:
    case Kind::Denied:
    case Kind::NotFound:
      break;
  }
  return std::nullopt;
}

// arn:aws:apigateway:...:lambda:path/2015-03-31/functions/<function arn>/invocations, or the function's ARN itself.
std::string function_arn(const Exchange& exchange) {
  auto uri = *exchange.integration().integrationUri;
  for (const auto& [name, value] : exchange.stage->variables) uri = replace_all(std::move(uri), "${stageVariables." + name + "}", value);
  const auto start = uri.find("/functions/");
  if (start == std::string::npos) return uri;
  const auto end = uri.rfind("/invocations");
  return uri.substr(start + 11, end == std::string::npos || end < start ? end : end - start - 11);
}

// As AWS forms it for permissions: arn:aws:execute-api:region:account:api/stage/METHOD/path-of-the-route.
std::string source_arn(const Exchange& exchange) {
  const auto& key = exchange.match.route->route_key;
  const auto space = key.find(' ');
  const auto resource =
      space == std::string::npos ? key : (key.substr(0, space) == "ANY" ? "*" : key.substr(0, space)) + key.substr(space + 1);
  return "arn:aws:execute-api:" + exchange.api->region + ":" + exchange.api->account + ":" + exchange.api->api_id + "/" +
         exchange.stage->name + "/" + resource;
}

void Serving::invoke_function(Call& call) {
  start_timeout(call);
  FunctionCall invocation{.account = exchange.api->account,
                          .region = exchange.api->region,
                          .function = function_arn(exchange),
                          .principal = "apigateway.amazonaws.com",
                          .source_arn = source_arn(exchange),
                          .payload = exchange.integration().payloadFormatVersion == "1.0" ? event_1_0(exchange) : event_2_0(exchange),
                          .trace = exchange.trace};
  context.ports.functions->invoke(std::move(invocation), [self = shared_from_this()](const FunctionCallResult& result) {
    auto response = response_of(self->exchange, result);
    self->integration_answered(response ? std::move(*response) : message(500, "Internal Server Error"));
  });
}

void Serving::call_backend() {
  auto proxied = proxy_request(exchange);
  std::string query;
  for (const auto& [name, value] : proxied.query) query += (query.empty() ? "?" : "&") + percent_encode(name) + "=" + percent_encode(value);
  HttpClientRequest request{.url = proxied.url + query,
                            .method = proxied.method,
                            .headers = std::move(proxied.headers),
                            .body = exchange.request.body,
                            .timeout = milliseconds(exchange.integration().timeoutInMillis),
                            .response_limit = limits::payload_bytes};
  context.ports.http->send(std::move(request), [self = shared_from_this()](HttpClientResult result) {
    using Failure = HttpClientResult::Failure;
    if (result.failure == Failure::Timeout) return self->integration_answered(message(503, "Service Unavailable"));
    if (result.failure != Failure::None) return self->integration_answered(message(500, "Internal Server Error"));
    HttpResponse response{.status = result.status, .headers = std::move(result.headers), .body = std::move(result.body)};
    map_response(self->exchange, response);
    self->integration_answered(std::move(response));
  });
}

bool Serving::refused_by(const QuotaRow& row, bool admitted) {
  if (admitted) return false;
  auto response = message(row.error->http_status, row.message);
  response.headers.emplace_back(quota_header, row.id);
  if (row.algorithm != QuotaAlgorithm::Cap) context.ports.quotas->note_refusal(row, exchange.started);
  finish(std::move(response));
  return true;
}

// The route's own limits first, then the account's (AWS: "How throttling limit settings are applied in API Gateway").
bool Serving::throttled() {
  auto* registry = context.ports.quotas;
  if (registry == nullptr) return false;
  const auto& api = *exchange.api;
  const auto now = exchange.started;
  if (exchange.match.route != nullptr && exchange.match.route->throttle) {
    constexpr std::int64_t thousandths = 1000;
    constexpr double fastest = 1e9;
    const auto& throttle = *exchange.match.route->throttle;
    const auto account_rate = static_cast<double>(registry->value(quotas::throttle_rate));
    const auto rate = std::clamp(throttle.requests_per_second.value_or(account_rate), 0.0, fastest);
    const TokenRate tokens{.tokens = static_cast<std::int64_t>(rate * thousandths),
                           .per = seconds(thousandths),
                           .burst = throttle.burst.value_or(quotas::throttle_rate.burst)};
    const Quotas::Owner owner{.account = api.account, .region = api.region, .resource = throttle.owner};
    if (refused_by(quotas::route_throttle, registry->take(quotas::route_throttle, owner, tokens, now))) return true;
  }
  return refused_by(quotas::throttle_rate, registry->take(quotas::throttle_rate, {.account = api.account, .region = api.region}, now));
}

// With the clock of the cloud an answer takes as long as it would there.
void Serving::finish(HttpResponse response) {
  auto* latency = context.ports.latency;
  if (latency == nullptr || lane == nullptr || !exchange.api) return leave(std::move(response));
  static const auto* own = find_latency("apigateway", "request");
  static const auto* of_invoke = find_latency("lambda", "Invoke");
  auto added = latency->draw(*own);
  if (exchange.invokes_function()) added = added + latency->draw(*of_invoke);
  lane->at(lane->now() + added, [self = shared_from_this(), late = std::move(response)]() mutable { self->leave(std::move(late)); });
}

void Serving::leave(HttpResponse response) {
  if (exchange.api && exchange.api->cors) apply_cors(*exchange.api->cors, exchange.request, response);
  response.headers.emplace_back("apigw-requestid", exchange.request_id);
  const auto end = lane != nullptr ? lane->now() : exchange.started;
  record(response, end);
  exchange.reply(std::move(response));
}

void Serving::record(const HttpResponse& response, Instant end) {
  if (!exchange.api || exchange.stage == nullptr) return;
  auto& telemetry = *context.ports.telemetry;
  const auto& route_key = exchange.match.route != nullptr ? exchange.match.route->route_key : std::string("(no route)");
  Span span{.trace_root = exchange.trace.root,
            .id = exchange.span_id,
            .parent = exchange.outer_parent,
            .kind = "gateway",
            .name = route_key,
            .start = exchange.started,
            .length = end - exchange.started,
            .status = response.status,
            .fault = response.status >= 500 ? response.body.substr(0, 200) : std::string(),
            .attributes = {{"api", exchange.api->api_id},
                           {"stage", exchange.stage->name},
                           {"path", exchange.path},
                           {"request_bytes", std::to_string(exchange.request.body.size())},
                           {"response_bytes", std::to_string(response.body.size())}}};
  if (auto bits = bits_per_byte(response.body)) span.attributes.emplace_back("response_bits_per_byte", std::move(*bits));
  telemetry.span(std::move(span));
  const auto sample = [&](std::string name, double value, std::string unit) {
    telemetry.metric({.account = exchange.api->account,
                      .region = exchange.api->region,
                      .name_space = "AWS/ApiGateway",
                      .name = std::move(name),
                      .dimensions = {{"ApiId", exchange.api->api_id}},
                      .time = exchange.started,
                      .value = value,
                      .unit = std::move(unit)});
  };
  sample("Count", 1, "Count");
  sample("4xx", response.status >= 400 && response.status < 500 ? 1 : 0, "Count");
  sample("5xx", response.status >= 500 ? 1 : 0, "Count");
  sample("Latency", static_cast<double>((end - exchange.started).us) / 1000.0, "Milliseconds");
  sample("DataProcessed", static_cast<double>(exchange.request.body.size() + response.body.size()), "Bytes");
  if (integration_latency.us > 0) sample("IntegrationLatency", static_cast<double>(integration_latency.us) / 1000.0, "Milliseconds");
}

// On the connection's lane.
void route(const std::shared_ptr<Serving>& serving, const std::string& api_id, std::uint64_t generation, std::string_view path,
           Call& call) {
  auto& exchange = serving->exchange;
  serving->lane = &call.lane;
  exchange.request_id = call.random.from_alphabet(id_alphabet, 15) + "=";
  exchange.started = exchange.request.received.us > 0 ? exchange.request.received : call.now;
  const auto received = exchange.request.header("x-amzn-trace-id");
  const auto trace = received ? parse_trace_header(*received) : std::nullopt;
  exchange.trace = trace.value_or(new_trace(call.now, call.random));
  exchange.outer_parent = exchange.trace.parent;
  exchange.span_id = new_span_id(call.random);
  exchange.trace.parent = exchange.span_id;

  exchange.api = call.state_as<GatewayState>().find(call.txn, api_id, generation);
  if (!exchange.api || !exchange.api->enabled) return serving->finish(message(404, "Not Found"));
  const auto [stage, below] = exchange.api->stage_of(path);
  if (stage == nullptr) return serving->finish(message(404, "Not Found"));
  exchange.stage = stage;
  exchange.path = std::string(path);
  if (exchange.api->cors) {
    if (auto answer = preflight(*exchange.api->cors, exchange.request)) {
      exchange.reply(std::move(*answer));
      return;
    }
  }
  auto* registry = call.ports.quotas;
  if (serving->refused_by(quotas::payload, check_quota(registry, quotas::payload, exchange.request.body.size()).ok())) return;
  if (serving->refused_by(quotas::headers, check_quota(registry, quotas::headers, head_bytes(exchange.request)).ok())) return;
  exchange.match = match_route(*stage, exchange.request.method, below);
  if (serving->throttled()) return;
  if (exchange.match.route == nullptr) return serving->finish(message(404, "Not Found"));
  if (!exchange.match.route->integration) return serving->finish(message(500, "Internal Server Error"));
  if (exchange.integration().integrationType == "AWS_PROXY") return serving->invoke_function(call);
  serving->start_timeout(call);
  serving->call_backend();
}

}  // namespace

bool claims(std::string_view host, std::string_view path) {
  const auto marker = host.find(host_marker);
  return (marker != std::string_view::npos && marker > 0 && host.find('.') == marker) || path.substr(0, path_form.size()) == path_form;
}

void serve(ServiceContext& context, HttpRequest request, HttpReply reply) {
  Exchange exchange;
  exchange.request = std::move(request);
  exchange.reply = std::move(reply);
  exchange.query = exchange.request.query;
  const auto host = exchange.request.header("host").value_or("");
  exchange.domain_name = std::string(host.substr(0, host.rfind(':')));
  auto [api_id, path] = api_of(host, exchange.request.path);
  auto serving = std::make_shared<Serving>(context, std::move(exchange));
  const auto generation = context.dispatcher.generation(service);
  context.dispatcher.read_here(service, service_caller("", "", "execute-api"), {},
                               [serving, generation, id = std::move(api_id), below = std::string(path)](Call& call) {
                                 route(serving, id, generation, below, call);
                               });
}

std::vector<std::pair<std::string, std::string>> query_parameters(std::string_view query) {
  std::vector<std::pair<std::string, std::string>> out;
  if (query.empty()) return out;
  for (const auto part : split(query, '&')) {
    if (part.empty()) continue;
    const auto equals = part.find('=');
    const auto name = part.substr(0, equals);
    const auto value = equals == std::string_view::npos ? std::string_view{} : part.substr(equals + 1);
    out.emplace_back(percent_decode(name, PlusMeaning::Space).value_or(std::string(name)),
                     percent_decode(value, PlusMeaning::Space).value_or(std::string(value)));
  }
  return out;
}

std::string context_variable(const Exchange& exchange, std::string_view name) {
  const auto& request = exchange.request;
  if (name == "accountId") return exchange.api->account;
  if (name == "apiId") return exchange.api->api_id;
  if (name == "domainName") return exchange.domain_name;
  if (name == "domainPrefix") return exchange.domain_name.substr(0, exchange.domain_name.find('.'));
  if (name == "httpMethod") return std::string(request.method);
  if (name == "path") return exchange.path;
  if (name == "protocol") return "HTTP/1.1";
  if (name == "requestId" || name == "extendedRequestId") return exchange.request_id;
  if (name == "routeKey") return exchange.match.route->route_key;
  if (name == "stage") return exchange.stage->name;
  if (name == "requestTimeEpoch") return std::to_string(exchange.started.ms());
  if (name == "identity.sourceIp") return request.peer_address;
  if (name == "identity.userAgent") return std::string(request.header("user-agent").value_or(""));
  return {};
}

}  // namespace surgetank::apigateway
