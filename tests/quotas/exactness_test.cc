// What a quota admits under ten times its load: measured through the front door, in virtual time.
#include <gtest/gtest.h>

#include "kernel/admission.h"
#include "probe_bench.h"
#include "services/apigateway/quotas.h"
#include "services/secretsmanager/quotas.h"

namespace surgetank {
namespace {

constexpr std::int64_t overload = 10;
constexpr int seconds_of_load = 10;

// Offers ten times `rate` for ten seconds, evenly, and answers how many `offer` admitted.
std::int64_t admitted_of(ProbeBench& bench, std::int64_t rate, const std::function<bool()>& offer) {
  std::int64_t admitted = 0;
  const auto offers = rate * overload * seconds_of_load;
  const auto start = bench.door.now();
  for (std::int64_t i = 0; i < offers; ++i) {
    const auto due = start + microseconds(i * 1'000'000 / (rate * overload));
    bench.world.advance(due - bench.door.now());
    admitted += offer() ? 1 : 0;
  }
  return admitted;
}

// The first burst is a gift, the rest is the rate.
void expect_exact(std::int64_t admitted, std::int64_t rate, std::int64_t burst) {
  const auto expected = static_cast<double>(rate * seconds_of_load + burst);
  EXPECT_NEAR(static_cast<double>(admitted) / expected, 1.0, 0.01) << admitted << " of " << expected;
}

TEST(QuotaExactness, TenTimesTheRateOfAnOperationIsAdmittedAtTheRate) {
  ProbeBench bench;
  const auto& row = quota_row(secretsmanager::quotas::rows, "secretsmanager.list-secrets");
  const auto admitted = admitted_of(bench, row.value, [&] {
    const auto response = bench.door.send_signed(
        "POST", "/", {{"X-Amz-Target", "secretsmanager.ListSecrets"}, {"Content-Type", "application/x-amz-json-1.1"}}, "{}",
        {.service = "secretsmanager"});
    return header_of(response, quota_header).empty();
  });
  expect_exact(admitted, row.value, row.value);
}

TEST(QuotaExactness, TenTimesTheRateOfAnAccountsApisIsAdmittedAtTheRate) {
  ProbeBench bench;
  const auto& row = apigateway::quotas::throttle_rate;
  const auto api = bench.make_api();
  constexpr std::int64_t rate = 100;
  bench.set(row, rate);
  const auto admitted = admitted_of(bench, rate, [&] { return bench.get(api).status == 200; });
  expect_exact(admitted, rate, row.burst * rate / row.value);
}

}  // namespace
}  // namespace surgetank
