// How many requests a second of real time are simulated, on one core: an HTTP route to a function with calls and a database; a queue with
// a function behind it. Prints one line each: requests, events, seconds, and both a second.
#include <chrono>
#include <cstdio>
#include <cstdlib>

#include "windtunnel/prediction/prediction.h"

namespace {

using namespace surgetank;
using namespace surgetank::prediction;

Profile orders() {
  Profile profile;
  FunctionProfile function{.name = "CreateOrder", .memory_mb = 1769, .timeout = seconds(10)};
  function.init = Distribution::log_normal(milliseconds(180), milliseconds(400));
  const auto call = [](std::string name, int p50_ms, int p99_ms) {
    return Step{
        .kind = StepKind::AwsCall, .name = std::move(name), .time = Distribution::log_normal(milliseconds(p50_ms), milliseconds(p99_ms))};
  };
  const Step compute{.kind = StepKind::Compute, .time = Distribution::constant(milliseconds(2)), .cpu_share = 1};
  function.steps = {
      compute,
      call("SecretsManager.GetSecretValue", 12, 100),
      compute,
      {.kind = StepKind::DatabaseConnect, .target = "Database", .time = Distribution::constant(milliseconds(20))},
      {.kind = StepKind::DatabaseStatement, .target = "Database", .time = Distribution::constant(milliseconds(3)), .cpu_share = 0.5},
      compute,
      call("CloudWatch.PutMetricData", 20, 120)};
  profile.functions.push_back(std::move(function));
  profile.databases.push_back({.name = "Database", .instance_class = "db.r6g.4xlarge"});
  profile.routes.push_back({.name = "POST /orders", .function = "CreateOrder", .overhead = Distribution::constant(milliseconds(3))});
  return profile;
}

Profile queue() {
  auto profile = orders();
  profile.routes = {{.name = "Orders", .queue = "Orders", .entry = Entry::Direct}};
  profile.queues.push_back({.name = "Orders", .visibility = seconds(60)});
  profile.mappings.push_back({.queue = "Orders", .function = "CreateOrder", .batch_size = 10});
  return profile;
}

void measure(const char* name, const Profile& profile, double rate, double requests) {
  windtunnel::Traffic traffic;
  auto& phase = traffic.phases.emplace_back();
  phase.rate = rate;
  phase.length = microseconds(static_cast<std::int64_t>(requests / rate * 1e6));
  const auto begun = std::chrono::steady_clock::now();
  const auto outcome = predict(profile, traffic, {.quota_values = {{"lambda.concurrent-executions", 10'000}}});
  const auto took = std::chrono::duration<double>(std::chrono::steady_clock::now() - begun).count();
  const auto simulated = static_cast<double>(outcome.total.requests);
  std::printf("%s: %.0f requests, %.0f events in %.2f s: %.0f requests/s, %.1f million events/s\n", name, simulated,
              static_cast<double>(outcome.events), took, simulated / took, static_cast<double>(outcome.events) / took / 1e6);
}

}  // namespace

int main(int argc, char** argv) {
  const double requests = argc > 1 ? std::atof(argv[1]) : 1e6;
  measure("orders", orders(), 2'000, requests);
  measure("queue", queue(), 2'000, requests);
  return 0;
}
