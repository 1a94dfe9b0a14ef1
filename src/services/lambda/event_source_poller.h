#pragma once
// What the pollers of one event source mapping do, as a state machine: which receives are under way, what is gathered into which
// batch, how many batches run, when a refused one is tried again. It says what is to be done and is told what came of it; it sees time
// only through arguments, so it runs live, in tests and in simulation. One owner, one thread; nothing fails.
//
// One long poll (20 s) waits while the queue is empty; as long as replies are full, short polls run side by side, so that there is
// always as much at hand as may run. A batch is ready when it has BatchSize messages, when the next one would make its event larger
// than 6 MiB, or when the window has passed since its first message came. Messages whose visibility runs out while they wait here are
// forgotten: the queue hands them out again. A throttled batch keeps its place and is tried again after 0.5 s, 1 s, ... 20 s until
// then. In a FIFO queue a group has one batch at a time, and batches keep its order. In provisioned mode receives keep to what the pollers
// may take (event_source_budget.h).
// Source: Lambda Developer Guide, "Using Lambda with Amazon SQS"; bounds that are ours are marked so.
#include <cstdint>
#include <deque>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "base/time.h"
#include "services/lambda/event_source_budget.h"
#include "services/lambda/event_source_scaling.h"

namespace surgetank::lambda {

struct QueuedMessage {
  std::string id;
  std::string receipt_handle;
  std::string group;         // FIFO queues
  std::string record;        // as the function will see it
  std::string trace_header;  // empty: none
  Instant sent = {};
};

struct PollerSettings {
  std::size_t batch_size = 10;
  Duration window{};
  Duration visibility = seconds(30);  // of what is received
  ScalingRule scaling;
};

using BatchId = std::uint64_t;
enum class BatchEnd : std::uint8_t {
  Succeeded,
  Failed,
  Reported,  // failed, in whole or in part, where failures are reported item by item: no reason to back off
  Throttled,
};

struct PollerOrders {
  struct Receive {
    std::int64_t count = 0;
    Duration wait{};
    Instant asked_at;
  };
  std::vector<Receive> receives;
  std::vector<BatchId> invocations;
  std::vector<std::string> released;  // receipt handles: make them visible again, nothing will come of them
  std::optional<Instant> wake;        // ask again then, at the latest
};

class EventSourcePoller {
 public:
  explicit EventSourcePoller(PollerSettings settings);
  void configure(PollerSettings settings);

  // Paused: nothing new is received or started, what waits is released, what runs may end. Replies of receives that are under way
  // must not be reported any more.
  void pause();
  void resume() { is_paused_ = false; }

  // What is to be done now. To be asked after every event below, and at `wake`.
  PollerOrders orders(Instant now);

  // `polled`: all messages that came; `messages`: those that are for the function.
  struct Polled {
    std::size_t count = 0;
    std::size_t bytes = 0;  // of bodies
  };
  void received(Instant now, const PollerOrders::Receive& receive, Polled polled, std::vector<QueuedMessage> messages);
  void receive_failed(Instant now, const PollerOrders::Receive& receive);
  void finished(Instant now, BatchId id, BatchEnd end);

  // The messages of a batch, until it has finished for good.
  const std::vector<QueuedMessage>& messages(BatchId id) const;
  bool has_no_messages() const { return batches_.empty() && buffer_.empty(); }
  std::size_t batches() const { return batches_.size(); }
  std::int64_t batch_limit() const { return limit_.batches(); }

 private:
  struct Buffered {
    QueuedMessage message;
    Instant received_at;
    Instant visible_again;
  };
  struct Batch {
    std::vector<QueuedMessage> messages;
    Instant started;
    Instant visible_again;
    std::optional<Instant> retry_at;  // it waits; unset: it runs
    int throttles = 0;
  };

  void forget_expired(Instant now);
  void release_all(PollerOrders& orders);
  void retry_throttled(Instant now, PollerOrders& orders);
  void start_batches(Instant now, PollerOrders& orders);
  bool is_batch_ready(Instant now) const;
  std::vector<std::size_t> next_batch() const;
  void start_batch(Instant now, const std::vector<std::size_t>& places, PollerOrders& orders);
  void ask_for_more(Instant now, PollerOrders& orders);
  std::int64_t room() const;
  std::int64_t prefetched_batches() const;
  ConcurrencyLimit::Demand demand() const;
  std::optional<Instant> next_wake(Instant now) const;

  PollerSettings settings_;
  ConcurrencyLimit limit_;
  PollerBudget budget_;  // of provisioned mode
  bool is_paused_ = false;
  std::deque<Buffered> buffer_;
  std::size_t buffered_bytes_ = 0;
  std::map<BatchId, Batch> batches_;
  BatchId last_batch_ = 0;
  std::multiset<std::string> busy_groups_;
  std::size_t receives_ = 0;
  std::int64_t asked_ = 0;      // messages, by the receives under way
  bool is_backlogged_ = false;  // the last reply was full
  int receive_failures_ = 0;
  std::optional<Instant> receive_again_;
  double run_seconds_ = 0;  // smoothed; 0: not known yet
  double receive_seconds_ = 0;
};

}  // namespace surgetank::lambda
