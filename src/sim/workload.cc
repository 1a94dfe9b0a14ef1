#include "sim/workload.h"

#include "sim/async_workload.h"
#include "sim/event_sources_workload.h"
#include "sim/invocations_workload.h"
#include "sim/secrets_workload.h"
#include "sim/sqs_workload.h"

namespace surgetank::sim {

RunResult run(Workload& workload, std::uint64_t seed, int steps, Faults faults) {
  World world(seed, workload.services(), faults);
  const auto started = world.now();
  for (int i = 0; i < steps && !workload.failure(); ++i) {
    workload.step(world);
    if (world.step()) workload.crashed();
  }
  world.settle();
  if (!workload.failure()) workload.verify(world);
  world.settle();
  return {.failure = workload.failure(),
          .operations = world.operations(),
          .crashes = world.crashes(),
          .virtual_time = world.now() - started,
          .digest = world.digest()};
}

std::unique_ptr<Workload> make_workload(std::string_view name) {
  if (name == "async") return std::make_unique<AsyncWorkload>();
  if (name == "event-sources") return std::make_unique<EventSourcesWorkload>();
  if (name == "invocations") return std::make_unique<InvocationsWorkload>();
  if (name == "secrets") return std::make_unique<SecretsWorkload>();
  if (name == "sqs") return std::make_unique<SqsWorkload>();
  return nullptr;
}

std::vector<std::string> workload_names() { return {"async", "event-sources", "invocations", "secrets", "sqs"}; }

}  // namespace surgetank::sim
