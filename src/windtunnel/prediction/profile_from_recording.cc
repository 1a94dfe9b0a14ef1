#include "windtunnel/prediction/profile_from_recording.h"

#include <algorithm>
#include <map>
#include <set>
#include <utility>

#include "base/text.h"
#include "services/rds/instance_classes.h"
#include "windtunnel/prediction/profile_file.h"
#include "windtunnel/prediction/recorded_invocations.h"

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
  std::vector<Duration> gaps;
  std::vector<Duration> times;
  double places = 0;  // sum, of all invocations that have it
  std::size_t in_warm = 0;
  std::size_t in_cold = 0;
};
using Acts = std::map<ActKey, ActSamples>;

Distribution fitted(std::vector<Duration> values) { return values.empty() ? Distribution() : Distribution::recorded(std::move(values)); }

class Fitting {
 public:
  explicit Fitting(const Recording& recording) : recording_(recording), names_(recording), work_(recorded_work(recording)) {}

  ProfileFitting run() {
    add_databases();
    add_queues();
    for (const auto& function : recording_.functions) add_function(function);
    add_routes();
    share_processors();
    if (work_.requests.empty() && work_.invocations.empty())
      out_.problem = "the recording has no requests; send some to the application, and record again";
    if (out_.problem.empty()) out_.problem = check_profile(out_.profile);
    return std::move(out_);
  }

 private:
  void remark(std::string text) { out_.remarks.push_back(std::move(text)); }

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
                                       .failures = mapping.reportsBatchItemFailures ? BatchFailures::Reported : BatchFailures::Whole});
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
    for (const auto& invocation : invocations) {
      if (invocation.is_cold) inits.push_back(invocation.init);
      if (!invocation.span->fault.empty()) {
        if (!invocation.has_failed_act && invocation.span->fault != "Sandbox.Timedout") ++own_errors;
        continue;
      }
      if (invocation.has_failed_act) continue;
      ++(invocation.is_cold ? cold : warm);
      rests.push_back(add_acts(invocation, acts));
    }
    if (inits.empty())
      remark("function " + function.name + ": no cold start was recorded, so its environments start in no time; record from the start of the server");
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
  }

  // Returns what is computed after the last act. Repeats beyond most_repeats count as computing.
  static Duration add_acts(const RecordedInvocation& invocation, Acts& acts) {
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
    step.time = fitted(samples.times);
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
    set_kind(*samples.example, step);
    Step gap{
        .kind = StepKind::Compute, .time = fitted(samples.gaps), .cpu_share = 1, .probability = step.probability, .occurs = step.occurs};
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

  void add_routes() {
    for (const auto& recorded : recording_.routes) {
      const auto found = work_.requests.find(recorded.routeKey);
      if (recorded.function.empty()) {
        remark("route " + recorded.routeKey + " leads to no function: it is left out");
        continue;
      }
      RouteProfile route{.name = recorded.routeKey, .function = names_.function(recorded.function)};
      route.timeout = milliseconds(std::max<std::int64_t>(recorded.timeoutMilliseconds, 50));
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

  // How much of the recorded time was work: known if the machine's use during the run was recorded.
  void share_processors() {
    auto& profile = out_.profile;
    if (recording_.host) {
      profile.host.processors = static_cast<double>(recording_.host->processors);
      profile.host.processes = recording_.host->functionProcesses;
    }
    std::size_t requests = 0;
    double calls_us = 0;
    double inits_us = 0;
    for (const auto& [route, all] : work_.requests) {
      requests += all.size();
      for (const auto& request : all) calls_us += static_cast<double>(request.overhead.us);
    }
    for (const auto& [name, all] : work_.invocations) {
      for (const auto& invocation : all) {
        calls_us += static_cast<double>(invocation.span->durationMicroseconds);
        inits_us += static_cast<double>(invocation.init.us);
      }
      if (requests == 0) requests += all.size();
    }
    if (!recording_.host || recording_.host->busyMicroseconds <= 0 || requests == 0 || calls_us <= 0) {
      remark("the machine's use was not recorded: of calls and statements half the time is taken for work, of computing all");
      return;
    }
    // One share for everything: what else ran on the machine has made all of it wait alike.
    const double busy_us = static_cast<double>(recording_.host->busyMicroseconds);
    const double share = busy_us / (calls_us + inits_us);
    for (auto& function : profile.functions) {
      function.init_cpu_share = std::min(1.0, share);
      for (auto& step : function.steps) step.cpu_share = std::min(1.0, share);
    }
    for (auto& route : profile.routes) route.overhead_cpu_share = std::min(1.0, share);
    if (share > 1)
      profile.host.work_beside_request = microseconds(static_cast<std::int64_t>((busy_us - inits_us - calls_us) / static_cast<double>(requests)));
  }

  const Recording& recording_;
  const Names names_;
  const RecordedWork work_;
  ProfileFitting out_;
};

}  // namespace

ProfileFitting profile_from_recording(const Recording& recording) { return Fitting(recording).run(); }

}  // namespace surgetank::prediction
