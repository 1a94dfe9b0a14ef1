#include "services/sqs/queue.h"

#include <gtest/gtest.h>

#include <map>
#include <string>

#include "base/random.h"
#include "services/sqs/index_record.h"
#include "services/sqs/limits.h"

namespace surgetank::sqs {
namespace {

constexpr Instant start{1'700'000'000'000'000};
const std::function<bool()> may_leave = [] { return true; };
const std::function<bool()> must_stay = [] { return false; };

// A queue with a clock, by sequence instead of by slot.
struct Bench {
  explicit Bench(const QueueRules& rules) : queue(rules) {}
  Queue queue;
  Instant now = start;
  std::uint64_t last_sequence = 0;
  std::vector<std::uint64_t> expired;
  std::vector<std::uint64_t> left;
  const std::function<bool()>* leaving = &may_leave;

  std::uint64_t send(std::string_view group = {}, Duration delay = {}) {
    queue.add({.sequence = ++last_sequence, .sent = now, .visible_at = now + delay, .group = group}, now);
    return last_sequence;
  }
  void pass(Duration span) {
    now = now + span;
    queue.advance(now, expired);
  }
  std::vector<Slot> take(std::size_t most, Duration visibility = seconds(30)) {
    std::vector<Slot> taken;
    std::vector<Slot> exhausted;
    queue.receive({.now = now, .most = most, .hidden_until = now + visibility, .may_leave = *leaving}, taken, exhausted);
    for (const auto slot : exhausted) {
      left.push_back(queue.entry(slot).sequence);
      queue.remove(slot);
    }
    return taken;
  }
  std::vector<std::uint64_t> receive(std::size_t most, Duration visibility = seconds(30)) {
    std::vector<std::uint64_t> sequences;
    for (const auto slot : take(most, visibility)) {
      sequences.push_back(queue.entry(slot).sequence);
      slots[sequences.back()] = slot;
    }
    return sequences;
  }
  void remove(std::uint64_t sequence) { queue.remove(slots.at(sequence)); }
  std::map<std::uint64_t, Slot> slots;  // of what was received
};
using Sequences = std::vector<std::uint64_t>;

TEST(Queue, WhatIsReceivedIsHiddenUntilItsVisibilityEnds) {
  Bench bench({});
  bench.send();
  EXPECT_EQ(bench.receive(10), Sequences{1});
  EXPECT_EQ(bench.receive(10), Sequences{});
  bench.pass(microseconds(29'999'999));
  EXPECT_EQ(bench.receive(10), Sequences{});
  bench.pass(microseconds(1));
  EXPECT_EQ(bench.receive(10), Sequences{1});
  EXPECT_EQ(bench.queue.entry(bench.slots[1]).receive_count, 2U);
  EXPECT_EQ(bench.queue.entry(bench.slots[1]).first_received, start);
}

TEST(Queue, AReceiveThatHidesNothingShowsEachMessageOnce) {
  Bench bench({});
  bench.send("a");
  for (int i = 0; i < 3; ++i) bench.send("b");
  EXPECT_EQ(bench.receive(10, {}).size(), 4U);
  EXPECT_EQ(bench.receive(10, {}).size(), 4U);
  EXPECT_EQ(bench.queue.totals().visible, 4U);
}

TEST(Queue, DelaysAndVisibilitiesCountSeparately) {
  Bench bench({});
  bench.send();
  bench.send({}, seconds(5));
  bench.receive(1);
  const auto totals = bench.queue.totals();
  EXPECT_EQ(totals.visible, 0U);
  EXPECT_EQ(totals.in_flight, 1U);
  EXPECT_EQ(totals.delayed, 1U);
  EXPECT_EQ(bench.queue.next_visible(), start + seconds(5));
  bench.pass(seconds(5));
  EXPECT_EQ(bench.receive(10), Sequences{2});
}

TEST(Queue, RetentionEndsAlsoWhatIsInFlight) {
  Bench bench({.retention = seconds(60)});
  bench.send();
  bench.pass(seconds(10));
  bench.send();
  bench.receive(1);
  bench.pass(seconds(50));
  EXPECT_EQ(bench.expired, Sequences{1});
  EXPECT_EQ(bench.queue.count(), 1U);
  bench.pass(seconds(10));
  EXPECT_EQ(bench.queue.count(), 0U);
  EXPECT_FALSE(bench.queue.lowest_sequence());
}

TEST(Queue, AMessageWithAnOlderTimeThanTheOthersExpiresAtItsOwnTime) {
  Bench bench({.retention = seconds(60)});
  bench.send();
  bench.queue.add({.sequence = 2, .sent = start - seconds(30), .visible_at = start}, start);
  EXPECT_EQ(bench.queue.oldest_sent(), start - seconds(30));
  EXPECT_EQ(bench.queue.lowest_sequence(), 1U);
  bench.pass(seconds(30));
  EXPECT_EQ(bench.expired, Sequences{2});
}

TEST(Queue, WhatWasReceivedOftenEnoughLeavesInsteadOfBeingDelivered) {
  Bench bench({.maximum_receive_count = 2});
  bench.send();
  for (int i = 0; i < 2; ++i) {
    EXPECT_EQ(bench.receive(10, seconds(1)), Sequences{1});
    bench.pass(seconds(1));
  }
  EXPECT_EQ(bench.receive(10), Sequences{});
  EXPECT_EQ(bench.left, Sequences{1});
  EXPECT_EQ(bench.queue.count(), 0U);
}

TEST(Queue, WithoutAPlaceToGoItIsDeliveredOn) {
  Bench bench({.maximum_receive_count = 1});
  bench.leaving = &must_stay;
  bench.send();
  bench.receive(1, seconds(1));
  bench.pass(seconds(1));
  EXPECT_EQ(bench.receive(1), Sequences{1});
}

TEST(Queue, InFlightEndsAtTheQuota) {
  Bench bench({});
  for (std::size_t i = 0; i < limits::in_flight + 5; ++i) bench.send();
  std::size_t received = 0;
  while (true) {
    const auto taken = bench.receive(10);
    if (taken.empty()) break;
    received += taken.size();
  }
  EXPECT_EQ(received, limits::in_flight);
  bench.remove(1);
  EXPECT_EQ(bench.receive(10).size(), 1U);
}

TEST(FairQueue, AQuietGroupIsServedBeforeANoisyOne) {
  Bench bench({});
  for (int i = 0; i < 1000; ++i) bench.send("noisy");
  for (int i = 0; i < 10; ++i) bench.receive(10);  // a hundred in flight
  const auto first_quiet = bench.send("quiet");
  bench.send("quiet");
  EXPECT_EQ(bench.receive(2), (Sequences{first_quiet, first_quiet + 1}));
  EXPECT_EQ(bench.receive(10).size(), 10U) << "the noisy group is not starved when nobody else waits";
}

TEST(FairQueue, ANoisyGroupIsForgivenFiveMinutesAfterItWentQuiet) {
  Bench bench({});
  for (int i = 0; i < 40; ++i) bench.send("noisy");
  bench.receive(10);
  bench.receive(10);
  bench.receive(10);
  for (std::uint64_t sequence = 1; sequence <= 30; ++sequence) bench.remove(sequence);
  bench.send("quiet");
  bench.send("quiet");
  EXPECT_EQ(bench.receive(2), (Sequences{41, 42}));
  bench.pass(minutes(5));
  bench.send("quiet");
  EXPECT_EQ(bench.receive(2), (Sequences{41, 31})) << "in turn again";
}

TEST(FifoQueue, AGroupWithAMessageInFlightIsLocked) {
  Bench bench({.is_fifo = true});
  bench.send("a");
  bench.send("b");
  bench.send("a");
  EXPECT_EQ(bench.receive(1), Sequences{1});
  EXPECT_EQ(bench.receive(10), Sequences{2});
  EXPECT_EQ(bench.receive(10), Sequences{});
  bench.remove(1);
  EXPECT_EQ(bench.receive(10), Sequences{3});
}

TEST(FifoQueue, OneReceiveTakesSeveralOfAGroupInOrder) {
  Bench bench({.is_fifo = true});
  for (int i = 0; i < 3; ++i) {
    bench.send("a");
    bench.send("b");
  }
  EXPECT_EQ(bench.receive(4), (Sequences{1, 3, 5, 2}));
}

TEST(FifoQueue, WhatComesBackComesBackInItsPlace) {
  Bench bench({.is_fifo = true});
  for (int i = 0; i < 3; ++i) bench.send("a");
  EXPECT_EQ(bench.receive(2), (Sequences{1, 2}));
  bench.queue.change_visibility(bench.slots[1], bench.now, bench.now);
  EXPECT_EQ(bench.receive(10), Sequences{}) << "2 is still in flight";
  bench.pass(seconds(30));
  EXPECT_EQ(bench.receive(10), (Sequences{1, 2, 3}));
}

TEST(FifoQueue, AChangedDelayAppliesToWhatWaitsAlready) {
  Bench bench({.is_fifo = true, .delay = seconds(10)});
  bench.send("a", seconds(10));
  bench.send("b", seconds(10));
  bench.queue.set_rules({.is_fifo = true, .delay = seconds(3)}, bench.now);
  bench.pass(seconds(3));
  EXPECT_EQ(bench.receive(10), (Sequences{1, 2}));
}

TEST(QueueMemory, AMillionMessagesTakeLessThanAHundredBytesEach) {
  Queue queue({});
  for (std::uint64_t i = 1; i <= 1'000'000; ++i) queue.add({.sequence = i, .sent = start, .visible_at = start}, start);
  EXPECT_LT(queue.bytes(), 100'000'000U);
}

TEST(IndexRecord, ComesBackAsItWas) {
  Bench bench({});
  bench.send("group");
  const auto slot = bench.take(1).at(0);
  const auto record = index_record(bench.queue.entry(slot), bench.queue.group_id(slot));
  const auto facts = read_index_record(record, 1);
  ASSERT_TRUE(facts);
  EXPECT_EQ(facts->sent, start);
  EXPECT_EQ(facts->visible_at, start + seconds(30));
  EXPECT_EQ(facts->last_received, start);
  EXPECT_EQ(facts->receive_count, 1U);
  EXPECT_EQ(facts->group, "group");
  EXPECT_FALSE(read_index_record(record.substr(0, 20), 1));
}

// --- against a plain map -----------------------------------------------------------------------------------------------

struct Expected {
  Instant sent;
  Instant visible_at;
  std::uint32_t receive_count = 0;
  std::string group;
};

// Random operations on a queue and on a map of its messages; now and then the queue is rebuilt from index records, as after a restart.
class Comparison {
 public:
  Comparison(std::uint64_t seed, bool is_fifo) : random_(seed), rules_(rules(is_fifo)), queue_(rules_) {}

  void run(int steps) {
    for (int i = 0; i < steps && !testing::Test::HasFailure(); ++i) {
      step();
      compare_totals();
    }
  }

 private:
  QueueRules rules(bool is_fifo) {
    return {.is_fifo = is_fifo,
            .delay = random_.chance(30) ? seconds(3) : Duration{},
            .retention = seconds(60 + static_cast<std::int64_t>(random_.below(200))),
            .maximum_receive_count = random_.chance(50) ? 3 : 0};
  }

  void step() {
    switch (random_.below(8)) {
      case 0:
      case 1:
      case 2:
        return send();
      case 3:
      case 4:
        return receive();
      case 5:
        return remove();
      case 6:
        return change_visibility();
      default:
        if (random_.chance(5)) return rebuild();
        return pass(milliseconds(static_cast<std::int64_t>(random_.below(8'000))));
    }
  }

  void send() {
    const auto groups = rules_.is_fifo ? 4U : 6U;
    const auto number = random_.below(groups);
    const std::string group = rules_.is_fifo || number > 2 ? "group-" + std::to_string(number) : "";
    const auto delay = !rules_.is_fifo && random_.chance(20) ? seconds(static_cast<std::int64_t>(random_.below(10))) : rules_.delay;
    // Now and then one that another queue hands over, with the time it was sent there.
    const auto sent = !rules_.is_fifo && random_.chance(10) ? now_ - seconds(static_cast<std::int64_t>(random_.below(30))) : now_;
    ++last_sequence_;
    queue_.add({.sequence = last_sequence_, .sent = sent, .visible_at = now_ + delay, .group = group}, now_);
    model_[last_sequence_] = {.sent = sent, .visible_at = now_ + delay, .group = group};
  }

  bool is_in_flight(const Expected& message) const { return message.receive_count > 0 && message.visible_at > now_; }
  bool is_group_locked(const std::string& group) const {
    for (const auto& [sequence, message] : model_)
      if (message.group == group && is_in_flight(message)) return true;
    return false;
  }
  // What a FIFO group would deliver next must be its first message.
  std::uint64_t first_of_group(const std::string& group) const {
    for (const auto& [sequence, message] : model_)
      if (message.group == group) return sequence;
    return 0;
  }
  bool is_exhausted(const Expected& message) const {
    return rules_.maximum_receive_count > 0 && message.receive_count >= rules_.maximum_receive_count;
  }

  void receive() {
    const auto most = 1 + random_.below(10);
    const auto visibility = random_.chance(10) ? Duration{} : seconds(static_cast<std::int64_t>(1 + random_.below(20)));
    std::vector<Slot> taken;
    std::vector<Slot> exhausted;
    queue_.receive({.now = now_, .most = most, .hidden_until = now_ + visibility, .may_leave = may_leave}, taken, exhausted);
    for (const auto slot : exhausted) {
      const auto sequence = queue_.entry(slot).sequence;
      ASSERT_TRUE(model_.contains(sequence));
      EXPECT_TRUE(is_exhausted(model_[sequence])) << sequence;
      EXPECT_LE(model_[sequence].visible_at, now_) << sequence;
    }
    std::map<std::string, std::uint64_t> last_of_group;
    std::map<std::string, bool> was_locked;
    for (const auto& [sequence, message] : model_)
      if (is_in_flight(message)) was_locked[message.group] = true;
    for (const auto slot : exhausted) {
      model_.erase(queue_.entry(slot).sequence);
      queue_.remove(slot);
    }
    for (const auto slot : taken) {
      const auto& entry = queue_.entry(slot);
      ASSERT_TRUE(model_.contains(entry.sequence)) << "delivered what is not there: " << entry.sequence;
      auto& message = model_[entry.sequence];
      EXPECT_LE(message.visible_at, now_) << "delivered inside its visibility or delay: " << entry.sequence;
      EXPECT_FALSE(is_exhausted(message)) << entry.sequence;
      EXPECT_EQ(entry.receive_count, message.receive_count + 1);
      if (rules_.is_fifo) check_order(entry.sequence, message, was_locked, last_of_group);
      handles_[entry.sequence] = slot;
    }
    for (const auto slot : taken) {
      auto& message = model_[queue_.entry(slot).sequence];
      ++message.receive_count;
      message.visible_at = now_ + visibility;
    }
    if (taken.size() == most || visibility == Duration{}) return;
    EXPECT_FALSE(is_anything_left()) << "something could have been received";
  }

  void check_order(std::uint64_t sequence, const Expected& message, std::map<std::string, bool>& was_locked,
                   std::map<std::string, std::uint64_t>& last_of_group) {
    EXPECT_FALSE(was_locked[message.group]) << "the group was locked: " << sequence;
    auto& last = last_of_group[message.group];
    auto expected = first_of_group(message.group);
    if (last != 0) {
      auto next = model_.upper_bound(last);
      while (next != model_.end() && next->second.group != message.group) ++next;
      expected = next == model_.end() ? 0 : next->first;
    }
    EXPECT_EQ(sequence, expected) << "out of order in " << message.group;
    last = sequence;
  }

  bool is_anything_left() const {
    for (const auto& [sequence, message] : model_) {
      if (message.visible_at > now_) continue;
      if (!rules_.is_fifo) return true;
      if (!is_group_locked(message.group) && first_of_group(message.group) == sequence) return true;
    }
    return false;
  }

  // A message that was received once: by its slot, or by its sequence alone, as with a handle from before a restart.
  std::optional<Slot> pick() {
    if (handles_.empty()) return std::nullopt;
    auto it = handles_.lower_bound(random_.below(last_sequence_ + 1));
    if (it == handles_.end()) it = handles_.begin();
    const auto slot = queue_.find(it->first, it->second);
    EXPECT_EQ(slot != no_slot, model_.contains(it->first)) << it->first;
    if (slot == no_slot) {
      handles_.erase(it);
      return std::nullopt;
    }
    return slot;
  }
  void remove() {
    const auto slot = pick();
    if (!slot) return;
    model_.erase(queue_.entry(*slot).sequence);
    queue_.remove(*slot);
  }
  void change_visibility() {
    const auto slot = pick();
    if (!slot || queue_.entry(*slot).state != MessageState::InFlight) return;
    const auto until = now_ + seconds(static_cast<std::int64_t>(random_.below(20)));
    model_[queue_.entry(*slot).sequence].visible_at = until;
    queue_.change_visibility(*slot, now_, until);
  }

  void pass(Duration span) {
    now_ = now_ + span;
    std::vector<std::uint64_t> expired;
    queue_.advance(now_, expired);
    for (const auto sequence : expired) {
      ASSERT_TRUE(model_.contains(sequence));
      EXPECT_LE(model_[sequence].sent + rules_.retention, now_);
      model_.erase(sequence);
    }
    for (const auto& [sequence, message] : model_) EXPECT_GT(message.sent + rules_.retention, now_) << sequence;
  }

  void rebuild() {
    Queue again(rules_);
    std::vector<std::string> groups;
    for (const auto& [sequence, message] : model_)
      again.load({.sequence = sequence,
                  .sent = message.sent,
                  .visible_at = message.visible_at,
                  .first_received = message.receive_count > 0 ? message.sent : Instant{},
                  .receive_count = message.receive_count,
                  .group = message.group},
                 now_);
    again.finish_loading();
    queue_ = std::move(again);
  }

  void compare_totals() {
    QueueTotals expected;
    for (const auto& [sequence, message] : model_)
      ++(message.visible_at <= now_ ? expected.visible : message.receive_count > 0 ? expected.in_flight : expected.delayed);
    const auto totals = queue_.totals();
    EXPECT_EQ(totals.visible, expected.visible);
    EXPECT_EQ(totals.in_flight, expected.in_flight);
    EXPECT_EQ(totals.delayed, expected.delayed);
    EXPECT_EQ(queue_.lowest_sequence().value_or(0), model_.empty() ? 0 : model_.begin()->first);
  }

  Random random_;
  QueueRules rules_;
  Queue queue_;
  Instant now_ = start;
  std::uint64_t last_sequence_ = 0;
  std::map<std::uint64_t, Expected> model_;
  std::map<std::uint64_t, Slot> handles_;
};

TEST(QueueModel, StandardQueuesAgreeWithAMapOnAThousandSeeds) {
  for (std::uint64_t seed = 1; seed <= 1000 && !HasFailure(); ++seed) {
    SCOPED_TRACE("seed " + std::to_string(seed));
    Comparison(seed, false).run(300);
  }
}

TEST(QueueModel, FifoQueuesAgreeWithAMapOnAThousandSeeds) {
  for (std::uint64_t seed = 1; seed <= 1000 && !HasFailure(); ++seed) {
    SCOPED_TRACE("seed " + std::to_string(seed));
    Comparison(seed, true).run(300);
  }
}

}  // namespace
}  // namespace surgetank::sqs
