// Commands of the wind tunnel that look at a run: record it.
#include <chrono>
#include <cstdio>
#include <fstream>
#include <sstream>
#include <thread>

#include "app/client.h"
#include "app/commands.h"
#include "app/live_recording.h"
#include "app/terminal.h"
#include "app/version.h"
#include "windtunnel/recording/recorder.h"

namespace surgetank {
namespace {

// The running server, as the recorder sees it.
class LiveSystem final : public windtunnel::RunningSystem {
 public:
  LiveSystem(const ServerClient& server, std::string region) : server_(server), region_(std::move(region)) {}

  Answer api(const ApiCall& call) override {
    auto result = server_.api(
        {.service = call.service, .region = region_, .method = call.method, .path = call.path, .headers = call.headers, .body = call.body});
    return {.status = result.status, .body = std::move(result.body)};
  }
  Answer admin(std::string_view path) override {
    auto result = server_.admin_result("GET", "/_surgetank/" + std::string(path));
    return {.status = result.status, .body = std::move(result.body)};
  }
  void pause(Duration length) override { std::this_thread::sleep_for(std::chrono::microseconds(length.us)); }
  std::optional<std::string> file(const std::string& path, std::size_t limit) override {
    std::ifstream in(path, std::ios::binary);
    std::string text(limit + 1, '\0');
    if (!in || (!in.read(text.data(), static_cast<std::streamsize>(text.size())) && !in.eof())) return std::nullopt;
    text.resize(static_cast<std::size_t>(in.gcount()));
    if (text.size() > limit) return std::nullopt;
    return text;
  }

 private:
  const ServerClient& server_;
  const std::string region_;
};

}  // namespace

windtunnel::Recording record_running_server(const ClientOptions& client, std::size_t last_traces) {
  const ServerClient server(client.data_directory);
  LiveSystem system(server, client.region);
  return windtunnel::record(system, {.version = std::string(version), .region = client.region, .last_traces = last_traces});
}

int run_record(const ClientOptions& client, const RecordOptions& options) {
  const auto recording = record_running_server(client, options.last_traces);
  if (options.output == "-") {
    std::printf("%s\n", windtunnel::recording_to_json(recording).c_str());
    return 0;
  }
  windtunnel::write_recording(options.output, recording);
  Terminal().line("recorded " + std::to_string(recording.traces.size()) + " traces of " + std::to_string(recording.functions.size()) +
                  " functions in " + options.output);
  return 0;
}

}  // namespace surgetank
