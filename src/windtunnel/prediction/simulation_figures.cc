// The part of a prediction that is reported.
#include <algorithm>

#include "windtunnel/prediction/simulation.h"

namespace surgetank::prediction {
namespace {

constexpr double used_up_share = 0.98;  // of processors, over a second: what comes now waits
constexpr double worth_naming = 0.001;  // of the requests

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
    ledger_.used(station.limit, station.use * station.processors.processors());
    if (station.use >= used_up_share) ledger_.used_up(station.limit, now());
    moment_.processor_use = std::max(moment_.processor_use, station.use);
  }
  for (auto& database : databases_) {
    moment_.connections += database.connections;
    if (database.processors != none) database.use_peak = std::max(database.use_peak, stations_[database.processors].use);
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

// What refused or was used up first, if it is more than an accident.
std::optional<LimitUse> Simulation::first_bottleneck() const {
  std::uint64_t requests = 0;
  for (const auto& route : routes_) requests += route.figures.requests;
  std::optional<LimitUse> first;
  for (const auto& limit : ledger_.all()) {
    if (!limit.first || limit.id.ends_with(".errors")) continue;
    if (limit.effect != LimitEffect::Slow && static_cast<double>(limit.refused) <= worth_naming * static_cast<double>(requests)) continue;
    if (!first || *limit.first < *first->first) first = limit;
  }
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
  outcome.first_bottleneck = first_bottleneck();
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
