#pragma once
// One quota of one service, as data: what AWS calls it, how much it is, how it is counted, and the exact error beyond it. A service
// keeps its rows in its quotas.h (Service::quotas); kernel/quotas.h holds their live values and use. Rows are immutable statics and are
// told apart by their address. Facts: the AWS page "Quotas" of each service.
//
//   inline constexpr QuotaRow rows[] = {
//       {.id = "secretsmanager.get-secret-value", .name = "Rate of GetSecretValue API requests", .algorithm = QuotaAlgorithm::TokenBucket,
//        .value = 10'000, .unit = "per second", .error = &ThrottlingException, .message = "Rate exceeded", .operations =
//        "GetSecretValue"}};
//   inline constexpr const QuotaRow& get_secret_value = quota_row(rows, "secretsmanager.get-secret-value");   // does not compile if absent
#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>

#include "base/result.h"
#include "base/time.h"

namespace surgetank {

enum class QuotaAlgorithm : std::uint8_t {
  TokenBucket,  // `value` tokens every `per`, at most `burst` at once
  Concurrency,  // so many at the same time
  Cap,          // a size or count that one request or one resource may have
  Window,       // so many in each `per` that begins with the first
};
// What each has a count of its own; everything is also told apart by account and region.
enum class QuotaScope : std::uint8_t { Account, Function, Queue, Api, Stage, Resource, Request };
enum class QuotaAdjustable : std::uint8_t { No, Yes };

// A further member of the error: Lambda's Reason.
struct QuotaErrorMember {
  std::string_view name;
  std::string_view value;
};

// What a quota is where it is not as large as in us-east-1.
struct RegionalQuota {
  std::string_view regions;  // separated by spaces; "*": all others
  std::int64_t value = 0;
};

struct QuotaRow {
  std::string_view id;         // "lambda.concurrent-executions": the service, a dot, its name; stable, what users type
  std::string_view code = {};  // of the Service Quotas API ("L-B99A9384"); empty: AWS lists none
  std::string_view name;       // as AWS calls it
  QuotaAlgorithm algorithm = QuotaAlgorithm::Cap;
  QuotaScope scope = QuotaScope::Account;
  std::int64_t value = 0;        // of a mature account in us-east-1
  std::int64_t new_account = 0;  // of a new one; 0: the same
  std::int64_t burst = 0;        // token buckets; 0: as much as `value`
  Duration per = seconds(1);     // token buckets and windows
  std::string_view unit = {};    // "per second", "executions", "bytes"
  QuotaAdjustable adjustable = QuotaAdjustable::No;
  const ErrorCode* error = nullptr;  // null: nobody is refused, something waits (`message` says what)
  std::string_view message = {};     // {value}: the quota in force; {amount}: what was asked for
  std::span<const QuotaErrorMember> members = {};
  // Operations, separated by spaces, each of which takes a token of this account-wide bucket before it is decoded. "*": all that no other
  // row of the service names, but those that follow with a minus ("* -Invoke"). Empty: the service asks for itself.
  std::string_view operations = {};
  std::span<const RegionalQuota> regional = {};  // the first that names the region holds; a bucket's burst follows in proportion
};

// The value of a mature account in that region.
std::int64_t value_in(const QuotaRow& row, std::string_view region);

// The row of that id; it must be there.
template <std::size_t N>
consteval const QuotaRow& quota_row(const QuotaRow (&rows)[N], std::string_view id) {
  for (const auto& row : rows)
    if (row.id == id) return row;
  throw "no row has this id";
}

}  // namespace surgetank
