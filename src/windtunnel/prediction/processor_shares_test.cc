#include "windtunnel/prediction/processor_shares.h"

#include <gtest/gtest.h>

#include "windtunnel/prediction/profile_from_recording.h"
#include "windtunnel/prediction/recorded_load.h"
#include "windtunnel/prediction/test_profiles.h"

namespace surgetank::prediction {
namespace {

using windtunnel::RecordedSpan;
using windtunnel::RecordedTrace;
using windtunnel::Recording;

// A function of two environments behind a route, recorded with processor times. Each invocation computes for 10 ms, connects for 8 ms.
class MeasuredRun {
 public:
  MeasuredRun() {
    windtunnel::RecordedFunction function;
    function.name = "create";
    function.memoryMegabytes = 1'769;
    function.timeoutSeconds = 10;
    recording.functions.push_back(function);
    windtunnel::RecordedRoute route;
    route.routeKey = "POST /orders";
    route.function = "create";
    recording.routes.push_back(route);
    windtunnel::RecordedDatabase database;
    database.identifier = "db";
    database.instanceClass = "db.t4g.micro";
    recording.databases.push_back(database);
    recording.host = windtunnel::RecordedHost{.processors = 2, .functionProcesses = 10, .busyMicroseconds = 1};
    recording.startMicroseconds = begin;
  }

  void invocation(std::int64_t at_us, const std::string& environment, std::int64_t longer_us, std::int64_t processor_us,
                  std::int64_t init_us = 0) {
    const auto number = std::to_string(recording.traces.size());
    RecordedTrace trace{.root = "1-" + number, .spans = {}};
    const auto span = [&](const std::string& id, const std::string& parent, const std::string& kind, std::int64_t start,
                          std::int64_t length) -> RecordedSpan& {
      auto& one = trace.spans.emplace_back();
      one.id = id + number;
      one.parent = parent.empty() ? parent : parent + number;
      one.kind = kind;
      one.name = kind == "gateway" ? "POST /orders" : "create";
      one.startMicroseconds = at_us + start;
      one.durationMicroseconds = length;
      return one;
    };
    const auto length = 18'000 + longer_us;
    span("g", "", "gateway", 0, init_us + length + 400);
    if (init_us > 0) span("n", "g", "init", 200, init_us).attributes["processor_microseconds"] = std::to_string(init_us * 5 / 4);
    auto& invoke = span("i", "g", "invoke", 200 + init_us, length);
    invoke.attributes["environment"] = environment;
    invoke.attributes["processor_microseconds"] = std::to_string(processor_us);
    auto& connect = span("c", "i", "db-connect", 200 + init_us + 4'000 + longer_us, 8'000);
    connect.name = "connect";
    connect.attributes["instance"] = "db";
    recording.endMicroseconds = std::max(recording.endMicroseconds, at_us + init_us + length + 400);
    functions_us += processor_us + init_us * 5 / 4;
    ++requests;
    recording.traces.push_back(std::move(trace));
  }

  void sample(std::int64_t at_us, std::int64_t server_us, std::int64_t database_us) {
    recording.host->samples.push_back({.atMicroseconds = at_us,
                                       .serverMicroseconds = server_us,
                                       .databaseMicroseconds = database_us,
                                       .functionMicroseconds = functions_us});
  }

  // Sixty seconds of two environments: a start, dearer invocations at first, and `rate` of seven levels by turns.
  void sixty_seconds(std::int64_t background_us_a_second, std::int64_t server_us_a_request, std::int64_t database_us_a_request) {
    const auto server_us = [&](std::int64_t second) { return second * background_us_a_second + requests * server_us_a_request; };
    for (std::int64_t second = 0; second < 60; second += 2) {
      sample(begin + second * 1'000'000, server_us(second), requests * database_us_a_request);
      const auto count = 6 + second % 14;
      for (std::int64_t i = 0; i < count; ++i) {
        const auto at = begin + second * 1'000'000 + i * 100'000;
        const std::string environment = i % 2 == 0 ? "one" : "two";
        const bool is_first = second == 0 && i < 2;
        const bool is_warming = second == 0 && !is_first;
        invocation(at, environment,
                   is_first     ? 50'000
                   : is_warming ? 5'000
                                : 0,
                   is_first     ? 90'000
                   : is_warming ? 15'000
                                : 8'000,
                   is_first ? 100'000 : 0);
      }
    }
    sample(begin + 60'000'000, server_us(60), requests * database_us_a_request);
  }

  static constexpr std::int64_t begin = 1'000'000'000;
  Recording recording;
  std::int64_t requests = 0;
  std::int64_t functions_us = 0;
};

const Step& step_of(const FunctionProfile& function, StepKind kind) {
  return *std::find_if(function.steps.begin(), function.steps.end(), [&](const Step& step) { return step.kind == kind; });
}

TEST(ProcessorShares, EachPartGetsWhatItsOwnProcessesUsed) {
  MeasuredRun run;
  run.sixty_seconds(15'000, 1'000, 4'000);
  const auto fitting = profile_from_recording(run.recording);
  ASSERT_EQ(fitting.problem, "");
  const auto& function = fitting.profile.functions[0];
  EXPECT_NEAR(step_of(function, StepKind::Compute).cpu_share, 0.8, 0.001);          // 8 of 10 ms
  EXPECT_NEAR(step_of(function, StepKind::DatabaseConnect).cpu_share, 0.5, 0.001);  // 4 of 8 ms
  EXPECT_EQ(function.work_beside, Duration{});
  EXPECT_NEAR(fitting.profile.host.background, 0.015, 0.0015);
  // 1 ms a request, of which 0.4 ms fit into the gateway's own time.
  EXPECT_EQ(fitting.profile.routes[0].overhead_cpu_share, 1);
  EXPECT_NEAR(fitting.profile.host.work_beside_request.seconds(), 0.0006, 0.0001);
}

TEST(ProcessorShares, WorkThatDoesNotFitIntoTheStepsIsDoneBesideThem) {
  MeasuredRun run;
  run.sixty_seconds(0, 400, 10'000);
  for (auto& trace : run.recording.traces)
    for (auto& span : trace.spans)
      if (span.kind == "invoke") span.attributes["processor_microseconds"] = "13000";
  const auto fitting = profile_from_recording(run.recording);
  const auto& function = fitting.profile.functions[0];
  EXPECT_EQ(step_of(function, StepKind::Compute).cpu_share, 1);
  EXPECT_EQ(step_of(function, StepKind::DatabaseConnect).cpu_share, 1);
  EXPECT_NEAR(function.work_beside.seconds(), 0.003 + 0.002, 0.0001);  // 13 of 10 ms of the function, 10 of 8 ms of the database
}

TEST(ProcessorShares, WhatFirstInvocationsTakeIsNotInTheStepsButApart) {
  MeasuredRun run;
  run.sixty_seconds(0, 400, 4'000);
  const auto fitting = profile_from_recording(run.recording);
  const auto& function = fitting.profile.functions[0];
  double computing_ms = 0;
  for (const auto& step : function.steps)
    if (step.kind == StepKind::Compute) computing_ms += step.time.mean().seconds() * 1'000;
  EXPECT_NEAR(computing_ms, 10, 0.01);
  ASSERT_GE(function.warm_up.size(), 2U);
  EXPECT_EQ(function.warm_up[0].until, 1);
  EXPECT_EQ(function.warm_up[0].time, milliseconds(50));
  EXPECT_EQ(function.warm_up[0].beside, milliseconds(32));  // 90 ms of work instead of 8, 50 of them in its time
  EXPECT_EQ(function.warm_up[1].until, 3);
  EXPECT_EQ(function.warm_up[1].time, milliseconds(5));
  EXPECT_EQ(function.init_cpu_share, 1);
  EXPECT_EQ(function.init_work_beside, milliseconds(25));  // a start takes 100 ms and 125 ms of work
}

TEST(ProcessorShares, AStartThatWaitedForOtherStartsIsNotTakenForALongOne) {
  MeasuredRun run;
  run.sixty_seconds(0, 400, 4'000);
  run.invocation(MeasuredRun::begin + 60'000'000, "three", 0, 8'000, 700'000);
  auto& init = run.recording.traces.back().spans[1];
  init.attributes["processor_microseconds"] = "125000";
  const auto fitting = profile_from_recording(run.recording);
  const auto& function = fitting.profile.functions[0];
  // 100, 100 and 700 ms with 125 ms of work each: alone, the work.
  EXPECT_NEAR(function.init.mean().seconds(), 0.125, 0.001);
  EXPECT_NEAR(function.init_cpu_share, 1, 0.01);
}

TEST(ProcessorShares, TheRateAndTheUseOfTheMachineAreKept) {
  MeasuredRun run;
  run.sixty_seconds(0, 400, 4'000);
  run.recording.host->busyMicroseconds = (run.recording.endMicroseconds - run.recording.startMicroseconds) * 2 * 6 / 10;
  const auto fitting = profile_from_recording(run.recording);
  EXPECT_NEAR(fitting.profile.host.recorded_rate, static_cast<double>(run.requests) / 60, 0.3);
  EXPECT_NEAR(fitting.profile.host.recorded_use, 0.6, 0.001);
  EXPECT_TRUE(std::any_of(fitting.remarks.begin(), fitting.remarks.end(),
                          [](const std::string& text) { return text.find("60 % busy") != std::string::npos; }));
}

TEST(RecordedLoad, ARateFarAboveTheRecordedOneIsDoubted) {
  Profile profile;
  EXPECT_EQ(doubt_about_rate(profile, 1'000), "");  // made by hand: nothing was recorded
  profile.host.recorded_rate = 4;
  EXPECT_EQ(doubt_about_rate(profile, 40), "");
  EXPECT_NE(doubt_about_rate(profile, 100).find("25 times the 4/s"), std::string::npos);
  auto traffic = testing::constant(10, seconds(10));
  traffic.phases.push_back(traffic.phases[0]);
  traffic.phases[1].shape = windtunnel::TrafficPhase::Shape::Ramp;
  traffic.phases[1].peak = 70;
  EXPECT_EQ(highest_rate(traffic), 70);
}

TEST(ProcessorShares, ARecordingOfTheSameRequestsAtATenthOfTheRateGivesTheSameDemand) {
  MeasuredRun fast;
  fast.sixty_seconds(15'000, 2'000, 4'000);
  MeasuredRun slow;  // one in two seconds or two: the background is most of what the server does
  for (int second = 0; second < 240; second += 2) {
    slow.sample(MeasuredRun::begin + second * 1'000'000, second * 15'000 + slow.requests * 2'000, slow.requests * 4'000);
    for (int i = 0; i <= (second / 2) % 3; ++i)
      slow.invocation(MeasuredRun::begin + second * 1'000'000 + i * 300'000, "one", second == 0 ? 50'000 : 0, second == 0 ? 90'000 : 8'000,
                      second == 0 && i == 0 ? 100'000 : 0);
  }
  slow.sample(MeasuredRun::begin + 240'000'000, 240 * 15'000 + slow.requests * 2'000, slow.requests * 4'000);
  const auto use_at = [](const MeasuredRun& run, double rate) {
    const auto fitting = profile_from_recording(run.recording);
    EXPECT_EQ(fitting.problem, "");
    return predict(fitting.profile, testing::constant(rate, seconds(200)), {.place = Place::This, .warm_up = seconds(100)})
        .host_processor_use;
  };
  EXPECT_NEAR(use_at(slow, 80), use_at(fast, 80), 0.02);
  EXPECT_NEAR(use_at(fast, 80), 80 * (0.008 + 0.004 + 0.002) / (2 - 0.015), 0.02);
}

}  // namespace
}  // namespace surgetank::prediction
