#include "app/server_routes.h"

#include <algorithm>

#include "app/waterfall.h"
#include "base/text.h"
#include "wire/json_writer.h"

namespace surgetank {
namespace {

constexpr std::int64_t most_traces = 100'000;
constexpr std::size_t erased_per_commit = 10'000;

HttpResponse json_response(std::string body) {
  return {.status = 200, .headers = {{"Content-Type", "application/json"}}, .body = std::move(body)};
}

std::string status_json(const ServerStatus& status) {
  std::string out;
  JsonWriter json(out);
  json.begin_object()
      .key("version")
      .string(status.version)
      .key("url")
      .string(status.url)
      .key("dataDirectory")
      .string(status.data_directory);
  json.key("pid").integer(status.pid).key("uptimeSeconds").integer(status.uptime.us / 1'000'000);
  json.key("functions").begin_object().key("environments").integer(static_cast<std::int64_t>(status.environments));
  json.key("idle").integer(static_cast<std::int64_t>(status.idle_environments)).key("processLimit").integer(status.process_limit);
  json.key("isolation").begin_array();
  for (const auto& line : status.sandbox) json.string(line);
  json.end_array().end_object();
  json.key("http").begin_object().key("requests").integer(static_cast<std::int64_t>(status.requests));
  json.key("connections").integer(static_cast<std::int64_t>(status.connections)).end_object();
  json.key("droppedLogEvents").integer(static_cast<std::int64_t>(status.dropped_log_events)).end_object();
  return out;
}

// Calls that clients of the server make on their own (the command line following logs) would drown the application's requests.
bool is_of_an_application(const Trace& trace) {
  return std::any_of(trace.begin(), trace.end(), [](const Span& span) { return span.kind != "aws"; });
}

HttpResponse traces_response(const TelemetryHub& telemetry, std::string_view query) {
  if (query.substr(0, 3) == "id=") {
    const auto root = percent_decode(query.substr(3), PlusMeaning::Plus).value_or("");
    auto trace = telemetry.trace(root);
    std::vector<Trace> traces;
    if (!trace.empty()) traces.push_back(std::move(trace));
    return json_response(traces_to_json(traces));
  }
  const bool all = query.size() > 6 && query.substr(query.size() - 6) == "&all=1";
  if (all) query.remove_suffix(6);
  const auto last = query.substr(0, 5) == "last=" ? parse_integer(query.substr(5)) : 10;
  if (!last || *last < 1 || *last > most_traces) return json_message(400, "last takes a number from 1 to 100000");
  auto traces = telemetry.last_traces(most_traces);
  if (!all) std::erase_if(traces, [](const Trace& trace) { return !is_of_an_application(trace); });
  const auto wanted = static_cast<std::size_t>(*last);
  if (traces.size() > wanted) traces.erase(traces.begin(), traces.end() - static_cast<std::ptrdiff_t>(wanted));
  return json_response(traces_to_json(traces));
}

void erase_everything(Store& store) {
  for (bool more = true; more;) {
    auto txn = store.begin();
    std::vector<std::string> keys;
    txn->scan("", "\xff", [&](std::string_view key, std::string_view) {
      keys.emplace_back(key);
      return keys.size() < erased_per_commit;
    });
    for (const auto& key : keys) txn->erase(key);
    more = keys.size() == erased_per_commit;
    if (!keys.empty()) store.commit(*txn);
  }
}

}  // namespace

std::vector<AdminRoute> status_routes(std::function<ServerStatus()> status) {
  return {{.method = "GET", .path = "/_surgetank/status", .handler = [status = std::move(status)](const HttpRequest&, HttpReply reply) {
             reply(json_response(status_json(status())));
           }}};
}

std::vector<AdminRoute> trace_routes(const TelemetryHub& telemetry) {
  return {{.method = "GET", .path = "/_surgetank/traces", .handler = [&telemetry](const HttpRequest& request, HttpReply reply) {
             reply(traces_response(telemetry, request.query));
           }}};
}

std::vector<AdminRoute> reset_routes(ResetParts parts) {
  // Without a token, as test suites call it: whoever starts a server with --allow-reset means it. Pages of other origins are refused
  // before.
  return {{.method = "POST",
           .path = "/_surgetank/reset",
           .access = AdminRoute::Access::Public,
           .handler = [parts](const HttpRequest&, HttpReply reply) {
             if (!parts.allowed) return reply(json_message(403, "reset is refused: start the server with --allow-reset"));
             parts.lane.post([parts, reply = std::move(reply)]() mutable {
               parts.databases.destroy_all([parts, reply = std::move(reply)]() mutable {
                 parts.lane.post([parts, reply = std::move(reply)]() mutable {
                   erase_everything(parts.store);
                   parts.telemetry.clear();
                   for (const auto& use : parts.quotas.use(parts.lane.now()))
                     if (use.is_set) parts.quotas.reset(*use.row);
                   parts.dispatcher.forget_states([parts, reply = std::move(reply)]() mutable {
                     parts.store.on_durable(parts.store.last_committed(),
                                            [reply = std::move(reply)]() mutable { reply(json_response("{}")); });
                   });
                 });
               });
             });
           }}};
}

}  // namespace surgetank
