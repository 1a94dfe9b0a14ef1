// What a simulation is made of: the limits, databases, queues, functions and routes of its profile.
#include <algorithm>
#include <utility>

#include "base/text.h"
#include "services/rds/instance_classes.h"
#include "windtunnel/prediction/larger_class.h"
#include "windtunnel/prediction/operation_quotas.h"
#include "windtunnel/prediction/simulation.h"

namespace surgetank::prediction {
namespace {

constexpr std::int64_t reserved_connections = 3;  // superuser_reserved_connections
constexpr double memory_mb_of_a_processor = 1'769;
constexpr std::int64_t most_batches_without_limit = 1'250;

std::string cure_by_class(const DatabaseProfile& database, const ClassNeeds& needs, std::string_view or_else) {
  const auto larger = larger_class(database.instance_class, needs);
  return "--set " + database.name + ".instance-class=" + larger.value_or("<another family>") + ", " + std::string(or_else);
}

}  // namespace

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

}  // namespace surgetank::prediction
