#pragma once
// What a lane keeps decoded of the functions it owns, so that invoking a warm function reads nothing from the store: built on
// first touch, forgotten by every write (function_store.h) and with the lane's state when a commit fails. One per lane, its thread.
#include <cstddef>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>

#include "kernel/call.h"
#include "kernel/function_runner.h"
#include "services/lambda/async_queues.h"
#include "services/lambda/records.h"

namespace surgetank::lambda {

struct CachedFunction {
  std::map<std::string, std::shared_ptr<const FunctionVersion>, std::less<>> versions;  // "$LATEST", and those published that were called
  std::map<std::string, AliasRecord, std::less<>> aliases;
  std::map<std::string, List<StatementRecord>, std::less<>> policies;  // by qualifier; "" is that of the function itself
  std::optional<std::int64_t> reserved_concurrency;
};

class FunctionCache final : public LaneState {
 public:
  // nullptr: there is no such function. Valid until the next call of a method.
  CachedFunction* find(Call& call, std::string_view name);
  // A version by number or $LATEST; nullptr: there is none.
  static std::shared_ptr<const FunctionVersion> version_of(Call& call, const std::string& name, CachedFunction& function,
                                                           std::string_view version);
  void forget(const Caller& caller, std::string_view name);
  std::size_t size() const { return functions_.size(); }
  EventQueues& event_queues() { return event_queues_; }

 private:
  std::unordered_map<std::string, CachedFunction> functions_;  // only looked up, never walked
  EventQueues event_queues_;                                   // of asynchronous invocations
  std::string key_;                                            // of the last look-up; kept for its memory
};

std::unique_ptr<LaneState> make_function_cache();

// What the runner needs to know of a version.
FunctionVersion runnable(const Call& call, const std::string& name, const VersionRecord& version);

}  // namespace surgetank::lambda
