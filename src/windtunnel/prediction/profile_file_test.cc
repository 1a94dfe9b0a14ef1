#include "windtunnel/prediction/profile_file.h"

#include <gtest/gtest.h>

namespace surgetank::prediction {
namespace {

constexpr std::string_view orders = R"(
source: by hand
region: eu-west-2
quotas: {profile: aws-new-account, lambda.concurrent-executions: 25, cloudwatch.put-metric-data: unlimited}
not_modelled: [the weather]
routes:
  POST /orders: {function: CreateOrder, overhead: 2, timeout: 30, throttle_rate: 2.5, throttle_burst: 7}
  Orders: {queue: Orders, entry: direct, weight: 0.5}
functions:
  CreateOrder:
    runtime: nodejs22.x
    memory_mb: 256
    timeout: 10
    init: {p50: 180, p99: 400}
    init_beside: 20
    warm_up: [{until: 1, time: 40, beside: 30}, {until: 3, time: 5}]
    beside: 1.5
    together: 0.3
    provisioned_concurrency: 2
    steps:
      - {compute: 4, cpu: 1}
      - {aws: SecretsManager.GetSecretValue, time: {p50: 12, p99: 100}, each: environment}
      - {connect: Database, time: 40}
      - {statement: Database, time: {values: [1, 2, 3]}, text: INSERT}
      - {send: Orders, time: 6, probability: 0.5}
      - {invoke: Other, time: 1, mode: event}
  Other: {reserved_concurrency: 5, failures: 0.1, retries: 0}
queues:
  Orders: {visibility: 60, receives: 3, dead_letters: Dead, message_bytes: 300}
  Dead: {fifo: false}
mappings:
  - {queue: Orders, function: Other, batch_size: 5, window: 1, maximum_concurrency: 10, failures: reported}
databases:
  Database: {instance_class: db.t4g.micro}
host: {processors: 2, processes: 100, work_beside_request: 0.5, background: 0.01, recorded_rate: 20, recorded_use: 0.25}
)";

std::string problem_of(std::string_view text) {
  const auto reading = read_profile(text, "profile.yaml");
  EXPECT_FALSE(reading.profile) << text;
  return reading.problem;
}

TEST(ProfileFile, ARegionIsOneOrNoneIsGiven) {
  EXPECT_NE(problem_of("region: Europe!\nroutes: {GET /: {function: Work}}\nfunctions: {Work: {}}").find("write one as eu-west-2"),
            std::string::npos);
  const auto without = read_profile("routes: {GET /: {function: Work}}\nfunctions: {Work: {}}", "profile.yaml");
  ASSERT_TRUE(without.profile) << without.problem;
  EXPECT_EQ(without.profile->region, "");
}

TEST(ProfileFile, IsReadWithAllItsMembers) {
  const auto reading = read_profile(orders, "profile.yaml");
  ASSERT_TRUE(reading.profile) << reading.problem;
  const auto& profile = *reading.profile;
  ASSERT_EQ(profile.functions.size(), 2U);
  const auto& function = profile.functions[0];
  ASSERT_EQ(function.steps.size(), 6U);
  EXPECT_EQ(function.timeout, seconds(10));
  EXPECT_EQ(function.init.p50(), milliseconds(180));
  EXPECT_EQ(profile.region, "eu-west-2");
  EXPECT_EQ(profile.quotas.profile, QuotaProfile::AwsNewAccount);
  EXPECT_EQ(profile.quotas.values,
            (std::map<std::string, std::int64_t>{{"cloudwatch.put-metric-data", Quotas::unlimited}, {"lambda.concurrent-executions", 25}}));
  EXPECT_EQ(profile.not_modelled, std::vector<std::string>{"the weather"});
  EXPECT_EQ(profile.routes[0].throttle_rate, 2.5);
  EXPECT_EQ(profile.routes[0].throttle_burst, 7);
  EXPECT_EQ(function.init_work_beside, milliseconds(20));
  ASSERT_EQ(function.warm_up.size(), 2U);
  EXPECT_EQ(function.warm_up[0].beside, milliseconds(30));
  EXPECT_EQ(function.warm_up[1].until, 3);
  EXPECT_EQ(function.work_beside, microseconds(1'500));
  EXPECT_EQ(function.slow_together, 0.3);
  EXPECT_EQ(function.provisioned_concurrency, 2);
  EXPECT_EQ(profile.host.background, 0.01);
  EXPECT_EQ(profile.host.recorded_rate, 20);
  EXPECT_EQ(function.steps[0].cpu_share, 1);
  EXPECT_EQ(function.steps[1].occurs, StepOccurs::OncePerEnvironment);
  EXPECT_EQ(function.steps[2].target, "Database");
  EXPECT_EQ(function.steps[3].time.kind(), Distribution::Kind::Recorded);
  EXPECT_EQ(function.steps[4].probability, 0.5);
  EXPECT_EQ(function.steps[5].mode, InvokeMode::Event);
  EXPECT_EQ(profile.functions[1].reserved_concurrency, 5);
  EXPECT_EQ(profile.routes[1].entry, Entry::Direct);
  EXPECT_EQ(profile.queues[0].dead_letter_queue, "Dead");
  EXPECT_EQ(profile.mappings[0].maximum_concurrency, 10);
  EXPECT_EQ(profile.mappings[0].failures, BatchFailures::Reported);
  EXPECT_EQ(profile.host.work_beside_request, microseconds(500));
}

TEST(ProfileFile, WhatIsWrittenReadsTheSame) {
  const auto reading = read_profile(orders, "profile.yaml");
  ASSERT_TRUE(reading.profile) << reading.problem;
  const auto text = write_profile(*reading.profile);
  const auto again = read_profile(text, "profile.json");
  ASSERT_TRUE(again.profile) << again.problem << text;
  EXPECT_EQ(write_profile(*again.profile), text);
}

TEST(ProfileFile, QuotasAreNumbersOrUnlimited) {
  const std::string rest = "\nroutes: {GET /: {function: Work}}\nfunctions: {Work: {}}";
  EXPECT_NE(problem_of("quotas: {profile: gcp}" + rest).find("aws-new-account"), std::string::npos);
  EXPECT_NE(problem_of("quotas: {lambda.concurrent-executions: many}" + rest).find("lambda.concurrent-executions"), std::string::npos);
  EXPECT_NE(problem_of("quotas: [1]" + rest).find("`quotas` is no map"), std::string::npos);
}

TEST(ProfileFile, WhatIsWrongIsToldWithItsPlaceAndACure) {
  EXPECT_NE(problem_of("routes: {GET /: {function: A}}\nfunctions:\n  A: {memry_mb: 128}\n")
                .find("profile.yaml:3:7: function `A`: there is no `memry_mb`; did you mean `memory_mb`?"),
            std::string::npos);
  EXPECT_NE(problem_of("routes: {GET /: {function: B}}\nfunctions: {Aa: {}}\n").find("there is no function `B`"), std::string::npos);
  EXPECT_NE(problem_of("routes: {GET /: {function: A}}\nfunctions: {A: {memory_mb: 64}}\n").find("from 128 to 10240"), std::string::npos);
  EXPECT_NE(problem_of("functions: {A: {}}\n").find("there is no route"), std::string::npos);
  EXPECT_NE(problem_of("routes: {GET /: {function: A}}\nfunctions: {A: {steps: [{compute: 1, aws: X.Y}]}}\n").find("does 2 things"),
            std::string::npos);
  EXPECT_NE(problem_of("routes: {GET /: {function: A}}\nfunctions: {A: {steps: [{compute: fast}]}}\n").find("`compute` is not a number"),
            std::string::npos);
  EXPECT_NE(problem_of("routes: {GET /: {function: A}}\nfunctions: {A: {}}\ndatabases: {D: {instance_class: db.x9.huge}}\n")
                .find("there is no class `db.x9.huge`"),
            std::string::npos);
  EXPECT_NE(problem_of("routes: {GET /: {function: A}}\nfunctions: {A: {warm_up: [{until: 3}, {until: 2}]}}\n").find("from 4 to"),
            std::string::npos);
  EXPECT_NE(problem_of("routes: {GET /: {function: A}}\nfunctions: {A: {warm_up: 5}}\n").find("no list"), std::string::npos);
  EXPECT_NE(problem_of("routes: {GET /: {function: A}}\nfunctions: {A: {}}\nqueues: {Q: {}}\n"
                       "mappings: [{queue: Q, function: A, maximum_concurrency: 5, minimum_pollers: 2}]\n")
                .find("exclude each other"),
            std::string::npos);
  EXPECT_NE(problem_of("[1, 2]").find("is a list"), std::string::npos);
  EXPECT_NE(problem_of("").size(), 0U);
}

TEST(ProfileFile, AFunctionThatWaitsForItselfIsRefused) {
  EXPECT_NE(problem_of("routes: {GET /: {function: A}}\nfunctions: {A: {steps: [{invoke: B}]}, B: {steps: [{invoke: A}]}}\n")
                .find("waits for itself"),
            std::string::npos);
}

}  // namespace
}  // namespace surgetank::prediction
