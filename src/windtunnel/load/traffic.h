#pragma once
// A traffic description: phases of an arrival rate, and the exact instants at which requests of it begin. Open model: arrivals
// depend on nothing but this description and its seed, so the load generator (real time) and the planner (virtual time) see the
// same requests at the same instants. Pure values, one thread, nothing fails; reading and limits: traffic_file.h.
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/random.h"
#include "base/time.h"

namespace surgetank::windtunnel {

struct TrafficPhase {
  // Constant: `rate`. Ramp: straight from `rate` to `peak`. Spike: `rate`, but `peak` for `period` in the middle.
  // Wave: a cosine from `rate` (at its start) up to `peak` and back, every `period`: a day, made short.
  enum class Shape : std::uint8_t { Constant, Ramp, Spike, Wave };
  std::string name;
  Shape shape = Shape::Constant;
  Duration length;
  double rate = 0;  // arrivals a second
  double peak = 0;
  Duration period;

  double rate_at(double second) const;         // within the phase
  double expected_until(double second) const;  // arrivals from its begin on
  double expected() const { return expected_until(length.seconds()); }
  // The second at which so many arrivals are expected; within [0, length] for what is below expected().
  double second_of(double arrivals) const;
};

struct Traffic {
  // Even: one arrival each time another one is expected. Poisson: independent of each other, as those of many users are.
  enum class Arrivals : std::uint8_t { Poisson, Even };
  std::vector<TrafficPhase> phases;
  Arrivals arrivals = Arrivals::Poisson;
  std::uint64_t seed = 1;

  Duration length() const;
  double rate_at(Duration since_begin) const;  // 0 outside
  double expected() const;                     // arrivals in all
  double highest_rate() const;
};

// The instants, in order, counted from the begin of the traffic.
class ArrivalSchedule {
 public:
  explicit ArrivalSchedule(Traffic traffic);
  struct Arrival {
    Duration at;
    std::size_t phase = 0;
  };
  std::optional<Arrival> next();  // nullopt: no more

 private:
  double gap();

  Traffic traffic_;
  Random random_;
  std::size_t phase_ = 0;
  Duration phase_begin_;
  double phase_expected_ = 0;  // of the phase under way
  double done_ = 0;            // expected of the phases before it
  double target_ = 0;          // expected arrivals at the next one
};

}  // namespace surgetank::windtunnel
