#include "windtunnel/prediction/knee.h"

#include <algorithm>
#include <cstdio>

#include "windtunnel/prediction/relief_search.h"

namespace surgetank::prediction {
namespace {

constexpr double lowest_rate = 0.01;
constexpr int most_probes = 60;

std::string number(double value) {
  char text[48];
  std::snprintf(text, sizeof text, "%.4g", value);
  return text;
}

windtunnel::Traffic traffic_of(const KneeSearch& search, double rate) {
  windtunnel::Traffic traffic;
  traffic.seed = search.seed;
  auto& ramp = traffic.phases.emplace_back();
  ramp.shape = windtunnel::TrafficPhase::Shape::Ramp;
  ramp.length = search.ramp_up;
  ramp.rate = rate / 10;
  ramp.peak = rate;
  auto& constant = traffic.phases.emplace_back();
  constant.rate = rate;
  constant.length = search.measured;
  const auto most_seconds = std::max(10.0, search.most_requests / rate);
  constant.length = std::min(constant.length, microseconds(static_cast<std::int64_t>(most_seconds * 1e6)));
  return traffic;
}

Conditions conditions_of_probe(Conditions conditions, const KneeSearch& search) {
  conditions.warm_up = search.ramp_up;
  conditions.longest_tail = seconds(60);
  return conditions;
}

Outcome probe(const Profile& profile, const Conditions& conditions, const KneeSearch& search, double rate) {
  return predict(profile, traffic_of(search, rate), conditions_of_probe(conditions, search));
}

}  // namespace

std::string missed(const Outcome& outcome, const Thresholds& thresholds) {
  const auto& total = outcome.total;
  const auto bad = static_cast<double>(total.throttled + total.failed);
  if (bad > thresholds.failed_share * static_cast<double>(total.requests))
    return number(100 * bad / static_cast<double>(total.requests)) + " % fail, more than " + number(100 * thresholds.failed_share) + " %";
  if (thresholds.p99_ms && total.latency.p99_ms > *thresholds.p99_ms)
    return "p99 is " + number(total.latency.p99_ms) + " ms, more than " + number(*thresholds.p99_ms) + " ms";
  for (const auto& queue : outcome.queues) {
    if (queue.sent == 0) continue;
    if (static_cast<double>(queue.dead) > thresholds.failed_share * static_cast<double>(queue.sent))
      return "messages of " + queue.name + " go to its dead-letter queue";
    if (left_behind(queue) > 0) return queue.name + " grows: " + std::to_string(queue.depth_at_traffic_end) + " messages wait at the end";
  }
  return {};
}

Knee find_knee(const Profile& profile, const Conditions& conditions, const KneeSearch& search,
               const std::function<void(const Probe&)>& progress) {
  Knee knee;
  double good = 0;
  double bad = 0;
  double rate = std::clamp(search.first_rate, lowest_rate, search.highest_rate);
  for (int i = 0; i < most_probes; ++i) {
    Probe one{.rate = rate, .missed = {}, .outcome = probe(profile, conditions, search, rate)};
    one.missed = missed(one.outcome, search.thresholds);
    (one.missed.empty() ? good : bad) = rate;
    if (progress) progress(one);
    knee.probes.push_back(std::move(one));
    if (bad == 0) {
      knee.is_highest_asked = rate >= search.highest_rate;
      if (knee.is_highest_asked) break;
      rate = std::min(rate * 2, search.highest_rate);
    } else if (good == 0) {
      rate /= 4;
      if (rate < lowest_rate) break;
    } else {
      if (bad - good <= search.precision * good) break;
      rate = (good + bad) / 2;
    }
  }
  if (good > 0) knee.rate = good;
  std::sort(knee.probes.begin(), knee.probes.end(), [](const Probe& a, const Probe& b) { return a.rate < b.rate; });
  for (auto& one : knee.probes) {
    if (one.rate != bad) continue;
    if (search.reliefs == KneeSearch::Reliefs::LookFor)
      find_relief(profile, traffic_of(search, bad), conditions_of_probe(conditions, search),
                  {.tolerated_lost_share = search.thresholds.failed_share, .trying = search.trying}, one.outcome);
    knee.bottleneck = one.outcome.bottleneck;
    knee.relief = one.outcome.relief;
  }
  return knee;
}

}  // namespace surgetank::prediction
