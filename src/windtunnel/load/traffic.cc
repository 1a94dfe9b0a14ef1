#include "windtunnel/load/traffic.h"

#include <algorithm>
#include <cmath>
#include <numbers>
#include <utility>

namespace surgetank::windtunnel {
namespace {

constexpr double turn = 2 * std::numbers::pi;
constexpr int bisections = 60;  // halves any phase below a nanosecond

double spike_begin(const TrafficPhase& phase) { return (phase.length.seconds() - phase.period.seconds()) / 2; }

double spike_until(const TrafficPhase& phase, double second) {
  const double in_spike = std::clamp(second - spike_begin(phase), 0.0, phase.period.seconds());
  return phase.rate * (second - in_spike) + phase.peak * in_spike;
}

double spike_second(const TrafficPhase& phase, double arrivals) {
  const double before = phase.rate * spike_begin(phase);
  const double within = phase.peak * phase.period.seconds();
  if (arrivals < before) return arrivals / phase.rate;
  if (arrivals < before + within) return spike_begin(phase) + (arrivals - before) / phase.peak;
  return spike_begin(phase) + phase.period.seconds() + (arrivals - before - within) / phase.rate;
}

double wave_second(const TrafficPhase& phase, double arrivals) {
  double low = 0;
  double high = phase.length.seconds();
  double middle = std::min(high, arrivals * high / std::max(phase.expected(), 1e-9));
  for (int step = 0; step < bisections && high - low > 1e-9; ++step) {
    const double difference = phase.expected_until(middle) - arrivals;
    (difference > 0 ? high : low) = middle;
    // Newton's step where it stays inside, which is nearly always.
    const double rate = phase.rate_at(middle);
    const double guess = rate > 0 ? middle - difference / rate : low;
    if (std::abs(guess - middle) < 1e-9) return guess;
    middle = guess > low && guess < high ? guess : (low + high) / 2;
  }
  return middle;
}

}  // namespace

double TrafficPhase::rate_at(double second) const {
  switch (shape) {
    case Shape::Constant:
      return rate;
    case Shape::Ramp:
      return length.us > 0 ? rate + (peak - rate) * second / length.seconds() : rate;
    case Shape::Spike:
      return second >= spike_begin(*this) && second < spike_begin(*this) + period.seconds() ? peak : rate;
    case Shape::Wave:
      return rate + (peak - rate) / 2 * (1 - std::cos(turn * second / period.seconds()));
  }
  return 0;
}

double TrafficPhase::expected_until(double second) const {
  switch (shape) {
    case Shape::Constant:
      return rate * second;
    case Shape::Ramp:
      return length.us > 0 ? rate * second + (peak - rate) * second * second / (2 * length.seconds()) : 0;
    case Shape::Spike:
      return spike_until(*this, second);
    case Shape::Wave: {
      const double half = (peak - rate) / 2;
      return (rate + half) * second - half * period.seconds() / turn * std::sin(turn * second / period.seconds());
    }
  }
  return 0;
}

double TrafficPhase::second_of(double arrivals) const {
  if (arrivals <= 0 && shape == Shape::Constant) return 0;
  double second = 0;
  switch (shape) {
    case Shape::Constant:
      second = arrivals / rate;
      break;
    case Shape::Ramp: {
      const double bend = (peak - rate) / (2 * length.seconds());
      const double root = std::sqrt(std::max(0.0, rate * rate + 4 * bend * arrivals));
      second = rate + root > 0 ? 2 * arrivals / (rate + root) : 0;
      break;
    }
    case Shape::Spike:
      second = spike_second(*this, arrivals);
      break;
    case Shape::Wave:
      second = wave_second(*this, arrivals);
      break;
  }
  return std::clamp(second, 0.0, length.seconds());
}

Duration Traffic::length() const {
  Duration sum;
  for (const auto& phase : phases) sum = sum + phase.length;
  return sum;
}

double Traffic::rate_at(Duration since_begin) const {
  for (const auto& phase : phases) {
    if (since_begin < Duration{}) return 0;
    if (since_begin < phase.length) return phase.rate_at(since_begin.seconds());
    since_begin.us -= phase.length.us;
  }
  return 0;
}

double Traffic::expected() const {
  double sum = 0;
  for (const auto& phase : phases) sum += phase.expected();
  return sum;
}

double Traffic::highest_rate() const {
  double highest = 0;
  for (const auto& phase : phases)
    highest = std::max(highest, phase.shape == TrafficPhase::Shape::Constant ? phase.rate : std::max(phase.rate, phase.peak));
  return highest;
}

ArrivalSchedule::ArrivalSchedule(Traffic traffic) : traffic_(std::move(traffic)), random_(traffic_.seed) {
  if (!traffic_.phases.empty()) phase_expected_ = traffic_.phases.front().expected();
  if (traffic_.arrivals == Traffic::Arrivals::Poisson) target_ = gap();
}

double ArrivalSchedule::gap() { return traffic_.arrivals == Traffic::Arrivals::Even ? 1.0 : -std::log1p(-random_.fraction()); }

std::optional<ArrivalSchedule::Arrival> ArrivalSchedule::next() {
  // What rounding leaves of a whole arrival at the end of a phase is none.
  constexpr double hair = 1e-9;
  while (phase_ < traffic_.phases.size() && target_ - done_ >= phase_expected_ - hair * (1 + phase_expected_)) {
    done_ += phase_expected_;
    phase_begin_ = phase_begin_ + traffic_.phases[phase_].length;
    ++phase_;
    phase_expected_ = phase_ < traffic_.phases.size() ? traffic_.phases[phase_].expected() : 0;
  }
  if (phase_ == traffic_.phases.size()) return std::nullopt;
  const double second = traffic_.phases[phase_].second_of(std::max(0.0, target_ - done_));
  target_ += gap();
  return Arrival{.at = phase_begin_ + microseconds(std::llround(second * 1e6)), .phase = phase_};
}

}  // namespace surgetank::windtunnel
