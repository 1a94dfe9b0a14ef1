// Commands that run a server: start, up.
#include <sys/resource.h>

#include <atomic>
#include <condition_variable>
#include <filesystem>
#include <future>
#include <mutex>
#include <thread>

#include "app/client.h"
#include "app/commands.h"
#include "app/deploy_input.h"
#include "app/deploy_view.h"
#include "app/deployments.h"
#include "app/folder_watch.h"
#include "app/server.h"
#include "app/signals.h"
#include "app/terminal.h"

namespace surgetank {
namespace {

namespace fs = std::filesystem;

constexpr Duration drain_deadline = seconds(35);  // a gateway's longest answer takes 30

// Every connection and environment needs descriptors; the soft limit is often 1,024.
void raise_descriptor_limit() {
  rlimit limit{};
  if (::getrlimit(RLIMIT_NOFILE, &limit) != 0) return;
  limit.rlim_cur = limit.rlim_max;
  ::setrlimit(RLIMIT_NOFILE, &limit);
}

// Deploys and waits, showing progress.
int deploy_here(Terminal& terminal, Server& server, const DeployInput& input) {
  std::promise<std::string> finished;
  std::mutex mutex;
  server.deployments().deploy(
      input.request(),
      [&](const stack::StackEvent& event) {
        const std::lock_guard lock(mutex);
        show_event(terminal, event_json(event));
      },
      [&](const stack::DeployOutcome& outcome) { finished.set_value(outcome_json(outcome)); });
  const auto outcome = finished.get_future().get();
  const std::lock_guard lock(mutex);
  return show_outcome(terminal, outcome);
}

// Follows the logs in a thread until told to stop.
class LogFollower {
 public:
  explicit LogFollower(ClientOptions client) : thread_([client = std::move(client)] { follow(client); }) {}
  ~LogFollower() { thread_.detach(); }  // it sleeps or waits for the server; the process ends next

 private:
  static void follow(const ClientOptions& client) {
    try {
      LogsOptions options;
      options.since_seconds = 1;
      options.follow = LogsOptions::Follow::On;
      run_logs(client, options);
    } catch (const std::exception&) {
      // The server is stopping: there is nobody to ask any more.
    }
  }
  std::thread thread_;
};

void say_how_to_use(Terminal& terminal, const Server& server) {
  terminal.line("");
  terminal.line("  for AWS clients:  " +
                terminal.paint(Colour::Bold, "export AWS_ENDPOINT_URL=" + server.url() +
                                                 " AWS_ACCESS_KEY_ID=test AWS_SECRET_ACCESS_KEY=test AWS_DEFAULT_REGION=us-east-1"));
  terminal.line("  traces: surgetank traces    Ctrl-C stops");
  terminal.line("");
}

}  // namespace

int run_start(ServerOptions options) {
  StopSignals signals;
  raise_descriptor_limit();
  Server server(std::move(options));
  Terminal terminal;
  terminal.line("surgetank listens on " + server.url());
  terminal.line("Ready.");
  while (!signals.wait(hours(1))) {
  }
  terminal.line("stopping");
  server.stop(drain_deadline);
  return 0;
}

int run_up(ServerOptions options, const DeployOptions& deploy, Watch watch) {
  StopSignals signals;
  raise_descriptor_limit();
  Terminal terminal;
  auto input = DeployInput::read(deploy);
  const ClientOptions client{.data_directory = options.data_directory, .region = options.region};
  Server server(std::move(options));
  terminal.line("surgetank listens on " + server.url());
  terminal.line("deploying " + input.template_path + " as stack " + input.stack_name);
  int result = deploy_here(terminal, server, input);
  if (result != 0) {
    server.stop(drain_deadline);
    return result;
  }
  say_how_to_use(terminal, server);
  terminal.line("Ready.");
  const LogFollower follower(client);
  FolderWatch files(watch == Watch::On ? input.watched_paths() : std::vector<std::string>{});
  while (!signals.wait(milliseconds(50))) {
    if (watch == Watch::Off || !files.wait(milliseconds(50), milliseconds(100))) continue;
    try {
      input = DeployInput::read(deploy);
      deploy_here(terminal, server, input);
    } catch (const CommandError& error) {
      terminal.note(error.what());
    }
  }
  terminal.line("stopping");
  server.stop(drain_deadline);
  return 0;
}

}  // namespace surgetank
