#pragma once
// Small applications and traffic for tests of predictions.
#include <string>

#include "windtunnel/prediction/prediction.h"

namespace surgetank::prediction::testing {

// One route to one function that waits `time` without needing a processor.
inline Profile one_function(const Distribution& time, Entry entry = Entry::Gateway) {
  Profile profile;
  FunctionProfile function{.name = "Work", .memory_mb = 1769, .timeout = seconds(60)};
  function.steps.push_back({.kind = StepKind::Compute, .time = time});
  profile.functions.push_back(function);
  profile.routes.push_back({.name = "GET /work", .function = "Work", .entry = entry});
  return profile;
}

// A queue that clients send to directly, and a function behind it.
inline Profile one_queue(const Distribution& time, std::int64_t batch_size = 10) {
  Profile profile = one_function(time);
  profile.routes = {{.name = "Jobs", .queue = "Jobs", .entry = Entry::Direct}};
  profile.queues.push_back({.name = "Jobs", .visibility = seconds(360)});
  profile.mappings.push_back({.queue = "Jobs", .function = "Work", .batch_size = batch_size});
  return profile;
}

inline windtunnel::Traffic constant(double rate, Duration length,
                                    windtunnel::Traffic::Arrivals arrivals = windtunnel::Traffic::Arrivals::Poisson) {
  windtunnel::Traffic traffic;
  auto& phase = traffic.phases.emplace_back();
  phase.length = length;
  phase.rate = rate;
  traffic.arrivals = arrivals;
  return traffic;
}

}  // namespace surgetank::prediction::testing
