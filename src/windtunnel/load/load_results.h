#pragma once
// What came of a load run, as data: what summaries, reports and thresholds read. Latencies count from the instant at which the request
// was scheduled, so a server (or generator) that stalls shows up in every request that it held up. Plain values.
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "base/time.h"
#include "windtunnel/load/histogram.h"
#include "windtunnel/load/server_sample.h"
#include "windtunnel/load/threshold.h"

namespace surgetank::windtunnel {

enum class Failure : std::uint8_t { None, Status, FunctionError, Connect, Timeout, Closed, Protocol, NotSent };

struct RequestResults {
  std::string name;
  std::uint64_t arrivals = 0;  // scheduled so far
  std::uint64_t succeeded = 0;
  std::uint64_t failed = 0;
  std::uint64_t throttled = 0;  // of the failed: 429, or an error code of throttling
  Histogram latency;            // of all that were answered or given up
  std::uint64_t finished() const { return succeeded + failed; }
  double failed_share() const { return finished() == 0 ? 0 : static_cast<double>(failed) / static_cast<double>(finished()); }
};

// One second of the run.
struct SecondResults {
  double second = 0;  // at its begin, since the begin of the run
  double intended_rate = 0;
  std::uint64_t arrivals = 0;
  std::uint64_t succeeded = 0;
  std::uint64_t failed = 0;
  std::uint64_t throttled = 0;
  std::optional<double> p50_ms;  // none: nothing finished
  std::optional<double> p95_ms;
  std::optional<double> p99_ms;
  std::size_t in_flight = 0;  // at its end
  std::size_t waiting = 0;    // for a connection
  std::size_t connections = 0;
};

struct FailureResults {
  std::string what;  // "HTTP 503", "timeout after 10s", "connection refused"
  std::uint64_t count = 0;
  std::string sample;  // the beginning of the first answer of that kind
};

struct PhaseResults {
  std::string name;  // or its short form
  Duration begin;
  RequestResults totals;
};

struct AsyncResults {
  bool was_followed = false;
  std::uint64_t accepted = 0;  // requests that began asynchronous work
  std::uint64_t done = 0;
  std::uint64_t failed_attempts = 0;  // tries that failed; what they were for comes again
  std::uint64_t open() const { return accepted - done; }
  Histogram latency;            // accepted to done
  std::uint64_t untracked = 0;  // beyond what is kept in memory
};

struct LoadResults {
  Instant begin;
  Duration elapsed;  // until the last answer
  Duration sending;  // until the last arrival
  RequestResults total;
  std::vector<RequestResults> requests;
  std::vector<PhaseResults> phases;
  std::vector<SecondResults> seconds;
  std::vector<FailureResults> failures;  // most frequent first
  std::map<int, std::uint64_t> statuses;
  Histogram lateness;  // of the generator itself: scheduled to taken up
  std::uint64_t connections_opened = 0;
  std::uint64_t bytes_sent = 0;
  std::uint64_t bytes_received = 0;
  AsyncResults async;
  std::vector<ServerSample> server;  // empty: no Surgetank server was watched
  bool was_stopped = false;          // by the user, before its end

  // Answers a second while requests were sent.
  double rate() const;
};

// The value of a threshold's measure; nullopt: not measured.
std::optional<double> measured(const LoadResults& results, const Threshold& threshold);

}  // namespace surgetank::windtunnel
