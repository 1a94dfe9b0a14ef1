#pragma once
// Drives the pollers of one mapping (event_source_poller.h) with the real queue and the real function: carries out its orders and
// reports what came of them. Lives on the lane of the mapping's UUID, so that no mapping waits for another; what is under way keeps
// it alive. Failures of the queue and of the function are part of the model; nothing is thrown.
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "kernel/dispatcher.h"
#include "kernel/function_runner.h"
#include "kernel/ports.h"
#include "kernel/telemetry.h"
#include "services/lambda/event_source_filter.h"
#include "services/lambda/event_source_model.h"
#include "services/lambda/event_source_poller.h"
#include "services/lambda/event_source_queue.h"

namespace surgetank::lambda {

class MappingDriver : public std::enable_shared_from_this<MappingDriver> {
 public:
  // `ended` is called when the mapping is no more.
  MappingDriver(const ServiceContext& context, Lane& lane, std::string_view account, std::string_view region, std::string uuid,
                std::function<void()> ended);

  // All on the lane.
  void refresh();                             // reads the record and does what it says
  void stop(UniqueFunction<void()> stopped);  // for good; see EventSources::stop

 private:
  struct Known {
    std::optional<EventSourceMappingRecord> mapping;
    Duration function_timeout{};
    std::string role;  // of the function; empty: it is gone
  };
  void apply(Known known);
  void ask_visibility();
  void use_visibility(const Result<Duration>& visibility);
  PollerSettings settings() const;
  void pause();
  void settle();
  void settle_if_idle();
  void pump();
  void wake_at(std::optional<Instant> due);

  void receive(const PollerOrders::Receive& order);
  void received(const LeaveFlag& flag, const PollerOrders::Receive& order, Result<ReceivedMessages> reply);
  std::vector<QueuedMessage> filtered(List<ReceivedMessage>& messages);
  void release(const std::vector<std::string>& receipt_handles) const;
  void invoke(BatchId id);
  void invoked(BatchId id, const InvocationOutcome& outcome);
  BatchEnd settle_batch(BatchId id, const InvocationOutcome& outcome);
  void erase(const std::vector<std::string>& receipt_handles);
  void erase_some(std::vector<std::string> receipt_handles, int attempt);
  void erased(std::vector<std::string> receipt_handles, int attempt, const Result<std::size_t>& gone);
  void count(std::string_view metric, std::size_t value) const;
  void trace_end(const QueuedMessage& message, std::string_view fault) const;
  bool reports_failures() const;

  Dispatcher& dispatcher_;
  Ports& ports_;
  Lane& lane_;
  const Caller caller_;
  const std::string uuid_;
  std::function<void()> ended_;

  std::optional<EventSourceMappingRecord> mapping_;
  std::optional<SourceQueue> queue_;
  EventFilters filters_;
  Duration function_timeout_{};
  Duration visibility_{};
  std::optional<Duration> wanted_visibility_;  // of receives, instead of the queue's
  Instant ask_again_;                          // for the queue's and the function's settings
  enum class Phase : std::uint8_t { Paused, Asking, Running };
  Phase phase_ = Phase::Paused;
  EventSourcePoller poller_;
  LeaveFlag left_;             // of the receives under way
  std::size_t deletions_ = 0;  // under way
  std::optional<TimerId> timer_;
  std::optional<Integer> settling_;  // the generation that was reported
  UniqueFunction<void()> stopped_;
};

}  // namespace surgetank::lambda
