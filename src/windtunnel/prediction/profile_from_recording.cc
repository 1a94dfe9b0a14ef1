#include "windtunnel/prediction/profile_from_recording.h"

#include <algorithm>
#include <bit>
#include <map>
#include <set>
#include <utility>

#include "base/text.h"
#include "services/rds/instance_classes.h"
#include "windtunnel/prediction/processor_shares.h"
#include "windtunnel/prediction/profile_file.h"
#include "windtunnel/prediction/recorded_invocations.h"
#include "windtunnel/prediction/step_correlation.h"

namespace surgetank::prediction {
namespace {

using windtunnel::Recording;

constexpr std::size_t few = 20;                     // samples: fewer make a thin distribution
constexpr std::size_t most_repeats = 8;             // of one call in an invocation that are told apart
constexpr double rare_in_warm = 0.2;                // of warm invocations: a call that is made more seldom ...
constexpr double common_in_cold = 0.5;              // ... and in at least so many cold ones is made once for an environment
constexpr double least_probability = 0.01;          // calls that are rarer are left out
constexpr double default_cpu_share_of_calls = 0.5;  // of calls and statements whose processor time is not known

// Names of the template for physical names.
class Names {
 public:
  explicit Names(const Recording& recording) {
    for (const auto& function : recording.functions) functions_[function.name] = either(function.logicalId, function.name);
    for (const auto& queue : recording.queues) queues_[queue.name] = either(queue.logicalId, queue.name);
    for (const auto& database : recording.databases) databases_[database.identifier] = either(database.logicalId, database.identifier);
  }
  std::string function(const std::string& name) const { return look_up(functions_, name); }
  std::string queue(const std::string& name) const { return look_up(queues_, name); }
  // "" if there is none.
  std::string database(const std::string& identifier) const {
    if (databases_.contains(identifier)) return databases_.at(identifier);
    return databases_.size() == 1 ? databases_.begin()->second : std::string();
  }
  // Of SQS.SendMessage: by what the span says, or the only queue there is to send to.
  std::string queue_sent_to(const Recording& recording, std::string_view attribute) const {
    for (const auto& [name, shown] : queues_)
      if (!attribute.empty() && (attribute == name || attribute.ends_with("/" + name) || attribute.ends_with(":" + name))) return shown;
    std::set<std::string> sources;
    for (const auto& mapping : recording.mappings) sources.insert(mapping.queue);
    return sources.size() == 1 ? queue(*sources.begin()) : std::string();
  }

 private:
  static std::string either(const std::string& logical, const std::string& physical) { return logical.empty() ? physical : logical; }
  static std::string look_up(const std::map<std::string, std::string>& names, const std::string& name) {
    const auto found = names.find(name);
    return found == names.end() ? name : found->second;
  }
  std::map<std::string, std::string> functions_;
  std::map<std::string, std::string> queues_;
  std::map<std::string, std::string> databases_;
};

// One call at its place in the invocations of a function: the same call for the n-th time is another one.
struct ActKey {
  std::string kind;
  std::string name;
  std::size_t repeat = 0;
  auto operator<=>(const ActKey&) const = default;
};
struct ActSamples {
  const RecordedAct* example = nullptr;
  // Of all invocations, and of those of environments that have warmed up.
  std::vector<Duration> gaps;
  std::vector<Duration> times;
  std::vector<Duration> steady_gaps;
  std::vector<Duration> steady_times;
  double places = 0;  // sum, of all invocations that have it
  std::size_t in_warm = 0;
  std::size_t in_cold = 0;
};
using Acts = std::map<ActKey, ActSamples>;
enum class Warmth : std::uint8_t { Warming, Steady };

Distribution fitted(std::vector<Duration> values) { return values.empty() ? Distribution() : Distribution::recorded(std::move(values)); }

class Fitting {
 public:
  explicit Fitting(const Recording& recording) : recording_(recording), names_(recording), work_(recorded_work(recording)) {}

  ProfileFitting run() {
    out_.profile.region = recording_.region;
    add_quotas();
    add_databases();
    add_queues();
    for (const auto& function : recording_.functions) add_function(function);
    add_routes();
    for (auto& text : share_processors(recording_, work_, out_.profile)) remark(std::move(text));
    if (work_.requests.empty() && work_.invocations.empty())
      out_.problem = "the recording has no requests; send some to the application, and record again";
    if (out_.problem.empty()) out_.problem = check_profile(out_.profile);
    return std::move(out_);
  }

 private:
  void remark(std::string text) { out_.remarks.push_back(std::move(text)); }
  void leave_out(std::string text) { out_.profile.not_modelled.push_back(std::move(text)); }

  void add_databases() {
    for (const auto& database : recording_.databases) {
      DatabaseProfile profile{.name = names_.database(database.identifier)};
      if (rds::class_memory_mib(database.instanceClass)) profile.instance_class = database.instanceClass;
      out_.profile.databases.push_back(std::move(profile));
    }
  }

  void add_queues() {
    for (const auto& queue : recording_.queues)
      out_.profile.queues.push_back(
          {.name = names_.queue(queue.name),
           .is_fifo = queue.fifo,
           .delay = seconds(queue.delaySeconds),
           .visibility = seconds(queue.visibilityTimeoutSeconds),
           .retention = seconds(queue.retentionSeconds),
           .maximum_receive_count = queue.maximumReceives,
           .dead_letter_queue = queue.deadLetterQueue.empty() ? std::string() : names_.queue(queue.deadLetterQueue)});
    for (const auto& mapping : recording_.mappings) {
      if (!mapping.enabled) continue;
      out_.profile.mappings.push_back({.queue = names_.queue(mapping.queue),
                                       .function = names_.function(mapping.function),
                                       .batch_size = mapping.batchSizeMessages,
                                       .window = seconds(mapping.batchWindowSeconds),
                                       .maximum_concurrency = mapping.maximumConcurrency,
                                       .failures = mapping.reportsBatchItemFailures ? BatchFailures::Reported : BatchFailures::Whole,
                                       .minimum_pollers = mapping.minimumPollers,
                                       .maximum_pollers = mapping.maximumPollers});
      if (!mapping.filterPatterns.empty())
        leave_out("the filter of the mapping of " + names_.queue(mapping.queue) + ": every message that is sent reaches " +
                  names_.function(mapping.function));
    }
  }

  void add_function(const windtunnel::RecordedFunction& recorded) {
    FunctionProfile function{.name = names_.function(recorded.name), .runtime = recorded.runtime};
    function.memory_mb = std::max<std::int64_t>(recorded.memoryMegabytes, 128);
    function.timeout = seconds(std::max<std::int64_t>(recorded.timeoutSeconds, 1));
    function.reserved_concurrency = recorded.reservedConcurrency;
    function.provisioned_concurrency = recorded.provisionedConcurrency;
    const auto found = work_.invocations.find(recorded.name);
    if (found != work_.invocations.end()) add_steps(found->second, function);
    if (found == work_.invocations.end()) {
      remark("function " + function.name + " was not invoked in the recording: it takes no time in the profile");
    } else if (found->second.size() < few) {
      remark("function " + function.name + " has only " + std::to_string(found->second.size()) +
             " invocations in the recording: its tail is a guess");
    }
    out_.profile.functions.push_back(std::move(function));
  }

  void add_steps(const std::vector<RecordedInvocation>& invocations, FunctionProfile& function) {
    Acts acts;
    std::vector<Duration> rests;
    std::vector<Duration> inits;
    std::size_t warm = 0;
    std::size_t cold = 0;
    std::size_t own_errors = 0;
    const auto steady_from = steady_ordinal(invocations);
    for (const auto& invocation : invocations) {
      if (invocation.is_cold) inits.push_back(invocation.init);
      if (!invocation.span->fault.empty()) {
        if (!invocation.has_failed_act && invocation.span->fault != "Sandbox.Timedout") ++own_errors;
        continue;
      }
      if (invocation.has_failed_act) continue;
      ++(invocation.is_cold ? cold : warm);
      const auto warmth = is_steady(invocation, steady_from) ? Warmth::Steady : Warmth::Warming;
      const auto rest = add_acts(invocation, warmth, acts);
      if (warmth == Warmth::Steady) rests.push_back(rest);
    }
    if (inits.empty())
      remark("function " + function.name +
             ": no cold start was recorded, so its environments start in no time; record from the start of the server");
    function.init = fitted(std::move(inits));
    function.failure_share = static_cast<double>(own_errors) / static_cast<double>(invocations.size());
    std::vector<std::pair<double, const Acts::value_type*>> order;
    for (const auto& entry : acts) {
      const auto count = entry.second.in_warm + entry.second.in_cold;
      order.emplace_back(entry.second.places / static_cast<double>(count), &entry);
    }
    std::stable_sort(order.begin(), order.end(), [](const auto& a, const auto& b) { return a.first < b.first; });
    for (const auto& [place, entry] : order) add_step(*entry, warm, cold, function);
    if (!rests.empty()) function.steps.push_back({.kind = StepKind::Compute, .time = fitted(std::move(rests)), .cpu_share = 1});
    function.slow_together = correlation_of_steps(invocations, steady_from);
    add_warm_up(invocations, acts, steady_from, function);
  }

  // What invocations take on top of the steady ones, by their place in their environment: first, second and third, fourth to seventh ...
  static void add_warm_up(const std::vector<RecordedInvocation>& invocations, const Acts& acts, std::int64_t steady_from,
                          FunctionProfile& function) {
    std::map<std::pair<std::string, std::string>, bool> is_made_once;
    for (const auto& step : function.steps)
      for (const auto& [key, samples] : acts)
        if (step.occurs == StepOccurs::OncePerEnvironment && key.name == step.name) is_made_once[{key.kind, key.name}] = true;
    struct Mean {
      double time_us = 0;
      double processor_us = 0;
      double count = 0;
    };
    std::map<std::int64_t, Mean> by_place;  // by the first ordinal; 0: steady
    for (const auto& invocation : invocations) {
      if (!invocation.span->fault.empty() || invocation.has_failed_act) continue;
      const auto first = static_cast<std::int64_t>(std::bit_floor(static_cast<std::uint64_t>(invocation.ordinal)));
      auto& mean = by_place[is_steady(invocation, steady_from) ? 0 : first];
      auto time = invocation.rest;
      for (const auto& act : invocation.acts)
        if (!is_made_once.contains({act.span->kind, act.span->name})) time = time + act.gap + act.time;
      mean.time_us += static_cast<double>(time.us);
      mean.processor_us += static_cast<double>(invocation.processor_time.value_or(Duration{}).us);
      ++mean.count;
    }
    const auto steady = by_place[0];
    for (const auto& [from, mean] : by_place) {
      if (from == 0 || steady.count == 0) continue;
      const double longer_us = std::max(0.0, mean.time_us / mean.count - steady.time_us / steady.count);
      const double work_us = std::max(0.0, mean.processor_us / mean.count - steady.processor_us / steady.count);
      const bool is_told = mean.processor_us > 0;
      const auto time_us = is_told ? std::min(longer_us, work_us) : longer_us;  // what is no work has waited for others' starts
      function.warm_up.push_back({.until = 2 * from - 1,
                                  .time = microseconds(static_cast<std::int64_t>(time_us)),
                                  .beside = microseconds(is_told ? static_cast<std::int64_t>(work_us - time_us) : 0)});
    }
  }

  // Returns what is computed after the last act. Repeats beyond most_repeats count as computing.
  static Duration add_acts(const RecordedInvocation& invocation, Warmth warmth, Acts& acts) {
    std::map<std::pair<std::string, std::string>, std::size_t> repeats;
    Duration carried;
    double place = 0;
    for (const auto& act : invocation.acts) {
      const auto repeat = repeats[{act.span->kind, act.span->name}]++;
      if (repeat >= most_repeats) {
        carried = carried + act.gap + act.time;
        continue;
      }
      auto& samples = acts[{act.span->kind, act.span->name, repeat}];
      samples.example = &act;
      samples.gaps.push_back(carried + act.gap);
      samples.times.push_back(act.time);
      if (warmth == Warmth::Steady) {
        samples.steady_gaps.push_back(carried + act.gap);
        samples.steady_times.push_back(act.time);
      }
      samples.places += place++;
      ++(invocation.is_cold ? samples.in_cold : samples.in_warm);
      carried = {};
    }
    return carried + invocation.rest;
  }

  void add_step(const Acts::value_type& entry, std::size_t warm, std::size_t cold, FunctionProfile& function) {
    const auto& [key, samples] = entry;
    const double in_warm = warm == 0 ? 0 : static_cast<double>(samples.in_warm) / static_cast<double>(warm);
    const double in_cold = cold == 0 ? 0 : static_cast<double>(samples.in_cold) / static_cast<double>(cold);
    Step step;
    step.name = key.name;
    step.probability = static_cast<double>(samples.in_warm + samples.in_cold) / static_cast<double>(warm + cold);
    if (warm >= few && in_warm < rare_in_warm && in_cold >= common_in_cold) {
      step.occurs = StepOccurs::OncePerEnvironment;
      step.probability = in_cold;
    }
    if (step.probability < least_probability || function.steps.size() + 3 > most_steps) {
      remark("function " + function.name + ": " + key.name + " is left out (in " + std::to_string(samples.in_warm + samples.in_cold) +
             " invocations)");
      return;
    }
    const bool is_all_meant = step.occurs == StepOccurs::OncePerEnvironment || samples.steady_times.empty();
    step.time = fitted(is_all_meant ? samples.times : samples.steady_times);
    set_kind(*samples.example, step);
    Step gap{.kind = StepKind::Compute,
             .time = fitted(is_all_meant ? samples.gaps : samples.steady_gaps),
             .cpu_share = 1,
             .probability = step.probability,
             .occurs = step.occurs};
    if (gap.time.mean() > Duration{}) function.steps.push_back(std::move(gap));
    function.steps.push_back(std::move(step));
  }

  void set_kind(const RecordedAct& act, Step& step) {
    const auto& span = *act.span;
    step.kind = StepKind::AwsCall;
    step.cpu_share = default_cpu_share_of_calls;
    if (span.kind != "aws") {
      step.kind = span.kind == "db-connect" ? StepKind::DatabaseConnect : StepKind::DatabaseStatement;
      step.target = names_.database(std::string(windtunnel::attribute_of(span, "instance")));
    } else if (span.name == "SQS.SendMessage" || span.name == "SQS.SendMessageBatch") {
      step.target = names_.queue_sent_to(recording_, windtunnel::attribute_of(span, "queue"));
      if (!step.target.empty()) step.kind = StepKind::Send;
    } else if (span.name == "Lambda.Invoke" && act.invoked != nullptr) {
      step.kind = StepKind::Invoke;
      step.target = names_.function(act.invoked->name);
      const auto end = span.startMicroseconds + span.durationMicroseconds;
      const bool is_waited_for = act.invoked->startMicroseconds + act.invoked->durationMicroseconds <= end;
      step.mode = is_waited_for ? InvokeMode::Wait : InvokeMode::Event;
      if (is_waited_for)
        step.time =
            Distribution::constant(microseconds(std::max<std::int64_t>(0, step.time.mean().us - act.invoked->durationMicroseconds)));
    }
  }

  void add_quotas() {
    auto& quotas = out_.profile.quotas;
    quotas.profile = quota_profile(recording_.quotaProfile.value_or("")).value_or(QuotaProfile::Aws);
    for (const auto& quota : recording_.quotas)
      if (quota.isOwn.value_or(false)) quotas.values[quota.id] = quota.value.value_or(Quotas::unlimited);
  }

  void add_routes() {
    for (const auto& recorded : recording_.routes) {
      const auto found = work_.requests.find(recorded.routeKey);
      if (recorded.function.empty()) {
        leave_out("route " + recorded.routeKey + ", which leads to no function");
        continue;
      }
      RouteProfile route{.name = recorded.routeKey, .function = names_.function(recorded.function)};
      route.timeout = milliseconds(std::max<std::int64_t>(recorded.timeoutMilliseconds, 50));
      if (recorded.throttleRequestsPerSecond) route.throttle_rate = std::max(0.001, *recorded.throttleRequestsPerSecond);
      if (recorded.throttleBurstRequests) route.throttle_burst = *recorded.throttleBurstRequests;
      route.weight = 0;
      if (found != work_.requests.end()) {
        std::vector<Duration> overheads;
        for (const auto& request : found->second)
          if (request.invoked != nullptr) overheads.push_back(request.overhead);
        route.overhead = fitted(std::move(overheads));
        route.overhead_cpu_share = 1;
        route.weight = static_cast<double>(found->second.size());
      }
      out_.profile.routes.push_back(std::move(route));
    }
  }

  const Recording& recording_;
  const Names names_;
  const RecordedWork work_;
  ProfileFitting out_;
};

}  // namespace

ProfileFitting profile_from_recording(const Recording& recording) { return Fitting(recording).run(); }

}  // namespace surgetank::prediction
