// The part of a prediction in which time passes: work on shared processors, and waiting.
#include "windtunnel/prediction/simulation.h"

namespace surgetank::prediction {

void Simulation::work(EventKind kind, std::uint32_t subject, std::uint32_t generation, Duration time, double cpu_share,
                      std::uint32_t station) {
  const Duration demand = station == none ? Duration{} : microseconds(static_cast<std::int64_t>(static_cast<double>(time.us) * cpu_share));
  if (demand.us <= 0) return heap_.push(now() + time, kind, subject, generation);
  stations_[station].processors.add(now(), demand,
                                    {.kind = static_cast<std::uint8_t>(kind),
                                     .subject = subject,
                                     .generation = generation,
                                     .then_wait = microseconds(time.us - demand.us)});
  arm_station(station);
}

// Work that nobody waits for, but which takes the processors from others.
void Simulation::work_beside(Duration demand) {
  if (host_station_ != none && demand > Duration{}) work(EventKind::BesideDone, 0, 0, demand, 1, host_station_);
}

void Simulation::arm_station(std::uint32_t number) {
  auto& station = stations_[number];
  ++station.generation;
  if (const auto next = station.processors.next_done(now())) heap_.push(*next, EventKind::ProcessorsDone, number, station.generation);
}

void Simulation::processors_done(std::uint32_t number) {
  auto& station = stations_[number];
  while (const auto job = station.processors.take_done(now()))
    heap_.push(now() + job->then_wait, static_cast<EventKind>(job->kind), job->subject, job->generation);
  arm_station(number);
}

// The process that did it is killed.
void Simulation::drop_work(EventKind kind, std::uint32_t subject, std::uint32_t generation) {
  for (std::uint32_t i = 0; i < stations_.size(); ++i) {
    if (!stations_[i].processors.remove(now(), static_cast<std::uint8_t>(kind), subject, generation)) continue;
    arm_station(i);
    return;
  }
}

}  // namespace surgetank::prediction
