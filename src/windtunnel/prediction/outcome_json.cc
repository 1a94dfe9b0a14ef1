// Outcomes as JSON.
#include "windtunnel/prediction/outcome_output.h"
#include "wire/json_writer.h"

namespace surgetank::prediction {
namespace {

void write_percentiles(JsonWriter& json, std::string_view name, const Percentiles& times) {
  json.key(name).begin_object().key("count").integer(static_cast<std::int64_t>(times.count));
  json.key("meanMs")
      .number(times.mean_ms)
      .key("minMs")
      .number(times.least_ms)
      .key("p50Ms")
      .number(times.p50_ms)
      .key("p90Ms")
      .number(times.p90_ms);
  json.key("p95Ms")
      .number(times.p95_ms)
      .key("p99Ms")
      .number(times.p99_ms)
      .key("p999Ms")
      .number(times.p999_ms)
      .key("maxMs")
      .number(times.most_ms);
  json.end_object();
}

void write_count(JsonWriter& json, std::string_view name, std::uint64_t count) { json.key(name).integer(static_cast<std::int64_t>(count)); }

void write_requests(JsonWriter& json, const RequestFigures& figures, double seconds) {
  json.begin_object().key("name").string(figures.name);
  write_count(json, "requests", figures.requests);
  write_count(json, "succeeded", figures.succeeded);
  write_count(json, "throttled", figures.throttled);
  write_count(json, "failed", figures.failed);
  write_count(json, "clientRetries", figures.client_retries);
  json.key("succeededPerSecond").number(seconds > 0 ? static_cast<double>(figures.succeeded) / seconds : 0);
  write_percentiles(json, "latency", figures.latency);
  write_percentiles(json, "successLatency", figures.success_latency);
  json.end_object();
}

void write_limit(JsonWriter& json, const LimitUse& limit) {
  constexpr std::string_view effects[] = {"throttled", "failed", "slow"};
  json.begin_object().key("id").string(limit.id).key("what").string(limit.what).key("cure").string(limit.cure);
  json.key("effect").string(effects[static_cast<std::size_t>(limit.effect)]);
  json.key("limit").number(limit.limit).key("peak").number(limit.peak);
  write_count(json, "refused", limit.refused);
  json.key("waitedSeconds").number(limit.waited_seconds).end_object();
}

void write_limit(JsonWriter& json, std::string_view name, const std::optional<LimitUse>& limit) {
  json.key(name);
  if (limit) {
    write_limit(json, *limit);
  } else {
    json.null();
  }
}

void write_relief_figures(JsonWriter& json, const ReliefFigures& figures) {
  write_count(json, "requests", figures.requests);
  write_count(json, "lost", figures.lost);
  json.key("lostShare").number(figures.lost_share).key("p99Ms").number(figures.p99_ms);
  json.key("dollarsPerHour").number(figures.dollars_per_hour);
}

// The first row raises nothing.
void write_relief(JsonWriter& json, const Relief& relief) {
  constexpr std::string_view findings[] = {"not-tried", "nothing-met", "nothing-helps", "helps", "together"};
  constexpr std::string_view verdicts[] = {"no", "helps", "best"};
  json.key("reliefFinding").string(findings[static_cast<std::size_t>(relief.finding)]);
  if (!relief.remark.empty()) json.key("reliefRemark").string(relief.remark);
  json.key("relief").begin_array();
  if (!relief.trials.empty()) {
    json.begin_object().key("raised").begin_array().end_array().key("verdict").string("as-it-is");
    write_relief_figures(json, relief.as_it_is);
    json.end_object();
  }
  for (const auto& trial : relief.trials) {
    json.begin_object().key("raised").begin_array();
    for (const auto& one : trial.raised)
      json.begin_object().key("id").string(one.id).key("from").number(one.from).key("to").number(one.to).end_object();
    json.end_array().key("verdict").string(verdicts[static_cast<std::size_t>(trial.verdict)]);
    write_relief_figures(json, trial.figures);
    json.end_object();
  }
  json.end_array().key("nextLimits").begin_array();
  for (std::size_t i = 1; i < relief.limits.size(); ++i) write_limit(json, relief.limits[i]);
  json.end_array();
}

void write_functions(JsonWriter& json, const Outcome& outcome) {
  json.key("functions").begin_array();
  for (const auto& function : outcome.functions) {
    json.begin_object().key("name").string(function.name);
    write_count(json, "invocations", function.invocations);
    write_count(json, "errors", function.errors);
    write_count(json, "throttles", function.throttles);
    write_count(json, "coldStarts", function.cold_starts);
    json.key("concurrencyPeak").integer(function.concurrency_peak).key("billedGbSeconds").number(function.billed_gb_seconds);
    write_percentiles(json, "duration", function.duration);
    json.end_object();
  }
  json.end_array();
}

void write_queues(JsonWriter& json, const Outcome& outcome) {
  json.key("queues").begin_array();
  for (const auto& queue : outcome.queues) {
    json.begin_object().key("name").string(queue.name);
    write_count(json, "sent", queue.sent);
    write_count(json, "done", queue.done);
    write_count(json, "deadLettered", queue.dead);
    write_count(json, "receives", queue.receives);
    write_count(json, "depthPeak", queue.depth_peak);
    write_count(json, "depthAtTrafficEnd", queue.depth_at_traffic_end);
    write_count(json, "depthEnd", queue.depth_end);
    json.key("oldestPeakSeconds").number(queue.oldest_peak_seconds);
    write_percentiles(json, "acceptedToDone", queue.accepted_to_done);
    json.end_object();
  }
  json.end_array();
}

void write_databases(JsonWriter& json, const Outcome& outcome) {
  json.key("databases").begin_array();
  for (const auto& database : outcome.databases) {
    json.begin_object().key("name").string(database.name).key("instanceClass").string(database.instance_class);
    json.key("mostConnections").integer(database.most_connections).key("connectionsPeak").integer(database.connections_peak);
    write_count(json, "refused", database.refused);
    json.key("processorUsePeak").number(database.processor_use_peak).end_object();
  }
  json.end_array();
}

void write_costs(JsonWriter& json, const Outcome& outcome) {
  double sum = 0;
  json.key("costs").begin_array();
  for (const auto& cost : outcome.costs) {
    json.begin_object().key("what").string(cost.what).key("dollarsPerHour").number(cost.dollars_per_hour).end_object();
    sum += cost.dollars_per_hour;
  }
  json.end_array().key("dollarsPerHour").number(sum).key("priceNote").string(price_note());
}

void write_timeline(JsonWriter& json, const Outcome& outcome) {
  json.key("timeline").begin_array();
  for (const auto& moment : outcome.timeline) {
    json.begin_object().key("second").number(moment.second).key("rate").number(moment.rate).key("succeeded").number(moment.succeeded);
    json.key("throttled").number(moment.throttled).key("failed").number(moment.failed);
    json.key("p50Ms").number(moment.p50_ms).key("p99Ms").number(moment.p99_ms);
    json.key("concurrency").integer(moment.concurrency).key("environments").integer(moment.environments);
    write_count(json, "queueDepth", moment.queue_depth);
    json.key("queueAgeSeconds").number(moment.queue_age_seconds).key("connections").integer(moment.connections);
    json.key("processorUse").number(moment.processor_use).end_object();
  }
  json.end_array();
}

void write_question(JsonWriter& json, const Question& question) {
  json.key("profile").string(question.profile).key("traffic").string(question.traffic);
  json.key("region").string(question.region.empty() ? "us-east-1" : question.region);
  json.key("host").string(question.place == Place::Aws ? "aws" : "this").key("seed").integer(static_cast<std::int64_t>(question.seed));
  if (!question.doubt.empty()) json.key("doubt").string(question.doubt);
  json.key("changes").begin_array();
  for (const auto& change : question.changes) json.string(change);
  json.end_array();
}

void write_figures(JsonWriter& json, const Outcome& outcome) {
  json.key("seconds").number(outcome.seconds).key("total");
  write_requests(json, outcome.total, outcome.seconds);
  json.key("routes").begin_array();
  for (const auto& route : outcome.routes) write_requests(json, route, outcome.seconds);
  json.end_array();
  json.key("concurrencyPeak").integer(outcome.concurrency_peak).key("environmentsPeak").integer(outcome.environments_peak);
  json.key("hostProcessorUse").number(outcome.host_processor_use).key("requestsInSystemMean").number(outcome.requests_in_system_mean);
  write_functions(json, outcome);
  write_queues(json, outcome);
  write_databases(json, outcome);
  write_costs(json, outcome);
  json.key("limits").begin_array();
  for (const auto& limit : outcome.limits) write_limit(json, limit);
  json.end_array();
  write_limit(json, "bottleneck", outcome.bottleneck);
  write_relief(json, outcome.relief);
  write_limit(json, "firstLimit", outcome.first_limit);
  if (outcome.first_limit) json.key("firstLimitSeconds").number(outcome.first_limit_seconds);
  json.key("notModelled").begin_array();
  for (const auto& text : outcome.not_modelled) json.string(text);
  json.end_array();
}

}  // namespace

std::string outcome_json(const Outcome& outcome, const Question& question) {
  std::string text;
  JsonWriter json(text);
  json.begin_object();
  write_question(json, question);
  write_figures(json, outcome);
  write_timeline(json, outcome);
  write_count(json, "events", outcome.events);
  json.end_object();
  return text;
}

std::string knee_json(const Knee& knee, const KneeSearch& search, const Question& question) {
  std::string text;
  JsonWriter json(text);
  json.begin_object();
  write_question(json, question);
  json.key("thresholds").begin_object().key("failedShare").number(search.thresholds.failed_share).key("p99Ms");
  if (search.thresholds.p99_ms) {
    json.number(*search.thresholds.p99_ms);
  } else {
    json.null();
  }
  json.end_object().key("knee");
  if (knee.rate) {
    json.number(*knee.rate);
  } else {
    json.null();
  }
  json.key("isHighestAsked").boolean(knee.is_highest_asked);
  write_limit(json, "bottleneck", knee.bottleneck);
  write_relief(json, knee.relief);
  json.key("probes").begin_array();
  for (const auto& probe : knee.probes) {
    json.begin_object().key("rate").number(probe.rate).key("missed").string(probe.missed);
    write_figures(json, probe.outcome);
    json.end_object();
  }
  json.end_array().end_object();
  return text;
}

}  // namespace surgetank::prediction
