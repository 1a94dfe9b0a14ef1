// The part of a prediction that is reported.
#include <algorithm>

#include "windtunnel/prediction/simulation.h"

namespace surgetank::prediction {
namespace {

constexpr double worth_naming = 0.001;  // of the requests: refusals
constexpr double worth_telling = 0.05;  // of all the time that requests and messages took: waiting for a limit

Percentiles percentiles(const Histogram& histogram) {
  return {.count = histogram.count(),
          .mean_ms = histogram.mean_ms(),
          .least_ms = histogram.least_ms(),
          .p50_ms = histogram.percentile_ms(50),
          .p90_ms = histogram.percentile_ms(90),
          .p95_ms = histogram.percentile_ms(95),
          .p99_ms = histogram.percentile_ms(99),
          .p999_ms = histogram.percentile_ms(99.9),
          .most_ms = histogram.most_ms()};
}

}  // namespace

// What the second that ends now was like.
void Simulation::add_moment() {
  for (auto& station : stations_) {
    const auto busy = station.processors.busy(now());
    station.use = (busy.seconds() - station.busy_before.seconds()) / station.processors.processors();
    station.busy_before = busy;
    const auto waited_so_far = station.processors.waited(now());
    waited(station.limit, waited_so_far.seconds() - station.waited_before.seconds());
    station.waited_before = waited_so_far;
    ledger_.used(station.limit, station.use * station.processors.processors());
    if (station.use >= used_up_share) ledger_.used_up(station.limit, now());
    moment_.processor_use = std::max(moment_.processor_use, station.use);
  }
  for (auto& database : databases_) {
    moment_.connections += database.connections;
    if (database.processors != none) database.use_peak = std::max(database.use_peak, stations_[database.processors].use);
  }
  for (const auto& mapping : mappings_) {
    const auto& queue = queues_[mapping.queue].queue;
    if (static_cast<std::int64_t>(mapping.poller->batches()) >= mapping.most_batches)
      waited(mapping.concurrency_limit, static_cast<double>(queue.totals().visible));  // for this second
  }
  for (auto& queue : queues_) {
    if (now() <= traffic_end_) queue.figures.depth_at_traffic_end = queue.mappings.empty() ? 0 : queue.queue.count();
    if (queue.mappings.empty()) continue;
    moment_.queue_depth += queue.queue.count();
    const auto oldest = queue.queue.oldest_sent();
    const double age = oldest ? (now() - *oldest).seconds() : 0;
    queue.figures.oldest_peak_seconds = std::max(queue.figures.oldest_peak_seconds, age);
    moment_.queue_age_seconds = std::max(moment_.queue_age_seconds, age);
  }
  moment_.second = (now() - begin_).seconds();
  moment_.p50_ms = moment_latency_.percentile_ms(50);
  moment_.p99_ms = moment_latency_.percentile_ms(99);
  moment_.concurrency = running_;
  moment_.environments = static_cast<std::int64_t>(environments_.in_use());
  if (now() > begin_ + conditions_.warm_up && now() <= traffic_end_) {
    ++measured_seconds_;
    requests_seconds_ += static_cast<double>(requests_.in_use());
    if (host_station_ != none) host_use_sum_ += stations_[host_station_].use;
  }
  timeline_.push_back(moment_);
  moment_ = {};
  moment_latency_.clear();
}

// It is more than an accident.
bool Simulation::is_worth_naming(const LimitUse& limit) const {
  if (!limit.first || limit.id.ends_with(".errors")) return false;
  std::uint64_t requests = 0;
  double took_seconds = 0;
  for (const auto& route : routes_) {
    requests += route.figures.requests;
    took_seconds += static_cast<double>(route.latency.count()) * route.latency.mean_ms() / 1'000;
  }
  for (const auto& queue : queues_)
    took_seconds += static_cast<double>(queue.accepted_to_done.count()) * queue.accepted_to_done.mean_ms() / 1'000;
  if (static_cast<double>(limit.refused) > worth_naming * static_cast<double>(requests)) return true;
  return limit.waited_seconds > worth_telling * took_seconds;
}

// What cost most: refusals first, then waiting. What runs into a timeout has waited before: its failures are those of whatever was waited
// for longest, if anything was.
std::optional<LimitUse> Simulation::bottleneck() const {
  std::vector<LimitUse> named;
  for (const auto& limit : ledger_.all())
    if (is_worth_naming(limit)) named.push_back(limit);
  if (named.empty()) return std::nullopt;
  const auto longest = std::max_element(named.begin(), named.end(),
                                        [](const LimitUse& a, const LimitUse& b) { return a.waited_seconds < b.waited_seconds; });
  const bool is_waited_for = longest->waited_seconds > 0;
  const auto refusals = [&](const LimitUse& limit) {
    if (!is_waited_for) return limit.refused;
    if (&limit != &*longest) return limit.id.ends_with(".timeout") ? 0 : limit.refused;
    auto all = limit.refused;
    for (const auto& other : named)
      if (other.id.ends_with(".timeout")) all += other.refused;
    return all;
  };
  return *std::max_element(named.begin(), named.end(), [&](const LimitUse& a, const LimitUse& b) {
    return std::pair(refusals(a), a.waited_seconds) < std::pair(refusals(b), b.waited_seconds);
  });
}

std::optional<LimitUse> Simulation::first_limit() const {
  std::optional<LimitUse> first;
  for (const auto& limit : ledger_.all())
    if (is_worth_naming(limit) && (!first || *limit.first < *first->first)) first = limit;
  return first;
}

std::vector<CostLine> Simulation::costs() {
  use_.seconds = traffic_.length().seconds();
  for (const auto& function : functions_) {
    use_.invocations += static_cast<double>(function.invocations);
    use_.gb_seconds += function.billed_gb_seconds;
    use_.provisioned_gb +=
        static_cast<double>(function.profile->provisioned_concurrency) * static_cast<double>(function.profile->memory_mb) / 1024;
  }
  for (const auto& database : databases_) use_.database_classes.push_back(database.profile->instance_class);
  return hourly_costs(use_);
}

Outcome Simulation::figures() {
  Outcome outcome;
  outcome.events = heap_.taken();
  outcome.seconds = (std::min(now(), traffic_end_) - (begin_ + conditions_.warm_up)).seconds();
  outcome.total.name = "all";
  Histogram all;
  Histogram successes;
  for (auto& route : routes_) {
    auto& total = outcome.total;
    total.requests += route.figures.requests;
    total.succeeded += route.figures.succeeded;
    total.throttled += route.figures.throttled;
    total.failed += route.figures.failed;
    total.client_retries += route.figures.client_retries;
    all.add(route.latency);
    successes.add(route.success_latency);
    route.figures.latency = percentiles(route.latency);
    route.figures.success_latency = percentiles(route.success_latency);
    outcome.routes.push_back(route.figures);
  }
  outcome.total.latency = percentiles(all);
  outcome.total.success_latency = percentiles(successes);
  for (const auto& function : functions_)
    outcome.functions.push_back({.name = function.profile->name,
                                 .invocations = function.invocations,
                                 .errors = function.errors,
                                 .throttles = function.throttles,
                                 .cold_starts = function.cold_starts,
                                 .concurrency_peak = function.running_peak,
                                 .billed_gb_seconds = function.billed_gb_seconds,
                                 .duration = percentiles(function.durations)});
  for (auto& queue : queues_) {
    queue.figures.depth_end = queue.queue.count();
    queue.figures.accepted_to_done = percentiles(queue.accepted_to_done);
    outcome.queues.push_back(queue.figures);
  }
  for (const auto& database : databases_)
    outcome.databases.push_back({.name = database.profile->name,
                                 .instance_class = database.profile->instance_class,
                                 .most_connections = database.most_connections,
                                 .connections_peak = database.connections_peak,
                                 .refused = database.refused,
                                 .processor_use_peak = database.use_peak});
  for (auto& limit : ledger_.all())
    if (limit.refused > 0 || limit.first || (limit.limit > 0 && limit.peak > 0)) outcome.limits.push_back(limit);
  outcome.bottleneck = bottleneck();
  outcome.first_limit = first_limit();
  if (outcome.first_limit) outcome.first_limit_seconds = (*outcome.first_limit->first - begin_).seconds();
  outcome.not_modelled = profile_.not_modelled;
  outcome.costs = costs();
  outcome.timeline = std::move(timeline_);
  outcome.concurrency_peak = running_peak_;
  outcome.environments_peak = environments_peak_;
  if (measured_seconds_ > 0) {
    outcome.requests_in_system_mean = requests_seconds_ / static_cast<double>(measured_seconds_);
    outcome.host_processor_use = host_use_sum_ / static_cast<double>(measured_seconds_);
  }
  return outcome;
}

}  // namespace surgetank::prediction
