#pragma once
// Everything an operation may touch. Time, chance, storage and other parts of the system come only from here, so the same
// operation runs unchanged live, in unit tests and in simulation. A Call lives for one run of one operation, on its lane.
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/random.h"
#include "base/time.h"
#include "kernel/lanes.h"
#include "kernel/trace_context.h"
#include "storage/store.h"

namespace surgetank {

struct Ports;

struct Caller {
  enum class Kind : std::uint8_t { Client, Service };  // Service: inside the platform; may call Access::Internal operations
  Kind kind = Kind::Client;
  std::string account;  // whose resources are asked for
  std::string region;
  std::string principal_arn;
  std::string role_arn;      // of an assumed role, with its path; empty for everybody else
  std::string home_account;  // of the principal, if that is not `account` (Service::owner); else empty
  std::string user_id;
  std::string access_key_id;
  std::string source_address;
  std::string user_agent;

  bool is_foreign() const { return !home_account.empty(); }
};

// Durable "later": the task is written in the operation's own transaction and dispatched at or after `due`, at least once,
// also after a crash; so its operation must be idempotent.
struct OutboxTask {
  std::string service;
  std::string operation;
  std::string account;
  std::string region;
  std::string input;  // JSON of the operation's request
};
class Outbox {
 public:
  Outbox(Txn& txn, Random& random) : txn_(txn), random_(random) {}
  void at(Instant due, const OutboxTask& task);
  // The earliest due time written through this outbox; nullopt if none.
  std::optional<Instant> earliest() const { return earliest_; }

 private:
  Txn& txn_;
  Random& random_;
  std::optional<Instant> earliest_;
};

// Decoded state of hot aggregates that a service keeps per lane; thrown away when a commit fails, rebuilt on next touch.
class LaneState {
 public:
  virtual ~LaneState() = default;
};

// What an operation asks of the dispatcher for when it has returned. See Call::park, signal and publish.
struct AfterRun {
  static constexpr std::size_t all = ~std::size_t{0};
  struct Signal {
    std::string topic;
    std::size_t count;
  };
  Instant arrived;  // when the operation ran first
  bool may_wait = true;
  std::optional<std::string> topic;  // set: the operation waits on it
  Instant until;
  std::vector<Signal> signals;
  bool publishes = false;
};

struct Call {
  Txn& txn;
  const Instant now;  // one value for the whole operation
  Random& random;
  Outbox& outbox;
  const Caller& caller;
  const std::string& request_id;
  const TraceContext& trace;
  Ports& ports;
  Lane& lane;
  LaneState* state;  // of this service on this lane; null if the service keeps none
  AfterRun& after_run;
  std::vector<Task>& effects;  // run on the lane once the operation's writes are durable, in order; never if it failed

  const std::string& account() const { return caller.account; }
  const std::string& region() const { return caller.region; }
  void after_commit(Task effect) { effects.push_back(std::move(effect)); }

  // Waiting is a value. The operation has found nothing and written nothing: whatever it returns is dropped, and it runs again with
  // a fresh Call when somebody signals the topic on this lane, or at `until`. A topic is of one service; what tells aggregates of
  // different accounts and regions apart has to be in it. Only synchronous operations may, and only if may_wait().
  void park(std::string topic, Instant until) const {
    after_run.topic = std::move(topic);
    after_run.until = until;
  }
  // False while the server shuts down: answer now.
  bool may_wait() const { return after_run.may_wait; }
  // When the operation ran first: what a deadline counts from.
  Instant arrived() const { return after_run.arrived; }
  // Once this operation has committed, up to `count` of those parked on the topic run again, the longest waiting first.
  void signal(std::string topic, std::size_t count = AfterRun::all) const { after_run.signals.push_back({std::move(topic), count}); }
  // Once this operation has committed, and before it answers, the service's generation rises: what other lanes have decoded of its
  // aggregates is stale (Dispatcher::generation).
  void publish() const { after_run.publishes = true; }
  template <class T>
  T& state_as() const {
    return static_cast<T&>(*state);
  }
};

}  // namespace surgetank
