#include "kernel/front_door.h"

#include <algorithm>
#include <exception>
#include <utility>

#include "base/assert.h"
#include "base/log.h"
#include "base/random.h"
#include "base/text.h"
#include "kernel/api_codec.h"
#include "kernel/cloud_latency.h"
#include "kernel/ports.h"
#include "kernel/request_body.h"
#include "kernel/telemetry.h"
#include "kernel/text_density.h"
#include "kernel/trace_context.h"

namespace surgetank {

// One API call under way. The loop owns it until dispatch(), the lane and then the output gate after that.
struct FrontDoor::Exchange {
  HttpRequest request;
  HttpReply reply;
  std::string request_id;
  TraceContext trace;   // of the request; its parent is the caller's span
  std::string span_id;  // of this call
  Route route;
  QueryCompatibility query_compatibility = QueryCompatibility::None;
  std::string account;
  std::string access_key_id;

  ReplyContext reply_context() const {
    return {.service = route.service,
            .operation = route.operation,
            .protocol = route.protocol,
            .request_id = request_id,
            .query_compatibility = query_compatibility};
  }
};

namespace {

constexpr std::string_view log_component = "front-door";

std::vector<AdminRoute> with_health(FrontDoorOptions& options, std::span<const Service* const> services) {
  HealthSource health{.version = options.version, .services = {}, .uptime = options.uptime};
  for (const auto* service : services)
    if (!service->protocols.empty()) health.services.emplace_back(service->name);
  auto routes = health_routes(std::move(health));
  std::move(options.admin_routes.begin(), options.admin_routes.end(), std::back_inserter(routes));
  return routes;
}

// AWS marks these services awsQueryCompatible: they had the query protocol first and the older codes with it.
QueryCompatibility query_compatibility_of(const Route& route, const HttpRequest& request) {
  if (route.service == nullptr || route.protocol == Protocol::Query || !supports(*route.service, Protocol::Query))
    return QueryCompatibility::None;
  const auto mode = request.header("x-amzn-query-mode");
  return mode && equals_ignoring_case(*mode, "true") ? QueryCompatibility::AwsQueryCompatible : QueryCompatibility::None;
}

std::string call_name(const Route& route) {
  if (route.service == nullptr) return "unknown";
  std::string name(route.service->title.empty() ? route.service->name : route.service->title);
  return name + "." + std::string(route.operation != nullptr ? route.operation->name : "unknown");
}

// For handlers that may throw after they took the reply: as long as nobody has answered, we still can.
class SharedReply {
 public:
  explicit SharedReply(HttpReply reply) : state_(std::make_shared<State>()) { state_->reply = std::move(reply); }
  HttpReply handle() const {
    return [state = state_](HttpResponse response) { complete(*state, std::move(response)); };
  }
  void fail() const { complete(*state_, json_message(500, "Internal Server Error")); }

 private:
  struct State {
    HttpReply reply;
    std::atomic_flag answered;  // the handler may have given the reply to another thread before it threw
  };
  static void complete(State& state, HttpResponse response) {
    if (!state.answered.test_and_set()) state.reply(std::move(response));
  }
  std::shared_ptr<State> state_;
};

HttpResponse allowed_methods() {
  constexpr int no_content = 204;
  return {.status = no_content, .headers = {{"Allow", "GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS"}}, .body = {}};
}

}  // namespace

FrontDoor::FrontDoor(ServiceContext context, FrontDoorOptions options)
    : context_(context),
      now_(std::move(options.now)),
      hosts_(std::move(options.further_hosts)),
      admin_(std::move(options.admin_token), with_health(options, context.dispatcher.services())),
      router_(context.dispatcher.services()),
      authenticator_(*context.ports.credentials, options.authentication, std::move(options.default_region)),
      admission_(context.ports.quotas, context.dispatcher.services()),
      seed_(options.seed) {
  SURGE_ASSERT(now_ != nullptr, "the front door needs a clock");
  for (const auto* service : context.dispatcher.services()) {
    if (service->data_plane.claims != nullptr) data_planes_.push_back(service);
    largest_request_bytes_ = std::max(largest_request_bytes_, service->request_limit_bytes);
    if (context.ports.latency == nullptr) continue;
    for (const auto& operation : service->operations)
      if (const auto* row = find_latency(service->name, operation.name)) latencies_.emplace(&operation, row);
  }
  if (options.authentication == AuthMode::Off)
    log_line(LogLevel::Warning, log_component, "signatures are NOT verified (--auth off): whoever reaches this port may do anything");
}

FrontDoor::~FrontDoor() = default;

void FrontDoor::serve(HttpRequest request, HttpReply reply) {
  const auto host = request.header("host");
  if (!host || !hosts_.is_own(*host)) {
    return reply(json_message(421, "This server is not the one for the host in this request. Further host names can be configured."));
  }
  const auto* data_plane = claimed_by(request);
  if (data_plane != nullptr || AdminHttp::claims(request.path)) return serve_other(data_plane, std::move(request), std::move(reply));
  if (sender_of(request) == Sender::ForeignPage) return reply(json_message(403, "Requests of other web pages are refused."));
  if (request.method == "OPTIONS") return reply(allowed_methods());
  serve_call(std::move(request), std::move(reply));
}

const Service* FrontDoor::claimed_by(const HttpRequest& request) const {
  if (data_planes_.empty()) return nullptr;
  const auto host = to_lower(host_without_port(request.header("host").value_or("")));
  for (const auto* service : data_planes_)
    if (service->data_plane.claims(host, request.path)) return service;
  return nullptr;
}

// Data planes and the admin interface: their handlers answer in their own words.
void FrontDoor::serve_other(const Service* data_plane, HttpRequest request, HttpReply reply) {
  const SharedReply shared(std::move(reply));
  try {
    if (data_plane != nullptr) return data_plane->data_plane.serve(context_, std::move(request), shared.handle());
    admin_.serve(std::move(request), shared.handle());
  } catch (const std::exception& error) {
    log_line(LogLevel::Error, data_plane != nullptr ? data_plane->name : log_component, error.what());
    shared.fail();
  }
}

void FrontDoor::serve_call(HttpRequest request, HttpReply reply) {
  // Every call has its own generator: ids depend on the seed and the order of calls, on nothing that threads share.
  constexpr std::uint64_t spread = 0xd1342543de82ef95ULL;
  Random random(seed_ + spread * calls_.fetch_add(1, std::memory_order_relaxed));
  auto exchange = std::make_shared<Exchange>();
  exchange->request_id = random.uuid();
  exchange->span_id = new_span_id(random);
  if (const auto header = request.header("x-amzn-trace-id")) {
    if (auto trace = parse_trace_header(*header)) exchange->trace = std::move(*trace);
  }
  if (exchange->trace.root.empty()) exchange->trace = new_trace(request.received, random);
  exchange->request = std::move(request);
  exchange->reply = std::move(reply);
  try {
    process(exchange);
  } catch (const std::exception& error) {
    log_line(LogLevel::Error, log_component, call_name(exchange->route) + ": " + error.what());
    if (exchange->reply)
      refuse(*exchange, {&kernel_errors::internal_failure, "An internal failure occurred. Request id: " + exchange->request_id});
  }
}

void FrontDoor::process(const ExchangePointer& exchange) {
  const auto& request = exchange->request;
  const auto scope = claimed_scope(signed_request(request));
  const auto* hinted = router_.hinted_service(request, scope);
  auto uncompressed = uncompressed_body(request, hinted != nullptr ? hinted->request_limit_bytes : largest_request_bytes_);
  const bool readable = uncompressed.ok();
  const std::string_view body = readable && *uncompressed ? **uncompressed : std::string_view(request.body);

  exchange->route = router_.route(request, readable ? body : std::string_view{}, scope);
  const auto& route = exchange->route;
  exchange->query_compatibility = query_compatibility_of(route, request);
  if (!readable) return refuse(*exchange, uncompressed.error());
  if (route.fault) return refuse(*exchange, *route.fault);
  auto caller = authenticator_.authenticate(request, *route.service, scope, request.received);
  if (!caller.ok()) return refuse(*exchange, caller.error());
  exchange->account = caller->account;
  exchange->access_key_id = caller->access_key_id;
  if (auto admitted = admission_.admit(*route.operation, *caller, request.received); !admitted.ok())
    return refuse(*exchange, admitted.error());
  if (body.size() > route.service->request_limit_bytes) return refuse(*exchange, body_too_large(route.service->request_limit_bytes));
  auto input = decode_input(route, request, body);
  if (!input.ok()) return refuse(*exchange, input.error());
  dispatch(exchange, std::move(*caller), std::move(*input));
}

void FrontDoor::dispatch(const ExchangePointer& exchange, Caller caller, Box input) {
  Invocation invocation{.service = exchange->route.service,
                        .operation = exchange->route.operation,
                        .input = std::move(input),
                        .caller = std::move(caller),
                        .request_id = exchange->request_id,
                        .trace = exchange->trace,
                        .client_left = exchange->request.client_left};
  invocation.trace.parent = exchange->span_id;
  context_.dispatcher.dispatch(std::move(invocation), [this, exchange](Result<Box> result) -> Task {
    std::string_view fault = result.ok() ? std::string_view{} : result.error().code->name;
    auto response = result.ok() ? encode_output(exchange->reply_context(), *result) : fault_of(*exchange, result.error());
    return [this, exchange, fault, response = std::move(response)]() mutable { answer_in_time(exchange, std::move(response), fault); };
  });
}

HttpResponse FrontDoor::fault_of(const Exchange& exchange, const Error& error) const {
  auto response = encode_fault(exchange.reply_context(), error);
  if (error.quota == nullptr) return response;
  response.headers.emplace_back(quota_header, error.quota->id);
  // Caps say what they are in their message; who is throttled should learn by what.
  if (context_.ports.quotas != nullptr && error.quota->algorithm != QuotaAlgorithm::Cap)
    context_.ports.quotas->note_refusal(*error.quota, exchange.request.received);
  return response;
}

void FrontDoor::refuse(Exchange& exchange, const Error& error) { answer(exchange, fault_of(exchange, error), error.code->name); }

// As long after its request as in the cloud, if the call has not taken longer.
void FrontDoor::answer_in_time(const ExchangePointer& exchange, HttpResponse response, std::string_view fault) {
  const auto row = latencies_.empty() ? latencies_.end() : latencies_.find(exchange->route.operation);
  if (row == latencies_.end()) return answer(*exchange, std::move(response), fault);
  const auto drawn = context_.ports.latency->draw(*row->second);
  const auto due = (row->second->adds == LatencyRow::Adds::ToTheWork ? now_() : exchange->request.received) + drawn;
  if (due <= now_()) return answer(*exchange, std::move(response), fault);
  auto& lane = context_.lanes.lane(calls_.load(std::memory_order_relaxed) % context_.lanes.size());
  lane.post([this, exchange, &lane, due, fault, response = std::move(response)]() mutable {
    lane.at(due, [this, exchange, fault, response = std::move(response)]() mutable { answer(*exchange, std::move(response), fault); });
  });
}

void FrontDoor::answer(Exchange& exchange, HttpResponse response, std::string_view fault) {
  record(exchange, response.status, fault);
  auto reply = std::move(exchange.reply);
  reply(std::move(response));
}

// The exchange is over: what telemetry wants of it is moved there.
void FrontDoor::record(Exchange& exchange, int status, std::string_view fault) {
  const auto length = now_() - exchange.request.received;
  auto name = call_name(exchange.route);
  if (log_enabled(LogLevel::Debug)) {
    log_line(LogLevel::Debug, log_component,
             name + " " + std::to_string(status) + " " + std::string(fault) + " " + std::to_string(length.us) +
                 "us account=" + exchange.account + " key=" + exchange.access_key_id + " request=" + exchange.request_id);
  }
  if (context_.ports.telemetry == nullptr) return;
  const auto request_bytes = exchange.request.body.size();
  auto bits = bits_per_byte(exchange.request.body);
  Span span{.trace_root = std::move(exchange.trace.root),
            .id = std::move(exchange.span_id),
            .parent = std::move(exchange.trace.parent),
            .kind = "aws",
            .name = std::move(name),
            .start = exchange.request.received,
            .length = length,
            .status = status,
            .fault = std::string(fault),
            .attributes = {}};
  span.attributes.reserve(3);
  span.attributes.emplace_back("aws.request_id", std::move(exchange.request_id));
  span.attributes.emplace_back("request_bytes", std::to_string(request_bytes));
  if (bits) span.attributes.emplace_back("request_bits_per_byte", std::move(*bits));
  context_.ports.telemetry->span(std::move(span));
}

}  // namespace surgetank
