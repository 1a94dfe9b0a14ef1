#pragma once
// What stood in the way during a prediction: every limit that was met, how much of it was used, what it refused, how long it was waited for
// and when first. From it come the bottleneck and what raises it. One owner, one thread; nothing fails.
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "base/time.h"

namespace surgetank::prediction {

// Throttled: refused by a quota. Failed: an error. Slow: nobody is refused, everybody waits (processors).
enum class LimitEffect : std::uint8_t { Throttled, Failed, Slow };

// Capacity: how much there is of something. Patience: how long or how often something is tried before it is given up; raising it makes
// nothing faster. Behaviour: the application's own, that nothing raises.
enum class LimitNature : std::uint8_t { Capacity, Patience, Behaviour };

using LimitNumber = std::uint16_t;
inline constexpr LimitNumber no_limit = 0;  // all went well

struct LimitUse {
  std::string id = {};    // "lambda.concurrent-executions", "Database.connections", "CreateOrder.timeout"
  std::string what = {};  // for people
  std::string cure = {};  // what raises it
  LimitEffect effect = LimitEffect::Throttled;
  LimitNature nature = LimitNature::Capacity;
  double limit = 0;  // 0: it has no size
  double peak = 0;
  std::uint64_t refused = 0;
  double waited_seconds = 0;  // of all that waited for it, summed
  std::optional<Instant> first = {};  // when it first refused, or was first used up
};

class LimitLedger {
 public:
  LimitLedger() { limits_.emplace_back(); }
  LimitNumber add(LimitUse limit);
  // The same limit for the same id.
  LimitNumber find_or_add(const LimitUse& limit);
  void used(LimitNumber number, double amount) {
    if (amount > limits_[number].peak) limits_[number].peak = amount;
  }
  void refused(LimitNumber number, Instant now) {
    auto& limit = limits_[number];
    if (!limit.first) limit.first = now;
    ++limit.refused;
  }
  void waited(LimitNumber number, double waited_seconds) { limits_[number].waited_seconds += waited_seconds; }
  void used_up(LimitNumber number, Instant now) {
    if (!limits_[number].first) limits_[number].first = now;
  }
  const LimitUse& operator[](LimitNumber number) const { return limits_[number]; }
  std::size_t size() const { return limits_.size(); }
  // All but no_limit.
  std::vector<LimitUse> all() const { return {limits_.begin() + 1, limits_.end()}; }

 private:
  std::vector<LimitUse> limits_;
  std::unordered_map<std::string, LimitNumber> numbers_;
};

}  // namespace surgetank::prediction
