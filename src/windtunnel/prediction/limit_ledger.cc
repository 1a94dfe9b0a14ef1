#include "windtunnel/prediction/limit_ledger.h"

#include <utility>

#include "base/assert.h"

namespace surgetank::prediction {

LimitNumber LimitLedger::add(LimitUse limit) {
  SURGE_ASSERT(limits_.size() < UINT16_MAX, "a profile has fewer limits than that");
  const auto number = static_cast<LimitNumber>(limits_.size());
  numbers_.emplace(limit.id, number);
  limits_.push_back(std::move(limit));
  return number;
}

LimitNumber LimitLedger::find_or_add(const LimitUse& limit) {
  const auto found = numbers_.find(limit.id);
  return found != numbers_.end() ? found->second : add(limit);
}

}  // namespace surgetank::prediction
