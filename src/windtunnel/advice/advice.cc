#include "windtunnel/advice/advice.h"

#include <algorithm>
#include <map>

#include "windtunnel/advice/run.h"
#include "windtunnel/recording/prices.h"
#include "wire/json.h"

namespace surgetank::windtunnel {
namespace {

constexpr std::size_t shown_faults = 3;

// The same with findings that are there even if there are none: scripts count them.
struct AdviceText {
  RunSummary run;
  Opt<List<Finding>> findings;
};
SURGE_SHAPE(AdviceText, run, findings)

RunSummary summary_of(const Run& run) {
  const auto& recording = run.recording();
  RunSummary summary;
  summary.traces = static_cast<Integer>(recording.traces.size());
  summary.functions = static_cast<Integer>(recording.functions.size());
  summary.seconds = recording.traces.empty() ? 0 : run.seconds();
  summary.pricesOf = price_table().date;
  for (const auto& [key, route] : run.routes()) {
    summary.requests += static_cast<Integer>(route.requests.size());
    for (const auto& request : route.requests) summary.failedRequests += request.span->status >= 500 ? 1 : 0;
  }
  std::map<std::string, Integer> faults;
  for (const auto& [name, invocations] : run.invocations()) {
    summary.invocations += static_cast<Integer>(invocations.size());
    for (const auto& invocation : invocations)
      if (!invocation.span->fault.empty()) ++faults[invocation.span->fault.substr(0, 80)];
  }
  std::vector<std::pair<std::string, Integer>> commonest(faults.begin(), faults.end());
  std::stable_sort(commonest.begin(), commonest.end(), [](const auto& a, const auto& b) { return a.second > b.second; });
  for (std::size_t i = 0; i < std::min(shown_faults, commonest.size()); ++i)
    summary.faults.push_back({commonest[i].first, count_text(static_cast<double>(commonest[i].second))});
  if (recording.host && recording.host->processors > 0 && recording.host->busyMicroseconds > 0 && !recording.traces.empty())
    summary.machineBusy =
        static_cast<double>(recording.host->busyMicroseconds) / 1e6 / (static_cast<double>(recording.host->processors) * run.seconds());
  return summary;
}

}  // namespace

Advice advise(const Recording& recording) {
  const Run run(recording);
  Advice advice;
  advice.run = summary_of(run);
  for (const auto family : {advise_on_connections, advise_on_calls, advise_on_limits, advise_on_waiting, advise_on_latency,
                            advise_on_queues, advise_on_payloads})
    family(run, advice.findings);
  const auto weight = [](const Finding& finding) { return parse_severity(finding.severity).value_or(Severity::Low); };
  std::stable_sort(advice.findings.begin(), advice.findings.end(), [&](const Finding& a, const Finding& b) {
    if (weight(a) != weight(b)) return weight(a) > weight(b);
    return std::tie(a.id, a.resource) < std::tie(b.id, b.resource);
  });
  return advice;
}

std::optional<Severity> worst_severity(const Advice& advice) {
  std::optional<Severity> worst;
  for (const auto& finding : advice.findings)
    if (const auto severity = parse_severity(finding.severity); severity && (!worst || *severity > *worst)) worst = severity;
  return worst;
}

std::string advice_to_json(const Advice& advice) {
  const AdviceText text{advice.run, advice.findings};
  std::string out;
  write_json(AdviceText_shape, &text, out);
  return out;
}

}  // namespace surgetank::windtunnel
