// Outcomes for terminals.
#include <algorithm>
#include <cstdio>

#include "windtunnel/prediction/outcome_output.h"
#include "windtunnel/report/plot.h"

namespace surgetank::prediction {
namespace {

using windtunnel::Measure;
using windtunnel::measure_text;

constexpr std::size_t name_width = 26;

std::string padded(std::string text, std::size_t width) {
  if (text.size() < width) text.append(width - text.size(), ' ');
  return text;
}
std::string right(const std::string& text, std::size_t width) {
  return text.size() < width ? std::string(width - text.size(), ' ') + text : text;
}
std::string dotted(const std::string& name) {
  std::string text = "  " + name;
  while (text.size() < name_width) text += '.';
  return text + ": ";
}
std::string ms(double value) { return measure_text(value, Measure::Milliseconds); }
std::string number(double value) { return measure_text(value, Measure::Number); }
std::string share(double part, double whole) { return measure_text(whole == 0 ? 0 : part / whole, Measure::Share); }

std::string trend(const Percentiles& times) {
  return "avg=" + ms(times.mean_ms) + " min=" + ms(times.least_ms) + " med=" + ms(times.p50_ms) + " max=" + ms(times.most_ms) +
         " p(90)=" + ms(times.p90_ms) + " p(95)=" + ms(times.p95_ms) + " p(99)=" + ms(times.p99_ms);
}

std::string counter(std::uint64_t count, double seconds) {
  return padded(number(static_cast<double>(count)), 10) +
         measure_text(seconds > 0 ? static_cast<double>(count) / seconds : 0, Measure::PerSecond);
}

std::string head(const Question& question) {
  std::string text = "prediction of " + question.profile + " on " + (question.place == Place::Aws ? "AWS" : "this machine") +
                     (question.region.empty() ? "" : ", quotas of " + question.region) + ", seed " + std::to_string(question.seed) + "\n";
  if (!question.traffic.empty()) text += "traffic: " + question.traffic + "\n";
  for (const auto& change : question.changes) text += "changed: " + change + "\n";
  return text;
}

void add_requests(const RequestFigures& figures, double seconds, std::string& out) {
  out += dotted("requests") + counter(figures.requests, seconds) + "\n";
  out += dotted("requests_succeeded") + counter(figures.succeeded, seconds) + "  " +
         share(static_cast<double>(figures.succeeded), static_cast<double>(figures.requests)) + "\n";
  out += dotted("requests_throttled") + counter(figures.throttled, seconds) + "  " +
         share(static_cast<double>(figures.throttled), static_cast<double>(figures.requests)) + "\n";
  out += dotted("requests_failed") + counter(figures.failed, seconds) + "  " +
         share(static_cast<double>(figures.failed), static_cast<double>(figures.requests)) + "\n";
  if (figures.client_retries > 0) out += dotted("client_retries") + counter(figures.client_retries, seconds) + "\n";
  out += dotted("request_duration") + trend(figures.latency) + "\n";
  out += dotted("  { succeeded }") + trend(figures.success_latency) + "\n";
}

void add_functions(const Outcome& outcome, std::string& out) {
  out += "\nfunctions\n";
  for (const auto& function : outcome.functions) {
    if (function.invocations == 0 && function.throttles == 0) continue;
    out += dotted(function.name) + number(static_cast<double>(function.invocations)) + " invocations, " +
           number(static_cast<double>(function.errors)) + " errors, " + number(static_cast<double>(function.throttles)) + " throttles, " +
           number(static_cast<double>(function.cold_starts)) + " cold starts, at most " +
           number(static_cast<double>(function.concurrency_peak)) + " at once; med=" + ms(function.duration.p50_ms) +
           " p(99)=" + ms(function.duration.p99_ms) + "; " + number(function.billed_gb_seconds) + " GB-seconds\n";
  }
}

void add_queues(const Outcome& outcome, std::string& out) {
  bool is_first = true;
  for (const auto& queue : outcome.queues) {
    if (queue.sent == 0 && queue.depth_peak == 0) continue;
    if (is_first) out += "\nqueues\n";
    is_first = false;
    out += dotted(queue.name) + number(static_cast<double>(queue.sent)) + " sent, " + number(static_cast<double>(queue.done)) + " done, " +
           number(static_cast<double>(queue.dead)) + " dead-lettered, deepest " + number(static_cast<double>(queue.depth_peak)) +
           ", oldest " + measure_text(queue.oldest_peak_seconds, Measure::Seconds) +
           "; accepted to done med=" + ms(queue.accepted_to_done.p50_ms) + " p(99)=" + ms(queue.accepted_to_done.p99_ms) + "\n";
  }
}

void add_databases(const Outcome& outcome, std::string& out) {
  if (!outcome.databases.empty()) out += "\ndatabases\n";
  for (const auto& database : outcome.databases)
    out += dotted(database.name) + database.instance_class + ", at most " + std::to_string(database.connections_peak) + " of " +
           std::to_string(database.most_connections) + " connections, " + number(static_cast<double>(database.refused)) +
           " refused; processors " + share(database.processor_use_peak, 1) + " used in the busiest second\n";
}

void add_limits(const Outcome& outcome, std::string& out) {
  auto limits = outcome.limits;
  std::stable_sort(limits.begin(), limits.end(), [](const LimitUse& a, const LimitUse& b) {
    const auto nearness = [](const LimitUse& one) { return one.limit > 0 ? one.peak / one.limit : 0; };
    return a.refused != b.refused ? a.refused > b.refused : nearness(a) > nearness(b);
  });
  out += "\nlimits                              peak of limit    refused\n";
  constexpr std::size_t most_rows = 12;
  for (std::size_t i = 0; i < limits.size() && i < most_rows; ++i) {
    const auto& limit = limits[i];
    const auto size = limit.limit > 0 && limit.peak > 0 ? number(limit.peak) + " of " + number(limit.limit)
                      : limit.limit > 0                 ? "of " + number(limit.limit)
                                                        : "";
    out += "  " + padded(limit.id, 30) + right(size, 17) + right(limit.refused > 0 ? number(static_cast<double>(limit.refused)) : "", 11) +
           "\n";
  }
}

void add_costs(const Outcome& outcome, std::string& out) {
  double sum = 0;
  for (const auto& cost : outcome.costs) sum += cost.dollars_per_hour;
  out += "\nan hour of such traffic on AWS: about " + measure_text(sum, Measure::Dollars) + "\n";
  for (const auto& cost : outcome.costs)
    out += "  " + padded(cost.what, 34) + right(measure_text(cost.dollars_per_hour, Measure::Dollars), 10) + "\n";
}

std::string raised_text(const std::vector<RaisedLimit>& raised) {
  std::string text;
  for (const auto& one : raised) {
    text += (text.empty() ? "" : " + ") + one.id;
    text += one.from > 0 ? " " + number(one.from) + " -> " + number(one.to) : " x 2";
  }
  return text;
}

// Of a database: what the class costs that has so much is not in the figures.
bool needs_larger_class(const std::vector<RaisedLimit>& raised) {
  return std::any_of(raised.begin(), raised.end(), [](const RaisedLimit& one) {
    return one.id != "host.processors" && (one.id.ends_with(".processors") || one.id.ends_with(".connections"));
  });
}

// Of the second step only what it raises.
std::string row_name(const Relief& relief, const ReliefTrial& trial) {
  if (relief.finding != ReliefFinding::Helps || trial.raised.size() < 2) return raised_text(trial.raised);
  return "and " + raised_text({trial.raised.back()});
}

// Rows: as it is, and each limit that was raised.
void add_relief(const Relief& relief, std::string& out) {
  if (!relief.remark.empty()) out += "\n" + relief.remark + "\n";
  if (relief.trials.empty()) return;
  std::size_t width = 20;
  for (const auto& trial : relief.trials) width = std::max(width, row_name(relief, trial).size() + 2);
  const auto add_row = [&](std::string_view mark, const std::string& what, const ReliefFigures& figures, std::string_view remark) {
    out += std::string(mark) + padded(what, width) + right(share(figures.lost_share, 1), 8) + right(ms(figures.p99_ms), 11) +
           right(measure_text(figures.dollars_per_hour, Measure::Dollars), 13) + std::string(remark) + "\n";
  };
  out += "\n  " + padded("raised", width) + right("lost", 8) + right("p99", 11) + right("cost an hour", 13) + "\n";
  add_row("  ", "as it is", relief.as_it_is, "");
  for (const auto& trial : relief.trials)
    add_row(trial.verdict == ReliefVerdict::Best ? "* " : "  ", row_name(relief, trial), trial.figures,
            needs_larger_class(trial.raised) ? " + larger class" : "");
}

void add_next_limits(const Relief& relief, std::string& out) {
  for (std::size_t i = 1; i < relief.limits.size(); ++i) {
    const auto& limit = relief.limits[i];
    out += (relief.finding == ReliefFinding::Together ? "  only together with: " : "  then: ") + limit.id + " - " + limit.what + "\n";
    out += "    what raises it: " + limit.cure + "\n";
  }
}

void add_bottleneck(const std::optional<LimitUse>& bottleneck, const Relief& relief, std::string& out) {
  if (!bottleneck) {
    out += relief.finding == ReliefFinding::NothingHelps ? "\nbottleneck: none; raising the limits that were met changes nothing\n"
                                                         : "\nbottleneck: no limit was met\n";
    return;
  }
  out += "\nbottleneck: " + bottleneck->id + " - " + bottleneck->what;
  if (bottleneck->limit > 0) out += " (" + number(bottleneck->limit) + ")";
  if (bottleneck->refused > 0) out += "; it refused " + number(static_cast<double>(bottleneck->refused));
  if (bottleneck->waited_seconds >= 1)
    out += "; it was waited for " + measure_text(bottleneck->waited_seconds, Measure::Seconds) + " in all";
  out += "\n  what raises it: " + bottleneck->cure + "\n";
}

void add_first_limit(const Outcome& outcome, std::string& out) {
  const auto& first = outcome.first_limit;
  if (!first || !outcome.bottleneck || first->id == outcome.bottleneck->id) return;
  out += "  met first, after " + measure_text(outcome.first_limit_seconds, Measure::Seconds) + ": " + first->id + " - " + first->what;
  if (first->refused > 0) out += "; it refused " + number(static_cast<double>(first->refused));
  out += "\n";
}

void add_not_modelled(const std::vector<std::string>& texts, std::string& out) {
  for (const auto& text : texts) out += "\nnot modelled: " + text + "\n";
}

}  // namespace

std::string outcome_text(const Outcome& outcome, const Question& question) {
  std::string out = head(question) + "\n";
  add_requests(outcome.total, outcome.seconds, out);
  out += dotted("concurrency_peak") + number(static_cast<double>(outcome.concurrency_peak)) + "\n";
  out += dotted("environments_peak") + number(static_cast<double>(outcome.environments_peak)) + "\n";
  if (question.place == Place::This) out += dotted("processors_used") + share(outcome.host_processor_use, 1) + "\n";
  if (outcome.routes.size() > 1) {
    for (const auto& route : outcome.routes) {
      if (route.requests == 0) continue;
      out += "\n" + route.name + "\n";
      add_requests(route, outcome.seconds, out);
    }
  }
  add_functions(outcome, out);
  add_queues(outcome, out);
  add_databases(outcome, out);
  add_costs(outcome, out);
  add_limits(outcome, out);
  add_relief(outcome.relief, out);
  add_bottleneck(outcome.bottleneck, outcome.relief, out);
  add_next_limits(outcome.relief, out);
  add_first_limit(outcome, out);
  add_not_modelled(outcome.not_modelled, out);
  return out;
}

std::string timeline_text(const Outcome& outcome, std::size_t most_rows) {
  std::string out =
      "  second    rate/s  ok/s  throttled/s  failed/s   p50        p99        running  environments  queue   age      connections\n";
  const auto& moments = outcome.timeline;
  const auto step = std::max<std::size_t>(1, (moments.size() + most_rows - 1) / std::max<std::size_t>(most_rows, 1));
  for (std::size_t i = step - 1; i < moments.size(); i += step) {
    const auto& moment = moments[i];
    out += right(number(moment.second), 8) + right(number(moment.rate), 10) + right(number(moment.succeeded), 7) +
           right(number(moment.throttled), 11) + right(number(moment.failed), 10) + right(ms(moment.p50_ms), 12) +
           right(ms(moment.p99_ms), 11) + right(std::to_string(moment.concurrency), 9) + right(std::to_string(moment.environments), 11) +
           right(std::to_string(moment.queue_depth), 9) + right(measure_text(moment.queue_age_seconds, Measure::Seconds), 9) +
           right(std::to_string(moment.connections), 9) + "\n";
  }
  return out;
}

std::string probe_text(const Probe& probe) {
  return right(measure_text(probe.rate, Measure::PerSecond), 10) + "  p99 " + padded(ms(probe.outcome.total.latency.p99_ms), 10) +
         (probe.missed.empty() ? "sustained" : "too much: " + probe.missed);
}

std::string knee_text(const Knee& knee, const KneeSearch& search, const Question& question) {
  std::string out = head(question) + "thresholds: at most " + measure_text(search.thresholds.failed_share, Measure::Share) + " fail";
  if (search.thresholds.p99_ms) out += ", p99 at most " + ms(*search.thresholds.p99_ms);
  out += "\n\n";
  for (const auto& probe : knee.probes) out += probe_text(probe) + "\n";
  if (!knee.rate) {
    out += "\nknee: none; even the lowest rate misses the thresholds\n";
  } else if (knee.is_highest_asked) {
    out += "\nknee: beyond " + measure_text(*knee.rate, Measure::PerSecond) + ", the highest rate that was asked for\n";
  } else {
    out += "\nknee: " + measure_text(*knee.rate, Measure::PerSecond) + " is the highest rate that meets the thresholds\n";
  }
  add_relief(knee.relief, out);
  if (knee.bottleneck || !knee.is_highest_asked) add_bottleneck(knee.bottleneck, knee.relief, out);
  add_next_limits(knee.relief, out);
  const auto first_bad = std::find_if(knee.probes.begin(), knee.probes.end(), [](const Probe& probe) { return !probe.missed.empty(); });
  if (first_bad != knee.probes.end()) add_first_limit(first_bad->outcome, out);
  if (!knee.probes.empty()) add_not_modelled(knee.probes.front().outcome.not_modelled, out);
  return out;
}

}  // namespace surgetank::prediction
