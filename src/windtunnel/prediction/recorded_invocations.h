#pragma once
// The invocations of a recording, each with what it did in order: the part of making a profile that reads spans. Pure; the recording
// outlives what is made of it.
#include <map>
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
};

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
