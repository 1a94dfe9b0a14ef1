#pragma once
// The invocations of a recording, each with what it did in order: the part of making a profile that reads spans. Pure; the recording
// outlives what is made of it.
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "base/time.h"
#include "windtunnel/recording/recording.h"

namespace surgetank::prediction {

// One thing that an invocation did. `time` is what it added to the invocation, `gap` what was computed before it.
struct RecordedAct {
  const windtunnel::RecordedSpan* span = nullptr;
  const windtunnel::RecordedSpan* invoked = nullptr;  // the invocation of another function that it made
  Duration gap = {};
  Duration time = {};
};

struct RecordedInvocation {
  const windtunnel::RecordedSpan* span = nullptr;
  std::vector<RecordedAct> acts;
  Duration rest = {};  // computed after the last act
  bool is_cold = false;
  bool has_failed_act = false;  // a call or connection of it failed
  Duration init = {};           // cold ones
  std::optional<Duration> init_processor_time = {};  // cold ones; nullopt: not recorded
  std::optional<Duration> processor_time = {};       // of the function's process
  std::int64_t ordinal = 0;     // in its environment, counted from one; 0: the recording does not have the environment's first ones
};

// The invocation of an environment, counted from one, from which on its invocations count as steady: as late as leaves enough of them.
// 1: there are too few to tell.
std::int64_t steady_ordinal(const std::vector<RecordedInvocation>& invocations);
inline bool is_steady(const RecordedInvocation& invocation, std::int64_t steady_from) {
  return invocation.ordinal == 0 || invocation.ordinal >= steady_from;
}

struct RecordedRequest {
  const windtunnel::RecordedSpan* gateway = nullptr;
  const windtunnel::RecordedSpan* invoked = nullptr;
  Duration overhead = {};  // neither waiting, nor init, nor the function
};

struct RecordedWork {
  std::map<std::string, std::vector<RecordedInvocation>> invocations;  // by function name
  std::map<std::string, std::vector<RecordedRequest>> requests;        // by route key
};
RecordedWork recorded_work(const windtunnel::Recording& recording);

}  // namespace surgetank::prediction
