#pragma once
// How much processor time this process, its databases and its functions use: sampled every few seconds while it lives, kept for an hour, so
// that a recording can tell what a request costs, and whom. Linux: /proc. Thread safe; nothing fails: what cannot be read counts as
// nothing. One thread of its own, which sleeps nearly always.
#include <condition_variable>
#include <cstdint>
#include <deque>
#include <mutex>
#include <optional>
#include <thread>
#include <vector>

#include "base/time.h"
#include "kernel/admin_http.h"

namespace surgetank {

// Processor time since the start.
struct ProcessorUse {
  Duration server;     // this process
  Duration databases;  // PostgreSQL, all its processes
  Duration functions;  // everything else that it has started

  Duration all() const { return server + databases + functions; }
};

class HostUsage {
 public:
  struct Sample {
    Instant at;
    ProcessorUse use;
  };

  HostUsage();
  ~HostUsage();
  HostUsage(const HostUsage&) = delete;
  HostUsage& operator=(const HostUsage&) = delete;

  // Processor time between the two instants, on straight lines between samples; nullopt: they are not covered.
  std::optional<Duration> busy_between(Instant from, Instant to);
  // The samples from the last before `from` to the first after `to`; the newest is taken now.
  std::vector<Sample> samples_between(Instant from, Instant to);

 private:
  void run();
  void take_sample();

  std::mutex mutex_;
  std::condition_variable stopped_;
  bool is_stopping_ = false;
  std::deque<Sample> samples_;
  std::thread thread_;
};

// GET /_surgetank/host?from=<microseconds>&to=<microseconds>: {"processors":2,"functionProcesses":100,"busyMicroseconds":123,
// "samples":[{"atMicroseconds":1,"serverMicroseconds":2,"databaseMicroseconds":3,"functionMicroseconds":4},...]}, cumulated
std::vector<AdminRoute> host_routes(HostUsage& usage, std::int64_t function_processes);

}  // namespace surgetank
