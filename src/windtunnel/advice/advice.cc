#include "windtunnel/advice/advice.h"

#include <algorithm>

#include "windtunnel/advice/run.h"
#include "windtunnel/recording/prices.h"
#include "wire/json.h"

namespace surgetank::windtunnel {
namespace {

// The same with findings that are there even if there are none: scripts count them.
struct AdviceText {
  RunSummary run;
  Opt<List<Finding>> findings;
};
SURGE_SHAPE(AdviceText, run, findings)

}  // namespace

Advice advise(const Recording& recording) {
  const Run run(recording);
  Advice advice;
  advice.run.traces = static_cast<Integer>(recording.traces.size());
  advice.run.functions = static_cast<Integer>(recording.functions.size());
  advice.run.seconds = recording.traces.empty() ? 0 : run.seconds();
  advice.run.pricesOf = price_table().date;
  for (const auto& [key, route] : run.routes()) advice.run.requests += static_cast<Integer>(route.requests.size());
  for (const auto& [name, invocations] : run.invocations()) advice.run.invocations += static_cast<Integer>(invocations.size());
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
