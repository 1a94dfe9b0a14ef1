#pragma once
// Runs operations: hop to the lane that owns the aggregate, one transaction, commit, and the answer leaves through the output
// gate, when everything that it wrote or saw is durable. Effects run after the gate. All methods from any thread.
//
// Failure: an operation's Error rolls back its writes; a failed assertion becomes InternalFailure (500); a storage failure becomes
// ServiceUnavailable (503). In both cases the lane state of the service is thrown away.
#include <atomic>
#include <cstdint>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "kernel/call.h"
#include "kernel/operation.h"

namespace surgetank {

namespace kernel_errors {
inline constexpr ErrorCode internal_failure{"InternalFailure", 500};
inline constexpr ErrorCode service_unavailable{"ServiceUnavailable", 503};
inline constexpr ErrorCode unknown_operation{"UnknownOperationException", 404};
inline constexpr ErrorCode access_denied{"AccessDeniedException", 403};
inline constexpr ErrorCode validation{"ValidationException", 400};
inline constexpr ErrorCode serialization{"SerializationException", 400};
}  // namespace kernel_errors

struct Invocation {
  const Service* service = nullptr;
  const Operation* operation = nullptr;
  Box input;
  Caller caller;
  std::string request_id;
  TraceContext trace;
  std::shared_ptr<const std::atomic<bool>> client_left = {};  // of HttpRequest
};

class OutboxPump;

class Dispatcher {
 public:
  struct Options {
    std::uint64_t seed = 1;
    std::function<void(const std::string&)> on_internal_failure;  // told about failed assertions; may be empty
  };
  Dispatcher(Store& store, Lanes& lanes, std::span<const Service* const> services, Ports& ports, Options options);
  ~Dispatcher();

  // `prepare` runs on the lane right after the commit and turns the result into what is to be done when the gate opens
  // (encode here, send there). The returned task runs once, on an unnamed thread.
  using Prepare = UniqueFunction<Task(Result<Box>)>;
  void dispatch(Invocation invocation, Prepare prepare);

  // For callers inside the platform: JSON in, JSON out, by name. `done` runs after the gate, on an unnamed thread.
  // An unknown service or operation is an Error as well.
  void dispatch_json(std::string_view service, std::string_view operation, Caller caller, std::string_view input,
                     UniqueFunction<void(Result<std::string>)> done);

  // Runs `work` on the lane of an aggregate with a Call whose writes are dropped: data planes read their decoded state so.
  // The Call's state is the service's lane state and may be changed.
  void read(const Service& service, Caller caller, TraceContext trace, std::string_view aggregate, UniqueFunction<void(Call&)> work);

  // The same on the lane of the calling thread, or on any one if it has none: for data that all lanes may decode from what is
  // committed. What they keep of it is good as long as generation() has not risen.
  void read_here(const Service& service, Caller caller, TraceContext trace, UniqueFunction<void(Call&)> work);
  // How many operations of the service have published (Call::publish). A transaction that began after a call of this sees what
  // those have written. From any thread.
  std::uint64_t generation(const Service& service) const;

  const Service* find_service(std::string_view name) const;
  std::span<const Service* const> services() const { return services_; }

  // Starts the outbox of every lane: tasks that became due while the server was down run first. Call once, after all start() hooks.
  void start_outbox();

  // Throws every lane state away (after the store was emptied by a reset); what is parked runs again. `done` runs when all lanes have.
  void forget_states(UniqueFunction<void()> done);

  // The server shuts down: what is parked runs again and may not wait any more, like everything that comes from now on.
  void stop_waiting();

 private:
  struct LaneRuntime;
  struct Run;
  LaneRuntime& runtime_for(const Service& service, const Caller& caller, std::string_view aggregate);
  void read_on(LaneRuntime& runtime, const Service& service, Caller caller, TraceContext trace, UniqueFunction<void(Call&)> work);
  std::atomic<std::uint64_t>& generation_of(const Service& service) const;
  LaneState* state_of(LaneRuntime& runtime, const Service& service);
  void on_lane(LaneRuntime& runtime, Task task);
  void execute(const std::shared_ptr<Run>& run);
  void execute_guarded(const std::shared_ptr<Run>& run);
  void start_asynchronous(const std::shared_ptr<Run>& run, Call& call);
  void park(const std::shared_ptr<Run>& run, std::string_view topic, Instant until);
  void wake(LaneRuntime& runtime, const std::string& topic, std::size_t count);
  void wake_all(LaneRuntime& runtime);
  void commit(Run& run, Call& call, const Outbox& outbox);
  void finish(const std::shared_ptr<Run>& run, Result<Box> result);
  void fail(const std::shared_ptr<Run>& run, const ErrorCode& code, const std::string& why);

  Store& store_;
  Lanes& lanes_;
  std::vector<const Service*> services_;
  std::unique_ptr<std::atomic<std::uint64_t>[]> generations_;  // of services_
  Ports& ports_;
  Options options_;
  std::atomic<bool> may_wait_{true};
  std::vector<std::unique_ptr<LaneRuntime>> runtimes_;
  std::unique_ptr<OutboxPump> outbox_pump_;
};

// A caller inside the platform, for dispatch_json.
Caller service_caller(std::string_view account, std::string_view region, std::string_view principal);
// The same for what a service does as a role that it has taken on, such as that of a function: policies of resources hold for it.
Caller role_caller(std::string_view account, std::string_view region, std::string_view role_arn, std::string_view session);

}  // namespace surgetank
