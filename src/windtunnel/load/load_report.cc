#include "windtunnel/load/load_report.h"

#include <algorithm>
#include <cmath>

#include "windtunnel/load/load_summary.h"
#include "windtunnel/load/traffic_file.h"
#include "windtunnel/report/plot.h"

namespace surgetank::windtunnel {
namespace {

double milliseconds_of(Duration span) { return static_cast<double>(span.us) / 1000; }
std::string time_text(Duration span) { return measure_text(milliseconds_of(span), Measure::Milliseconds); }
std::string count_text(std::uint64_t count) { return measure_text(static_cast<double>(count), Measure::Number); }

std::vector<std::pair<double, std::string>> phase_marks(const LoadResults& results) {
  std::vector<std::pair<double, std::string>> marks;
  if (results.phases.size() > 1 && results.phases.size() <= 20)
    for (const auto& phase : results.phases) marks.emplace_back(phase.begin.seconds(), phase.name);
  return marks;
}

// The strictest latency threshold of all requests, to draw it.
std::optional<std::pair<double, std::string>> latency_limit(const std::vector<Verdict>& verdicts) {
  std::optional<std::pair<double, std::string>> limit;
  for (const auto& [threshold, value, is_met] : verdicts)
    if (threshold.subject.empty() && is_time_measure(threshold.measure) && (!limit || threshold.limit < limit->first))
      limit = std::pair(threshold.limit, threshold.text);
  return limit;
}

Html tiles(const LoadReport& report) {
  const auto& results = report.results;
  const auto& total = results.total;
  std::vector<Figure> out = {
      {.name = "Requests",
       .value = count_text(total.finished()),
       .detail = measure_text(results.rate(), Measure::PerSecond) + " on average"},
      {.name = "Failed",
       .value = measure_text(total.failed_share(), Measure::Share),
       .detail = count_text(total.failed) + " requests" + (total.throttled > 0 ? ", " + count_text(total.throttled) + " throttled" : ""),
       .tone = total.failed == 0 ? Tone::Good : Tone::Bad},
      {.name = "Median", .value = time_text(total.latency.quantile(0.5)), .detail = "mean " + time_text(total.latency.mean())},
      {.name = "p95", .value = time_text(total.latency.quantile(0.95))},
      {.name = "p99", .value = time_text(total.latency.quantile(0.99)), .detail = "longest " + time_text(total.latency.maximum())}};
  const auto& async = results.async;
  if (async.was_followed && async.accepted > 0) {
    out.push_back({.name = "Accepted to done, p99",
                   .value = time_text(async.latency.quantile(0.99)),
                   .detail = "median " + time_text(async.latency.quantile(0.5))});
    out.push_back({.name = "Asynchronous work done",
                   .value = count_text(async.done),
                   .detail = async.open() == 0 ? "all of it" : count_text(async.open()) + " still open",
                   .tone = async.open() == 0 ? Tone::Good : Tone::Warning});
  }
  return figures(out);
}

Html threshold_table(const std::vector<Verdict>& verdicts) {
  Table rows{.columns = {{.title = "Threshold"}, {.title = "Measured", .align = Column::Align::Right}, {.title = "Verdict"}}, .rows = {}};
  for (const auto& verdict : verdicts)
    rows.rows.push_back({Cell(verdict.threshold.text), Cell(value_text(verdict.threshold, verdict.value)),
                         verdict.is_met ? Cell("met", Tone::Good) : Cell("missed", Tone::Bad)});
  return table(rows);
}

Html standing_plot(const LoadResults& results) {
  LinePlot plot{.title = "In flight",
                .caption = "Requests under way, waiting for a connection, and open connections, at the end of each second."};
  plot.series = {{.name = "in flight", .points = {}}, {.name = "waiting", .points = {}}, {.name = "connections", .points = {}}};
  for (const auto& second : results.seconds) {
    plot.series[0].points.emplace_back(second.second, static_cast<double>(second.in_flight));
    plot.series[1].points.emplace_back(second.second, static_cast<double>(second.waiting));
    plot.series[2].points.emplace_back(second.second, static_cast<double>(second.connections));
  }
  plot.marks = phase_marks(results);
  return line_plot(plot);
}

using Align = Column::Align;

std::vector<Column> totals_columns(const char* first) {
  std::vector<Column> columns = {{.title = first}};
  for (const auto* title : {"Arrivals", "Failed", "Throttled", "Median", "p95", "p99", "Longest"})
    columns.push_back({.title = title, .align = Align::Right});
  return columns;
}

std::vector<Cell> totals_row(const std::string& name, const RequestResults& totals) {
  return {Cell(name),
          Cell(count_text(totals.arrivals)),
          Cell(count_text(totals.failed) + " (" + measure_text(totals.failed_share(), Measure::Share) + ")",
               totals.failed > 0 ? Tone::Warning : Tone::Quiet),
          Cell(count_text(totals.throttled)),
          Cell(time_text(totals.latency.quantile(0.5))),
          Cell(time_text(totals.latency.quantile(0.95))),
          Cell(time_text(totals.latency.quantile(0.99))),
          Cell(time_text(totals.latency.maximum()))};
}

std::vector<Html> breakdown(const LoadResults& results) {
  std::vector<Html> parts;
  if (results.requests.size() > 1) {
    Table rows{.columns = totals_columns("Request"), .rows = {}};
    for (const auto& request : results.requests) rows.rows.push_back(totals_row(request.name, request));
    parts.push_back(table(rows));
  }
  Table phases{.columns = totals_columns("Phase"), .rows = {}};
  for (const auto& phase : results.phases) phases.rows.push_back(totals_row(phase.name, phase.totals));
  parts.push_back(table(phases));
  return parts;
}

Html failure_table(const LoadResults& results) {
  Table rows{.columns = {{.title = "Failure"}, {.title = "Requests", .align = Align::Right}, {.title = "First answer"}}, .rows = {}};
  for (const auto& failure : results.failures)
    rows.rows.push_back({Cell(failure.what, Tone::Bad), Cell(count_text(failure.count)), Cell(failure.sample, Tone::Quiet)});
  return table(rows);
}

std::vector<std::string> settings_lines(const LoadReport& report) {
  std::vector<std::string> lines;
  for (const auto& request : report.plan.requests) {
    const auto where = request.target.empty() ? request.method + " " + request.url : request.target;
    lines.push_back(request.name + ": " + where + ", weight " + measure_text(request.weight, Measure::Number) + ", timeout " +
                    span_text(request.timeout));
  }
  for (const auto& phase : report.plan.traffic.phases) lines.push_back("phase " + phase_text(phase));
  lines.push_back(std::string(report.plan.traffic.arrivals == Traffic::Arrivals::Even ? "even" : "Poisson") + " arrivals, seed " +
                  std::to_string(report.plan.traffic.seed) + "; at most " + count_text(report.plan.connections) + " connections");
  lines.push_back("generator: p99 " + time_text(report.results.lateness.quantile(0.99)) + " late, " +
                  count_text(report.results.connections_opened) + " connections opened, " +
                  measure_text(static_cast<double>(report.results.bytes_sent), Measure::Bytes) + " sent, " +
                  measure_text(static_cast<double>(report.results.bytes_received), Measure::Bytes) + " received");
  return lines;
}

}  // namespace

Html latency_plot(const LoadReport& report) {
  LinePlot plot{.title = "Latency over time", .caption = "From the scheduled instant to the whole answer.", .y = Measure::Milliseconds};
  plot.series = {{.name = "median", .points = {}}, {.name = "p95", .points = {}}, {.name = "p99", .points = {}}};
  for (const auto& second : report.results.seconds) {
    plot.series[0].points.emplace_back(second.second, second.p50_ms.value_or(NAN));
    plot.series[1].points.emplace_back(second.second, second.p95_ms.value_or(NAN));
    plot.series[2].points.emplace_back(second.second, second.p99_ms.value_or(NAN));
  }
  plot.marks = phase_marks(report.results);
  plot.limit = latency_limit(report.verdicts);
  return line_plot(plot);
}

Html rate_plot(const LoadReport& report) {
  LinePlot plot{.title = "Rate", .caption = "What was to arrive, what succeeded and what failed.", .y = Measure::PerSecond};
  plot.series = {{.name = "intended", .points = {}, .tone = Tone::Quiet},
                 {.name = "succeeded", .points = {}},
                 {.name = "failed", .points = {}, .tone = Tone::Bad},
                 {.name = "throttled", .points = {}}};
  const auto& seconds = report.results.seconds;
  for (std::size_t index = 0; index < seconds.size(); ++index) {
    const auto& second = seconds[index];
    // The last stretch is rarely a whole second.
    const double end = index + 1 < seconds.size() ? seconds[index + 1].second : report.results.elapsed.seconds();
    const double length = end - second.second;
    if (length < 0.3) continue;
    plot.series[0].points.emplace_back(second.second, second.intended_rate);
    plot.series[1].points.emplace_back(second.second, static_cast<double>(second.succeeded) / length);
    plot.series[2].points.emplace_back(second.second, static_cast<double>(second.failed) / length);
    plot.series[3].points.emplace_back(second.second, static_cast<double>(second.throttled) / length);
  }
  if (report.results.total.throttled == 0) plot.series.pop_back();
  plot.marks = phase_marks(report.results);
  return line_plot(plot);
}

Html distribution_plot(const LoadResults& results) {
  LinePlot plot{
      .title = "Latency by share of requests", .caption = "So many percent of the requests took no longer.", .y = Measure::Milliseconds};
  plot.x = Measure::Share;
  plot.scale = LinePlot::Scale::Logarithmic;
  Series series{.name = "latency", .points = {}};
  const auto count = static_cast<double>(results.total.latency.count());
  for (const auto& [value, seen] : results.total.latency.cumulative())
    series.points.emplace_back(static_cast<double>(seen) / count, std::max(0.001, milliseconds_of(value)));
  plot.series = {series};
  if (results.async.latency.count() > 0) {
    Series done{.name = "accepted to done", .points = {}};
    const auto all = static_cast<double>(results.async.latency.count());
    // Completions are known to 100 us.
    for (const auto& [value, seen] : results.async.latency.cumulative())
      done.points.emplace_back(static_cast<double>(seen) / all, std::max(0.1, milliseconds_of(value)));
    plot.series.push_back(done);
  }
  return line_plot(plot);
}

std::string load_report(const LoadReport& report) {
  const auto& results = report.results;
  Page page{.title = "Load test",
            .subtitle = report.subtitle,
            .parts = {},
            .footer = "Made by surgetank load, " + iso8601_seconds(results.begin) + "."};
  page.parts.push_back(tiles(report));
  if (const auto warning = lateness_warning(results); !warning.empty())
    page.parts.push_back(paragraph("Note: " + warning + ".", Tone::Warning));
  if (results.was_stopped) page.parts.push_back(paragraph("The run was stopped before its end.", Tone::Warning));
  if (!report.verdicts.empty()) page.parts.push_back(threshold_table(report.verdicts));
  page.parts.push_back(section(
      "Requests", "", {side_by_side({latency_plot(report), rate_plot(report), distribution_plot(results), standing_plot(results)})}));
  if (const auto plots = server_plots(results); !plots.empty()) {
    page.parts.push_back(
        section("Inside the server", "Sampled while the load ran and until asynchronous work was done.", {side_by_side(plots)}));
  } else {
    page.parts.push_back(section("Inside the server",
                                 "No Surgetank server was watched: the target is another server, or its data directory is not this one's.",
                                 {}));
  }
  page.parts.push_back(section("Breakdown", "", breakdown(results)));
  if (!results.failures.empty()) page.parts.push_back(section("Failures", "", {failure_table(results)}));
  page.parts.push_back(section("Settings", "", {bullet_list(settings_lines(report))}));
  return render(page);
}

}  // namespace surgetank::windtunnel
