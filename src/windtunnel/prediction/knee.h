#pragma once
// The knee: the highest constant rate of arrivals at which an application still meets its thresholds. Searched by doubling until it does
// not, and then by halving the gap; every probe is a whole prediction. Pure, but for what `progress` does.
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "windtunnel/prediction/prediction.h"

namespace surgetank::prediction {

struct Thresholds {
  std::optional<double> p99_ms = {};
  double failed_share = 0.01;  // throttled and failed, of all requests
};

// Which threshold is not met, for people; empty: all are. Work that is accepted faster than it is done is no success either.
std::string missed(const Outcome& outcome, const Thresholds& thresholds);

struct KneeSearch {
  Thresholds thresholds = {};
  double first_rate = 10;
  double highest_rate = 100'000;
  double precision = 0.02;           // of the rate
  Duration ramp_up = seconds(30);    // up to the rate, not measured
  Duration measured = seconds(60);   // at the rate; shorter at high rates, so that no probe has more than most_requests
  double most_requests = 2'000'000;  // of one probe
  std::uint64_t seed = 1;
  enum class Reliefs : std::uint8_t { LookFor, LeaveOut } reliefs = Reliefs::LookFor;  // of the lowest rate that is too much
  std::function<void(const std::string& id)> trying = {};                              // as in ReliefRules
};

struct Probe {
  double rate = 0;
  std::string missed;  // empty: the rate is sustained
  Outcome outcome;
};

struct Knee {
  std::optional<double> rate;  // nullopt: not even the lowest rate is sustained
  bool is_highest_asked = false;
  std::vector<Probe> probes;  // in order of rate
  // Of the lowest rate that is too much; shares of failures that the thresholds allow do not count.
  std::optional<LimitUse> bottleneck;
  Relief relief;
};
Knee find_knee(const Profile& profile, const Conditions& conditions, const KneeSearch& search,
               const std::function<void(const Probe&)>& progress = {});

}  // namespace surgetank::prediction
