#include "net/background_thread.h"

#include <exception>

#include "base/log.h"

namespace surgetank {

BackgroundThread::BackgroundThread() : thread_([this] { work(); }) {}

BackgroundThread::~BackgroundThread() {
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  changed_.notify_one();
  thread_.join();
}

void BackgroundThread::run(Task piece) {
  {
    const std::lock_guard lock(mutex_);
    pieces_.push_back(std::move(piece));
  }
  changed_.notify_one();
}

void BackgroundThread::work() {
  for (;;) {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [this] { return stopping_ || !pieces_.empty(); });
    if (stopping_) return;
    auto piece = std::move(pieces_.front());
    pieces_.pop_front();
    lock.unlock();
    try {
      piece();
    } catch (const std::exception& error) {
      log_line(LogLevel::Error, "background", error.what());
    }
  }
}

}  // namespace surgetank
