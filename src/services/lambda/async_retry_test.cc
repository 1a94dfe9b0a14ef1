#include "services/lambda/async_retry.h"

#include <gtest/gtest.h>

namespace surgetank::lambda {
namespace {

using Kind = EventVerdict::Kind;
constexpr Instant start{1'700'000'000'000'000};

TEST(EventRetry, SuccessEndsIt) {
  EXPECT_EQ(judge({}, {.accepted = start, .failed_runs = 2}, EventOutcome::Success, start + hours(9)).kind, Kind::Succeeded);
}

TEST(EventRetry, ErrorsAreRetriedAfterOneAndThenTwoMinutes) {
  const auto first = judge({}, {.accepted = start}, EventOutcome::FunctionError, start + seconds(5));
  EXPECT_EQ(first.kind, Kind::TryAgain);
  EXPECT_EQ(first.due, start + seconds(65));
  const auto second = judge({}, {.accepted = start, .failed_runs = 1}, EventOutcome::FunctionError, start + seconds(70));
  EXPECT_EQ(second.kind, Kind::TryAgain);
  EXPECT_EQ(second.due, start + seconds(190));
  EXPECT_EQ(judge({}, {.accepted = start, .failed_runs = 2}, EventOutcome::FunctionError, start + seconds(200)).kind,
            Kind::RetriesExhausted);
}

TEST(EventRetry, MaximumRetryAttemptsCountsTheRunsAfterTheFirst) {
  for (std::int64_t most = 0; most <= 2; ++most) {
    const EventRetryPolicy policy{.maximum_retry_attempts = most};
    std::int64_t runs = 0;
    EventVerdict verdict{.kind = Kind::TryAgain, .due = start};
    while (verdict.kind == Kind::TryAgain) {
      verdict = judge(policy, {.accepted = start, .failed_runs = runs}, EventOutcome::FunctionError, verdict.due);
      ++runs;
    }
    EXPECT_EQ(runs, most + 1);
    EXPECT_EQ(verdict.kind, Kind::RetriesExhausted);
  }
}

TEST(EventRetry, AnEventThatWouldBeTooOldAtItsRetryIsGivenUpAtOnce) {
  const EventRetryPolicy policy{.maximum_age = seconds(60)};
  EXPECT_EQ(judge(policy, {.accepted = start}, EventOutcome::FunctionError, start + seconds(1)).kind, Kind::EventAgeExceeded);
  const EventRetryPolicy longer{.maximum_age = seconds(62)};
  EXPECT_EQ(judge(longer, {.accepted = start}, EventOutcome::FunctionError, start + seconds(1)).kind, Kind::TryAgain);
}

TEST(EventRetry, RefusalsAreRepeatedWithADelayThatDoublesUpToFiveMinutes) {
  const std::int64_t expected_seconds[] = {1, 2, 4, 8, 16, 32, 64, 128, 256, 300, 300, 300};
  std::int64_t refusals = 0;
  for (const auto delay : expected_seconds) {
    const auto verdict = judge({}, {.accepted = start, .refusals = refusals++}, EventOutcome::Refused, start + seconds(10));
    EXPECT_EQ(verdict.kind, Kind::TryAgain);
    EXPECT_EQ(verdict.due, start + seconds(10 + delay));
  }
}

TEST(EventRetry, RefusalsDoNotCountAsTriesAndEndWithTheAgeOfTheEvent) {
  EXPECT_EQ(judge({.maximum_retry_attempts = 0}, {.accepted = start, .refusals = 60}, EventOutcome::Refused, start + hours(5)).kind,
            Kind::TryAgain);
  const EventRetryPolicy policy{.maximum_age = seconds(100)};
  const auto last = judge(policy, {.accepted = start, .refusals = 8}, EventOutcome::Refused, start + seconds(70));
  EXPECT_EQ(last.due, start + seconds(100));
  EXPECT_EQ(judge(policy, {.accepted = start, .refusals = 9}, EventOutcome::Refused, start + seconds(100)).kind, Kind::EventAgeExceeded);
}

}  // namespace
}  // namespace surgetank::lambda
