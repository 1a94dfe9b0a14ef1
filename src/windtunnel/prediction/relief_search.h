#pragma once
// Which limit is the bottleneck: the one whose raising helps most. A limit that refuses may be a symptom - executions last longer and fill
// the concurrency because a database is slow - so each limit that refused, was waited for or was nearly used up is doubled by itself, and
// the same traffic is predicted again with the same seed.
//
// Better is, first, that less is lost: requests that are refused or fail, and messages that are dead-lettered or left behind when the
// traffic ends. Differences of 2 % (of what is lost or of what is served, whichever is less), of 0.1 % of the requests, or that may be
// chance, count as none; then the lower p99 of what goes well (requests, and messages from accepted to done) decides, by 10 % at least.
// Equals rank as they were met. Timeouts are patience, not capacity: one is named only where no capacity helps.
//
// Once the best is raised, it is looked again: what then helps follows. If none helps alone, all are raised together, and those that are
// not needed left out again: what remains binds together. Deterministic; pure.
#include <cstdint>
#include <functional>
#include <string>

#include "windtunnel/prediction/prediction.h"

namespace surgetank::prediction {

struct ReliefRules {
  double tolerated_lost_share = 0;         // losses up to it do not count
  std::size_t most_candidates = 6;         // in each step
  std::uint64_t most_events = 30'000'000;  // of all predictions that are tried: some 10 s; fewer limits are tried within it, or none
  std::function<void(const std::string& id)> trying = {};  // before each prediction: the limit that it raises, or "all together"
};

// Sets `relief` and `bottleneck` of the outcome of that prediction.
void find_relief(const Profile& profile, const windtunnel::Traffic& traffic, const Conditions& conditions, const ReliefRules& rules,
                 Outcome& outcome);

// Messages that wait when the traffic ends, if they are more than those that are just under way.
std::uint64_t left_behind(const QueueFigures& queue);

}  // namespace surgetank::prediction
