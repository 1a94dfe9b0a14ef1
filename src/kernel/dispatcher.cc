#include "kernel/dispatcher.h"

#include <algorithm>
#include <list>
#include <map>
#include <utility>

#include "base/assert.h"
#include "base/log.h"
#include "kernel/outbox.h"
#include "kernel/ports.h"
#include "kernel/quotas.h"
#include "wire/json.h"

namespace surgetank {

// What belongs to one lane: only that lane touches it.
struct Dispatcher::LaneRuntime {
  LaneRuntime(Lane& its_lane, std::uint64_t seed) : lane(its_lane), random(seed) {}
  Lane& lane;
  Random random;
  std::map<std::string_view, std::unique_ptr<LaneState>> states;  // by service name
  std::map<std::string, std::list<std::shared_ptr<Run>>> parked;  // by service and topic, the longest waiting first
  bool inside = false;                                            // an operation is running on this lane right now
};

// One invocation under way.
struct Dispatcher::Run {
  Run(LaneRuntime& its_runtime, Invocation its_invocation, Prepare its_prepare)
      : runtime(its_runtime), invocation(std::move(its_invocation)), prepare(std::move(its_prepare)) {}
  LaneRuntime& runtime;
  Invocation invocation;
  Prepare prepare;
  std::vector<Task> effects;
  std::optional<Instant> arrived;           // when it ran first
  std::string parked_on;                    // key of LaneRuntime::parked; empty: not parked
  TimerId timer = 0;                        // of a parked run
  bool starting = false;                    // an asynchronous operation's start() has not returned and committed yet
  std::optional<Result<Box>> early_result;  // what it answered meanwhile
  Sequence sequence = 0;                    // what the answer has seen or written: it leaves when this is durable
};

namespace {

std::string topic_key(const Service& service, std::string_view topic) {
  std::string key(service.name);
  key += '/';
  key += topic;
  return key;
}

bool client_has_left(const Invocation& invocation) {
  return invocation.client_left != nullptr && invocation.client_left->load(std::memory_order_relaxed);
}

Error unknown(std::string_view service, std::string_view operation) {
  return {&kernel_errors::unknown_operation,
          "The operation " + std::string(operation) + " of service " + std::string(service) + " is not supported by Surgetank."};
}

}  // namespace

Dispatcher::Dispatcher(Store& store, Lanes& lanes, std::span<const Service* const> services, Ports& ports, Options options)
    : store_(store),
      lanes_(lanes),
      services_(services.begin(), services.end()),
      generations_(std::make_unique<std::atomic<std::uint64_t>[]>(services.size())),
      ports_(ports),
      options_(std::move(options)) {
  for (std::size_t i = 0; i < lanes_.size(); ++i) runtimes_.push_back(std::make_unique<LaneRuntime>(lanes_.lane(i), options_.seed + i));
  outbox_pump_ = std::make_unique<OutboxPump>(store_, lanes_.lane(0), *this);
  if (ports_.quotas != nullptr) ports_.quotas->forget_counts();
}

Dispatcher::~Dispatcher() = default;

std::atomic<std::uint64_t>& Dispatcher::generation_of(const Service& service) const {
  const auto found = std::find(services_.begin(), services_.end(), &service);
  SURGE_ASSERT(found != services_.end(), "a service of this server");
  return generations_[static_cast<std::size_t>(found - services_.begin())];
}

std::uint64_t Dispatcher::generation(const Service& service) const { return generation_of(service).load(std::memory_order_acquire); }

const Service* Dispatcher::find_service(std::string_view name) const {
  for (const auto* service : services_)
    if (service->name == name) return service;
  return nullptr;
}

Dispatcher::LaneRuntime& Dispatcher::runtime_for(const Service& service, const Caller& caller, std::string_view aggregate) {
  const std::string_view region = service.scope == ServiceScope::Regional ? std::string_view(caller.region) : std::string_view{};
  const std::string_view account = service.scope == ServiceScope::Worldwide ? std::string_view{} : std::string_view(caller.account);
  return *runtimes_[lane_of(runtimes_.size(), account, region, service.name, aggregate)];
}

LaneState* Dispatcher::state_of(LaneRuntime& runtime, const Service& service) {
  if (service.make_state == nullptr) return nullptr;
  auto& state = runtime.states[service.name];
  if (!state) state = service.make_state();
  return state.get();
}

// Runs `task` on the lane: at once when already there, unless an operation is in the middle of its run.
void Dispatcher::on_lane(LaneRuntime& runtime, Task task) {
  if (runtime.lane.here() && !runtime.inside) return task();
  runtime.lane.post(std::move(task));
}

namespace {
// The caller as one who asks for resources of that account.
void address(Caller& caller, std::string_view owner) {
  if (owner.empty() || owner == caller.account) return;
  caller.home_account = std::exchange(caller.account, std::string(owner));
}
}  // namespace

void Dispatcher::dispatch(Invocation invocation, Prepare prepare) {
  const auto& service = *invocation.service;
  const auto& operation = *invocation.operation;
  std::string aggregate;
  if (!operation.partition.empty()) {
    const auto named = string_member(invocation.input.shape(), invocation.input.get(), operation.partition).value_or("");
    aggregate = service.aggregate != nullptr ? service.aggregate(named) : std::string(named);
    if (service.owner != nullptr) address(invocation.caller, service.owner(named));
  }
  auto& runtime = runtime_for(service, invocation.caller, aggregate);
  auto run = std::make_shared<Run>(runtime, std::move(invocation), std::move(prepare));
  on_lane(runtime, [this, run = std::move(run)] { execute_guarded(run); });
}

// The one place where exceptions of operations end.
void Dispatcher::execute_guarded(const std::shared_ptr<Run>& run) {
  try {
    run->runtime.inside = true;
    execute(run);
    run->runtime.inside = false;
  } catch (const StorageError& error) {
    fail(run, kernel_errors::service_unavailable, error.what());
  } catch (const std::exception& error) {
    if (options_.on_internal_failure) options_.on_internal_failure(error.what());
    fail(run, kernel_errors::internal_failure, error.what());
  }
}

void Dispatcher::fail(const std::shared_ptr<Run>& run, const ErrorCode& code, const std::string& why) {
  run->runtime.inside = false;
  run->starting = false;
  run->effects.clear();
  run->runtime.states.erase(run->invocation.service->name);
  log_line(LogLevel::Error, run->invocation.service->name, std::string(run->invocation.operation->name) + ": " + why);
  finish(run, Error{&code, "The request could not be completed because of a failure inside the server. Request id: " +
                               run->invocation.request_id});
}

void Dispatcher::execute(const std::shared_ptr<Run>& run) {
  auto& runtime = run->runtime;
  const auto& invocation = run->invocation;
  if (invocation.operation->room == Room::Needed && !store_.has_room()) {
    return finish(run, Error{&kernel_errors::service_unavailable,
                             "The server's disk is nearly full, so nothing can be added; reading and removing go on. Make room on the disk "
                             "and try again. Request id: " +
                                 invocation.request_id});
  }
  const auto txn = store_.begin();
  Outbox outbox(*txn, runtime.random);
  if (!run->arrived) run->arrived = runtime.lane.now();
  AfterRun after_run{.arrived = *run->arrived, .may_wait = may_wait_, .topic = {}, .until = {}, .signals = {}};
  Call call{.txn = *txn,
            .now = runtime.lane.now(),
            .random = runtime.random,
            .outbox = outbox,
            .caller = invocation.caller,
            .request_id = invocation.request_id,
            .trace = invocation.trace,
            .ports = ports_,
            .lane = runtime.lane,
            .state = state_of(runtime, *invocation.service),
            .after_run = after_run,
            .effects = run->effects};
  if (invocation.operation->start != nullptr) {
    start_asynchronous(run, call);
    SURGE_ASSERT(!after_run.topic, "an asynchronous operation does not park");
    commit(*run, call, outbox);
    run->starting = false;
    if (run->early_result) finish(run, std::move(*run->early_result));
    return;
  }
  Box response(*invocation.operation->response());
  auto result = invocation.operation->run(call, invocation.input.get(), response.get());
  if (!result.ok()) {
    run->effects.clear();
    run->sequence = store_.last_committed();  // the refusal may rest on what is not on disk yet
    return finish(run, std::move(result.error()));
  }
  if (after_run.topic && after_run.may_wait) {
    SURGE_ASSERT(!txn->has_writes(), "what waits has written nothing");
    return park(run, *after_run.topic, after_run.until);
  }
  commit(*run, call, outbox);
  finish(run, std::move(response));
}

void Dispatcher::start_asynchronous(const std::shared_ptr<Run>& run, Call& call) {
  run->starting = true;
  run->invocation.operation->start(call, run->invocation.input.get(), [this, run](Result<Box> result) {
    SURGE_ASSERT(!run->early_result, "an operation answers once");
    if (run->starting) {
      run->early_result.emplace(std::move(result));
    } else {
      finish(run, std::move(result));
    }
  });
}

// ---- parked runs ----

void Dispatcher::park(const std::shared_ptr<Run>& run, std::string_view topic, Instant until) {
  auto& runtime = run->runtime;
  run->effects.clear();
  run->parked_on = topic_key(*run->invocation.service, topic);
  auto& waiting = runtime.parked[run->parked_on];
  waiting.push_back(run);
  run->timer = runtime.lane.at(until, [this, run, place = std::prev(waiting.end())] {
    if (run->parked_on.empty()) return;
    auto& runs = run->runtime.parked[run->parked_on];
    runs.erase(place);
    if (runs.empty()) run->runtime.parked.erase(run->parked_on);
    run->parked_on.clear();
    execute_guarded(run);
  });
}

void Dispatcher::wake(LaneRuntime& runtime, const std::string& topic, std::size_t count) {
  const auto found = runtime.parked.find(topic);
  if (found == runtime.parked.end()) return;
  auto& runs = found->second;
  while (!runs.empty() && count > 0) {
    auto run = std::move(runs.front());
    runs.pop_front();
    run->parked_on.clear();
    runtime.lane.cancel(run->timer);
    if (client_has_left(run->invocation)) {
      finish(run, Error{&kernel_errors::service_unavailable, "The client has left."});
      continue;
    }
    --count;
    runtime.lane.post([this, run = std::move(run)] { execute_guarded(run); });
  }
  if (runs.empty()) runtime.parked.erase(found);
}

void Dispatcher::wake_all(LaneRuntime& runtime) {
  while (!runtime.parked.empty()) wake(runtime, std::string(runtime.parked.begin()->first), AfterRun::all);
}

void Dispatcher::stop_waiting() {
  may_wait_ = false;
  for (auto& runtime : runtimes_) runtime->lane.post([this, &runtime = *runtime] { wake_all(runtime); });
}

void Dispatcher::commit(Run& run, Call& call, const Outbox& outbox) {
  run.sequence = store_.commit(call.txn);  // without writes: what the transaction has seen
  if (call.after_run.publishes) generation_of(*run.invocation.service).fetch_add(1, std::memory_order_acq_rel);
  for (const auto& signal : call.after_run.signals) wake(run.runtime, topic_key(*run.invocation.service, signal.topic), signal.count);
  if (const auto due = outbox.earliest()) outbox_pump_->announce(*due);
}

// The output gate: the answer and the effects wait until what the operation has written or seen is durable.
void Dispatcher::finish(const std::shared_ptr<Run>& run, Result<Box> result) {
  auto send = run->prepare(std::move(result));
  auto& lane = run->runtime.lane;
  store_.on_durable(run->sequence, [&lane, effects = std::exchange(run->effects, {}), send = std::move(send)]() mutable {
    if (!effects.empty()) {
      lane.post([effects = std::move(effects)]() mutable {
        for (auto& effect : effects) effect();
      });
    }
    send();
  });
}

void Dispatcher::dispatch_json(std::string_view service_name, std::string_view operation_name, Caller caller, std::string_view input,
                               UniqueFunction<void(Result<std::string>)> done) {
  const auto* service = find_service(service_name);
  if (service == nullptr) return done(unknown(service_name, operation_name));
  const auto operation = std::find_if(service->operations.begin(), service->operations.end(),
                                      [&](const Operation& candidate) { return candidate.name == operation_name; });
  if (operation == service->operations.end()) return done(unknown(service_name, operation_name));
  Box box(*operation->request());
  if (auto read = read_json(input, box.shape(), box.get()); !read.ok()) return done(std::move(read.error()));
  Invocation invocation{
      .service = service, .operation = &*operation, .input = std::move(box), .caller = std::move(caller), .request_id = {}, .trace = {}};
  dispatch(std::move(invocation), [done = std::move(done)](Result<Box> result) mutable -> Task {
    if (!result.ok()) return [done = std::move(done), error = std::move(result.error())]() mutable { done(std::move(error)); };
    std::string text;
    write_json(result->shape(), result->get(), text);
    return [done = std::move(done), text = std::move(text)]() mutable { done(std::move(text)); };
  });
}

void Dispatcher::read(const Service& service, Caller caller, TraceContext trace, std::string_view aggregate,
                      UniqueFunction<void(Call&)> work) {
  auto& runtime = runtime_for(service, caller, aggregate);
  read_on(runtime, service, std::move(caller), std::move(trace), std::move(work));
}

void Dispatcher::read_here(const Service& service, Caller caller, TraceContext trace, UniqueFunction<void(Call&)> work) {
  const auto own = std::find_if(runtimes_.begin(), runtimes_.end(), [](const auto& runtime) { return runtime->lane.here(); });
  read_on(own == runtimes_.end() ? *runtimes_.front() : **own, service, std::move(caller), std::move(trace), std::move(work));
}

void Dispatcher::read_on(LaneRuntime& runtime, const Service& service, Caller caller, TraceContext trace,
                         UniqueFunction<void(Call&)> work) {
  on_lane(runtime, [this, &runtime, &service, caller = std::move(caller), trace = std::move(trace), work = std::move(work)]() mutable {
    const auto txn = store_.begin();
    Outbox outbox(*txn, runtime.random);
    std::vector<Task> effects;
    const std::string no_request_id;
    AfterRun after_run{.arrived = runtime.lane.now(), .may_wait = false, .topic = {}, .until = {}, .signals = {}};
    Call call{.txn = *txn,
              .now = runtime.lane.now(),
              .random = runtime.random,
              .outbox = outbox,
              .caller = caller,
              .request_id = no_request_id,
              .trace = trace,
              .ports = ports_,
              .lane = runtime.lane,
              .state = state_of(runtime, service),
              .after_run = after_run,
              .effects = effects};
    // A read inside a read runs at once (a gateway that invokes a function of its own lane); inside an operation it is posted.
    try {
      work(call);
    } catch (const std::exception& error) {
      log_line(LogLevel::Error, service.name, error.what());
    }
  });
}

void Dispatcher::start_outbox() {
  lanes_.lane(0).post([this] { outbox_pump_->start(); });
}

void Dispatcher::forget_states(UniqueFunction<void()> done) {
  if (ports_.quotas != nullptr) ports_.quotas->forget_counts();
  auto last = std::make_shared<UniqueFunction<void()>>(std::move(done));
  auto remaining = std::make_shared<std::atomic<std::size_t>>(runtimes_.size());
  for (auto& runtime : runtimes_) {
    runtime->lane.post([this, &runtime = *runtime, last, remaining] {
      runtime.states.clear();
      wake_all(runtime);
      if (remaining->fetch_sub(1) == 1) (*last)();
    });
  }
}

Caller service_caller(std::string_view account, std::string_view region, std::string_view principal) {
  Caller caller;
  caller.kind = Caller::Kind::Service;
  caller.account = account;
  caller.region = region;
  caller.principal_arn = principal;
  return caller;
}

Caller role_caller(std::string_view account, std::string_view region, std::string_view role_arn, std::string_view session) {
  const auto role = role_arn.substr(role_arn.rfind('/') + 1);
  auto caller = service_caller(account, region,
                               "arn:aws:sts::" + std::string(account) + ":assumed-role/" + std::string(role) + "/" + std::string(session));
  caller.role_arn = role_arn;
  return caller;
}

}  // namespace surgetank
