#pragma once
// How many batches of a mapping may run at once. Pure: sees time only through arguments. One owner, one thread.
//
// Standard queue: 5 to begin with, 300 more a minute while messages remain, up to 1,250; back to 5 when the queue is quiet.
// FIFO queue: as many as there are groups with messages (the queue sees to that), so only the bounds apply here.
// MaximumConcurrency is a bound for both. Provisioned mode: ten for each poller, 1,000 more a minute from the minimum to the maximum.
// Errors and throttles make the mapping back off: each halves what is allowed, and it takes 120 successes to come back from nothing.
// Throttles do so down to what a mapping begins with: its pollers go on receiving whatever the function may run, which is how a
// reservation below the mapping's concurrency fills dead letter queues.
// At steady state an error rate p allows (1 - p) / (60 p) of the limit: 15 % at 10 % errors, and about 85 % at 1 %, as measured of AWS.
// Source: Lambda Developer Guide, "Configuring scaling behavior for SQS event source mappings"; measurements of rehanvdm.com, 2026.
#include <cstdint>
#include <optional>

#include "base/time.h"

namespace surgetank::lambda {

enum class QueueKind : std::uint8_t { Standard, Fifo };

struct ScalingRule {
  QueueKind kind = QueueKind::Standard;
  std::optional<std::int64_t> maximum_concurrency;
  struct Pollers {
    std::int64_t minimum = 2;
    std::int64_t maximum = 200;
  };
  std::optional<Pollers> provisioned;
};

class ConcurrencyLimit {
 public:
  explicit ConcurrencyLimit(const ScalingRule& rule) { set_rule(rule); }
  // A mapping that is updated goes on from where it is, within its new bounds.
  void set_rule(const ScalingRule& rule);

  // What the time since the last call has brought; from now on the limit grows only if `demand` says that more could run.
  enum class Demand : std::uint8_t { Met, Unmet };
  void advance(Instant now, Demand demand);
  // The queue was empty for a whole long poll while `running` batches ran.
  void queue_is_quiet(std::int64_t running);
  void succeeded();
  void backed_off();  // an error
  void throttled();

  std::int64_t batches() const;
  // Provisioned mode: as many pollers as there are now.
  std::int64_t pollers() const;
  // When batches() will be higher if demand stays unmet; nullopt: never.
  std::optional<Instant> next_growth() const;

 private:
  double bounded(double limit) const;

  double least_ = 0;
  double most_ = 0;
  double growth_per_second_ = 0;
  double limit_ = 0;
  double share_ = 1;  // of the limit that errors leave
  Instant advanced_to_;
  Demand demand_ = Demand::Met;
};

}  // namespace surgetank::lambda
