#include "app/gauge_routes.h"

#include <algorithm>
#include <map>
#include <memory>
#include <mutex>
#include <utility>

#include "app/clock.h"
#include "base/text.h"
#include "wire/json_value.h"
#include "wire/json_writer.h"

namespace surgetank {
namespace {

constexpr std::size_t most_queues = 200;
constexpr std::size_t most_completions = 20'000;  // in one answer

HttpResponse json_response(std::string body) {
  return {.status = 200, .headers = {{"Content-Type", "application/json"}, {"Cache-Control", "no-store"}}, .body = std::move(body)};
}

struct FunctionGauge {
  std::int64_t environments = 0;
  std::int64_t in_flight = 0;
  TelemetryHub::FunctionTotals totals;
};

void write_functions(const GaugeSources& sources, JsonWriter& json) {
  std::map<std::string, FunctionGauge> functions;
  for (const auto& environment : sources.environments.all()) {
    auto& gauge = functions[environment->function_name];
    ++gauge.environments;
    if (!environment->activity().request_id.empty()) ++gauge.in_flight;
  }
  for (const auto& [name, totals] : sources.telemetry.function_totals()) functions[name].totals = totals;
  std::int64_t in_flight = 0;
  json.key("functions").begin_array();
  for (const auto& [name, gauge] : functions) {
    in_flight += gauge.in_flight;
    json.begin_object().key("name").string(name).key("inFlight").integer(gauge.in_flight);
    json.key("environments").integer(gauge.environments).key("idle").integer(gauge.environments - gauge.in_flight);
    json.key("coldStarts").integer(static_cast<std::int64_t>(gauge.totals.cold_starts));
    json.key("throttles").integer(static_cast<std::int64_t>(gauge.totals.throttles)).end_object();
  }
  json.end_array();
  json.key("concurrency").begin_object().key("inFlight").integer(in_flight);
  json.key("limit").integer(sources.concurrency_limit).end_object();
}

void write_databases(const GaugeSources& sources, JsonWriter& json) {
  json.key("databases").begin_array();
  for (const auto& gauge : sources.databases.gauges()) {
    json.begin_object().key("name").string(gauge.identifier);
    json.key("connections").integer(static_cast<std::int64_t>(gauge.connections));
    json.key("maxConnections").integer(gauge.max_connections).end_object();
  }
  json.end_array();
}

// Collects the gauges of queues from their lanes and answers when the last one is there.
class QueueGauges : public std::enable_shared_from_this<QueueGauges> {
 public:
  QueueGauges(const GaugeSources& sources, HttpReply reply) : sources_(sources), reply_(std::move(reply)) {}

  void begin() {
    sources_.dispatcher.dispatch_json("sqs", "ListQueues", caller(), "{}",
                                      [self = shared_from_this()](Result<std::string> reply) { self->ask(std::move(reply)); });
  }

 private:
  Caller caller() const { return service_caller(sources_.account, sources_.region, "surgetank"); }

  void ask(Result<std::string> reply) {
    const auto listed = reply.ok() ? parse_json(*reply) : Result<JsonValue>(JsonValue());
    const auto* urls = listed.ok() && listed->find("QueueUrls") != nullptr ? listed->find("QueueUrls")->as_array() : nullptr;
    const auto count = urls == nullptr ? 0 : std::min(most_queues, urls->size());
    open_ = count;
    if (count == 0) return answer();
    for (std::size_t index = 0; index < count; ++index) {
      const auto* url = (*urls)[index].as_string();
      std::string input;
      JsonWriter(input).begin_object().key("QueueUrl").string(url == nullptr ? "" : *url).end_object();
      sources_.dispatcher.dispatch_json("sqs", "ReadQueueGauge", caller(), input,
                                        [self = shared_from_this()](Result<std::string> gauge) { self->take(std::move(gauge)); });
    }
  }

  void take(Result<std::string> gauge) {
    const auto read = gauge.ok() ? parse_json(*gauge) : Result<JsonValue>(JsonValue());
    const std::lock_guard lock(mutex_);
    if (read.ok() && read->find_string("Name") != nullptr) queues_[*read->find_string("Name")] = *read;
    if (--open_ == 0) answer();
  }

  void answer() {
    std::string body;
    JsonWriter json(body);
    json.begin_object().key("time").number(system_now().seconds());
    write_functions(sources_, json);
    json.key("queues").begin_array();
    const auto number = [&](const JsonValue& queue, const char* name) {
      const auto* value = queue.find(name);
      return value == nullptr ? 0 : value->as_integer().value_or(0);
    };
    for (const auto& [name, queue] : queues_) {
      json.begin_object().key("name").string(name).key("visible").integer(number(queue, "Visible"));
      json.key("inFlight").integer(number(queue, "InFlight")).key("delayed").integer(number(queue, "Delayed"));
      json.key("oldestSeconds").number(static_cast<double>(number(queue, "OldestMilliseconds")) / 1000).end_object();
    }
    json.end_array();
    write_databases(sources_, json);
    json.end_object();
    reply_(json_response(std::move(body)));
  }

  const GaugeSources& sources_;
  HttpReply reply_;
  std::mutex mutex_;
  std::size_t open_ = 0;
  std::map<std::string, JsonValue> queues_;
};

HttpResponse completions_response(const Completions& completions, std::string_view query) {
  std::string body;
  JsonWriter json(body);
  json.begin_object();
  if (query.empty()) {
    json.key("next").integer(static_cast<std::int64_t>(completions.end())).key("missed").integer(0);
    json.key("completions").begin_array().end_array().end_object();
    return json_response(std::move(body));
  }
  const auto after = query.starts_with("after=") ? parse_integer(query.substr(6)) : std::nullopt;
  if (!after || *after < 0) return json_message(400, "after takes the cursor that the last answer called next");
  const auto page = completions.after(static_cast<std::uint64_t>(*after), most_completions);
  json.key("next").integer(static_cast<std::int64_t>(page.next)).key("missed").integer(static_cast<std::int64_t>(page.missed));
  json.key("completions").begin_array();
  for (const auto& one : page.completions) {
    json.begin_array().string(one.trace_root).string(one.kind).integer(one.end.us);
    json.string(one.has_failed ? "failed" : "done").end_array();
  }
  json.end_array().end_object();
  return json_response(std::move(body));
}

}  // namespace

std::vector<AdminRoute> gauge_routes(GaugeSources sources) {
  const auto shared = std::make_shared<const GaugeSources>(std::move(sources));
  std::vector<AdminRoute> routes;
  routes.push_back({.method = "GET", .path = "/_surgetank/gauges", .handler = [shared](const HttpRequest&, HttpReply reply) {
                      std::make_shared<QueueGauges>(*shared, std::move(reply))->begin();
                    }});
  routes.push_back({.method = "GET", .path = "/_surgetank/completions", .handler = [shared](const HttpRequest& request, HttpReply reply) {
                      reply(completions_response(shared->telemetry.completions(), request.query));
                    }});
  return routes;
}

}  // namespace surgetank
