#pragma once
// What a lane keeps in memory of the waiting events of one function: the keys of the next `window` of them and of those that run.
// The events themselves, and all keys behind the window, lie in the store; a backlog of any length costs the same memory.
// Also the pace: a function that is refused capacity is asked for less, and carefully for more again, so that a backlog does not
// burn itself up in throttles. Pure: no store, no clock. One owner, one thread.
#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <vector>

#include "base/time.h"

namespace surgetank::lambda {

// The place of an event in the queue of its function, and its key in the store.
struct EventKey {
  Instant due;
  std::uint64_t id = 0;
  auto operator<=>(const EventKey&) const = default;
};

// How many events of a function may run at once.
class DispatchPace {
 public:
  explicit DispatchPace(std::size_t most) : most_(most), limit_(most) {}

  std::size_t allowed(Instant now);
  // Capacity was refused while `running` others went on.
  void refused(Instant now, std::size_t running);
  // One ran to its end: there is capacity.
  void ran() { resume_at_.reset(); }
  // When more will be allowed than now; nullopt: all there is.
  std::optional<Instant> next_rise() const;

 private:
  const std::size_t most_;
  std::size_t limit_;
  std::size_t step_ = 1;
  Instant next_growth_{};
  std::optional<Instant> resume_at_;  // nothing is allowed before
};

class EventQueue {
 public:
  struct Limits {
    std::size_t window = 1'000;
    std::size_t running = 1'000;
    std::size_t running_bytes = 64U << 20;  // of payloads
  };
  EventQueue() : EventQueue(Limits{}) {}
  explicit EventQueue(Limits limits) : limits_(limits), pace_(limits.running) {}

  // An event that was stored. Known ones are ignored.
  void add(EventKey key);
  // From where the store is to be read next; nullopt: there is no need. After reading, at most `window` keys in order, loaded().
  std::optional<EventKey> wanted() const;
  enum class Rest : std::uint8_t { Nothing, More };  // behind the keys that were read
  void loaded(const std::vector<EventKey>& keys, Rest rest);

  // The next event to be run now; it counts as running until ended().
  std::optional<EventKey> take(Instant now);
  void set_size(EventKey key, std::size_t payload_bytes);
  enum class Ending : std::uint8_t { Ran, Refused, Gone };  // Gone: it was not even tried
  void ended(EventKey key, Ending ending, Instant now);

  // When take() may have something without anything else happening; nullopt: never.
  std::optional<Instant> next_wake(Instant now) const;
  bool empty() const { return window_.empty() && running_.empty() && !store_from_; }
  std::size_t in_memory() const { return window_.size() + running_.size(); }
  std::size_t running() const { return running_.size(); }

 private:
  bool has_room(Instant now);

  const Limits limits_;
  std::set<EventKey> window_;
  std::map<EventKey, std::size_t> running_;  // with the size of the payload
  std::size_t running_bytes_ = 0;
  std::optional<EventKey> store_from_ = EventKey{};  // what the store holds from here on is not in the window
  DispatchPace pace_;
};

}  // namespace surgetank::lambda
