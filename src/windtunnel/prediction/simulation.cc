#include "windtunnel/prediction/simulation.h"

#include <algorithm>
#include <cmath>

namespace surgetank::prediction {
namespace {

constexpr Instant first_instant{1'000'000'000'000};                 // any but zero, which some machines take for "never"
constexpr std::uint64_t stream_of_choices = 0xd1b54a32d192ed03ULL;  // arrivals draw from the seed itself
constexpr std::int64_t default_concurrency = 1'000;
constexpr std::int64_t processes_without_limit = 1'000'000'000;
constexpr std::int64_t default_processes = 1'000;

std::int64_t processes_of(const HostProfile& host) { return host.processes > 0 ? host.processes : default_processes; }

// What is asked for goes before what the profile has; both before the values of the profile of quotas.
std::map<std::string, std::int64_t> values_of(const Profile& profile, const Conditions& conditions) {
  auto values = conditions.quota_values;
  if (!conditions.quota_profile) values.insert(profile.quotas.values.begin(), profile.quotas.values.end());
  return values;
}

std::string region_of(const Profile& profile, const Conditions& conditions) {
  if (!conditions.region.empty()) return conditions.region;
  return profile.region.empty() ? "us-east-1" : profile.region;
}

}  // namespace

Simulation::QueueState::QueueState(const QueueProfile& its_profile)
    : profile(&its_profile),
      queue({.is_fifo = its_profile.is_fifo,
             .delay = its_profile.delay,
             .retention = its_profile.retention,
             .maximum_receive_count = its_profile.dead_letter_queue.empty() ? 0 : its_profile.maximum_receive_count}) {}

Simulation::Simulation(const Profile& profile, const windtunnel::Traffic& traffic, const Conditions& conditions)
    : profile_(profile),
      traffic_(traffic),
      conditions_(conditions),
      begin_(first_instant),
      heap_(first_instant),
      schedule_(traffic),
      choices_(Random(conditions.seed ^ stream_of_choices).next()),
      quota_profile_(conditions.quota_profile.value_or(profile.quotas.profile)),
      quota_values_(values_of(profile, conditions)),
      quotas_(conditions.quota_tables, {.profile = quota_profile_, .region = region_of(profile, conditions)}),
      host_processes_(
          conditions.place == Place::Aws ? processes_without_limit : raised("host.processes", processes_of(profile.host)),
          conditions.place == Place::Aws
              ? processes_without_limit
              : raised("host.starts", start_limit_for(static_cast<std::int64_t>(profile.host.processors * raised("host.processors"))))) {
  for (const auto& [id, value] : quota_values_)
    if (const auto* found = quotas_.find(id)) quotas_.set(*found, value);
  raise_quotas();
  constexpr std::int64_t scaling_period_seconds = 10;
  ConcurrencyRules rules;
  rules.requests_per_execution = raised("lambda.request-rate", quota_value("lambda.request-rate-factor", rules.requests_per_execution));
  rules.scaling_burst = quota_value("lambda.scaling-rate", rules.scaling_burst);
  if (quotas_.find("lambda.scaling-rate") == nullptr) rules.scaling_burst = raised("lambda.scaling-rate", rules.scaling_burst);
  rules.scaling_per_second = std::max<std::int64_t>(1, rules.scaling_burst / scaling_period_seconds);
  auto concurrency = quota_value("lambda.concurrent-executions", default_concurrency);
  if (quotas_.find("lambda.concurrent-executions") == nullptr) concurrency = raised("lambda.concurrent-executions", concurrency);
  account_ = std::make_unique<AccountConcurrency>(concurrency, rules);
  EnvironmentPool::Options options;
  if (conditions.place == Place::Aws) options.most_starting_ahead = INT64_MAX;
  pool_ = std::make_unique<EnvironmentPool>(options, host_processes_);
  if (conditions.place == Place::This && profile.host.processors > 0) {
    host_station_ = 0;
    constexpr double least_processors = 0.05;
    const auto processors = profile.host.processors * raised("host.processors");
    stations_.emplace_back(std::max(least_processors, processors - profile.host.background));
    stations_.back().limit = ledger_.add({.id = "host.processors",
                                          .what = "the processors of this machine",
                                          .cure = "more processors, or less work for each request",
                                          .effect = LimitEffect::Slow,
                                          .limit = processors});
  }
  add_limits();
  add_databases();
  add_queues();
  add_functions();
  add_routes();
}

std::int64_t Simulation::quota_value(std::string_view id, std::int64_t otherwise) const {
  constexpr std::int64_t as_good_as_unlimited = 1'000'000'000;
  if (const auto* found = quotas_.find(id)) return std::min(quotas_.value(*found), as_good_as_unlimited);
  const auto set = quota_values_.find(std::string(id));
  return set != quota_values_.end() ? std::min(set->second, as_good_as_unlimited) : otherwise;
}

double Simulation::raised(const std::string& id) const {
  const auto found = conditions_.raised.find(id);
  return found == conditions_.raised.end() ? 1 : found->second;
}

std::int64_t Simulation::raised(const std::string& id, std::int64_t value) const {
  return static_cast<std::int64_t>(std::llround(static_cast<double>(value) * raised(id)));
}

Duration Simulation::raised(const std::string& id, Duration value) const { return microseconds(raised(id, value.us)); }

void Simulation::raise_quotas() {
  for (const auto& [id, factor] : conditions_.raised) {
    const auto* found = quotas_.find(id);
    if (found == nullptr || quotas_.value(*found) == Quotas::unlimited) continue;
    quotas_.set(*found, raised(id, quotas_.value(*found)));
  }
}

std::uint32_t Simulation::function_number(const std::string& name) const {
  for (std::size_t i = 0; i < profile_.functions.size(); ++i)
    if (profile_.functions[i].name == name) return static_cast<std::uint32_t>(i);
  return none;
}

std::uint32_t Simulation::queue_number(const std::string& name) const {
  for (std::size_t i = 0; i < profile_.queues.size(); ++i)
    if (profile_.queues[i].name == name) return static_cast<std::uint32_t>(i);
  return none;
}

Outcome Simulation::run() {
  traffic_end_ = begin_ + traffic_.length();
  end_ = traffic_end_ + conditions_.longest_tail;
  heap_.push(begin_ + seconds(1), EventKind::Second, 0);
  heap_.push(begin_ + seconds(1), EventKind::PoolTick, 0);
  provision();
  next_arrival();
  // The pollers look for work before there is any: they wait, as live ones do.
  if (!mappings_.empty()) heap_.push(begin_, EventKind::PollerWakes, 0, 0);
  for (std::uint32_t i = 1; i < mappings_.size(); ++i) heap_.push(begin_, EventKind::PollerWakes, i, 0);
  while (!heap_.empty() && !is_ended_) take(heap_.pop());
  return figures();
}

void Simulation::take(const EventHeap<EventKind>::Event& event) {
  const auto is_current = [&](auto& pool) { return pool.is_current(event.subject, event.generation); };
  switch (event.kind) {
    case EventKind::Arrival:
      return arrival();
    case EventKind::RequestEnters:
      if (is_current(requests_)) request_enters(event.subject);
      return;
    case EventKind::RequestRetries:
      if (is_current(requests_)) enter(event.subject);
      return;
    case EventKind::GatewayTimeout:
      return gateway_timeouts(event.subject);
    case EventKind::StepDone:
      if (is_current(invocations_)) step_done(event.subject);
      return;
    case EventKind::StepAgain:
      if (is_current(invocations_)) begin_step(event.subject);
      return;
    case EventKind::InitDone:
      if (is_current(environments_)) init_done(event.subject);
      return;
    case EventKind::FunctionTimeout:
      return function_timeouts(event.subject);
    case EventKind::EnvironmentGone:
      if (is_current(environments_)) environment_gone(event.subject);
      return;
    case EventKind::PoolTick:
      return pool_tick();
    case EventKind::ProcessorsDone:
      if (stations_[event.subject].generation == event.generation) processors_done(event.subject);
      return;
    case EventKind::BesideDone:
      return;
    case EventKind::ReceiveAnswered:
      if (is_current(receives_)) receive_answered(event.subject);
      return;
    case EventKind::LongPollEnds:
      if (is_current(receives_)) long_poll_ends(event.subject);
      return;
    case EventKind::PollerWakes:
      if (mappings_[event.subject].wake_generation == event.generation) ask_poller(event.subject);
      return;
    case EventKind::QueueWakes:
      if (queues_[event.subject].wake_generation != event.generation) return;
      queues_[event.subject].wake.reset();
      return serve_waiting(event.subject);
    case EventKind::EventsWake:
      if (functions_[event.subject].events_generation != event.generation) return;
      functions_[event.subject].events_wake.reset();
      return run_events(event.subject);
    case EventKind::Second:
      return each_second();
  }
}

void Simulation::each_second() {
  add_moment();
  if (conditions_.progress) conditions_.progress(now() - begin_, traffic_.length());
  is_ended_ = is_over();
  if (!is_ended_) heap_.push(now() + seconds(1), EventKind::Second, 0);
}

// The traffic has ended, and what it started as well.
bool Simulation::is_over() const {
  if (now() >= end_) return true;
  if (now() < traffic_end_ || has_arrivals_) return false;
  if (requests_.in_use() > 0 || invocations_.in_use() > 0 || events_.in_use() > 0) return false;
  return std::all_of(queues_.begin(), queues_.end(),
                     [](const QueueState& queue) { return queue.mappings.empty() || queue.queue.count() == 0; });
}

Outcome predict(const Profile& profile, const windtunnel::Traffic& traffic, const Conditions& conditions) {
  return Simulation(profile, traffic, conditions).run();
}

}  // namespace surgetank::prediction
