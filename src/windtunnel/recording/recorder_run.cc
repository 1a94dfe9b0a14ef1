// What happened during the run: traces, the use of quotas, metrics.
#include <algorithm>
#include <map>
#include <stdexcept>
#include <tuple>

#include "base/text.h"
#include "services/cloudwatch/model.h"
#include "windtunnel/recording/recorder_parts.h"
#include "wire/json_writer.h"

namespace surgetank::windtunnel {
namespace {

constexpr std::int64_t minute_us = 60'000'000;
constexpr std::int64_t most_datapoints = 1'440;  // that GetMetricStatistics gives at once
constexpr std::size_t most_metrics = 2'000;
constexpr int max_pages = 200;
constexpr int most_attempts = 60;
constexpr Duration between_attempts = milliseconds(150);
constexpr std::string_view name_spaces[] = {"AWS/Lambda", "AWS/ApiGateway", "AWS/SQS", "AWS/RDS", "AWS/Logs"};

struct TracesReply {
  List<List<RecordedSpan>> traces;
};
SURGE_SHAPE(TracesReply, traces)

// As GET /_surgetank/traces gives a span; only the root is told apart.
struct RootOfSpan {
  String trace;
};
SURGE_SHAPE(RootOfSpan, trace)
struct RootsReply {
  List<List<RootOfSpan>> traces;
};
SURGE_SHAPE(RootsReply, traces)

void add_metric(ReadingSystem& system, const cloudwatch::Metric& metric, const Recording& run, List<RecordedMetric>& out) {
  const auto start_minute = run.startMicroseconds / minute_us;
  const auto end_minute = std::max(run.endMicroseconds / minute_us + 1, start_minute + 1);
  const auto period_minutes = (end_minute - start_minute + most_datapoints - 1) / most_datapoints;
  std::string body;
  JsonWriter json(body);
  json.begin_object().key("Namespace").string(*metric.Namespace).key("MetricName").string(*metric.MetricName);
  json.key("Dimensions").begin_array();
  for (const auto& dimension : metric.Dimensions)
    json.begin_object().key("Name").string(dimension.Name).key("Value").string(dimension.Value).end_object();
  json.end_array().key("StartTime").integer(start_minute * 60).key("EndTime").integer(end_minute * 60);
  json.key("Period").integer(period_minutes * 60).key("Statistics").begin_array();
  for (const char* statistic : {"SampleCount", "Sum", "Minimum", "Maximum"}) json.string(statistic);
  json.end_array().end_object();
  cloudwatch::GetMetricStatisticsResponse reply;
  system.json("monitoring", "GraniteServiceVersion20100801.GetMetricStatistics", body, reply);
  if (!reply.Datapoints || reply.Datapoints->empty()) return;
  RecordedMetric all{.nameSpace = *metric.Namespace, .name = *metric.MetricName, .dimensions = {}, .unit = {}};
  for (const auto& dimension : metric.Dimensions) all.dimensions[dimension.Name] = dimension.Value;
  bool first = true;
  for (const auto& point : *reply.Datapoints) {
    const double low = point.Minimum.value_or(0);
    const double high = point.Maximum.value_or(0);
    all.samples += point.SampleCount.value_or(0);
    all.sum += point.Sum.value_or(0);
    all.minimum = first ? low : std::min(all.minimum, low);
    all.maximum = first ? high : std::max(all.maximum, high);
    all.unit = point.Unit.value_or("None");
    first = false;
  }
  out.push_back(std::move(all));
}

void list_metrics(ReadingSystem& system, std::string_view name_space, std::vector<cloudwatch::Metric>& out) {
  std::string token;
  for (int page = 0; page < max_pages && out.size() < most_metrics; ++page) {
    std::string body;
    JsonWriter json(body);
    json.begin_object().key("Namespace").string(name_space);
    if (!token.empty()) json.key("NextToken").string(token);
    json.end_object();
    const auto reply = parse_json(system.json_text("monitoring", "GraniteServiceVersion20100801.ListMetrics", body));
    if (!reply.ok()) return;
    if (const auto* metrics = reply->find("Metrics"); metrics != nullptr && metrics->is_array()) {
      for (const auto& found : *metrics->as_array()) {
        cloudwatch::Metric metric;
        if (read_json(to_json(found), cloudwatch::Metric_shape, &metric).ok() && metric.Namespace && metric.MetricName)
          out.push_back(std::move(metric));
      }
    }
    const auto* next = reply->find_string("NextToken");
    token = next == nullptr ? std::string() : *next;
    if (token.empty()) return;
  }
}

bool is_throttled(const RunningSystem::Answer& answer) {
  if (answer.status == 429) return true;
  return answer.status >= 400 && (contains(answer.body, "Throttl") || contains(answer.body, "TooManyRequests"));
}

Integer integer_of(const JsonValue& row, std::string_view name) {
  const auto* value = row.find(name);
  return value == nullptr ? 0 : value->as_integer().value_or(0);
}

std::string text_of(const JsonValue& row, std::string_view name) {
  const auto* value = row.find_string(name);
  return value == nullptr ? std::string() : *value;
}

}  // namespace

std::string ReadingSystem::ok(const std::string& what, RunningSystem::Answer answer) {
  if (answer.status >= 300)
    throw std::runtime_error(what + " answered " + std::to_string(answer.status) + ": " + answer.body.substr(0, 300));
  return std::move(answer.body);
}

void ReadingSystem::read(const std::string& what, const std::string& text, const Shape& shape, void* out) {
  if (const auto result = read_json(text, shape, out); !result.ok())
    throw std::runtime_error("the answer of " + what + " is not readable: " + result.error().message);
}

RunningSystem::Answer ReadingSystem::api(const RunningSystem::ApiCall& call) {
  auto answer = system_.api(call);
  for (int attempt = 1; attempt < most_attempts && is_throttled(answer); ++attempt) {
    system_.pause(between_attempts);
    answer = system_.api(call);
  }
  return answer;
}

std::string ReadingSystem::json_text(const std::string& service, const std::string& target, const std::string& body) {
  return ok(target,
            api({.service = service, .headers = {{"X-Amz-Target", target}, {"Content-Type", "application/x-amz-json-1.0"}}, .body = body}));
}

std::string ReadingSystem::query(const std::string& service, const std::string& body) {
  return ok(service + " " + body,
            api({.service = service, .headers = {{"Content-Type", "application/x-www-form-urlencoded"}}, .body = body}));
}

std::optional<JsonValue> ReadingSystem::try_rest(const std::string& service, const std::string& path) {
  const auto answer = api({.service = service, .method = "GET", .path = path});
  if (answer.status >= 300) return std::nullopt;
  auto value = parse_json(answer.body);
  if (!value.ok()) return std::nullopt;
  return std::move(*value);
}

void record_traces(ReadingSystem& system, std::size_t last, Recording& out) {
  if (last < 1 || last > max_recorded_traces)
    throw std::runtime_error("--last takes a number from 1 to " + std::to_string(max_recorded_traces));
  const auto answer = system.admin("traces?last=" + std::to_string(last));
  if (answer.status != 200) throw std::runtime_error("the server's traces cannot be read: " + answer.body.substr(0, 300));
  TracesReply reply;
  RootsReply roots;
  if (!read_json(answer.body, TracesReply_shape, &reply).ok() || !read_json(answer.body, RootsReply_shape, &roots).ok())
    throw std::runtime_error("the server's traces are not readable");
  std::size_t spans = 0;
  for (std::size_t i = 0; i < reply.traces.size(); ++i) {
    auto& trace = reply.traces[i];
    if (trace.empty() || (spans += trace.size()) > max_recorded_spans) continue;
    for (const auto& span : trace) {
      if (out.startMicroseconds == 0 || span.startMicroseconds < out.startMicroseconds) out.startMicroseconds = span.startMicroseconds;
      out.endMicroseconds = std::max(out.endMicroseconds, span.startMicroseconds + span.durationMicroseconds);
    }
    out.traces.push_back({.root = roots.traces[i].front().trace, .spans = std::move(trace)});
  }
}

void record_host(ReadingSystem& system, Recording& out) {
  const auto answer = system.admin("host?from=" + std::to_string(out.startMicroseconds) + "&to=" + std::to_string(out.endMicroseconds));
  const auto document = parse_json(answer.body);
  if (answer.status != 200 || !document.ok()) return;
  out.host = RecordedHost{.processors = integer_of(*document, "processors"),
                          .functionProcesses = integer_of(*document, "functionProcesses"),
                          .busyMicroseconds = integer_of(*document, "busyMicroseconds"),
                          .samples = {}};
  const auto* samples = document->find("samples");
  if (samples == nullptr || !samples->is_array()) return;
  for (const auto& sample : *samples->as_array())
    out.host->samples.push_back({.atMicroseconds = integer_of(sample, "atMicroseconds"),
                                 .serverMicroseconds = integer_of(sample, "serverMicroseconds"),
                                 .databaseMicroseconds = integer_of(sample, "databaseMicroseconds"),
                                 .functionMicroseconds = integer_of(sample, "functionMicroseconds")});
}

void record_quotas(ReadingSystem& system, Recording& out) {
  const auto answer = system.admin("quotas");
  if (answer.status != 200) return;
  const auto document = parse_json(answer.body);
  if (!document.ok()) return;
  const auto* rows = document->is_array() ? &*document : document->find("quotas");
  if (rows == nullptr || !rows->is_array()) return;
  out.quotaProfile = text_of(*document, "profile");
  if (auto region = text_of(*document, "region"); !region.empty()) out.region = std::move(region);
  for (const auto& row : *rows->as_array()) {
    RecordedQuota quota{.id = text_of(row, "id"), .name = text_of(row, "name"), .unit = text_of(row, "unit"), .value = {}};
    if (const auto* value = row.find("value")) quota.value = value->as_integer();
    quota.now = integer_of(row, "now");
    quota.peak = integer_of(row, "peak");
    quota.rejections = integer_of(row, "rejections");
    if (const auto* usual = row.find("profileValue")) quota.isOwn = quota.value != usual->as_integer();
    if (!quota.id.empty()) out.quotas.push_back(std::move(quota));
  }
  std::sort(out.quotas.begin(), out.quotas.end(), [](const auto& a, const auto& b) { return a.id < b.id; });
}

void record_metrics(ReadingSystem& system, Recording& out) {
  if (out.traces.empty()) return;
  std::vector<cloudwatch::Metric> metrics;
  for (const auto name_space : name_spaces) list_metrics(system, name_space, metrics);
  if (metrics.size() > most_metrics) metrics.resize(most_metrics);
  for (const auto& metric : metrics) add_metric(system, metric, out, out.metrics);
  std::sort(out.metrics.begin(), out.metrics.end(), [](const auto& a, const auto& b) {
    return std::tie(a.nameSpace, a.name, a.dimensions) < std::tie(b.nameSpace, b.name, b.dimensions);
  });
}

}  // namespace surgetank::windtunnel
