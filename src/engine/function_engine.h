#pragma once
// Runs functions as processes of this machine: the live FunctionRunner. One per server; made before the loops run or after, by
// whoever wires the process. run(), retire(), configure() and provisioned() are called on lanes of `loops`, everything else from any thread.
//
// It owns the launcher process, a Runtime API for every environment, and the folder `run_directory` (what an earlier server left in it
// is removed). Nothing that it has started outlives it, nor the server if that is killed.
//
//   FunctionEngine engine(loops, telemetry, {.run_directory = "/run/user/1000/surgetank-1", .bootstraps_directory = ..., ...});
//   ports.runner = &engine;
//   ...
//   engine.shutdown();   // before the loops stop
//
// Failure: the constructor throws std::system_error (no launcher, no run directory) or std::invalid_argument (its path is too long for
// the sockets in it). Later failures are outcomes of invocations.
#include <cstddef>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "engine/environment_pool.h"
#include "engine/environment_registry.h"
#include "engine/function_environment.h"
#include "engine/launcher.h"
#include "kernel/cloud_latency.h"
#include "kernel/function_runner.h"
#include "kernel/telemetry.h"
#include "net/event_loop.h"

namespace surgetank {

struct FunctionEngineOptions {
  std::string run_directory = {};    // at most 60 characters; made if it is not there, mode 0711
  std::string bootstraps_directory = {};  // holds node/ and python/, readable for everybody (see bootstraps/README.md)
  std::string endpoint_url = {};     // AWS_ENDPOINT_URL of functions: "http://127.0.0.1:4566"
  std::function<FunctionCredentials(const FunctionVersion&)> credentials = {};  // for version.role_arn; called when a process starts
  std::int64_t account_concurrency = 1000;
  ConcurrencyQuota* quota = nullptr;  // live value and use of the account's concurrency, instead of account_concurrency; outlives the engine
  std::int64_t host_processes = 0;   // 0: as many as half of the memory holds at 64 MB each, at least 16, at most 1,000
  EnvironmentPool::Options pool = {};
  CloudLatency* latency = nullptr;   // an init takes as long as on AWS, if it is not longer; outlives the engine
  std::string launcher_program = "/proc/self/exe";
  std::vector<std::string> launcher_arguments = {"surgetank", "--launcher"};
  SandboxCeiling sandbox = SandboxCeiling::Everything;
  std::string search_path = {};      // further folders with interpreters (the server's PATH)
  std::uint64_t seed = 1;            // of ids of spans and log streams
};

class FunctionEngine final : public FunctionRunner {
 public:
  FunctionEngine(EventLoops& loops, Telemetry& telemetry, FunctionEngineOptions options);
  ~FunctionEngine() override;  // shutdown()
  FunctionEngine(const FunctionEngine&) = delete;
  FunctionEngine& operator=(const FunctionEngine&) = delete;

  void run(Lane& lane, std::shared_ptr<const FunctionVersion> version, InvocationRequest request,
           UniqueFunction<void(InvocationOutcome)> done) override;
  void retire(Lane& lane, const std::string& version_key) override;
  void configure(Lane& lane, FunctionConcurrencySettings settings) override;
  ProvisionedState provisioned(Lane& lane, const std::string& version_key) override;

  // Gives up what waits and runs, ends every environment (SIGTERM, 300 ms later SIGKILL) and waits for that. Not on a loop.
  void shutdown();

  // For health and `surgetank status`. Waits for nothing but, right after the start, the launcher's look at the machine.
  struct Status {
    std::size_t environments = 0;
    std::size_t idle_environments = 0;
    std::int64_t process_limit = 0;
    std::vector<std::string> sandbox;  // see SandboxReport
  };
  Status status();
  EnvironmentRegistry& registry();

 private:
  struct Parts;
  std::unique_ptr<Parts> parts_;
};

}  // namespace surgetank
