// The part of a prediction that clients and API Gateway are in.
#include <algorithm>
#include <cmath>

#include "windtunnel/prediction/simulation.h"

namespace surgetank::prediction {
namespace {

constexpr Duration first_retry = milliseconds(100);  // full jitter, doubled each time, as the SDKs and most HTTP clients do
constexpr Duration longest_retry = seconds(20);
constexpr Quotas::Owner owner{.account = "000000000000", .region = "us-east-1"};

}  // namespace

void Simulation::next_arrival() {
  const auto next = schedule_.next();
  has_arrivals_ = next.has_value();
  if (next) heap_.push(begin_ + next->at, EventKind::Arrival, 0);
}

std::uint32_t Simulation::choose_route() {
  if (routes_.size() == 1) return 0;
  const double place = choices_.fraction() * routes_.back().weight_until;
  for (std::uint32_t i = 0; i < routes_.size(); ++i)
    if (place < routes_[i].weight_until) return i;
  return static_cast<std::uint32_t>(routes_.size() - 1);
}

void Simulation::arrival() {
  next_arrival();
  moment_.rate += 1;
  const auto number = requests_.take();
  auto& request = requests_[number];
  request.route = choose_route();
  request.arrived = now();
  request.is_measured = now() >= begin_ + conditions_.warm_up;
  enter(number);
}

void Simulation::enter(std::uint32_t number) {
  auto& request = requests_[number];
  ++request.tries;
  const auto& route = *routes_[request.route].profile;
  // The route's own limit first, then the account's, as the gateway has it.
  if (const auto& throttle = routes_[request.route].throttle; throttle != nullptr && !throttle->take(now()))
    return answer(number, routes_[request.route].throttle_limit);
  if (route.entry == Entry::Gateway && gateway_row_ != nullptr && !quotas_.take(*gateway_row_, owner, now()))
    return answer(number, gateway_limit_);
  if (route.entry == Entry::Gateway) {
    constexpr double step_bytes = 512 * 1024;
    use_.gateway_request_steps +=
        std::max(1.0, std::ceil(static_cast<double>(std::max(route.request_bytes, route.response_bytes)) / step_bytes));
  }
  work(EventKind::RequestEnters, number, request.generation, route.overhead.sample(choices_), route.overhead_cpu_share, host_station_);
}

void Simulation::request_enters(std::uint32_t number) {
  const auto& request = requests_[number];
  auto& route = routes_[request.route];
  if (route.function == none) {
    send(route.queue);
    return answer(number, no_limit);
  }
  const auto generation = request.generation;
  if (route.profile->entry == Entry::Gateway && route.deadlines.add(now(), number, generation))
    heap_.push(*route.deadlines.next_due(), EventKind::GatewayTimeout, request.route);
  submit(route.function, {.kind = OriginKind::Request, .subject = number, .generation = generation});
}

void Simulation::gateway_timeouts(std::uint32_t number) {
  auto& route = routes_[number];
  while (const auto due = route.deadlines.expired(now()))
    if (requests_.is_current(due->subject, due->generation)) answer(due->subject, route.timeout_limit);
  route.deadlines.forget_unwanted(
      [&](const DeadlineLine::Deadline& deadline) { return requests_.is_current(deadline.subject, deadline.generation); });
  if (const auto next = route.deadlines.next_due()) heap_.push(*next, EventKind::GatewayTimeout, number);
}

void Simulation::answer(std::uint32_t number, LimitNumber reason) {
  auto& request = requests_[number];
  if (reason != no_limit) {
    ledger_.refused(reason, now());
    if (request.tries <= conditions_.client_retries) {
      const auto most = std::min(first_retry * (std::int64_t{1} << std::min(request.tries - 1, 16)), longest_retry);
      if (request.is_measured) ++routes_[request.route].figures.client_retries;
      const auto wait = microseconds(static_cast<std::int64_t>(choices_.fraction() * static_cast<double>(most.us)));
      // A new generation: whatever still runs for the old try answers nobody.
      const Request again{.route = request.route, .arrived = request.arrived, .tries = request.tries, .is_measured = request.is_measured};
      requests_.give_back(number);
      const auto successor = requests_.take();
      const auto generation = requests_[successor].generation;
      requests_[successor] = again;
      requests_[successor].generation = generation;
      return heap_.push(now() + wait, EventKind::RequestRetries, successor, generation);
    }
  }
  count_answer(request, reason);
  requests_.give_back(number);
}

void Simulation::count_answer(const Request& request, LimitNumber reason) {
  const auto latency = now() - request.arrived;
  const bool is_throttled = reason != no_limit && ledger_[reason].effect == LimitEffect::Throttled;
  moment_latency_.add(latency);
  (reason == no_limit ? moment_.succeeded : is_throttled ? moment_.throttled : moment_.failed) += 1;
  work_beside(profile_.host.work_beside_request);
  if (!request.is_measured) return;
  auto& route = routes_[request.route];
  ++route.figures.requests;
  route.latency.add(latency);
  if (reason == no_limit) {
    ++route.figures.succeeded;
    route.success_latency.add(latency);
  } else {
    ++(is_throttled ? route.figures.throttled : route.figures.failed);
  }
}

}  // namespace surgetank::prediction
