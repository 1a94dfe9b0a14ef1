#include "windtunnel/load/load_summary.h"

#include <algorithm>

#include "windtunnel/report/plot.h"
#include "wire/json_writer.h"

namespace surgetank::windtunnel {
namespace {

constexpr std::size_t name_width = 28;
constexpr std::size_t most_failures = 10;

double milliseconds_of(Duration span) { return static_cast<double>(span.us) / 1000; }
std::string time_text(Duration span) { return measure_text(milliseconds_of(span), Measure::Milliseconds); }
std::string count_text(std::uint64_t count) { return measure_text(static_cast<double>(count), Measure::Number); }
std::string rate_text(double per_second) { return measure_text(per_second, Measure::PerSecond); }
std::string bytes_text(std::uint64_t bytes) { return measure_text(static_cast<double>(bytes), Measure::Bytes); }

std::string dotted(std::string name) {
  name = "    " + name;
  if (name.size() < name_width) name.append(name_width - name.size(), '.');
  return name + ": ";
}

std::string spread_text(const Histogram& latency) {
  if (latency.count() == 0) return "-";
  return "avg=" + time_text(latency.mean()) + " min=" + time_text(latency.minimum()) + " med=" + time_text(latency.quantile(0.5)) +
         " max=" + time_text(latency.maximum()) + " p(90)=" + time_text(latency.quantile(0.9)) +
         " p(95)=" + time_text(latency.quantile(0.95)) + " p(99)=" + time_text(latency.quantile(0.99));
}

std::string one_line(std::string text) {
  for (auto& c : text)
    if (static_cast<unsigned char>(c) < 0x20 || c == 0x7f) c = ' ';
  return text.substr(0, 120);
}

class Lines {
 public:
  void heading(const std::string& title) {
    if (!lines_.empty()) lines_.push_back({});
    lines_.push_back({"  " + title, Tone::Neutral});
  }
  void add(const std::string& name, const std::string& value, Tone tone = Tone::Neutral) { lines_.push_back({dotted(name) + value, tone}); }
  void plain(std::string text, Tone tone) { lines_.push_back({std::move(text), tone}); }
  std::vector<SummaryLine> take() { return std::move(lines_); }

 private:
  std::vector<SummaryLine> lines_;
};

void add_thresholds(const std::vector<Verdict>& verdicts, Lines& lines) {
  if (verdicts.empty()) return;
  lines.heading("THRESHOLDS");
  for (const auto& verdict : verdicts)
    lines.plain(std::string("    ") + (verdict.is_met ? "✓ " : "✗ ") + verdict.threshold.text + "   (" +
                    value_text(verdict.threshold, verdict.value) + ")",
                verdict.is_met ? Tone::Good : Tone::Bad);
}

void add_requests(const LoadResults& results, Lines& lines) {
  const auto& total = results.total;
  lines.heading("TOTAL RESULTS");
  lines.add("request_duration", spread_text(total.latency));
  if (results.requests.size() > 1)
    for (const auto& request : results.requests) lines.add("  { " + request.name + " }", spread_text(request.latency));
  lines.add(
      "requests_failed",
      measure_text(total.failed_share(), Measure::Share) + "  " + count_text(total.failed) + " out of " + count_text(total.finished()),
      total.failed > 0 ? Tone::Warning : Tone::Neutral);
  if (total.throttled > 0) lines.add("  { throttled }", count_text(total.throttled), Tone::Warning);
  lines.add("requests", count_text(total.finished()) + "  " + rate_text(results.rate()));
}

void add_async(const AsyncResults& async, Lines& lines) {
  if (!async.was_followed || (async.accepted == 0 && async.done == 0)) return;
  lines.heading("ASYNCHRONOUS WORK");
  lines.add("accepted_to_done", spread_text(async.latency));
  auto text = count_text(async.done) + " out of " + count_text(async.accepted);
  if (async.open() > 0) text += "  " + count_text(async.open()) + " still open";
  if (async.failed_attempts > 0) text += "  " + count_text(async.failed_attempts) + " failed attempts";
  lines.add("done", text, async.open() > 0 ? Tone::Warning : Tone::Neutral);
}

void add_failures(const LoadResults& results, Lines& lines) {
  if (results.failures.empty()) return;
  lines.heading("FAILURES");
  for (std::size_t index = 0; index < std::min(most_failures, results.failures.size()); ++index) {
    const auto& failure = results.failures[index];
    lines.add(one_line(failure.what), count_text(failure.count) + (failure.sample.empty() ? "" : "  " + one_line(failure.sample)),
              Tone::Quiet);
  }
}

void write_spread(JsonWriter& json, std::string_view key, const Histogram& latency) {
  json.key(key).begin_object().key("count").integer(static_cast<std::int64_t>(latency.count()));
  if (latency.count() > 0) {
    json.key("avg").number(milliseconds_of(latency.mean())).key("min").number(milliseconds_of(latency.minimum()));
    json.key("max").number(milliseconds_of(latency.maximum()));
    for (const auto& [name, share] : {std::pair{"p50", 0.5}, {"p90", 0.9}, {"p95", 0.95}, {"p99", 0.99}, {"p99.9", 0.999}})
      json.key(name).number(milliseconds_of(latency.quantile(share)));
  }
  json.end_object();
}

void write_totals(JsonWriter& json, const RequestResults& results) {
  const auto integer = [&](const char* key, std::uint64_t value) { json.key(key).integer(static_cast<std::int64_t>(value)); };
  json.key("name").string(results.name);
  integer("arrivals", results.arrivals);
  integer("succeeded", results.succeeded);
  integer("failed", results.failed);
  integer("throttled", results.throttled);
  json.key("failedShare").number(results.failed_share());
  write_spread(json, "latencyMs", results.latency);
}

void write_seconds(JsonWriter& json, const LoadResults& results) {
  json.key("seconds").begin_array();
  for (const auto& second : results.seconds) {
    json.begin_object().key("second").number(second.second).key("intendedRate").number(second.intended_rate);
    json.key("arrivals")
        .integer(static_cast<std::int64_t>(second.arrivals))
        .key("succeeded")
        .integer(static_cast<std::int64_t>(second.succeeded));
    json.key("failed")
        .integer(static_cast<std::int64_t>(second.failed))
        .key("throttled")
        .integer(static_cast<std::int64_t>(second.throttled));
    for (const auto& [name, value] : {std::pair{"p50Ms", second.p50_ms}, {"p95Ms", second.p95_ms}, {"p99Ms", second.p99_ms}})
      if (value) json.key(name).number(*value);
    json.key("inFlight")
        .integer(static_cast<std::int64_t>(second.in_flight))
        .key("waiting")
        .integer(static_cast<std::int64_t>(second.waiting));
    json.key("connections").integer(static_cast<std::int64_t>(second.connections)).end_object();
  }
  json.end_array();
}

void write_async(JsonWriter& json, const AsyncResults& async) {
  json.key("async").begin_object().key("followed").boolean(async.was_followed);
  json.key("accepted").integer(static_cast<std::int64_t>(async.accepted)).key("done").integer(static_cast<std::int64_t>(async.done));
  json.key("open").integer(static_cast<std::int64_t>(async.open()));
  json.key("failedAttempts").integer(static_cast<std::int64_t>(async.failed_attempts));
  write_spread(json, "acceptedToDoneMs", async.latency);
  json.end_object();
}

}  // namespace

std::string value_text(const Threshold& threshold, std::optional<double> value) {
  if (!value) return "nothing was measured";
  if (is_time_measure(threshold.measure)) return measure_text(*value, Measure::Milliseconds);
  if (threshold.measure == "failed" || threshold.measure == "throttled") return measure_text(*value, Measure::Share);
  return measure_text(*value, threshold.measure == "rate" ? Measure::PerSecond : Measure::Number);
}

std::string lateness_warning(const LoadResults& results) {
  const auto late = results.lateness.quantile(0.99);
  if (late < milliseconds(20)) return {};
  return "the load generator itself was late (p99 " + time_text(late) +
         "): its machine is too busy for this rate, and latencies contain its own delay";
}

std::vector<SummaryLine> summary_lines(const LoadResults& results, const std::vector<Verdict>& verdicts) {
  Lines lines;
  add_thresholds(verdicts, lines);
  add_requests(results, lines);
  add_async(results.async, lines);
  lines.heading("EXECUTION");
  lines.add("arrivals", count_text(results.total.arrivals) + "  in " + measure_text(results.sending.seconds(), Measure::Seconds));
  lines.add("generator_lateness", "med=" + time_text(results.lateness.quantile(0.5)) + " p(99)=" +
                                      time_text(results.lateness.quantile(0.99)) + " max=" + time_text(results.lateness.maximum()));
  lines.add("connections_opened", count_text(results.connections_opened));
  lines.heading("NETWORK");
  const double elapsed = std::max(1e-3, results.elapsed.seconds());
  lines.add("data_received", bytes_text(results.bytes_received) + "  " +
                                 measure_text(static_cast<double>(results.bytes_received) / elapsed, Measure::Bytes) + "/s");
  lines.add("data_sent",
            bytes_text(results.bytes_sent) + "  " + measure_text(static_cast<double>(results.bytes_sent) / elapsed, Measure::Bytes) + "/s");
  add_failures(results, lines);
  if (const auto warning = lateness_warning(results); !warning.empty()) {
    lines.plain({}, Tone::Neutral);
    lines.plain("  " + warning, Tone::Warning);
  }
  return lines.take();
}

std::string results_json(const LoadResults& results, const std::vector<Verdict>& verdicts) {
  std::string out;
  JsonWriter json(out);
  json.begin_object().key("begin").string(iso8601_milliseconds(results.begin));
  json.key("elapsedSeconds").number(results.elapsed.seconds()).key("sendingSeconds").number(results.sending.seconds());
  json.key("stopped").boolean(results.was_stopped).key("rate").number(results.rate());
  json.key("total").begin_object();
  write_totals(json, results.total);
  json.end_object().key("requests").begin_array();
  for (const auto& request : results.requests) {
    json.begin_object();
    write_totals(json, request);
    json.end_object();
  }
  json.end_array().key("phases").begin_array();
  for (const auto& phase : results.phases) {
    json.begin_object().key("phase").string(phase.name).key("beginSecond").number(phase.begin.seconds());
    write_totals(json, phase.totals);
    json.end_object();
  }
  json.end_array().key("statuses").begin_object();
  for (const auto& [status, count] : results.statuses) json.key(std::to_string(status)).integer(static_cast<std::int64_t>(count));
  json.end_object().key("failures").begin_array();
  for (const auto& failure : results.failures)
    json.begin_object()
        .key("what")
        .string(failure.what)
        .key("count")
        .integer(static_cast<std::int64_t>(failure.count))
        .key("sample")
        .string(failure.sample)
        .end_object();
  json.end_array();
  write_async(json, results.async);
  write_spread(json, "generatorLatenessMs", results.lateness);
  json.key("connectionsOpened").integer(static_cast<std::int64_t>(results.connections_opened));
  json.key("bytesSent").integer(static_cast<std::int64_t>(results.bytes_sent));
  json.key("bytesReceived").integer(static_cast<std::int64_t>(results.bytes_received));
  json.key("thresholds").begin_array();
  for (const auto& verdict : verdicts) {
    json.begin_object().key("threshold").string(verdict.threshold.text).key("met").boolean(verdict.is_met);
    if (verdict.value) json.key("value").number(*verdict.value);
    json.end_object();
  }
  json.end_array();
  write_seconds(json, results);
  json.end_object();
  return out;
}

}  // namespace surgetank::windtunnel
