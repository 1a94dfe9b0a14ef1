// What must hold of a profile however it was made.
#include <algorithm>
#include <functional>

#include "services/rds/instance_classes.h"
#include "stack/problems.h"
#include "windtunnel/prediction/profile_file.h"

namespace surgetank::prediction {
namespace {

template <class Item>
std::vector<std::string_view> names_of(const std::vector<Item>& items) {
  std::vector<std::string_view> names;
  for (const auto& item : items) names.push_back(item.name);
  return names;
}

struct Names {
  std::vector<std::string_view> functions;
  std::vector<std::string_view> queues;
  std::vector<std::string_view> databases;
};

std::string missing(const std::string& where, std::string_view kind, const std::string& name, const std::vector<std::string_view>& known) {
  if (std::find(known.begin(), known.end(), name) != known.end()) return {};
  if (name.empty()) return where + " names no " + std::string(kind) + "; " + stack::one_of(name, known);
  return where + ": there is no " + std::string(kind) + " `" + name + "`; " + stack::one_of(name, known);
}

std::string check_step(const FunctionProfile& function, std::size_t place, const Names& names) {
  const auto& step = function.steps[place];
  const auto where = "step " + std::to_string(place + 1) + " of function `" + function.name + "`";
  switch (step.kind) {
    case StepKind::DatabaseConnect:
    case StepKind::DatabaseStatement:
      return missing(where, "database", step.target, names.databases);
    case StepKind::Send:
      return missing(where, "queue", step.target, names.queues);
    case StepKind::Invoke:
      return missing(where, "function", step.target, names.functions);
    case StepKind::AwsCall:
      if (step.name.find('.') == std::string::npos)
        return where + ": `" + step.name + "` is no call; write Service.Operation, as SQS.SendMessage";
      return {};
    case StepKind::Compute:
      return {};
  }
  return {};
}

// A function that waits for itself, over others, never answers.
std::string check_circles(const Profile& profile) {
  std::vector<int> state(profile.functions.size(), 0);  // 1: on the path, 2: fine
  std::string circle;
  const std::function<void(std::size_t)> visit = [&](std::size_t number) {
    if (state[number] == 1) circle = profile.functions[number].name;
    if (state[number] != 0) return;
    state[number] = 1;
    for (const auto& step : profile.functions[number].steps) {
      if (step.kind != StepKind::Invoke || step.mode != InvokeMode::Wait) continue;
      for (std::size_t i = 0; i < profile.functions.size(); ++i)
        if (profile.functions[i].name == step.target) visit(i);
    }
    state[number] = 2;
  };
  for (std::size_t i = 0; i < profile.functions.size(); ++i) visit(i);
  return circle.empty() ? std::string() : "function `" + circle + "` waits for itself, over the functions that it invokes";
}

std::string check_routes(const Profile& profile, const Names& names) {
  if (profile.routes.empty()) return "there is no route: nothing for traffic to reach; write one under `routes`";
  double weights = 0;
  for (const auto& route : profile.routes) {
    weights += route.weight;
    const auto where = "route `" + route.name + "`";
    if (!route.function.empty() && !route.queue.empty()) return where + " names a function and a queue; one of them is enough";
    auto wrong = route.queue.empty() ? missing(where, "function", route.function, names.functions)
                                     : missing(where, "queue", route.queue, names.queues);
    if (!wrong.empty()) return wrong;
  }
  return weights > 0 ? std::string() : "all routes have the weight 0; give one of them traffic";
}

std::string check_queues(const Profile& profile, const Names& names) {
  for (const auto& queue : profile.queues) {
    if (queue.dead_letter_queue.empty()) continue;
    if (queue.dead_letter_queue == queue.name) return "queue `" + queue.name + "` is its own dead-letter queue";
    auto wrong = missing("queue `" + queue.name + "`", "queue", queue.dead_letter_queue, names.queues);
    if (!wrong.empty()) return wrong;
    if (queue.maximum_receive_count == 0)
      return "queue `" + queue.name + "` has a dead-letter queue and no `receives`; write after how many receives";
  }
  for (const auto& mapping : profile.mappings) {
    if (mapping.maximum_concurrency && (mapping.minimum_pollers || mapping.maximum_pollers))
      return "the mapping of `" + mapping.queue + "`: provisioned pollers and maximum_concurrency exclude each other; leave one out";
    auto wrong = missing("a mapping", "queue", mapping.queue, names.queues);
    if (wrong.empty()) wrong = missing("the mapping of `" + mapping.queue + "`", "function", mapping.function, names.functions);
    if (!wrong.empty()) return wrong;
    const auto queue =
        std::find_if(profile.queues.begin(), profile.queues.end(), [&](const auto& one) { return one.name == mapping.queue; });
    if (queue->is_fifo && mapping.batch_size > 10) return "the mapping of `" + mapping.queue + "`: a FIFO queue has batches of at most 10";
  }
  return {};
}

}  // namespace

bool is_region(std::string_view text) {
  constexpr std::size_t longest = 32;
  return !text.empty() && text.size() <= longest &&
         std::all_of(text.begin(), text.end(), [](char c) { return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-'; });
}

std::string check_profile(const Profile& profile) {
  if (!profile.region.empty() && !is_region(profile.region)) return "`" + profile.region + "` is no region; write one as eu-west-2";
  if (profile.routes.size() > most_routes || profile.functions.size() > most_functions || profile.queues.size() > most_queues ||
      profile.mappings.size() > most_queues || profile.databases.size() > most_databases)
    return "too much: at most 300 routes, functions, queues and mappings, and 50 databases";
  const Names names{names_of(profile.functions), names_of(profile.queues), names_of(profile.databases)};
  for (const auto& function : profile.functions) {
    if (function.steps.size() > most_steps) return "function `" + function.name + "` has more than 64 steps";
    if (function.timeout <= Duration{}) return "function `" + function.name + "` has no time: its timeout is 0";
    for (std::size_t i = 0; i < function.steps.size(); ++i)
      if (auto wrong = check_step(function, i, names); !wrong.empty()) return wrong;
  }
  for (const auto& database : profile.databases)
    if (!rds::class_memory_mib(database.instance_class))
      return "database `" + database.name + "`: there is no class `" + database.instance_class +
             "`; write one as db.t4g.micro or db.r6g.large";
  if (auto wrong = check_routes(profile, names); !wrong.empty()) return wrong;
  if (auto wrong = check_queues(profile, names); !wrong.empty()) return wrong;
  return check_circles(profile);
}

}  // namespace surgetank::prediction
