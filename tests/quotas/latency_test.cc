// The clock of the cloud at the front door and the gateway: answers leave when they would there, and not before.
#include <gtest/gtest.h>

#include <algorithm>

#include "kernel/cloud_latency.h"
#include "probe_bench.h"

namespace surgetank {
namespace {

// A bench whose server has the clock of the cloud.
struct CloudBench : ProbeBench {
  CloudBench() {
    world.ports.latency = &latency;
    door.crash_and_restart();
  }
  // How long an API call takes.
  Duration time_of(const std::function<HttpResponse()>& ask) {
    const auto start = door.now();
    EXPECT_LT(ask().status, 300);
    return door.now() - start;
  }
  CloudLatency latency{11};
};

HttpResponse read_secret(ProbeBench& bench) {
  return bench.door.send_signed("POST", "/",
                                {{"X-Amz-Target", "secretsmanager.GetSecretValue"}, {"Content-Type", "application/x-amz-json-1.1"}},
                                R"({"SecretId":"s"})", {.service = "secretsmanager"});
}

TEST(CloudClock, ACallTakesItsTimeInTheCloud) {
  CloudBench bench;
  bench.make("secretsmanager", "CreateSecret", R"({"Name":"s","SecretString":"v"})");
  std::vector<Duration> times;
  for (int i = 0; i < 201; ++i) times.push_back(bench.time_of([&] { return read_secret(bench); }));
  std::sort(times.begin(), times.end());
  const auto& row = *find_latency("secretsmanager", "GetSecretValue");
  EXPECT_NEAR(static_cast<double>(times[100].us) / static_cast<double>(row.p50.us), 1.0, 0.25);
  EXPECT_GT(times.front(), milliseconds(1));
}

TEST(CloudClock, WithoutItACallTakesNoTime) {
  ProbeBench bench;
  bench.make("secretsmanager", "CreateSecret", R"({"Name":"s","SecretString":"v"})");
  const auto start = bench.door.now();
  EXPECT_EQ(read_secret(bench).status, 200);
  EXPECT_EQ(bench.door.now(), start);
}

TEST(CloudClock, AGatewayAndItsFunctionTakeTheirTime) {
  CloudBench bench;
  const auto api = bench.make_api();
  std::vector<Duration> times;
  for (int i = 0; i < 201; ++i) times.push_back(bench.time_of([&] { return bench.get(api); }));
  std::sort(times.begin(), times.end());
  const auto sum = find_latency("apigateway", "request")->p50 + find_latency("lambda", "Invoke")->p50;
  EXPECT_NEAR(static_cast<double>(times[100].us) / static_cast<double>(sum.us), 1.1, 0.3);
}

TEST(CloudClock, OneSeedGivesOneSequence) {
  std::vector<Duration> runs[2];
  for (auto& times : runs) {
    CloudBench bench;
    bench.make("secretsmanager", "CreateSecret", R"({"Name":"s","SecretString":"v"})");
    for (int i = 0; i < 20; ++i) times.push_back(bench.time_of([&] { return read_secret(bench); }));
  }
  EXPECT_EQ(runs[0], runs[1]);
}

}  // namespace
}  // namespace surgetank
