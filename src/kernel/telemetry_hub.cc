#include "kernel/telemetry_hub.h"

#include <algorithm>
#include <map>
#include <memory>
#include <utility>

#include "base/log.h"
#include "wire/json.h"

namespace surgetank {
namespace {

constexpr Duration tick_interval = milliseconds(100);
constexpr int ticks_per_metrics = 10;

std::size_t size_of(const LogBatch& batch) {
  std::size_t size = 0;
  for (const auto& event : batch.events) size += event.message.size() + 26;
  return size;
}

template <class Request>
std::string to_json_text(const Request& request) {
  std::string text;
  write_json(*shape_of<Request>(), &request, text);
  return text;
}

IngestLogEventsRequest request_of(const LogBatch& batch) {
  IngestLogEventsRequest request{.logGroupName = batch.group, .logStreamName = batch.stream, .events = {}};
  for (const auto& event : batch.events) request.events.push_back({event.time.ms(), event.message});
  return request;
}

// Batches of one stream become one, in the order given.
std::vector<LogBatch> merged(std::vector<LogBatch> batches) {
  std::map<std::string, std::size_t> index;
  std::vector<LogBatch> out;
  for (auto& batch : batches) {
    const auto key = batch.account + "\n" + batch.region + "\n" + batch.group + "\n" + batch.stream;
    const auto [found, fresh] = index.emplace(key, out.size());
    if (fresh) {
      out.push_back(std::move(batch));
    } else {
      auto& events = out[found->second].events;
      events.insert(events.end(), std::make_move_iterator(batch.events.begin()), std::make_move_iterator(batch.events.end()));
    }
  }
  return out;
}

}  // namespace

void TelemetryHub::span(Span span) {
  completions_.add(span);
  if (span.kind == "init") {
    const std::lock_guard lock(totals_mutex_);
    ++function_totals_[span.name].cold_starts;
  }
  const std::lock_guard lock(span_mutex_);
  if (spans_.size() >= limits_.spans) spans_.pop_front();
  spans_.push_back(std::move(span));
}

void TelemetryHub::metric(MetricSample sample) {
  const bool is_throttle = sample.name == "Throttles" && sample.name_space == "AWS/Lambda" && sample.dimensions.size() == 1;
  if (is_throttle && sample.dimensions[0].first == "FunctionName") {
    const std::lock_guard lock(totals_mutex_);
    function_totals_[sample.dimensions[0].second].throttles += static_cast<std::uint64_t>(sample.value * sample.count);
  }
  const std::lock_guard lock(metric_mutex_);
  aggregator_.add(std::move(sample));
}

void TelemetryHub::log(LogBatch batch) {
  const auto size = size_of(batch);
  const std::lock_guard lock(log_mutex_);
  if (log_bytes_ + size > limits_.log_bytes) {
    dropped_log_events_ += batch.events.size();
    return;
  }
  log_bytes_ += size;
  logs_.push_back(std::move(batch));
}

std::vector<std::vector<Span>> TelemetryHub::last_traces(std::size_t count) const {
  std::map<std::string_view, std::vector<const Span*>> by_root;
  const std::lock_guard lock(span_mutex_);
  for (const auto& span : spans_) by_root[span.trace_root].push_back(&span);
  std::vector<std::vector<Span>> traces;
  for (auto& [root, spans] : by_root) {
    std::stable_sort(spans.begin(), spans.end(), [](const Span* a, const Span* b) { return a->start < b->start; });
    auto& trace = traces.emplace_back();
    for (const auto* span : spans) trace.push_back(*span);
  }
  std::stable_sort(traces.begin(), traces.end(), [](const auto& a, const auto& b) { return a.front().start < b.front().start; });
  if (traces.size() > count) traces.erase(traces.begin(), traces.end() - static_cast<std::ptrdiff_t>(count));
  return traces;
}

std::vector<Span> TelemetryHub::trace(std::string_view root) const {
  std::vector<Span> out;
  const std::lock_guard lock(span_mutex_);
  for (const auto& span : spans_)
    if (span.trace_root == root) out.push_back(span);
  std::stable_sort(out.begin(), out.end(), [](const Span& a, const Span& b) { return a.start < b.start; });
  return out;
}

std::map<std::string, TelemetryHub::FunctionTotals> TelemetryHub::function_totals() const {
  const std::lock_guard lock(totals_mutex_);
  return function_totals_;
}

std::vector<MetricAggregator::Batch> TelemetryHub::take_metrics() {
  const std::lock_guard lock(metric_mutex_);
  return aggregator_.take();
}

std::vector<LogBatch> TelemetryHub::take_logs() {
  const std::lock_guard lock(log_mutex_);
  log_bytes_ = 0;
  return std::exchange(logs_, {});
}

void TelemetryHub::clear() {
  take_metrics();
  take_logs();
  const std::lock_guard lock(span_mutex_);
  spans_.clear();
}

TelemetryPump::TelemetryPump(TelemetryHub& hub, Lane& lane, Dispatcher& dispatcher) : hub_(hub), lane_(lane), dispatcher_(dispatcher) {}

void TelemetryPump::start() {
  lane_.post([this] { tick(); });
}

void TelemetryPump::tick() {
  ++ticks_;
  const auto send = [this](std::string_view service, std::string_view operation, const std::string& account, const std::string& region,
                           const std::string& text) {
    ++outstanding_;
    dispatcher_.dispatch_json(service, operation, service_caller(account, region, "telemetry"), text, [this](Result<std::string> result) {
      --outstanding_;
      if (!result.ok()) log_line(LogLevel::Warning, "telemetry", result.error().message);
    });
  };
  if (outstanding_ == 0) {
    for (const auto& batch : merged(hub_.take_logs()))
      send("logs", "IngestLogEvents", batch.account, batch.region, to_json_text(request_of(batch)));
    if (ticks_ - last_metrics_tick_ >= ticks_per_metrics) {
      last_metrics_tick_ = ticks_;
      for (const auto& batch : hub_.take_metrics())
        send("cloudwatch", "IngestMetrics", batch.account, batch.region, to_json_text(batch.request));
    }
  }
  lane_.at(lane_.now() + tick_interval, [this] { tick(); });
}

void TelemetryPump::flush(UniqueFunction<void()> done) {
  auto logs = merged(hub_.take_logs());
  auto metrics = hub_.take_metrics();
  auto last = std::make_shared<UniqueFunction<void()>>(std::move(done));
  auto remaining = std::make_shared<std::atomic<std::size_t>>(logs.size() + metrics.size() + 1);
  const auto one_done = [last, remaining](const Result<std::string>&) {
    if (remaining->fetch_sub(1) == 1) (*last)();
  };
  for (const auto& batch : logs)
    dispatcher_.dispatch_json("logs", "IngestLogEvents", service_caller(batch.account, batch.region, "telemetry"),
                              to_json_text(request_of(batch)), one_done);
  for (const auto& batch : metrics)
    dispatcher_.dispatch_json("cloudwatch", "IngestMetrics", service_caller(batch.account, batch.region, "telemetry"),
                              to_json_text(batch.request), one_done);
  one_done(std::string());
}

}  // namespace surgetank
