#pragma once
// What was found when each limit that was met was raised by itself, and the traffic predicted again (relief_search.h). Plain values.
#include <cstdint>
#include <string>
#include <vector>

#include "windtunnel/prediction/limit_ledger.h"

namespace surgetank::prediction {

struct RaisedLimit {
  std::string id = {};
  double from = 0;  // 0: it has no size
  double to = 0;
};

// What one prediction came to.
struct ReliefFigures {
  std::uint64_t requests = 0;
  std::uint64_t lost = 0;  // refused, failed, and messages that were dead-lettered or left behind
  double lost_share = 0;   // of the requests
  double p99_ms = 0;       // of the requests that went well
  double time_ms = 0;      // that, and the p99 of messages from accepted to done
  double dollars_per_hour = 0;
};

enum class ReliefVerdict : std::uint8_t { NoHelp, Helps, Best };

struct ReliefTrial {
  std::vector<RaisedLimit> raised = {};  // together
  ReliefFigures figures = {};
  ReliefVerdict verdict = ReliefVerdict::NoHelp;
};

// NotTried: nobody asked, or it would have taken too long. NothingMet: there was nothing to raise. NothingHelps: what was met was raised,
// alone and all together, and it changed nothing. Together: none of `limits` helps alone, all of them do.
enum class ReliefFinding : std::uint8_t { NotTried, NothingMet, NothingHelps, Helps, Together };

struct Relief {
  ReliefFinding finding = ReliefFinding::NotTried;
  std::string remark = {};  // why not all was tried, for people
  ReliefFigures as_it_is = {};
  std::vector<ReliefTrial> trials = {};
  // Helps: the bottleneck, and then what is one once it is raised. Together: all of them.
  std::vector<LimitUse> limits = {};
};

}  // namespace surgetank::prediction
