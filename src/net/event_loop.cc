#include "net/event_loop.h"

#include <pthread.h>

#include <algorithm>
#include <atomic>
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>
#include <chrono>
#include <condition_variable>
#include <mutex>
#include <optional>
#include <string>

#include "base/assert.h"
#include "base/log.h"
#include "net/asio_access.h"
#include "net/timer_heap.h"

namespace surgetank {
namespace {

// How long a timer may sleep before the wall clock is looked at again: it may have been set, or the machine suspended.
constexpr Duration longest_sleep = seconds(1);

thread_local const EventLoop::Core* current_core = nullptr;

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
    // From here on a posted task is destroyed inside post(): what the handlers below own may still post.
    closed.store(true);
    drop(posted.exchange(nullptr));
    while (!timers.empty()) timers.pop();
    alarm.reset();
    io.reset();
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
    } while (!posted.compare_exchange_weak(head, node, std::memory_order_acq_rel, std::memory_order_relaxed));
    // Whoever finds the list empty wakes the loop, for all that follow until it takes the list.
    if (head == nullptr) boost::asio::post(*io, [this] { run_posted(); });
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

  void arm(Instant now) {
    if (timers.empty()) return;
    const auto wait = std::clamp(timers.next_due() - now, Duration{0}, longest_sleep);
    if (alarm_due && *alarm_due <= now + wait) return;
    alarm_due = now + wait;
    alarm->expires_after(std::chrono::microseconds(wait.us));
    alarm->async_wait([this](const boost::system::error_code& error) {
      if (!error) run_due();
    });
  }

  void run_due() {
    alarm_due.reset();
    const auto now = wall_now();
    const auto newcomers = timers.sequence_to_come();
    while (!timers.empty() && timers.next_due() <= now && timers.next_sequence() < newcomers) {
      auto task = timers.pop();
      run_guarded(task);
    }
    arm(wall_now());
  }

  static Instant wall_now() {
    const auto since_epoch = std::chrono::system_clock::now().time_since_epoch();
    return {std::chrono::duration_cast<std::chrono::microseconds>(since_epoch).count()};
  }

  std::atomic<bool> closed{false};
  std::atomic<Node*> posted{nullptr};  // newest first
  TimerHeap timers;
  std::optional<Instant> alarm_due;    // when the Asio timer fires, as wall time
  std::optional<boost::asio::io_context> io{std::in_place, 1};
  std::optional<boost::asio::steady_timer> alarm{std::in_place, *io};

  std::mutex mutex;  // guards phase; signalled when it or a run_and_wait() changes
  std::condition_variable changed;
  Phase phase = Phase::New;
};

EventLoop::EventLoop() : core_(std::make_unique<Core>()) {}
EventLoop::~EventLoop() = default;

void EventLoop::post(Task task) { core_->post(std::move(task)); }
bool EventLoop::here() const { return current_core == core_.get(); }
Instant EventLoop::now() const { return Core::wall_now(); }

TimerId EventLoop::at(Instant due, Task task) {
  SURGE_ASSERT(here(), "a timer is set from the loop's own thread");
  const auto id = core_->timers.add(due, std::move(task));
  core_->arm(now());
  return id;
}

void EventLoop::cancel(TimerId timer) {
  SURGE_ASSERT(here(), "a timer is cancelled from the loop's own thread");
  core_->timers.remove(timer);
}

void EventLoop::run() {
  {
    const std::lock_guard lock(core_->mutex);
    SURGE_ASSERT(core_->phase == Core::Phase::New, "a loop runs once");
    core_->phase = Core::Phase::Running;
    core_->changed.notify_all();
  }
  current_core = core_.get();
  const auto stay = boost::asio::make_work_guard(*core_->io);
  for (;;) {
    try {
      core_->io->run();
      break;
    } catch (const std::exception& failure) {
      log_line(LogLevel::Error, "loop", std::string("a handler failed: ") + failure.what());
    }
  }
  current_core = nullptr;
  const std::lock_guard lock(core_->mutex);
  core_->phase = Core::Phase::Ended;
  core_->changed.notify_all();
}

void EventLoop::wait_until_run() {
  std::unique_lock lock(core_->mutex);
  core_->changed.wait(lock, [this] { return core_->phase != Core::Phase::New; });
}

void EventLoop::stop() { core_->io->stop(); }

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

boost::asio::io_context& io_context_of(EventLoop& loop) { return *loop.core().io; }

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
