#pragma once
// The queue of a mapping, as a client of SQS sees it: operations by name, through the dispatcher. From any thread; `done` is called
// once, on an unnamed thread. Faults come back as SQS's errors.
#include <atomic>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "base/time.h"
#include "base/unique_function.h"
#include "kernel/dispatcher.h"
#include "services/lambda/event_source_record.h"
#include "services/lambda/event_source_settings.h"

namespace surgetank::lambda {

// Set once the poller is no longer interested: a receive that still waits is handed nothing.
using LeaveFlag = std::shared_ptr<std::atomic<bool>>;

struct ReceiveOrder {
  std::int64_t count = 0;
  Duration wait{};
  std::optional<Duration> visibility;  // instead of the queue's own
  LeaveFlag left;
};

// Whoever reads and writes queues for a function: a session of its role; the service itself if there is no role.
Caller function_caller(const Caller& place, std::string_view function_name, std::string_view role_arn);

class SourceQueue {
 public:
  // `actor`: as whom; what the queue's policy denies it is refused.
  SourceQueue(Dispatcher& dispatcher, std::string_view base_url, const QueueArn& queue, Caller actor);

  void visibility_timeout(UniqueFunction<void(Result<Duration>)> done) const;
  void receive(const ReceiveOrder& order, UniqueFunction<void(Result<ReceivedMessages>)> done) const;
  // Of messages that are dealt with: up to ten. The answer is how many are gone.
  void erase(const std::vector<std::string>& receipt_handles, UniqueFunction<void(Result<std::size_t>)> done) const;
  // Up to ten messages become visible again. Nobody waits for it.
  void release(const std::vector<std::string>& receipt_handles) const;

 private:
  void call(std::string_view operation, std::string_view input, LeaveFlag left, UniqueFunction<void(Result<std::string>)> done) const;

  Dispatcher& dispatcher_;
  Caller caller_;
  std::string url_;
};

}  // namespace surgetank::lambda
