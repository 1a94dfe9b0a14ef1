#pragma once
// Makes a recording from a running server, by what it offers to everybody: AWS APIs (signed like any client's) and its own interface
// under /_surgetank/. Blocking; one thread; reads only. Throws std::runtime_error with a text for the user.
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/time.h"
#include "windtunnel/recording/recording.h"

namespace surgetank::windtunnel {

// The server, as the recorder sees it; the command line implements it with its own client.
class RunningSystem {
 public:
  virtual ~RunningSystem() = default;
  struct ApiCall {
    std::string service;
    std::string method = "POST";
    std::string path = "/";
    std::vector<std::pair<std::string, std::string>> headers = {};
    std::string body = {};
  };
  struct Answer {
    int status = 0;
    std::string body;
  };
  // A signed call in the recording's region. Throws only if nobody answers.
  virtual Answer api(const ApiCall& call) = 0;
  // GET /_surgetank/<path>. Throws only if nobody answers.
  virtual Answer admin(std::string_view path) = 0;
  // Waits; a service that throttles is asked again.
  virtual void pause(Duration length) = 0;
  // A file of this machine; nullopt if it cannot be read or is larger than `limit` bytes.
  virtual std::optional<std::string> file(const std::string& path, std::size_t limit) = 0;
};

struct RecordingOptions {
  std::string version;  // of this program
  std::string region = "us-east-1";  // of the resources; whose quotas hold, unless the server says
  std::size_t last_traces = 2'000;  // at most max_recorded_traces
};

Recording record(RunningSystem& system, const RecordingOptions& options);

}  // namespace surgetank::windtunnel
