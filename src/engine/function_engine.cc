#include "engine/function_engine.h"

#include <sys/stat.h>
#include <sys/sysinfo.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <filesystem>
#include <stdexcept>
#include <thread>

#include "base/assert.h"
#include "base/log.h"
#include "engine/lane_engine.h"

namespace surgetank {
namespace {

constexpr std::size_t longest_run_directory = 60;  // leaves room for "/<16 hex>/runtime.sock" in the 108 bytes of a socket address
constexpr auto shutdown_patience = std::chrono::seconds(5);

std::int64_t process_limit(std::int64_t wanted) {
  if (wanted > 0) return wanted;
  struct sysinfo machine{};
  if (::sysinfo(&machine) != 0) return 16;
  const auto megabytes = static_cast<std::int64_t>((static_cast<std::uint64_t>(machine.totalram) * machine.mem_unit) >> 20);
  return std::clamp<std::int64_t>(megabytes / 2 / 64, 16, 1000);
}

// Ours alone: whatever is in it belongs to a server that is gone.
void prepare_run_directory(const std::string& path) {
  if (path.empty() || path.front() != '/' || path.size() > longest_run_directory) {
    throw std::invalid_argument("the run directory must be an absolute path of at most " + std::to_string(longest_run_directory) +
                                " characters: " + path);
  }
  std::filesystem::create_directories(path);
  for (const auto& entry : std::filesystem::directory_iterator(path)) std::filesystem::remove_all(entry.path());
  check_call(::chmod(path.c_str(), 0711), "chmod run directory");
}

}  // namespace

struct FunctionEngine::Parts {
  Parts(EventLoops& all_loops, Telemetry& telemetry, FunctionEngineOptions& options)
      : loops(all_loops),
        shared(telemetry, process_limit(options.host_processes), options.account_concurrency, options.quota, options.search_path),
        launcher({.program = options.launcher_program,
                  .arguments = options.launcher_arguments,
                  .scratch_directory = options.run_directory,
                  .reachable = {options.bootstraps_directory},
                  .ceiling = options.sandbox}) {}

  LaneEngine& engine_of(Lane& lane) {
    for (std::size_t i = 0; i < engines.size(); ++i) {
      if (&loops.lane(i) == &lane) return *engines[i];
    }
    SURGE_ASSERT(false, "functions run on the lanes that the engine was made with");
  }

  // The launcher looks at the machine while the server starts; who asks first may have to wait for the rest of that.
  const SandboxReport& sandbox() {
    std::call_once(sandbox_known, [this] { shared.services.sandbox = launcher.sandbox(); });
    return shared.services.sandbox;
  }

  EventLoops& loops;
  EnvironmentRegistry registry;
  EngineShared shared;
  std::vector<std::shared_ptr<LaneEngine>> engines;
  std::once_flag sandbox_known;
  std::atomic<bool> is_shut_down{false};
  Launcher launcher;  // goes first: its callbacks post to the loops
};

FunctionEngine::FunctionEngine(EventLoops& loops, Telemetry& telemetry, FunctionEngineOptions options) {
  prepare_run_directory(options.run_directory);
  parts_ = std::make_unique<Parts>(loops, telemetry, options);
  EngineShared& shared = parts_->shared;
  shared.services.launcher = &parts_->launcher;
  shared.services.registry = &parts_->registry;
  shared.services.run_directory = std::move(options.run_directory);
  shared.services.bootstraps_directory = std::move(options.bootstraps_directory);
  shared.services.endpoint_url = std::move(options.endpoint_url);
  shared.credentials = std::move(options.credentials);
  shared.pool = options.pool;
  shared.latency = options.latency;
  shared.seed = options.seed;
  for (std::size_t i = 0; i < loops.size(); ++i) {
    parts_->engines.push_back(std::make_shared<LaneEngine>(loops.lane(i), shared, i));
  }
}

FunctionEngine::~FunctionEngine() {
  shutdown();
  for (std::size_t i = 0; i < parts_->engines.size(); ++i) {
    parts_->loops.lane(i).run_and_wait([this, i] { parts_->engines[i].reset(); });
  }
}

void FunctionEngine::run(Lane& lane, std::shared_ptr<const FunctionVersion> version, InvocationRequest request,
                         UniqueFunction<void(InvocationOutcome)> done) {
  parts_->sandbox();
  parts_->engine_of(lane).run(std::move(version), std::move(request), std::move(done));
}

void FunctionEngine::retire(Lane& lane, const std::string& version_key) { parts_->engine_of(lane).retire(version_key); }

void FunctionEngine::configure(Lane& lane, FunctionConcurrencySettings settings) {
  if (!settings.provisioned.empty()) parts_->sandbox();
  parts_->engine_of(lane).configure(std::move(settings));
}

ProvisionedState FunctionEngine::provisioned(Lane& lane, const std::string& version_key) {
  return parts_->engine_of(lane).provisioned(version_key);
}

void FunctionEngine::shutdown() {
  if (parts_->is_shut_down.exchange(true)) return;
  for (std::size_t i = 0; i < parts_->engines.size(); ++i) {
    parts_->loops.lane(i).run_and_wait([this, i] { parts_->engines[i]->shut_down(); });
  }
  const auto give_up = std::chrono::steady_clock::now() + shutdown_patience;
  for (std::size_t i = 0; i < parts_->engines.size();) {
    bool is_empty = false;
    parts_->loops.lane(i).run_and_wait([&] { is_empty = parts_->engines[i]->is_empty(); });
    if (is_empty) {
      ++i;
    } else if (std::chrono::steady_clock::now() > give_up) {
      log_line(LogLevel::Warning, "engine", "some environments did not end in time; the launcher ends them");
      return;
    } else {
      std::this_thread::sleep_for(std::chrono::milliseconds(2));
    }
  }
}

FunctionEngine::Status FunctionEngine::status() {
  Status status;
  status.process_limit = parts_->shared.host.limit();
  status.sandbox = parts_->sandbox().lines;
  for (const auto& engine : parts_->engines) {
    status.environments += engine->environment_count();
    status.idle_environments += engine->idle_count();
  }
  return status;
}

EnvironmentRegistry& FunctionEngine::registry() { return parts_->registry; }

}  // namespace surgetank
