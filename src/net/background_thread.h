#pragma once
// BackgroundWork on one thread of its own. The destructor finishes the piece under way and drops the rest.
#include <condition_variable>
#include <deque>
#include <mutex>
#include <thread>

#include "kernel/background_work.h"

namespace surgetank {

class BackgroundThread final : public BackgroundWork {
 public:
  BackgroundThread();
  ~BackgroundThread() override;
  void run(Task piece) override;

 private:
  void work();

  std::mutex mutex_;
  std::condition_variable changed_;
  std::deque<Task> pieces_;
  bool stopping_ = false;
  std::thread thread_;
};

}  // namespace surgetank
