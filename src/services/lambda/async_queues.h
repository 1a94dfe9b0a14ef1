#pragma once
// The event queues of the functions of one lane (async_queue.h), part of the service's lane state: built from the store on first
// touch and thrown away with the rest of it. A queue that has run empty stays: building it again would search the store, past
// everything that was erased there. One owner, its thread.
#include <map>
#include <optional>
#include <string>

#include "kernel/call.h"
#include "services/lambda/async_queue.h"

namespace surgetank::lambda {

struct FunctionEvents {
  EventQueue queue;
  std::optional<Instant> wake;  // for when a timer is set
};

class EventQueues {
 public:
  FunctionEvents& of(const Caller& caller, const std::string& name) { return functions_[key(caller, name)]; }
  std::size_t size() const { return functions_.size(); }

 private:
  static std::string key(const Caller& caller, const std::string& name) { return caller.account + "\n" + caller.region + "\n" + name; }
  std::map<std::string, FunctionEvents> functions_;
};

}  // namespace surgetank::lambda
