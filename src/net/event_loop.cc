#include "net/event_loop.h"

#include <pthread.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <condition_variable>
#include <mutex>
#include <optional>
#include <string>

#include "base/assert.h"
#include "base/log.h"
#include "net/background_thread.h"
#include "net/poller.h"
#include "net/timer_heap.h"

namespace surgetank {
namespace {

// How long a timer may sleep before the wall clock is looked at again: it may have been set, or the machine suspended.
constexpr Duration longest_sleep = seconds(1);

thread_local const EventLoop* current_loop = nullptr;

void run_guarded(Task& task) {
  try {
    task();
  } catch (const std::exception& failure) {
    log_line(LogLevel::Error, "loop", std::string("a task failed: ") + failure.what());
  }
}

}  // namespace

struct EventLoop::Core {
  struct Node {
    Task task;
    Node* next = nullptr;
  };
  enum class Phase : unsigned char { New, Running, Ended };

  ~Core() {
    aside.reset();
    // From here on a posted task is destroyed inside post(): what goes below may still post.
    closed.store(true);
    drop(posted.exchange(nullptr));
    while (!timers.empty()) timers.pop();
    while (!steady_timers.empty()) steady_timers.pop();
    poller.reset();
  }

  static void drop(Node* node) {
    while (node != nullptr) {
      Node* const next = node->next;
      delete node;
      node = next;
    }
  }

  void post(Task task) {
    if (closed.load(std::memory_order_relaxed)) return;
    auto* node = new Node{std::move(task), nullptr};
    Node* head = posted.load(std::memory_order_relaxed);
    do {
      node->next = head;
    } while (!posted.compare_exchange_weak(head, node, std::memory_order_seq_cst, std::memory_order_relaxed));
    // Whoever finds the list empty wakes the loop, for all that follow until it takes the list.
    if (head == nullptr) poller->wake();
  }

  void run_posted() {
    Node* newest = posted.exchange(nullptr, std::memory_order_acquire);
    Node* oldest = nullptr;
    while (newest != nullptr) {
      Node* const next = newest->next;
      newest->next = oldest;
      oldest = newest;
      newest = next;
    }
    while (oldest != nullptr) {
      std::unique_ptr<Node> node(oldest);
      oldest = node->next;
      run_guarded(node->task);
    }
  }

  // What they set anew waits for the next turn, even if it is due.
  static void run_due(TimerHeap& heap, Instant now) {
    const auto newcomers = heap.sequence_to_come();
    while (!heap.empty() && heap.next_due() <= now && heap.next_sequence() < newcomers) {
      auto task = heap.pop();
      run_guarded(task);
    }
  }

  // Below 0: for ever.
  Duration time_to_sleep() const {
    auto sleep = Duration{-1};
    if (!timers.empty()) sleep = std::clamp(timers.next_due() - wall_now(), Duration{0}, longest_sleep);
    if (!steady_timers.empty()) {
      const auto steady_sleep = std::max(steady_timers.next_due() - steady_now(), Duration{0});
      sleep = timers.empty() ? steady_sleep : std::min(sleep, steady_sleep);
    }
    return sleep;
  }

  void run_until_stopped() {
    while (!stopped.load()) {
      run_posted();
      if (!timers.empty()) run_due(timers, wall_now());
      if (!steady_timers.empty()) run_due(steady_timers, steady_now());
      const auto sleep = time_to_sleep();
      const bool sleeps = !has_work() && (poller->about_to_sleep(), !has_work());
      poller->poll(sleeps ? sleep : Duration{0});
    }
  }
  bool has_work() const { return posted.load() != nullptr || stopped.load(); }

  static Instant wall_now() {
    const auto since_epoch = std::chrono::system_clock::now().time_since_epoch();
    return {std::chrono::duration_cast<std::chrono::microseconds>(since_epoch).count()};
  }
  static Instant steady_now() {
    const auto since_start = std::chrono::steady_clock::now().time_since_epoch();
    return {std::chrono::duration_cast<std::chrono::microseconds>(since_start).count()};
  }

  std::atomic<bool> closed{false};
  std::atomic<bool> stopped{false};
  std::atomic<Node*> posted{nullptr};  // newest first
  TimerHeap timers;                    // by the wall clock
  TimerHeap steady_timers;             // by the monotonic clock
  std::optional<Poller> poller{std::in_place};
  std::unique_ptr<BackgroundThread> aside;

  std::mutex mutex;  // guards phase; signalled when it or a run_and_wait() changes
  std::condition_variable changed;
  Phase phase = Phase::New;
};

EventLoop::EventLoop() : core_(std::make_unique<Core>()) {}
EventLoop::~EventLoop() = default;

void EventLoop::post(Task task) { core_->post(std::move(task)); }
bool EventLoop::here() const { return current_loop == this; }
Instant EventLoop::now() const { return Core::wall_now(); }

TimerId EventLoop::at(Instant due, Task task) {
  SURGE_ASSERT(here(), "a timer is set from the loop's own thread");
  return core_->timers.add(due, std::move(task));
}

void EventLoop::cancel(TimerId timer) {
  SURGE_ASSERT(here(), "a timer is cancelled from the loop's own thread");
  core_->timers.remove(timer);
}

TimerId EventLoop::after(Duration delay, Task task) { return core_->steady_timers.add(Core::steady_now() + delay, std::move(task)); }
void EventLoop::cancel_after(TimerId timer) { core_->steady_timers.remove(timer); }

void EventLoop::run_aside(Task blocking) {
  if (core_->aside == nullptr) core_->aside = std::make_unique<BackgroundThread>();
  core_->aside->run(std::move(blocking));
}

void EventLoop::run() {
  {
    const std::lock_guard lock(core_->mutex);
    SURGE_ASSERT(core_->phase == Core::Phase::New, "a loop runs once");
    core_->phase = Core::Phase::Running;
    core_->changed.notify_all();
  }
  current_loop = this;
  core_->run_until_stopped();
  current_loop = nullptr;
  const std::lock_guard lock(core_->mutex);
  core_->phase = Core::Phase::Ended;
  core_->changed.notify_all();
}

void EventLoop::wait_until_run() {
  std::unique_lock lock(core_->mutex);
  core_->changed.wait(lock, [this] { return core_->phase != Core::Phase::New; });
}

void EventLoop::stop() {
  core_->stopped.store(true);
  core_->poller->wake();
}

void EventLoop::run_and_wait(Task task) {
  if (here()) return run_guarded(task);
  struct Errand {
    Task task;
    bool taken = false;
    bool done = false;
  };
  const auto errand = std::make_shared<Errand>();
  errand->task = std::move(task);
  std::unique_lock lock(core_->mutex);
  if (core_->phase == Core::Phase::Running) {
    post([errand, core = core_.get()] {
      {
        const std::lock_guard inner(core->mutex);
        if (errand->taken) return;
        errand->taken = true;
      }
      run_guarded(errand->task);
      const std::lock_guard inner(core->mutex);
      errand->done = true;
      core->changed.notify_all();
    });
    core_->changed.wait(lock, [&] { return errand->done || core_->phase == Core::Phase::Ended; });
    if (errand->done) return;
  }
  errand->taken = true;
  lock.unlock();
  run_guarded(errand->task);
}

Poller& EventLoop::poller() { return *core_->poller; }

EventLoops::EventLoops(std::size_t count) {
  SURGE_ASSERT(count > 0, "at least one loop");
  for (std::size_t i = 0; i < count; ++i) loops_.push_back(std::make_unique<EventLoop>());
}

EventLoops::~EventLoops() {
  stop();
  join();
}

void EventLoops::start() {
  SURGE_ASSERT(threads_.empty(), "loops are started once");
  for (std::size_t i = 0; i < loops_.size(); ++i)
    threads_.emplace_back([this, i] {
      pthread_setname_np(pthread_self(), ("surge-loop-" + std::to_string(i)).substr(0, 15).c_str());
      loops_[i]->run();
    });
  // A loop that has not begun to run yet would let run_and_wait() run its task on the caller's thread.
  for (const auto& loop : loops_) loop->wait_until_run();
}

void EventLoops::stop() {
  for (const auto& loop : loops_) loop->stop();
}

void EventLoops::join() {
  for (auto& thread : threads_)
    if (thread.joinable()) thread.join();
}

}  // namespace surgetank
