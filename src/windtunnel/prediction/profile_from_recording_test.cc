#include "windtunnel/prediction/profile_from_recording.h"

#include <gtest/gtest.h>

#include "windtunnel/prediction/profile_file.h"
#include "windtunnel/prediction/test_profiles.h"

namespace surgetank::prediction {
namespace {

using windtunnel::RecordedSpan;
using windtunnel::RecordedTrace;
using windtunnel::Recording;

// Requests of one function, as the server records them.
class Recorder {
 public:
  Recorder() {
    windtunnel::RecordedFunction function;
    function.name = "orders-Create-1";
    function.logicalId = "Create";
    function.runtime = "nodejs22.x";
    function.memoryMegabytes = 256;
    function.timeoutSeconds = 10;
    recording.functions.push_back(function);
    windtunnel::RecordedRoute route;
    route.routeKey = "POST /orders";
    route.function = "orders-Create-1";
    recording.routes.push_back(route);
    windtunnel::RecordedDatabase database;
    database.identifier = "orders-db";
    database.logicalId = "Database";
    database.instanceClass = "db.t4g.micro";
    recording.databases.push_back(database);
  }

  struct Act {
    std::string kind;
    std::string name;
    std::int64_t after_us;  // of the invocation's begin
    std::int64_t length_us;
  };
  // The gateway takes 1 ms before and 1 ms after the invocation.
  void request(std::int64_t length_us, const std::vector<Act>& acts, std::int64_t init_us = 0, const std::string& fault = "") {
    const auto number = std::to_string(recording.traces.size());
    const std::int64_t begin = 1'000'000'000 + static_cast<std::int64_t>(recording.traces.size()) * 1'000'000;
    RecordedTrace trace{.root = "1-" + number, .spans = {}};
    const auto add = [&](std::string id, std::string parent, std::string kind, std::string name, std::int64_t start, std::int64_t length) {
      RecordedSpan span;
      span.id = std::move(id);
      span.parent = std::move(parent);
      span.kind = std::move(kind);
      span.name = std::move(name);
      span.startMicroseconds = start;
      span.durationMicroseconds = length;
      if (span.kind == "invoke") span.fault = fault;
      if (span.kind.starts_with("db-")) span.attributes["instance"] = "orders-db";
      trace.spans.push_back(std::move(span));
    };
    add("g" + number, "", "gateway", "POST /orders", begin, length_us + init_us + 2'000);
    if (init_us > 0) add("n" + number, "g" + number, "init", "orders-Create-1", begin + 1'000, init_us);
    const auto invoked = begin + 1'000 + init_us;
    add("i" + number, "g" + number, "invoke", "orders-Create-1", invoked, length_us);
    int place = 0;
    for (const auto& act : acts)
      add("a" + number + "-" + std::to_string(place++), "i" + number, act.kind, act.name, invoked + act.after_us, act.length_us);
    recording.traces.push_back(std::move(trace));
  }

  Recording recording;
};

const FunctionProfile& only_function(const ProfileFitting& fitting) { return fitting.profile.functions.front(); }

TEST(ProfileFromRecording, StepsAreTheCallsInOrderWithTheComputingBetween) {
  Recorder recorder;
  for (int i = 0; i < 30; ++i)
    recorder.request(50'000, {{"aws", "SecretsManager.GetSecretValue", 2'000, 10'000},
                              {"db-connect", "connect orders", 15'000, 20'000},
                              {"db-statement", "INSERT", 36'000, 4'000}});
  const auto fitting = profile_from_recording(recorder.recording);
  ASSERT_EQ(fitting.problem, "");
  const auto& function = only_function(fitting);
  EXPECT_EQ(function.name, "Create");
  EXPECT_EQ(function.memory_mb, 256);
  std::vector<std::pair<StepKind, Duration>> steps;
  for (const auto& step : function.steps) steps.emplace_back(step.kind, step.time.mean());
  EXPECT_EQ(steps, (std::vector<std::pair<StepKind, Duration>>{{StepKind::Compute, milliseconds(2)},
                                                               {StepKind::AwsCall, milliseconds(10)},
                                                               {StepKind::Compute, milliseconds(3)},
                                                               {StepKind::DatabaseConnect, milliseconds(20)},
                                                               {StepKind::Compute, milliseconds(1)},
                                                               {StepKind::DatabaseStatement, milliseconds(4)},
                                                               {StepKind::Compute, milliseconds(10)}}));
  EXPECT_EQ(function.steps[3].target, "Database");
  EXPECT_EQ(function.steps[3].occurs, StepOccurs::EachInvocation);
  ASSERT_EQ(fitting.profile.routes.size(), 1U);
  EXPECT_EQ(fitting.profile.routes[0].overhead.mean(), milliseconds(2));
}

TEST(ProfileFromRecording, TheRegionIsThatOfTheRecordingAndOldOnesHaveNone) {
  Recorder recorder;
  for (int i = 0; i < 30; ++i) recorder.request(20'000, {});
  EXPECT_EQ(profile_from_recording(recorder.recording).profile.region, "");
  EXPECT_EQ(profile_from_recording(recorder.recording).problem, "");
  recorder.recording.region = "eu-west-2";
  EXPECT_EQ(profile_from_recording(recorder.recording).profile.region, "eu-west-2");
}

TEST(ProfileFromRecording, QuotasAreThoseInForceAndTheUsualOnesAreLeftToTheProfile) {
  Recorder recorder;
  for (int i = 0; i < 30; ++i) recorder.request(20'000, {});
  EXPECT_EQ(profile_from_recording(recorder.recording).profile.quotas, ProfileQuotas{});
  recorder.recording.quotaProfile = "aws-new-account";
  const auto quota = [](std::string id, std::optional<std::int64_t> value, bool is_own) {
    windtunnel::RecordedQuota one;
    one.id = std::move(id);
    one.value = value;
    one.isOwn = is_own;
    return one;
  };
  recorder.recording.quotas = {quota("apigateway.throttle-rate", 10'000, false), quota("cloudwatch.put-metric-data", std::nullopt, true),
                               quota("lambda.concurrent-executions", 25, true)};
  const auto quotas = profile_from_recording(recorder.recording).profile.quotas;
  EXPECT_EQ(quotas.profile, QuotaProfile::AwsNewAccount);
  EXPECT_EQ(quotas.values,
            (std::map<std::string, std::int64_t>{{"cloudwatch.put-metric-data", Quotas::unlimited}, {"lambda.concurrent-executions", 25}}));
}

TEST(ProfileFromRecording, WhatItPredictsOfTheRecordedRateIsWhatWasRecorded) {
  Recorder recorder;
  for (int i = 0; i < 100; ++i) recorder.request(40'000 + i * 200, {{"aws", "SecretsManager.GetSecretValue", 2'000, 10'000 + i * 100}});
  auto fitting = profile_from_recording(recorder.recording);
  ASSERT_EQ(fitting.problem, "");
  fitting.profile.functions[0].memory_mb = 1'769;
  const auto outcome = predict(fitting.profile, testing::constant(20, seconds(300)), {});
  EXPECT_NEAR(outcome.total.latency.p50_ms, 52, 1.5);  // 2 + 40 + 50 * 0.2
  EXPECT_NEAR(outcome.total.latency.mean_ms, 52, 1.5);
}

TEST(ProfileFromRecording, AConnectionThatOnlyColdInvocationsMakeIsOneForEachEnvironment) {
  Recorder recorder;
  for (int i = 0; i < 3; ++i)
    recorder.request(50'000, {{"db-connect", "connect orders", 1'000, 30'000}, {"db-statement", "INSERT", 32'000, 4'000}}, 200'000);
  for (int i = 0; i < 40; ++i) recorder.request(10'000, {{"db-statement", "INSERT", 1'000, 4'000}});
  const auto fitting = profile_from_recording(recorder.recording);
  ASSERT_EQ(fitting.problem, "");
  const auto& function = only_function(fitting);
  EXPECT_EQ(function.init.mean(), milliseconds(200));
  const auto connect =
      std::find_if(function.steps.begin(), function.steps.end(), [](const Step& step) { return step.kind == StepKind::DatabaseConnect; });
  ASSERT_NE(connect, function.steps.end());
  EXPECT_EQ(connect->occurs, StepOccurs::OncePerEnvironment);
  EXPECT_EQ(connect->probability, 1);
}

TEST(ProfileFromRecording, CallsThatOverlapCountOnce) {
  Recorder recorder;
  for (int i = 0; i < 30; ++i) recorder.request(30'000, {{"aws", "A.One", 0, 20'000}, {"aws", "A.Two", 5'000, 20'000}});
  const auto fitting = profile_from_recording(recorder.recording);
  double total_ms = 0;
  for (const auto& step : only_function(fitting).steps) total_ms += step.time.mean().seconds() * 1'000;
  EXPECT_NEAR(total_ms, 30, 0.01);
}

TEST(ProfileFromRecording, ErrorsOfTheFunctionsOwnAreAShareAndTheirTimesAreLeftOut) {
  Recorder recorder;
  for (int i = 0; i < 30; ++i) recorder.request(10'000, {});
  for (int i = 0; i < 10; ++i) recorder.request(900'000, {}, 0, "TypeError");
  const auto fitting = profile_from_recording(recorder.recording);
  EXPECT_EQ(only_function(fitting).failure_share, 0.25);
  EXPECT_EQ(only_function(fitting).steps.back().time.mean(), milliseconds(10));
}

TEST(ProfileFromRecording, TheProcessorTimeOfTheRunIsSharedOutAmongTheSteps) {
  Recorder recorder;
  for (int i = 0; i < 100; ++i) recorder.request(18'000, {});
  recorder.recording.host = {.processors = 2, .functionProcesses = 100, .busyMicroseconds = 100 * 5'000};
  auto fitting = profile_from_recording(recorder.recording);
  EXPECT_EQ(fitting.profile.host.processors, 2);
  EXPECT_NEAR(only_function(fitting).steps[0].cpu_share, 0.25, 0.001);
  EXPECT_EQ(fitting.profile.host.work_beside_request, Duration{});
  // More work than all recorded time: the rest is done beside.
  recorder.recording.host->busyMicroseconds = 100 * 25'000;
  fitting = profile_from_recording(recorder.recording);
  EXPECT_EQ(only_function(fitting).steps[0].cpu_share, 1);
  EXPECT_EQ(fitting.profile.host.work_beside_request, milliseconds(5));
}

TEST(ProfileFromRecording, ThrottlesAndPollersAreTakenOverAndWhatIsNotModelledIsSaid) {
  Recorder recorder;
  for (int i = 0; i < 30; ++i) recorder.request(10'000, {});
  recorder.recording.routes[0].throttleRequestsPerSecond = 5;
  recorder.recording.routes[0].throttleBurstRequests = 3;
  windtunnel::RecordedQueue queue;
  queue.name = "jobs";
  recorder.recording.queues.push_back(queue);
  windtunnel::RecordedMapping mapping;
  mapping.queue = "jobs";
  mapping.function = "orders-Create-1";
  mapping.minimumPollers = 3;
  mapping.filterPatterns.emplace_back("{}");
  recorder.recording.mappings.push_back(mapping);
  const auto fitting = profile_from_recording(recorder.recording);
  ASSERT_EQ(fitting.problem, "");
  EXPECT_EQ(fitting.profile.routes[0].throttle_rate, 5);
  EXPECT_EQ(fitting.profile.routes[0].throttle_burst, 3);
  EXPECT_EQ(fitting.profile.mappings[0].minimum_pollers, 3);
  ASSERT_EQ(fitting.profile.not_modelled.size(), 1U);
  EXPECT_NE(fitting.profile.not_modelled[0].find("filter of the mapping of jobs"), std::string::npos);
  const auto outcome = predict(fitting.profile, testing::constant(1, seconds(10)), {});
  EXPECT_EQ(outcome.not_modelled, fitting.profile.not_modelled);
}

TEST(ProfileFromRecording, ARecordingWithoutRequestsIsNoProfile) {
  const Recorder recorder;
  EXPECT_NE(profile_from_recording(recorder.recording).problem, "");
}

TEST(ProfileFromRecording, WhatItMakesIsAProfileFile) {
  Recorder recorder;
  for (int i = 0; i < 30; ++i) recorder.request(50'000 + i, {{"db-connect", "connect orders", 15'000, 20'000}}, i == 0 ? 100'000 : 0);
  const auto fitting = profile_from_recording(recorder.recording);
  const auto text = write_profile(fitting.profile);
  const auto reading = read_profile(text, "profile.json");
  ASSERT_TRUE(reading.profile) << reading.problem;
  EXPECT_EQ(write_profile(*reading.profile), text);
}

}  // namespace
}  // namespace surgetank::prediction
