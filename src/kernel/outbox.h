#pragma once
// The outbox: tasks written by operations, dispatched when due. One record per task:
//   "outbox/" due (8 bytes, microseconds) id -> JSON of OutboxTask and the number of failed attempts
// One pump per server, on lane 0: it alone erases records. A task is erased once its operation has succeeded or was refused
// (4xx: it will never succeed); a 5xx is tried again with growing delay (1 s to 5 min). At least once: consumers are idempotent.
#include <cstdint>
#include <map>
#include <optional>
#include <string>

#include "kernel/call.h"
#include "kernel/dispatcher.h"

namespace surgetank {

class OutboxPump {
 public:
  OutboxPump(Store& store, Lane& lane, Dispatcher& dispatcher);
  // On the pump's lane: looks for due tasks now and from then on.
  void start();
  // From any thread: a task due at `due` has been committed.
  void announce(Instant due);

 private:
  void pump();
  void schedule(Instant due);
  void dispatch(const std::string& key, const std::string& record);
  void finished(const std::string& key, const std::string& record, const Result<std::string>& result);

  Store& store_;
  Lane& lane_;
  Dispatcher& dispatcher_;
  bool started_ = false;
  std::optional<Instant> timer_due_;
  TimerId timer_ = 0;
  std::map<std::string, bool> in_flight_;  // keys of dispatched tasks
};

}  // namespace surgetank
