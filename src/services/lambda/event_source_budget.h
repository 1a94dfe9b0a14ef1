#pragma once
// What the pollers of a mapping in provisioned mode may take from its queue: each ten ReceiveMessage calls and 1 MB a second, gathered for
// at most one second while nothing is asked for. (Their ten concurrent invocations each are ConcurrencyLimit's.) What a receive brings is
// known when it has ended; until then it is taken to bring what the last ones brought. Pure: sees time only through arguments. One owner,
// one thread.
// Source: Lambda Developer Guide, "Configuring scaling behavior for SQS event source mappings", provisioned mode.
#include <cstddef>
#include <cstdint>
#include <optional>

#include "base/time.h"

namespace surgetank::lambda {

class PollerBudget {
 public:
  // So many pollers from now on.
  void advance(Instant now, std::int64_t pollers);
  // Begins a receive, if there is a call left and room for its bytes.
  bool take_receive();
  void receive_ended(std::size_t bytes);
  // Receives that are under way will not be reported any more.
  void forget_receives() { under_way_ = 0; }
  // When take_receive() can succeed; `now` or earlier: at once.
  Instant next_receive() const;

 private:
  double pollers_ = 0;
  double receives_ = 0;
  double bytes_ = 0;
  double under_way_ = 0;
  double bytes_per_receive_ = 0;        // smoothed; 0: not known yet
  std::optional<Instant> advanced_to_;  // unset: it begins with all of a second's
};

}  // namespace surgetank::lambda
