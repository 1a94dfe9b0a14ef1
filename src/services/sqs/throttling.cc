#include "services/sqs/throttling.h"

#include "kernel/ports.h"
#include "kernel/quotas.h"
#include "services/sqs/quotas.h"

namespace surgetank::sqs {

Result<Unit> take_turn(Call& call, const LoadedQueue& queue, QueueAction action, const std::vector<std::string_view>& groups) {
  auto* registry = call.ports.quotas;
  const auto& settings = queue.settings();
  // A long poll that runs again has taken its turn.
  if (registry == nullptr || !settings.is_fifo() || call.arrived() != call.now) return Unit{};
  std::string owner = settings.name;
  owner += '/';
  const auto name_end = owner.size();
  const auto of = [&](std::string_view rest) {
    owner.resize(name_end);
    owner += rest;
    return Quotas::Owner{.account = call.account(), .region = call.region(), .resource = owner};
  };
  constexpr std::string_view actions[] = {"send", "receive", "delete", "visibility"};
  const auto name = actions[static_cast<std::size_t>(action)];
  if (settings.throughput_limit != ThroughputLimit::PerMessageGroupId)
    return take_quota(registry, quotas::fifo_requests, of(name), call.now);
  SURGE_CHECK(take_quota(registry, quotas::fifo_high_throughput_requests, of(name), call.now));
  for (const auto group : groups) SURGE_CHECK(take_quota(registry, quotas::fifo_group_requests, of(group), call.now));
  return Unit{};
}

}  // namespace surgetank::sqs
