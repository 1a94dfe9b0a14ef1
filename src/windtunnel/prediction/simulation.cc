#include "windtunnel/prediction/simulation.h"

#include <algorithm>
#include <cmath>
#include <utility>

#include "base/assert.h"
#include "base/text.h"
#include "services/rds/instance_classes.h"
#include "windtunnel/prediction/larger_class.h"
#include "windtunnel/prediction/operation_quotas.h"

namespace surgetank::prediction {
namespace {

constexpr Instant first_instant{1'000'000'000'000};                 // any but zero, which some machines take for "never"
constexpr std::uint64_t stream_of_choices = 0xd1b54a32d192ed03ULL;  // arrivals draw from the seed itself
constexpr std::int64_t default_concurrency = 1'000;
constexpr std::int64_t processes_without_limit = 1'000'000'000;
constexpr std::int64_t default_processes = 1'000;
constexpr std::int64_t reserved_connections = 3;  // superuser_reserved_connections
constexpr double memory_mb_of_a_processor = 1'769;
constexpr std::int64_t most_batches_without_limit = 1'250;

std::int64_t processes_of(const HostProfile& host) { return host.processes > 0 ? host.processes : default_processes; }

std::string cure_by_class(const DatabaseProfile& database, const ClassNeeds& needs, std::string_view or_else) {
  const auto larger = larger_class(database.instance_class, needs);
  return "--set " + database.name + ".instance-class=" + larger.value_or("<another family>") + ", " + std::string(or_else);
}

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

void Simulation::add_limits() {
  const auto concurrency = static_cast<double>(account_->limit());
  concurrency_limit_ =
      ledger_.add({.id = "lambda.concurrent-executions",
                   .what = "concurrent executions of the account",
                   .cure = "--set lambda.concurrent-executions=" + std::to_string(account_->limit() * 2) + ", or shorter functions",
                   .limit = concurrency});
  rate_limit_ = ledger_.add({.id = "lambda.request-rate",
                             .what = "requests per second, ten for each unit of concurrency",
                             .cure = "--set lambda.concurrent-executions=" + std::to_string(account_->limit() * 2),
                             .limit = 10 * concurrency * raised("lambda.request-rate")});
  scaling_limit_ = ledger_.add({.id = "lambda.scaling-rate",
                                .what = "1,000 new environments of a function every 10 seconds",
                                .cure = "provisioned concurrency, shorter functions, or a queue in front"});
  gateway_row_ = row("apigateway.throttle-rate");
  gateway_limit_ = ledger_.add({.id = "apigateway.throttle-rate",
                                .what = "requests per second of API Gateway",
                                .cure = "--set apigateway.throttle-rate=" + std::to_string(2 * quota_value("apigateway.throttle-rate", 0)) +
                                        " (an increase by request)",
                                .limit = static_cast<double>(quota_value("apigateway.throttle-rate", 0))});
  processes_limit_ = ledger_.add({.id = "host.processes",
                                  .what = "function processes that this machine runs at most",
                                  .cure = "--set host.processes=..., more memory",
                                  .limit = conditions_.place == Place::This ? static_cast<double>(host_processes_.limit()) : 0});
  starts_limit_ = ledger_.add({.id = "host.starts",
                               .what = "function processes that start on this machine at the same time",
                               .cure = "provisioned concurrency, or a slower rise of the traffic; more processors start more at once",
                               .limit = conditions_.place == Place::This ? static_cast<double>(host_processes_.start_limit()) : 0});
}

void Simulation::add_databases() {
  for (const auto& profile : profile_.databases) {
    Database database;
    database.profile = &profile;
    const auto memory = rds::class_memory_mib(profile.instance_class).value_or(1024);
    const auto most = rds::max_connections(memory);
    database.most_connections = raised(profile.name + ".connections", most - reserved_connections);
    database.connection_limit =
        ledger_.add({.id = profile.name + ".connections",
                     .what = "connections that " + profile.instance_class + " accepts (max_connections " + std::to_string(most) + ", " +
                             std::to_string(reserved_connections) + " of them reserved)",
                     .cure = cure_by_class(profile, {.connections = 2 * most}, "reuse of connections, fewer environments"),
                     .effect = LimitEffect::Failed,
                     .limit = static_cast<double>(database.most_connections)});
    if (conditions_.place == Place::This) {
      database.processors = host_station_;
    } else {
      const auto processors = rds::class_processors(profile.instance_class).value_or(2);
      database.processors = static_cast<std::uint32_t>(stations_.size());
      const auto more = static_cast<double>(processors) * raised(profile.name + ".processors");
      stations_.emplace_back(more);
      stations_.back().limit = ledger_.add({.id = profile.name + ".processors",
                                            .what = "the " + std::to_string(processors) + " processors of " + profile.instance_class,
                                            .cure = cure_by_class(profile, {.processors = 2 * processors}, "cheaper statements"),
                                            .effect = LimitEffect::Slow,
                                            .limit = more});
    }
    databases_.push_back(std::move(database));
  }
}

void Simulation::add_queues() {
  for (const auto& profile : profile_.queues) {
    auto& queue = queues_.emplace_back(profile);
    queue.figures.name = profile.name;
    queue.dead_letters = queue_number(profile.dead_letter_queue);
    queue.dead_letter_limit = ledger_.add({.id = profile.name + ".maximum-receive-count",
                                           .what = "receives of a message before it goes to the dead-letter queue",
                                           .cure = "a mapping that receives no more than the function may run; a longer visibility timeout",
                                           .effect = LimitEffect::Failed,
                                           .nature = LimitNature::Behaviour,
                                           .limit = static_cast<double>(profile.maximum_receive_count)});
  }
  for (const auto& profile : profile_.mappings) {
    Mapping mapping;
    mapping.profile = &profile;
    mapping.queue = queue_number(profile.queue);
    mapping.function = function_number(profile.function);
    lambda::PollerSettings settings;
    settings.batch_size = static_cast<std::size_t>(profile.batch_size);
    settings.window = profile.window;
    settings.visibility = queues_[mapping.queue].profile->visibility;
    settings.scaling.kind = queues_[mapping.queue].profile->is_fifo ? lambda::QueueKind::Fifo : lambda::QueueKind::Standard;
    const auto limit_id = profile.queue + ".MaximumConcurrency";
    mapping.most_batches = most_batches_without_limit;
    if (profile.maximum_concurrency) {
      mapping.most_batches = raised(limit_id, *profile.maximum_concurrency);
      settings.scaling.maximum_concurrency = mapping.most_batches;
    }
    if (profile.minimum_pollers || profile.maximum_pollers) {
      lambda::ScalingRule::Pollers pollers;
      pollers.minimum = profile.minimum_pollers.value_or(pollers.minimum);
      pollers.maximum = std::max(pollers.minimum, profile.maximum_pollers.value_or(pollers.maximum));
      settings.scaling.provisioned = pollers;
    }
    mapping.poller = std::make_unique<lambda::EventSourcePoller>(settings);
    mapping.concurrency_limit =
        ledger_.add({.id = limit_id,
                     .what = "batches of " + profile.queue + " that run at once",
                     .cure = profile.maximum_concurrency
                                 ? "--set " + profile.queue + ".MaximumConcurrency=" + std::to_string(*profile.maximum_concurrency * 2)
                                 : "larger batches, shorter functions",
                     .effect = LimitEffect::Slow,
                     .nature = profile.maximum_concurrency ? LimitNature::Capacity : LimitNature::Behaviour,
                     .limit = static_cast<double>(mapping.most_batches)});
    queues_[mapping.queue].mappings.push_back(static_cast<std::uint32_t>(mappings_.size()));
    mappings_.push_back(std::move(mapping));
  }
}

void Simulation::add_functions() {
  for (const auto& profile : profile_.functions) {
    auto& function = functions_.emplace_back();
    function.profile = &profile;
    if (conditions_.place == Place::Aws)
      function.slowdown = std::max(1.0, memory_mb_of_a_processor / static_cast<double>(std::max<std::int64_t>(profile.memory_mb, 1)));
    function.timeout = raised(profile.name + ".timeout", profile.timeout);
    function.deadlines = DeadlineLine(function.timeout);
    function.events.loaded({}, lambda::EventQueue::Rest::Nothing);
    function.concurrency = &concurrency_.emplace_back(*account_);
    const auto reserved_id = profile.name + ".ReservedConcurrentExecutions";
    std::optional<std::int64_t> reserved;
    if (profile.reserved_concurrency) reserved = raised(reserved_id, *profile.reserved_concurrency);
    function.concurrency->reserve(reserved);
    function.reserved_limit = ledger_.add(
        {.id = reserved_id,
         .what = "executions that are reserved for the function, and its most",
         .cure = "--set " + profile.name + ".ReservedConcurrentExecutions=" + std::to_string(profile.reserved_concurrency.value_or(0) * 2),
         .limit = static_cast<double>(reserved.value_or(0))});
    function.timeout_limit = ledger_.add({.id = profile.name + ".timeout",
                                          .what = "the function's timeout",
                                          .cure = "--set " + profile.name + ".Timeout=..., or less waiting inside",
                                          .effect = LimitEffect::Failed,
                                          .nature = LimitNature::Patience,
                                          .limit = function.timeout.seconds()});
    function.own_error = ledger_.add({.id = profile.name + ".errors",
                                      .what = "errors of the function's own, as often as in the recording",
                                      .cure = "the function",
                                      .effect = LimitEffect::Failed,
                                      .nature = LimitNature::Behaviour});
  }
  for (auto& function : functions_)
    for (const auto& step : function.profile->steps) function.steps.push_back(compile(step));
}

Simulation::CompiledStep Simulation::compile(const Step& step) {
  CompiledStep compiled{.step = &step};
  switch (step.kind) {
    case StepKind::Send:
      compiled.target = queue_number(step.target);
      break;
    case StepKind::Invoke:
      compiled.target = function_number(step.target);
      break;
    case StepKind::DatabaseConnect:
    case StepKind::DatabaseStatement:
      for (std::size_t i = 0; i < profile_.databases.size(); ++i)
        if (profile_.databases[i].name == step.target) compiled.target = static_cast<std::uint32_t>(i);
      break;
    case StepKind::AwsCall: {
      const auto dot = step.name.find('.');
      if (dot == std::string::npos) break;
      for (const auto* quota : quotas_of_operation(quotas_, to_lower(step.name.substr(0, dot)), step.name.substr(dot + 1))) {
        compiled.quotas.push_back(quota);
        compiled.quota_limits.push_back(ledger_.find_or_add(
            {.id = std::string(quota->id),
             .what = std::string(quota->name),
             .cure = "--set " + std::string(quota->id) + "=" + std::to_string(2 * quota_value(quota->id, 0)) + ", or fewer calls",
             .limit = static_cast<double>(quotas_.value(*quota))}));
      }
      break;
    }
    case StepKind::Compute:
      break;
  }
  return compiled;
}

void Simulation::add_routes() {
  double until = 0;
  for (const auto& profile : profile_.routes) {
    auto& route = routes_.emplace_back();
    route.profile = &profile;
    route.function = function_number(profile.function);
    route.queue = queue_number(profile.queue);
    route.weight_until = until += profile.weight;
    const auto timeout = raised(profile.name + ".timeout", profile.timeout);
    route.deadlines = DeadlineLine(timeout);
    route.figures.name = profile.name;
    route.timeout_limit = ledger_.add({.id = profile.name + ".timeout",
                                       .what = "the integration timeout of the route",
                                       .cure = "answer at once and work asynchronously",
                                       .effect = LimitEffect::Failed,
                                       .nature = LimitNature::Patience,
                                       .limit = timeout.seconds()});
    if (!profile.throttle_rate || profile.entry != Entry::Gateway || quota_profile_ == QuotaProfile::None) continue;
    constexpr std::int64_t thousandths = 1'000;
    const auto throttle_id = profile.name + ".throttle";
    const auto rate = *profile.throttle_rate * raised(throttle_id);
    const TokenRate tokens{.tokens = std::max<std::int64_t>(1, static_cast<std::int64_t>(rate * thousandths)),
                           .per = seconds(thousandths),
                           .burst = raised(throttle_id, profile.throttle_burst)};
    route.throttle = std::make_unique<TokenBucket>(tokens);
    route.throttle_limit = ledger_.add({.id = throttle_id,
                                        .what = "requests per second that the stage's settings let through to the route",
                                        .cure = "ThrottlingRateLimit and ThrottlingBurstLimit of the stage",
                                        .limit = rate});
  }
}

// ---- the loop ----

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
