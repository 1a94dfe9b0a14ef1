#include "windtunnel/prediction/aws_latencies.h"

#include <algorithm>
#include <set>

#include "base/text.h"
#include "kernel/latency_profile.h"

namespace surgetank::prediction {
namespace {

constexpr std::uint64_t seed = 1;
constexpr int samples = 1'000;

Distribution of_row(const LatencyRow& row) { return Distribution::log_normal(row.p50, row.p99); }

// Of one time after another, each drawn by itself.
template <class First, class Second>
Distribution sum(const First& first, const Second& second) {
  Random random(seed);
  std::vector<Duration> values;
  for (int i = 0; i < samples; ++i) values.push_back(first(random) + second(random));
  return Distribution::recorded(std::move(values));
}

auto drawn(const Distribution& distribution) {
  return [&distribution](Random& random) { return distribution.sample(random); };
}
auto drawn(const LatencyRow& row) {
  return [&row](Random& random) { return sample(row, random); };
}

// The work stays what it was, however long the whole takes now.
void replace_time(Distribution& time, double& cpu_share, Distribution by) {
  const auto work_us = cpu_share * static_cast<double>(time.mean().us);
  time = std::move(by);
  cpu_share = time.mean().us > 0 ? std::min(1.0, work_us / static_cast<double>(time.mean().us)) : 0;
}

void replace_step(Step& step, std::set<std::string>& unknown) {
  switch (step.kind) {
    case StepKind::AwsCall: {
      const auto dot = step.name.find('.');
      const auto* row = find_latency(to_lower(step.name.substr(0, dot)), step.name.substr(dot + 1));
      if (row == nullptr) {
        unknown.insert(step.name);
        return;
      }
      return replace_time(step.time, step.cpu_share, of_row(*row));
    }
    case StepKind::Send:
      if (const auto* row = find_latency("sqs", "SendMessage")) replace_time(step.time, step.cpu_share, of_row(*row));
      return;
    case StepKind::Invoke:
      if (const auto* row = find_latency("lambda", "Invoke")) replace_time(step.time, step.cpu_share, of_row(*row));
      return;
    case StepKind::DatabaseConnect:
      if (const auto* row = find_latency("rds", "connect")) replace_time(step.time, step.cpu_share, of_row(*row));
      return;
    case StepKind::Compute:
    case StepKind::DatabaseStatement:
      return;
  }
}

Distribution init_on_aws(const FunctionProfile& function) {
  if (!function.init.is_zero()) return sum(drawn(function.init), drawn(environment_start));
  const auto* row = find_cold_start(function.runtime, "x86_64");
  if (row == nullptr) return of_row(environment_start);
  return sum([row](Random& random) { return sample(*row, random); }, drawn(environment_start));
}

}  // namespace

std::vector<std::string> use_aws_latencies(Profile& profile) {
  std::set<std::string> unknown;
  for (auto& function : profile.functions) {
    function.init = init_on_aws(function);
    for (auto& step : function.steps) replace_step(step, unknown);
  }
  const auto* gateway = find_latency("apigateway", "request");
  const auto* invoke = find_latency("lambda", "Invoke");
  for (auto& route : profile.routes) {
    if (route.entry != Entry::Gateway || gateway == nullptr) continue;
    auto overhead = of_row(*gateway);
    if (!route.function.empty() && invoke != nullptr) overhead = sum(drawn(*gateway), drawn(*invoke));
    replace_time(route.overhead, route.overhead_cpu_share, std::move(overhead));
  }
  return {unknown.begin(), unknown.end()};
}

}  // namespace surgetank::prediction
