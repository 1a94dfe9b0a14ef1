#include "windtunnel/recording/run_cost.h"

#include <gtest/gtest.h>

#include "windtunnel/recording/prices.h"

namespace surgetank::windtunnel {
namespace {

RecordedSpan span(std::string kind, std::string name, Map<String> attributes = {}, Integer microseconds = 0) {
  RecordedSpan out;
  out.kind = std::move(kind);
  out.name = std::move(name);
  out.attributes = std::move(attributes);
  out.durationMicroseconds = microseconds;
  return out;
}

Recording run_of(std::vector<RecordedSpan> spans) {
  Recording recording;
  recording.traces.push_back({.root = "1-a", .spans = std::move(spans)});
  return recording;
}

double dollars(const RunCost& cost, std::string_view service) {
  for (const auto& item : cost.items)
    if (item.service == service) return item.dollars;
  return 0;
}

TEST(RunCost, AnInvocationIsBilledInWholeMillisecondsWithItsInit) {
  const auto cost = cost_of(run_of({span("invoke", "f", {{"memory_mb", "1024"}, {"init_microseconds", "100000"}}, 20'300)}));
  EXPECT_DOUBLE_EQ(dollars(cost, "Lambda"), price_of("lambda.request") + 0.121 * price_of("lambda.gb-second"));
}

TEST(RunCost, RequestsAreCountedInTheStepsOfTheirService) {
  const auto cost = cost_of(run_of({span("gateway", "POST /", {{"request_bytes", "600000"}, {"response_bytes", "10"}}),
                                    span("aws", "SQS.SendMessage", {{"request_bytes", "65537"}}),
                                    span("batch", "q", {{"messages", "11"}, {"request_bytes", "100"}})}));
  EXPECT_EQ(cost.requests, 1);
  EXPECT_DOUBLE_EQ(dollars(cost, "API Gateway"), 2 * price_of("apigateway.http-request"));
  EXPECT_DOUBLE_EQ(dollars(cost, "SQS"), (2 + 1 + 2) * price_of("sqs.request"));
}

TEST(RunCost, CallsThatAClientMadeOnItsOwnAreNotTheApplications) {
  const auto cost = cost_of(run_of({span("aws", "SecretsManager.GetSecretValue")}));
  EXPECT_EQ(cost.dollars, 0);
  EXPECT_EQ(cost.dollars_per_million_requests(), 0);
}

TEST(RunCost, TheDearestComesFirstAndAllAddUp) {
  auto recording =
      run_of({span("gateway", "GET /"), span("aws", "SecretsManager.GetSecretValue"), span("aws", "CloudWatch.PutMetricData")});
  auto& incoming = recording.metrics.emplace_back();
  incoming.nameSpace = "AWS/Logs";
  incoming.name = "IncomingBytes";
  incoming.sum = 2e9;
  const auto cost = cost_of(recording);
  ASSERT_EQ(cost.items.size(), 4U);
  EXPECT_EQ(cost.items[0].service, "CloudWatch Logs");
  double sum = 0;
  for (const auto& item : cost.items) sum += item.dollars;
  EXPECT_DOUBLE_EQ(cost.dollars, sum);
  EXPECT_NEAR(cost.dollars_per_million_requests(), sum * 1e6, 1e-6);
}

}  // namespace
}  // namespace surgetank::windtunnel
