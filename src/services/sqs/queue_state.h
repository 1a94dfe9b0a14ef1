#pragma once
// The queues of a lane that somebody has touched: their state machines with what belongs to them, loaded from the store on first
// touch and thrown away with the lane's state when an operation fails inside. An operation first checks everything that may refuse it,
// and only then changes a loaded queue, because a refusal rolls the store back but not the memory.
//
// What an operation changes in memory it writes in the same transaction; the exception are messages whose retention has ended: they
// leave the memory at once and the store with one of the next writes (garbage), because a receive that finds nothing may not write.
#include <deque>
#include <memory>
#include <string>
#include <unordered_map>
#include <vector>

#include "kernel/call.h"
#include "services/sqs/body_record.h"
#include "services/sqs/deduplication.h"
#include "services/sqs/long_polls.h"
#include "services/sqs/metrics.h"
#include "services/sqs/queue.h"
#include "services/sqs/settings.h"

namespace surgetank::sqs {

// The numbers that a load begins with (record under keys::marks_kind). They are behind the truth: low marks are raised and sequences
// are reserved a block at a time, so that not every message pays for them.
struct QueueMarks {
  std::uint64_t lowest_message = 1;   // no message has a lower sequence: a load does not look at what is gone
  std::uint64_t lowest_sent = 1;      // the same for what deduplication remembers
  std::uint64_t reserved_before = 1;  // sequences from here on were never used
};

// What receives of a queue wait on: eight bytes, which need no allocation.
inline std::string topic_of(std::uint64_t storage_id) { return {reinterpret_cast<const char*>(&storage_id), sizeof storage_id}; }

class LoadedQueue {
 public:
  LoadedQueue(Call& call, const QueueRecord& record);
  LoadedQueue(const LoadedQueue&) = delete;
  LoadedQueue& operator=(const LoadedQueue&) = delete;

  std::uint64_t storage_id() const { return storage_id_; }
  std::string topic() const { return topic_of(storage_id_); }
  Queue& queue() { return queue_; }
  SentMessages& sent_messages() { return sent_; }
  ReceiveAttempts& attempts() { return attempts_; }
  LongPolls& long_polls() { return long_polls_; }
  // What happened within this minute: counted by the operations, taken by the meter.
  QueueReading& activity() { return activity_; }
  const Queue& queue() const { return queue_; }
  const QueueSettings& settings() const { return settings_; }

  void set_settings(Call& call, QueueSettings settings);
  // Time passes: must come before anything else in an operation. Changes memory only.
  void advance(Instant now);

  std::uint64_t new_sequence(Call& call);
  void write_index(Call& call, Slot slot);
  void write_body(Call& call, std::uint64_t sequence, const BodyRecord& frame, const BodyContent& content);
  BodyRecord read_body(Call& call, std::uint64_t sequence);
  // From memory and from the store.
  void remove(Call& call, Slot slot);
  // All messages: from memory now, from the store bit by bit (a sweep task).
  void remove_all(Call& call);
  // For an operation that replaces records and needs no room: without an erasure a nearly full disk would take it for a send.
  void erase_nothing(Call& call);
  // Removes some of what has become garbage and raises the marks if it is worth it. For operations that write anyway.
  void tidy(Call& call);

 private:
  void load_messages(Call& call);
  void load_deduplication(Call& call);
  void write_marks(Call& call);
  QueueReading take_reading(Instant now);

  QueueSettings settings_;
  std::uint64_t storage_id_;
  Queue queue_;
  SentMessages sent_;
  ReceiveAttempts attempts_;
  LongPolls long_polls_;
  QueueReading activity_;
  std::shared_ptr<QueueMeter> meter_;
  QueueMarks marks_;
  std::uint64_t next_sequence_ = 1;
  std::deque<std::uint64_t> garbage_;   // messages whose records are still there
  std::vector<std::uint64_t> expired_;  // scratch
};

class SqsState final : public LaneState {
 public:
  // The queue of that name in the caller's account and region, advanced to now; null if there is none.
  LoadedQueue* find(Call& call, std::string_view name);
  // Null if it is not loaded.
  LoadedQueue* find_loaded(const Caller& caller, std::string_view name);
  void forget(const Caller& caller, std::string_view name);

 private:
  const std::string& key_of(const Caller& caller, std::string_view name);
  std::unordered_map<std::string, std::unique_ptr<LoadedQueue>> queues_;  // only looked up, never walked
  std::string key_;                                                       // of the last look-up; kept for its memory
};
std::unique_ptr<LaneState> make_sqs_state();

// QueueRecord::id as a number.
std::uint64_t storage_id_of(const QueueRecord& record);

// Twenty digits, which sort as numbers do.
std::string sequence_number_text(std::uint64_t sequence);

// The queue of a QueueUrl, to which the caller may do this. Errors: those of parse_queue_url, QueueDoesNotExist, AccessDenied.
Result<LoadedQueue*> open_queue(Call& call, std::string_view queue_url, const QueuePermission& permission);

// Everything under the storage id of a queue that was deleted, bit by bit.
void remove_records(Call& call, const QueueRecord& record);

// A removal of records that continues as an outbox task: of each kind those from First on and below Until, the first kind from From on.
struct SweepQueueRequest {
  String QueueName;
  String StorageId;
  String Kinds;  // of keys.h
  Integer First = 0;
  Integer From = 0;
  Integer Until = 0;  // 0: all
};
SURGE_SHAPE(SweepQueueRequest, QueueName, StorageId, Kinds, First, From, Until)
Result<Empty> sweep_queue(Call& call, const SweepQueueRequest& request);

}  // namespace surgetank::sqs
