#include "kernel/latency_profile.h"

#include <algorithm>
#include <cmath>
#include <numbers>
#include <optional>

#include "base/text.h"

namespace surgetank {
namespace {

constexpr Duration tenths_of_ms(std::int64_t n) { return microseconds(n * 100); }

// The middle of each published range.
constexpr LatencyRow calls[] = {
    {"lambda.Invoke", tenths_of_ms(75), milliseconds(45), "a warm Invoke beyond the handler's own time", LatencyRow::Adds::ToTheWork},
    {"apigateway.request", tenths_of_ms(45), milliseconds(15), "an HTTP API beyond its integration", LatencyRow::Adds::ToTheWork},
    {"sqs.SendMessage", milliseconds(9), milliseconds(60), "standard queue"},
    {"sqs.SendMessageBatch", milliseconds(9), milliseconds(60), "standard queue; as SendMessage"},
    {"sqs.ReceiveMessage", milliseconds(9), milliseconds(60), "not empty"},
    {"sqs.DeleteMessage", milliseconds(9), milliseconds(60), "standard queue"},
    {"sqs.DeleteMessageBatch", milliseconds(9), milliseconds(60), "standard queue; as DeleteMessage"},
    {"sqs.ChangeMessageVisibility", milliseconds(9), milliseconds(60), "as DeleteMessage"},
    {"secretsmanager.GetSecretValue", milliseconds(20), milliseconds(125), "with the decryption by KMS"},
    {"secretsmanager.BatchGetSecretValue", milliseconds(20), milliseconds(125), "as GetSecretValue"},
    {"cloudwatch.PutMetricData", milliseconds(27), milliseconds(150), "one call"},
    {"sts.AssumeRole", milliseconds(55), milliseconds(200), "one call"},
    {"rds.connect", milliseconds(40), milliseconds(200), "a new TLS connection with authentication"},
};

constexpr ColdStartRow cold(std::string_view runtime, std::string_view architecture, int samples, int p10, int p50, int p75, int p90,
                            int p95, int p99, int largest) {
  return {runtime,
          architecture,
          samples,
          {milliseconds(p10), milliseconds(p50), milliseconds(p75), milliseconds(p90), milliseconds(p95), milliseconds(p99),
           milliseconds(largest)}};
}

constexpr double quantile_points[] = {0.10, 0.50, 0.75, 0.90, 0.95, 0.99, 1.0};

// provided.*: functions in C++, the language of our library; Rust and Go are within 50 ms of them.
constexpr ColdStartRow cold_starts[] = {
    cold("dotnet8", "arm64", 2358, 230, 295, 322, 399, 639, 706, 800),
    cold("dotnet8", "x86_64", 2370, 228, 254, 280, 333, 570, 656, 759),
    cold("dotnet10", "arm64", 2350, 200, 253, 314, 599, 616, 671, 754),
    cold("dotnet10", "x86_64", 2333, 229, 256, 304, 571, 618, 703, 923),
    cold("java8.al2", "arm64", 2340, 191, 255, 307, 490, 501, 515, 785),
    cold("java8.al2", "x86_64", 2362, 228, 248, 268, 305, 481, 545, 645),
    cold("java11", "arm64", 2344, 216, 282, 312, 506, 549, 566, 619),
    cold("java11", "x86_64", 2322, 260, 278, 294, 350, 510, 589, 788),
    cold("java17", "arm64", 2364, 163, 216, 224, 232, 240, 323, 646),
    cold("java17", "x86_64", 2340, 190, 206, 217, 235, 254, 515, 720),
    cold("java21", "arm64", 2365, 187, 247, 257, 267, 279, 536, 666),
    cold("java21", "x86_64", 2370, 222, 240, 254, 281, 318, 618, 746),
    cold("java25", "arm64", 2376, 144, 196, 208, 227, 363, 437, 555),
    cold("java25", "x86_64", 2375, 172, 192, 212, 285, 429, 496, 664),
    cold("nodejs20.x", "arm64", 2350, 105, 131, 135, 140, 143, 158, 224),
    cold("nodejs20.x", "x86_64", 2363, 130, 143, 152, 165, 175, 205, 538),
    cold("nodejs22.x", "arm64", 2364, 101, 129, 134, 138, 141, 163, 241),
    cold("nodejs22.x", "x86_64", 2346, 128, 142, 152, 165, 178, 204, 308),
    cold("nodejs24.x", "arm64", 2368, 97, 123, 128, 134, 139, 161, 523),
    cold("nodejs24.x", "x86_64", 2345, 122, 137, 147, 163, 177, 208, 546),
    cold("provided.al2", "arm64", 2358, 11, 16, 23, 29, 46, 53, 60),
    cold("provided.al2", "x86_64", 2328, 13, 16, 22, 28, 36, 57, 98),
    cold("provided.al2023", "arm64", 2361, 41, 49, 51, 60, 65, 103, 234),
    cold("provided.al2023", "x86_64", 2349, 62, 65, 71, 88, 103, 132, 178),
    cold("python3.9", "arm64", 2364, 57, 74, 78, 89, 98, 169, 216),
    cold("python3.9", "x86_64", 2344, 71, 77, 82, 93, 102, 120, 180),
    cold("python3.10", "arm64", 2345, 58, 74, 77, 83, 94, 177, 359),
    cold("python3.10", "x86_64", 2368, 70, 77, 83, 92, 100, 123, 259),
    cold("python3.11", "arm64", 2365, 57, 73, 76, 79, 87, 112, 232),
    cold("python3.11", "x86_64", 2328, 72, 79, 85, 95, 104, 129, 259),
    cold("python3.12", "arm64", 2348, 64, 81, 84, 87, 92, 120, 284),
    cold("python3.12", "x86_64", 2336, 77, 85, 91, 102, 111, 139, 277),
    cold("python3.13", "arm64", 2358, 64, 81, 86, 95, 99, 121, 201),
    cold("python3.13", "x86_64", 2337, 78, 87, 98, 111, 122, 191, 281),
    cold("python3.14", "arm64", 2366, 81, 102, 108, 117, 123, 168, 383),
    cold("python3.14", "x86_64", 2338, 99, 112, 126, 147, 205, 269, 424),
    cold("ruby3.2", "arm64", 2340, 190, 265, 353, 408, 418, 451, 554),
    cold("ruby3.2", "x86_64", 2334, 200, 235, 295, 379, 415, 472, 579),
    cold("ruby3.3", "arm64", 2345, 181, 241, 260, 315, 397, 427, 565),
    cold("ruby3.3", "x86_64", 2340, 203, 238, 307, 391, 415, 472, 690),
    cold("ruby3.4", "arm64", 2327, 178, 234, 269, 393, 405, 436, 525),
    cold("ruby3.4", "x86_64", 2388, 193, 226, 283, 387, 412, 471, 652),
};

// "nodejs22.x" -> "nodejs" and 22; "python3.13" -> "python" and 3013.
struct RuntimeName {
  std::string_view language;
  std::int64_t version = 0;
};
RuntimeName parse(std::string_view runtime) {
  const auto digits = std::min(runtime.find_first_of("0123456789"), runtime.size());
  RuntimeName name{.language = runtime.substr(0, digits)};
  auto rest = runtime.substr(digits);
  const auto dot = std::min(rest.find('.'), rest.size());
  const auto minor = dot < rest.size() ? parse_integer(rest.substr(dot + 1)) : std::nullopt;
  name.version = parse_integer(rest.substr(0, dot)).value_or(0) * 1000 + minor.value_or(0);
  return name;
}

double to_ms(Duration span) { return static_cast<double>(span.us) / 1000.0; }

// Standard normal (Box and Muller).
double normal(Random& random) {
  const double u = 1.0 - random.fraction();  // never 0
  const double v = random.fraction();
  return std::sqrt(-2.0 * std::log(u)) * std::cos(2.0 * std::numbers::pi * v);
}

}  // namespace

const LatencyRow environment_start{"lambda.environment-start", milliseconds(60), milliseconds(250), "placement, code download, machine"};

std::span<const LatencyRow> latency_rows() { return calls; }

const LatencyRow* find_latency(std::string_view service, std::string_view operation) {
  for (const auto& row : calls)
    if (row.id.size() == service.size() + 1 + operation.size() && row.id.starts_with(service) && row.id[service.size()] == '.' &&
        row.id.ends_with(operation))
      return &row;
  return nullptr;
}

Duration sample(const LatencyRow& row, Random& random) {
  constexpr double normal_at_99_percent = 2.326347874;
  const double sigma = std::log(to_ms(row.p99) / to_ms(row.p50)) / normal_at_99_percent;
  return microseconds(static_cast<std::int64_t>(static_cast<double>(row.p50.us) * std::exp(sigma * normal(random))));
}

std::span<const ColdStartRow> cold_start_rows() { return cold_starts; }

const ColdStartRow* find_cold_start(std::string_view runtime, std::string_view architecture) {
  const auto wanted = parse(runtime);
  const ColdStartRow* best = nullptr;
  std::int64_t best_distance = 0;
  for (const auto& row : cold_starts) {
    const auto name = parse(row.runtime);
    if (row.architecture != architecture || name.language != wanted.language) continue;
    if (row.runtime == runtime) return &row;
    const auto distance = std::abs(name.version - wanted.version);
    if (best != nullptr && distance >= best_distance) continue;
    best = &row;
    best_distance = distance;
  }
  return best;
}

Duration sample(const ColdStartRow& row, Random& random) {
  const double at = random.fraction();
  // Below the lowest point there is no measurement: nothing is faster than it.
  if (at <= quantile_points[0]) return row.quantiles[0];
  const auto above =
      static_cast<std::size_t>(std::lower_bound(std::begin(quantile_points), std::end(quantile_points), at) - quantile_points);
  const auto low = row.quantiles[above - 1];
  const auto high = row.quantiles[above];
  const double part = (at - quantile_points[above - 1]) / (quantile_points[above] - quantile_points[above - 1]);
  return microseconds(low.us + static_cast<std::int64_t>(part * static_cast<double>(high.us - low.us)));
}

}  // namespace surgetank
