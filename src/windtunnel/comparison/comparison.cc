#include "windtunnel/comparison/comparison.h"

#include <algorithm>
#include <cstdio>

#include "windtunnel/recording/run_cost.h"
#include "windtunnel/report/plot.h"
#include "wire/json.h"

namespace surgetank::windtunnel {
namespace {

constexpr std::size_t longest_name = 40;

std::string calls_text(double calls) {
  char text[32];
  std::snprintf(text, sizeof text, "%.2f", calls);
  return text;
}

std::string done_text(const ComparedRun& run) {
  return run.doneP99Milliseconds ? measure_text(*run.doneP99Milliseconds, Measure::Milliseconds) : "-";
}

std::vector<std::string> row_of(const ComparedRun& run) {
  return {run.name.substr(0, longest_name),
          std::to_string(run.requests),
          std::to_string(run.failed),
          measure_text(run.p50Milliseconds, Measure::Milliseconds),
          measure_text(run.p99Milliseconds, Measure::Milliseconds),
          done_text(run),
          std::to_string(run.connectionsMade),
          std::to_string(run.connectionsPeak),
          calls_text(run.callsPerRequest),
          measure_text(run.dollarsPerMillion, Measure::Dollars)};
}

std::vector<std::string> headings() {
  return {"", "requests", "failed", "p50", "p99", "done p99", "connections", "at peak", "calls/request", "per million"};
}

Tone against(double value, double first) {
  if (value < first * 0.9) return Tone::Good;
  return value > first * 1.1 ? Tone::Bad : Tone::Neutral;
}

Html table_of(const Comparison& comparison) {
  Table out;
  for (const auto& heading : headings())
    out.columns.push_back({.title = heading, .align = heading.empty() ? Column::Align::Left : Column::Align::Right});
  const auto& first = comparison.runs.front();
  for (const auto& run : comparison.runs) {
    std::vector<Cell> cells;
    for (auto& text : row_of(run)) cells.emplace_back(std::move(text));
    if (run.failed > 0) cells[2].tone = Tone::Bad;
    cells[4].tone = against(run.p99Milliseconds, first.p99Milliseconds);
    cells[6].tone = against(static_cast<double>(run.connectionsMade), static_cast<double>(first.connectionsMade));
    cells[8].tone = against(run.callsPerRequest, first.callsPerRequest);
    cells[9].tone = against(run.dollarsPerMillion, first.dollarsPerMillion);
    out.rows.push_back(std::move(cells));
  }
  return table(out);
}

using Value = double (*)(const ComparedRun&);
Html bars(const Comparison& comparison, std::string title, std::string caption, Measure measure, Value value) {
  BarPlot plot{.title = std::move(title), .caption = std::move(caption), .measure = measure};
  const double first = value(comparison.runs.front());
  for (const auto& run : comparison.runs)
    plot.bars.push_back({.name = run.name, .value = value(run), .text = {}, .tone = against(value(run), first)});
  return bar_plot(plot);
}

Html calls_table(const Comparison& comparison) {
  std::vector<std::string> names;
  for (const auto& run : comparison.runs)
    for (const auto& [name, count] : run.calls)
      if (std::find(names.begin(), names.end(), name) == names.end()) names.push_back(name);
  Table out{.columns = {{.title = ""}}, .rows = {}};
  for (const auto& name : names) out.columns.push_back({.title = name, .align = Column::Align::Right});
  out.columns.push_back({.title = "statements", .align = Column::Align::Right});
  for (const auto& run : comparison.runs) {
    std::vector<Cell> cells{Cell(run.name)};
    for (const auto& name : names) {
      const auto found = run.calls.find(name);
      cells.emplace_back(found == run.calls.end() ? "0" : std::to_string(found->second));
    }
    cells.emplace_back(std::to_string(run.statements));
    out.rows.push_back(std::move(cells));
  }
  return table(out);
}

}  // namespace

ComparedRun compared_run(std::string name, const LoadFigures& load, const Recording& recording) {
  ComparedRun run{.name = std::move(name),
                  .requests = load.requests,
                  .failed = load.failed + std::max<Integer>(0, load.accepted - load.done),
                  .p50Milliseconds = load.p50Milliseconds,
                  .p99Milliseconds = load.p99Milliseconds,
                  .doneP99Milliseconds = load.doneP99Milliseconds,
                  .calls = {}};
  Integer calls = 0;
  for (const auto& trace : recording.traces) {
    const bool is_of_application =
        std::any_of(trace.spans.begin(), trace.spans.end(), [](const RecordedSpan& span) { return span.kind != "aws"; });
    for (const auto& span : trace.spans) {
      if (span.kind == "db-connect") ++run.connectionsMade;
      if (span.kind == "db-statement") ++run.statements;
      if (span.kind != "aws" || !is_of_application) continue;
      ++run.calls[span.name];
      ++calls;
    }
  }
  for (const auto& database : recording.databases) run.connectionsPeak += database.peakConnections;
  const auto cost = cost_of(recording);
  run.callsPerRequest = cost.requests == 0 ? 0 : static_cast<double>(calls) / static_cast<double>(cost.requests);
  run.dollarsPerMillion = cost.dollars_per_million_requests();
  return run;
}

std::vector<std::string> comparison_lines(const Comparison& comparison) {
  std::vector<std::vector<std::string>> rows{headings()};
  for (const auto& run : comparison.runs) rows.push_back(row_of(run));
  std::vector<std::size_t> widths(rows.front().size(), 0);
  for (const auto& row : rows)
    for (std::size_t i = 0; i < row.size(); ++i) widths[i] = std::max(widths[i], row[i].size());
  std::vector<std::string> lines;
  for (const auto& row : rows) {
    std::string line = row[0] + std::string(widths[0] - row[0].size(), ' ');
    for (std::size_t i = 1; i < row.size(); ++i) line += "  " + std::string(widths[i] - row[i].size(), ' ') + row[i];
    lines.push_back(std::move(line));
  }
  return lines;
}

std::string comparison_to_json(const Comparison& comparison) {
  std::string out;
  write_json(*shape_of<Comparison>(), &comparison, out);
  return out;
}

Page comparison_page(const Comparison& comparison, std::string title) {
  Page page{
      .title = std::move(title), .subtitle = "Each row ran under the same load.", .parts = {}, .footer = "Made by surgetank compare."};
  if (comparison.runs.empty()) {
    page.parts.push_back(paragraph("Nothing to compare.", Tone::Quiet));
    return page;
  }
  page.parts.push_back(section("Side by side",
                               "Latency counts from the instant a request was due. Failed counts what was refused or wrong, and what was "
                               "accepted and never done. Money is AWS list price for a million requests, databases left out.",
                               {table_of(comparison)}));
  std::vector<Html> plots;
  plots.push_back(
      bars(comparison, "p99 of the request", "", Measure::Milliseconds, [](const ComparedRun& r) { return r.p99Milliseconds; }));
  plots.push_back(
      bars(comparison, "p50 of the request", "", Measure::Milliseconds, [](const ComparedRun& r) { return r.p50Milliseconds; }));
  plots.push_back(bars(comparison, "Database connections made", "", Measure::Number,
                       [](const ComparedRun& r) { return static_cast<double>(r.connectionsMade); }));
  plots.push_back(
      bars(comparison, "Calls of AWS APIs for each request", "", Measure::Number, [](const ComparedRun& r) { return r.callsPerRequest; }));
  plots.push_back(bars(comparison, "Failed", "", Measure::Number, [](const ComparedRun& r) { return static_cast<double>(r.failed); }));
  plots.push_back(
      bars(comparison, "Cost of a million requests", "", Measure::Dollars, [](const ComparedRun& r) { return r.dollarsPerMillion; }));
  page.parts.push_back(
      section("In pictures", "Green is better than the first row by a tenth or more, red is worse.", {side_by_side(plots)}));
  page.parts.push_back(section("Calls of each run", "Seen by the server during the run.", {calls_table(comparison)}));
  return page;
}

}  // namespace surgetank::windtunnel
