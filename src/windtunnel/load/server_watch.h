#pragma once
// Watches a Surgetank server while a load runs, from a thread of its own: samples its gauges and quotas, and reads the completions of
// asynchronous work. A server that cannot say some of it (an older one) is asked for the rest. Nothing throws; what fails is missing.
#include <atomic>
#include <condition_variable>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include "base/log.h"
#include "base/time.h"
#include "windtunnel/load/server_sample.h"

namespace surgetank::windtunnel {

struct WatchedServer {
  std::string url;  // "http://127.0.0.1:4566"
  Secret<std::string> token;
  Duration sample_interval = seconds(1);
};

struct WorkEnded {
  std::string trace_root;
  Instant end;
  bool has_failed = false;
};

class ServerWatch {
 public:
  explicit ServerWatch(WatchedServer server);  // begins at once
  ~ServerWatch();
  ServerWatch(const ServerWatch&) = delete;
  ServerWatch& operator=(const ServerWatch&) = delete;

  // What came since the last call.
  std::vector<WorkEnded> take_ended();
  // All samples so far; seconds count from `begin`.
  std::vector<ServerSample> samples(Instant begin) const;
  std::optional<ServerSample> last_sample() const;
  bool follows() const { return follows_; }  // the server reports completions
  // Completions that were forgotten before they were read.
  std::uint64_t missed() const { return missed_; }

 private:
  void work();
  void read_completions();
  void sample();
  std::string get(std::string_view path) const;

  const WatchedServer server_;
  std::atomic<bool> follows_ = false;
  std::atomic<std::uint64_t> missed_ = 0;
  std::optional<std::uint64_t> cursor_;
  bool has_quotas_ = true;
  mutable std::mutex mutex_;
  std::condition_variable wake_;
  bool stopping_ = false;
  std::vector<WorkEnded> ended_;
  std::vector<std::pair<Instant, ServerSample>> samples_;
  std::thread thread_;
};

// Readers of what the server answers; what is missing stays empty. nullopt: not such an answer.
std::optional<ServerSample> read_gauges(std::string_view json);
std::vector<QuotaSample> read_quotas(std::string_view json);

}  // namespace surgetank::windtunnel
