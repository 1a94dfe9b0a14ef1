#pragma once
// Who waits at a queue for messages, and who of them looks after the time. Receives that find nothing are parked by the kernel until a
// message comes; when one becomes visible by itself (a delay or a visibility ends) nobody signals, so one of those waiting, the watch,
// is parked until then only. Whoever is given messages or leaves as the watch wakes the next one. Only a number and the watch are
// known here: how many wait may be overestimated (those who gave up), which costs a signal that nobody hears.
// Owned by one queue, on its lane; lost with the lane's state, when every receive comes back at its own deadline.
#include <cstdint>
#include <optional>
#include <string>

#include "kernel/call.h"

namespace surgetank::sqs {

class LongPolls {
 public:
  // Parks the operation until `deadline` or, as the watch, until `next_visible`.
  void park(Call& call, std::string topic, Instant deadline, std::optional<Instant> next_visible);
  // Up to `count` of those waiting look again once this operation is committed.
  void wake(Call& call, std::string topic, std::size_t count);
  // At the end of every operation that is not parked: hands over what it was in charge of.
  void leave(Call& call, std::string topic, bool can_receive, std::optional<Instant> next_visible);

 private:
  struct Watch {
    Instant until;
    Instant arrived;
    std::string request_id;
  };
  bool is_watch(const Call& call) const { return watch_ && watch_->arrived == call.arrived() && watch_->request_id == call.request_id; }
  std::uint64_t waiting_ = 0;
  std::optional<Watch> watch_;
};

}  // namespace surgetank::sqs
