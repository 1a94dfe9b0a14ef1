#pragma once
// A load run as a self-contained HTML page: figures, thresholds, plots of the load and, if a Surgetank server was watched, of what went on
// inside it. Pure. The plots are also there one by one for other reports.
#include <string>
#include <vector>

#include "windtunnel/load/load_plan.h"
#include "windtunnel/load/load_results.h"
#include "windtunnel/load/threshold.h"
#include "windtunnel/report/html.h"

namespace surgetank::windtunnel {

struct LoadReport {
  const LoadPlan& plan;
  const LoadResults& results;
  const std::vector<Verdict>& verdicts;
  std::string subtitle;
};
std::string load_report(const LoadReport& report);

Html latency_plot(const LoadReport& report);
Html rate_plot(const LoadReport& report);
Html distribution_plot(const LoadResults& results);
// Nothing without samples of a server.
std::vector<Html> server_plots(const LoadResults& results);

}  // namespace surgetank::windtunnel
