#pragma once
// The real Telemetry: spans in a bounded ring (oldest forgotten), metrics added up, log events queued up to a bound.
// Thread safe; every call is short. TelemetryPump carries metrics and logs to their services.
#include <atomic>
#include <cstddef>
#include <deque>
#include <map>
#include <mutex>
#include <vector>

#include "kernel/completions.h"
#include "kernel/dispatcher.h"
#include "kernel/lanes.h"
#include "kernel/metric_aggregator.h"
#include "kernel/telemetry.h"

namespace surgetank {

class TelemetryHub final : public Telemetry {
 public:
  struct Limits {
    std::size_t spans = 100'000;
    std::size_t log_bytes = 64U << 20;  // waiting for the pump
  };
  TelemetryHub() : TelemetryHub(Limits{}) {}
  explicit TelemetryHub(Limits limits) : limits_(limits) {}

  void span(Span span) override;
  void metric(MetricSample sample) override;
  void log(LogBatch batch) override;

  // All spans of the `count` traces that began last, oldest trace first, spans of a trace in order of start.
  std::vector<std::vector<Span>> last_traces(std::size_t count) const;
  std::vector<Span> trace(std::string_view root) const;
  std::vector<MetricAggregator::Batch> take_metrics();
  std::vector<LogBatch> take_logs();
  const Completions& completions() const { return completions_; }
  // Since the start, by function.
  struct FunctionTotals {
    std::uint64_t cold_starts = 0;
    std::uint64_t throttles = 0;
  };
  std::map<std::string, FunctionTotals> function_totals() const;
  std::size_t dropped_log_events() const { return dropped_log_events_; }
  void clear();

 private:
  const Limits limits_;
  mutable std::mutex span_mutex_;
  std::deque<Span> spans_;
  Completions completions_;
  mutable std::mutex totals_mutex_;
  std::map<std::string, FunctionTotals> function_totals_;
  std::mutex metric_mutex_;
  MetricAggregator aggregator_;
  std::mutex log_mutex_;
  std::vector<LogBatch> logs_;
  std::size_t log_bytes_ = 0;
  std::atomic<std::size_t> dropped_log_events_{0};
};

// Moves what the hub has gathered to the logs and cloudwatch services: logs every 100 ms, metrics every second.
// Lives on one lane; a batch is sent only when the one before it was answered.
class TelemetryPump {
 public:
  TelemetryPump(TelemetryHub& hub, Lane& lane, Dispatcher& dispatcher);
  void start();
  // Sends everything now; `done` runs on an unnamed thread when it is stored (shutdown, tests, `logs`).
  void flush(UniqueFunction<void()> done);

 private:
  void tick();

  TelemetryHub& hub_;
  Lane& lane_;
  Dispatcher& dispatcher_;
  int ticks_ = 0;
  int last_metrics_tick_ = 0;
  std::atomic<int> outstanding_{0};
};

}  // namespace surgetank
