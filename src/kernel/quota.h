#pragma once
// One quota of one service, as data: what AWS calls it, how much it is, how it is counted, and the exact error beyond it. A service
// keeps its rows in its quotas.h (Service::quotas); kernel/quotas.h holds their live values and use. Rows are immutable statics and are
// told apart by their address. Facts: the AWS page "Quotas" of each service.
//
//   inline constexpr QuotaRow get_secret_value_rate{.id = "secretsmanager.get-secret-value", .name = "Rate of GetSecretValue API requests",
//       .algorithm = QuotaAlgorithm::TokenBucket, .value = 10'000, .unit = "per second", .adjustable = QuotaAdjustable::No,
//       .error = &ThrottlingException, .message = "Rate exceeded", .operations = "GetSecretValue"};
#include <cstdint>
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

struct QuotaRow {
  std::string_view id;         // "lambda.concurrent-executions": the service, a dot, its name; stable, what users type
  std::string_view code = {};  // of the Service Quotas API ("L-B99A9384"); empty: AWS lists none
  std::string_view name;       // as AWS calls it
  QuotaAlgorithm algorithm = QuotaAlgorithm::Cap;
  QuotaScope scope = QuotaScope::Account;
  std::int64_t value = 0;        // of a mature account
  std::int64_t new_account = 0;  // of a new one; 0: the same
  std::int64_t burst = 0;        // token buckets; 0: as much as `value`
  Duration per = seconds(1);     // token buckets and windows
  std::string_view unit = {};    // "per second", "executions", "bytes"
  QuotaAdjustable adjustable = QuotaAdjustable::No;
  const ErrorCode* error = nullptr;  // null: nobody is refused, something waits (`message` says what)
  std::string_view message = {};
  // Operations, separated by spaces, each of which takes a token of this account-wide bucket before it is decoded; empty: the service
  // asks for itself.
  std::string_view operations = {};
};

}  // namespace surgetank
