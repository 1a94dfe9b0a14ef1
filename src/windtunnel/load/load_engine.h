#pragma once
// Runs a load plan from one thread: takes up each arrival at its instant, whatever happened to those before it (open model), on pooled
// keep-alive connections whose number grows as needed up to the plan's bound. An arrival that finds no connection waits, and its wait
// counts. Every request has a trace root of its own (X-Amzn-Trace-Id), by which the server's traces and completions are found.
//
// run() returns when everything was answered, given up, or stopped. Throws std::system_error if the machine refuses what it needs and
// LoadError for what the user must be told (a host that does not resolve, a certificate that is not trusted).
#include <functional>
#include <memory>
#include <stdexcept>

#include "windtunnel/load/async_tracker.h"
#include "windtunnel/load/load_plan.h"
#include "windtunnel/load/load_results.h"
#include "windtunnel/load/recorder.h"
#include "windtunnel/load/request_maker.h"

namespace surgetank::windtunnel {

class LoadError : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

// Everything of a plan that can be checked before the first request.
Result<std::vector<RequestMaker>> make_requests(const LoadPlan& plan);

struct LoadProgress {
  Duration since_begin;
  Duration length;  // of the traffic
  const LoadResults& results;
  Standing standing;
};

class LoadEngine {
 public:
  // Requests from make_requests(plan).
  LoadEngine(LoadPlan plan, std::vector<RequestMaker> requests);
  ~LoadEngine();
  LoadEngine(const LoadEngine&) = delete;
  LoadEngine& operator=(const LoadEngine&) = delete;

  enum class Proceed : std::uint8_t { On, NoMoreArrivals, StopNow };
  // Called on the thread of run() four times a second.
  using Ticker = std::function<Proceed(const LoadProgress&)>;
  LoadResults run(const Ticker& ticker);

  const TraceRoots& traces() const;
  // Accepted requests go in here by themselves; whoever learns of completions adds them (on the thread of run(), or after it).
  AsyncTracker& tracker();

 private:
  struct Parts;
  std::unique_ptr<Parts> parts_;
};

}  // namespace surgetank::windtunnel
