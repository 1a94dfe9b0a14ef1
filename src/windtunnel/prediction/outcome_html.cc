// Outcomes as self-contained HTML reports.
#include "windtunnel/prediction/outcome_output.h"
#include "windtunnel/report/html.h"
#include "windtunnel/report/plot.h"

namespace surgetank::prediction {
namespace {

using windtunnel::Cell;
using windtunnel::Column;
using windtunnel::Figure;
using windtunnel::Html;
using windtunnel::LinePlot;
using windtunnel::Measure;
using windtunnel::measure_text;
using windtunnel::Page;
using windtunnel::Series;
using windtunnel::Table;
using windtunnel::Tone;

constexpr Column::Align right = Column::Align::Right;

template <class Value>
Series series(const Outcome& outcome, std::string name, const Value& value, Tone tone = Tone::Neutral) {
  Series one{.name = std::move(name), .points = {}, .tone = tone};
  for (const auto& moment : outcome.timeline) one.points.emplace_back(moment.second, static_cast<double>(value(moment)));
  return one;
}

LinePlot plot(std::string title, Measure measure) {
  LinePlot one{.title = std::move(title)};
  one.y = measure;
  return one;
}

std::string count(std::uint64_t value) { return measure_text(static_cast<double>(value), Measure::Number); }
std::string ms(double value) { return measure_text(value, Measure::Milliseconds); }

std::vector<Html> plots(const Outcome& outcome) {
  auto requests = plot("Requests", Measure::PerSecond);
  requests.series = {series(outcome, "arrive", [](const Moment& moment) { return moment.rate; }),
                     series(
                         outcome, "succeed", [](const Moment& moment) { return moment.succeeded; }, Tone::Good),
                     series(
                         outcome, "throttled", [](const Moment& moment) { return moment.throttled; }, Tone::Warning),
                     series(
                         outcome, "failed", [](const Moment& moment) { return moment.failed; }, Tone::Bad)};
  auto latency = plot("Latency", Measure::Milliseconds);
  latency.series = {series(outcome, "p50", [](const Moment& moment) { return moment.p50_ms; }),
                    series(outcome, "p99", [](const Moment& moment) { return moment.p99_ms; })};
  auto functions = plot("Functions", Measure::Number);
  functions.series = {series(outcome, "running", [](const Moment& moment) { return moment.concurrency; }),
                      series(outcome, "environments", [](const Moment& moment) { return moment.environments; })};
  std::vector<Html> all = {windtunnel::line_plot(requests), windtunnel::line_plot(latency), windtunnel::line_plot(functions)};
  if (!outcome.databases.empty()) {
    auto connections = plot("Database connections", Measure::Number);
    connections.series = {series(outcome, "open", [](const Moment& moment) { return moment.connections; })};
    if (outcome.databases.size() == 1)
      connections.limit = {static_cast<double>(outcome.databases[0].most_connections), outcome.databases[0].instance_class};
    all.push_back(windtunnel::line_plot(connections));
  }
  if (!outcome.queues.empty()) {
    auto depth = plot("Messages in queues", Measure::Number);
    depth.series = {series(outcome, "waiting or in flight", [](const Moment& moment) { return moment.queue_depth; })};
    auto age = plot("Age of the oldest message", Measure::Seconds);
    age.series = {series(outcome, "age", [](const Moment& moment) { return moment.queue_age_seconds; })};
    all.push_back(windtunnel::line_plot(depth));
    all.push_back(windtunnel::line_plot(age));
  }
  auto processors = plot("Processors", Measure::Share);
  processors.series = {series(outcome, "used", [](const Moment& moment) { return moment.processor_use; })};
  all.push_back(windtunnel::line_plot(processors));
  return all;
}

Html routes_table(const Outcome& outcome) {
  Table table{.columns = {{"route"},
                          {"requests", right},
                          {"succeeded", right},
                          {"throttled", right},
                          {"failed", right},
                          {"p50", right},
                          {"p95", right},
                          {"p99", right}},
              .rows = {}};
  auto all = outcome.routes;
  all.push_back(outcome.total);
  for (const auto& route : all)
    table.rows.push_back({route.name, count(route.requests), count(route.succeeded),
                          Cell(count(route.throttled), route.throttled > 0 ? Tone::Warning : Tone::Neutral),
                          Cell(count(route.failed), route.failed > 0 ? Tone::Bad : Tone::Neutral), ms(route.latency.p50_ms),
                          ms(route.latency.p95_ms), ms(route.latency.p99_ms)});
  return windtunnel::table(table);
}

Html limits_table(const Outcome& outcome) {
  Table table{.columns = {{"limit"}, {"what"}, {"peak", right}, {"limit", right}, {"refused", right}, {"what raises it"}}, .rows = {}};
  for (const auto& limit : outcome.limits)
    table.rows.push_back({limit.id, limit.what, limit.peak > 0 ? measure_text(limit.peak, Measure::Number) : std::string(),
                          limit.limit > 0 ? measure_text(limit.limit, Measure::Number) : std::string(),
                          Cell(count(limit.refused), limit.refused > 0 ? Tone::Bad : Tone::Neutral), limit.cure});
  return windtunnel::table(table);
}

Html costs_table(const Outcome& outcome) {
  Table table{.columns = {{"what"}, {"dollars an hour", right}}, .rows = {}};
  for (const auto& cost : outcome.costs) table.rows.push_back({cost.what, measure_text(cost.dollars_per_hour, Measure::Dollars)});
  return windtunnel::table(table);
}

Html bottleneck_paragraph(const std::optional<LimitUse>& bottleneck) {
  if (!bottleneck) return windtunnel::paragraph("No limit is a bottleneck.", Tone::Good);
  return windtunnel::paragraph("Bottleneck: " + bottleneck->id + " - " + bottleneck->what + ". What raises it: " + bottleneck->cure + ".",
                               Tone::Warning);
}

std::vector<Html> relief_parts(const Relief& relief) {
  std::vector<Html> parts;
  for (std::size_t i = 1; i < relief.limits.size(); ++i)
    parts.push_back(windtunnel::paragraph((relief.finding == ReliefFinding::Together ? "Only together with: " : "Then: ") +
                                          relief.limits[i].id + " - " + relief.limits[i].what +
                                          ". What raises it: " + relief.limits[i].cure + "."));
  if (!relief.remark.empty()) parts.push_back(windtunnel::paragraph(relief.remark + "."));
  if (relief.trials.empty()) return parts;
  Table table{.columns = {{"raised"}, {"lost", right}, {"p99", right}, {"dollars an hour", right}}, .rows = {}};
  const auto add_row = [&](const std::string& what, const ReliefFigures& figures, Tone tone) {
    table.rows.push_back({what, Cell(measure_text(figures.lost_share, Measure::Share), tone), ms(figures.p99_ms),
                          measure_text(figures.dollars_per_hour, Measure::Dollars)});
  };
  add_row("as it is", relief.as_it_is, Tone::Neutral);
  for (const auto& trial : relief.trials) {
    std::string what;
    for (const auto& one : trial.raised)
      what += (what.empty() ? "" : " + ") + one.id +
              (one.from > 0 ? " " + measure_text(one.from, Measure::Number) + " to " + measure_text(one.to, Measure::Number) : " doubled");
    add_row(what, trial.figures, trial.verdict == ReliefVerdict::Best ? Tone::Good : Tone::Neutral);
  }
  parts.push_back(windtunnel::section("What relieves", "The same traffic again, with limits raised.", {windtunnel::table(table)}));
  return parts;
}

std::string subtitle(const Question& question) {
  std::string text = question.profile + (question.place == Place::Aws ? " on AWS" : " on this machine");
  if (!question.traffic.empty()) text += ", " + question.traffic;
  for (const auto& change : question.changes) text += ", " + change;
  return text + ", seed " + std::to_string(question.seed);
}

}  // namespace

std::string outcome_html(const Outcome& outcome, const Question& question) {
  const auto& total = outcome.total;
  Page page{.title = "Prediction", .subtitle = subtitle(question), .parts = {}};
  page.parts.push_back(windtunnel::figures(
      {Figure{.name = "requests", .value = count(total.requests)},
       Figure{.name = "succeeded",
              .value = measure_text(outcome.seconds > 0 ? static_cast<double>(total.succeeded) / outcome.seconds : 0, Measure::PerSecond)},
       Figure{.name = "throttled", .value = count(total.throttled), .tone = total.throttled > 0 ? Tone::Warning : Tone::Good},
       Figure{.name = "failed", .value = count(total.failed), .tone = total.failed > 0 ? Tone::Bad : Tone::Good},
       Figure{.name = "p99", .value = ms(total.latency.p99_ms)},
       Figure{.name = "concurrency", .value = std::to_string(outcome.concurrency_peak), .detail = "at most"}}));
  page.parts.push_back(bottleneck_paragraph(outcome.bottleneck));
  for (auto& part : relief_parts(outcome.relief)) page.parts.push_back(std::move(part));
  if (outcome.first_limit && outcome.bottleneck && outcome.first_limit->id != outcome.bottleneck->id)
    page.parts.push_back(windtunnel::paragraph("Met first, after " + measure_text(outcome.first_limit_seconds, Measure::Seconds) + ": " +
                                               outcome.first_limit->id + " - " + outcome.first_limit->what + "."));
  for (const auto& text : outcome.not_modelled) page.parts.push_back(windtunnel::paragraph("Not modelled: " + text + "."));
  page.parts.push_back(windtunnel::section("Over time", "Each second of virtual time.", {windtunnel::side_by_side(plots(outcome))}));
  page.parts.push_back(windtunnel::section("Routes", "", {routes_table(outcome)}));
  page.parts.push_back(windtunnel::section("Limits", "What was used of each, and what it refused.", {limits_table(outcome)}));
  page.parts.push_back(windtunnel::section("Costs", "An hour of such traffic on AWS; " + price_note(), {costs_table(outcome)}));
  return windtunnel::render(page);
}

std::string knee_html(const Knee& knee, const KneeSearch& search, const Question& question) {
  Page page{.title = "Knee", .subtitle = subtitle(question), .parts = {}};
  page.parts.push_back(windtunnel::figures(
      {Figure{.name = "highest rate that is sustained", .value = knee.rate ? measure_text(*knee.rate, Measure::PerSecond) : "none"}}));
  page.parts.push_back(bottleneck_paragraph(knee.bottleneck));
  for (auto& part : relief_parts(knee.relief)) page.parts.push_back(std::move(part));
  auto latency = plot("Latency by rate", Measure::Milliseconds);
  latency.x = Measure::PerSecond;
  latency.series = {{.name = "p50", .points = {}}, {.name = "p99", .points = {}}};
  if (search.thresholds.p99_ms) latency.limit = {*search.thresholds.p99_ms, "threshold"};
  auto throughput = plot("Requests that succeed, by rate", Measure::PerSecond);
  throughput.x = Measure::PerSecond;
  throughput.series = {{.name = "succeed", .points = {}}};
  Table table{.columns = {{"rate", right}, {"p50", right}, {"p99", right}, {"throttled", right}, {"failed", right}, {"verdict"}},
              .rows = {}};
  for (const auto& probe : knee.probes) {
    const auto& total = probe.outcome.total;
    latency.series[0].points.emplace_back(probe.rate, total.latency.p50_ms);
    latency.series[1].points.emplace_back(probe.rate, total.latency.p99_ms);
    throughput.series[0].points.emplace_back(probe.rate,
                                             probe.outcome.seconds > 0 ? static_cast<double>(total.succeeded) / probe.outcome.seconds : 0);
    table.rows.push_back({measure_text(probe.rate, Measure::PerSecond), ms(total.latency.p50_ms), ms(total.latency.p99_ms),
                          count(total.throttled), count(total.failed),
                          Cell(probe.missed.empty() ? "sustained" : probe.missed, probe.missed.empty() ? Tone::Good : Tone::Bad)});
  }
  page.parts.push_back(windtunnel::side_by_side({windtunnel::line_plot(latency), windtunnel::line_plot(throughput)}));
  page.parts.push_back(windtunnel::section("Probes", "Each is a prediction of its own.", {windtunnel::table(table)}));
  return windtunnel::render(page);
}

}  // namespace surgetank::prediction
