#pragma once
// A load run in words and numbers: the summary for terminals, in the order that users of k6 know, and the same as JSON for scripts. Pure.
#include <string>
#include <vector>

#include "windtunnel/load/load_results.h"
#include "windtunnel/load/threshold.h"
#include "windtunnel/report/html.h"

namespace surgetank::windtunnel {

struct SummaryLine {
  std::string text;
  Tone tone = Tone::Neutral;
};
std::vector<SummaryLine> summary_lines(const LoadResults& results, const std::vector<Verdict>& verdicts);
std::string results_json(const LoadResults& results, const std::vector<Verdict>& verdicts);
// A warning if the generator itself was late so often that the figures are its own; else empty.
std::string lateness_warning(const LoadResults& results);
// "312 ms", "2.3 %"
std::string value_text(const Threshold& threshold, std::optional<double> value);

}  // namespace surgetank::windtunnel
