#include "windtunnel/prediction/profile_file.h"

#include <algorithm>
#include <array>
#include <set>
#include <utility>

#include "base/text.h"
#include "services/rds/instance_classes.h"
#include "windtunnel/prediction/profile_reader.h"

namespace surgetank::prediction {
namespace {

using stack::Node;
using stack::NodeKind;

constexpr std::array<std::string_view, 6> step_names = {"compute", "aws", "connect", "statement", "send", "invoke"};
constexpr std::array<std::string_view, 2> occurs_names = {"invocation", "environment"};
constexpr std::array<std::string_view, 2> mode_names = {"wait", "event"};
constexpr std::array<std::string_view, 2> entry_names = {"gateway", "direct"};
constexpr std::array<std::string_view, 2> failure_names = {"whole", "reported"};
constexpr double longest_timeout_seconds = 900;
constexpr double longest_visibility_seconds = 43'200;
constexpr double longest_retention_seconds = 1'209'600;
constexpr std::int64_t most_concurrency = 1'000'000;

// compute: 5 | aws: Service.Operation, time: ... | connect: Database, time: ... | statement: Database | send: Queue | invoke: Function
Step read_step(const Node& node, const std::string& what, stack::Problems& problems) {
  ProfileReader reader(node, what, problems);
  constexpr std::array<std::string_view, 12> members = {"compute", "aws", "connect",     "statement", "send", "invoke",
                                                        "time",    "cpu", "probability", "each",      "mode", "text"};
  Step step;
  if (!reader.allow(members)) return step;
  std::size_t kinds = 0;
  for (std::size_t i = 0; i < step_names.size(); ++i) {
    if (reader.find(step_names[i]) == nullptr) continue;
    ++kinds;
    step.kind = static_cast<StepKind>(i);
  }
  if (kinds != 1) {
    reader.problem(reader.position(), "does " + std::to_string(kinds) + " things",
                   "write one of compute, aws, connect, statement, send and invoke");
    return step;
  }
  if (step.kind == StepKind::Compute) {
    step.time = reader.times("compute");
  } else {
    (step.kind == StepKind::AwsCall ? step.name : step.target) = reader.text(step_names[static_cast<std::size_t>(step.kind)]);
    step.time = reader.times("time");
  }
  if (step.kind == StepKind::DatabaseStatement) step.name = reader.text("text");
  step.cpu_share = reader.number("cpu", 0, 0, 1);
  step.probability = reader.number("probability", 1, 0, 1);
  step.occurs = static_cast<StepOccurs>(reader.choice("each", occurs_names, 0));
  step.mode = static_cast<InvokeMode>(reader.choice("mode", mode_names, 0));
  return step;
}

void read_warm_up(ProfileReader& reader, const std::string& name, stack::Problems& problems, FunctionProfile& function) {
  const auto* warm_up = reader.find("warm_up");
  if (warm_up == nullptr) return;
  if (!warm_up->is(NodeKind::List) || warm_up->items.size() > most_warm_ups)
    return reader.problem(warm_up->position, "`warm_up` is no list of at most 16 stretches");
  for (const auto& item : warm_up->items) {
    ProfileReader stretch(item, "warm-up of function `" + name + "`", problems);
    constexpr std::array<std::string_view, 3> members = {"until", "time", "beside"};
    if (!stretch.allow(members)) return;
    const auto least = function.warm_up.empty() ? 1 : function.warm_up.back().until + 1;
    function.warm_up.push_back({.until = stretch.integer("until", least, least, 1'000'000),
                                .time = stretch.times("time").mean(),
                                .beside = stretch.times("beside").mean()});
  }
}

FunctionProfile read_function(const stack::Member& member, stack::Problems& problems) {
  ProfileReader reader(member.value, "function `" + member.key + "`", problems);
  constexpr std::array<std::string_view, 15> members = {"runtime",   "memory_mb",
                                                        "timeout",   "init",
                                                        "init_cpu",  "init_beside",
                                                        "warm_up",   "steps",
                                                        "beside",    "failures",
                                                        "retries",   "reserved_concurrency",
                                                        "event_age", "provisioned_concurrency",
                                                        "together"};
  FunctionProfile function{.name = member.key};
  if (!reader.allow(members)) return function;
  function.runtime = reader.text("runtime");
  function.memory_mb = reader.integer("memory_mb", function.memory_mb, 128, 10'240);
  function.timeout = reader.span_seconds("timeout", function.timeout, longest_timeout_seconds);
  function.init = reader.times("init");
  function.init_cpu_share = reader.number("init_cpu", 1, 0, 1);
  function.init_work_beside = reader.times("init_beside").mean();
  function.work_beside = reader.times("beside").mean();
  function.slow_together = reader.number("together", 0, 0, 1);
  read_warm_up(reader, member.key, problems, function);
  function.failure_share = reader.number("failures", 0, 0, 1);
  function.reserved_concurrency = reader.optional_integer("reserved_concurrency", 0, most_concurrency);
  function.provisioned_concurrency = reader.integer("provisioned_concurrency", 0, 0, most_concurrency);
  function.maximum_retry_attempts = reader.integer("retries", 2, 0, 2);
  function.maximum_event_age = reader.span_seconds("event_age", function.maximum_event_age, 21'600);
  const auto* steps = reader.find("steps");
  if (steps == nullptr) return function;
  if (!steps->is(NodeKind::List) || steps->items.size() > most_steps) {
    reader.problem(steps->position, "`steps` is no list of at most 64 steps");
    return function;
  }
  for (std::size_t i = 0; i < steps->items.size(); ++i)
    function.steps.push_back(read_step(steps->items[i], "step " + std::to_string(i + 1) + " of function `" + member.key + "`", problems));
  return function;
}

RouteProfile read_route(const stack::Member& member, stack::Problems& problems) {
  ProfileReader reader(member.value, "route `" + member.key + "`", problems);
  constexpr std::array<std::string_view, 11> members = {"function",       "queue",         "entry",         "weight",
                                                        "overhead",       "overhead_cpu",  "timeout",       "request_bytes",
                                                        "response_bytes", "throttle_rate", "throttle_burst"};
  RouteProfile route{.name = member.key};
  if (!reader.allow(members)) return route;
  route.function = reader.text("function");
  route.queue = reader.text("queue");
  route.entry = static_cast<Entry>(reader.choice("entry", entry_names, 0));
  route.weight = reader.number("weight", 1, 0, 1e9);
  route.overhead = reader.times("overhead");
  route.overhead_cpu_share = reader.number("overhead_cpu", 0, 0, 1);
  route.timeout = reader.span_seconds("timeout", route.timeout, longest_timeout_seconds);
  route.request_bytes = reader.integer("request_bytes", 0, 0, 1 << 30);
  route.response_bytes = reader.integer("response_bytes", 0, 0, 1 << 30);
  if (reader.find("throttle_rate") != nullptr) route.throttle_rate = reader.number("throttle_rate", 0, 0.001, 1e6);
  route.throttle_burst = reader.integer("throttle_burst", route.throttle_burst, 0, 1'000'000);
  return route;
}

QueueProfile read_queue(const stack::Member& member, stack::Problems& problems) {
  ProfileReader reader(member.value, "queue `" + member.key + "`", problems);
  constexpr std::array<std::string_view, 8> members = {"fifo",     "delay",        "visibility",    "retention",
                                                       "receives", "dead_letters", "message_bytes", "groups"};
  QueueProfile queue{.name = member.key};
  if (!reader.allow(members)) return queue;
  constexpr std::array<std::string_view, 2> truths = {"false", "true"};
  queue.is_fifo = reader.choice("fifo", truths, 0) == 1;
  queue.delay = reader.span_seconds("delay", queue.delay, 900);
  queue.visibility = reader.span_seconds("visibility", queue.visibility, longest_visibility_seconds);
  queue.retention = reader.span_seconds("retention", queue.retention, longest_retention_seconds);
  queue.maximum_receive_count = reader.integer("receives", 0, 0, 1'000);
  queue.dead_letter_queue = reader.text("dead_letters");
  queue.message_bytes = reader.integer("message_bytes", queue.message_bytes, 0, 1'048'576);
  queue.groups = reader.integer("groups", 1, 1, 1'000'000);
  return queue;
}

MappingProfile read_mapping(const Node& node, std::size_t place, stack::Problems& problems) {
  ProfileReader reader(node, "mapping " + std::to_string(place), problems);
  constexpr std::array<std::string_view, 8> members = {"queue",    "function",        "batch_size",     "window", "maximum_concurrency",
                                                       "failures", "minimum_pollers", "maximum_pollers"};
  MappingProfile mapping;
  if (!reader.allow(members)) return mapping;
  mapping.queue = reader.text("queue");
  mapping.function = reader.text("function");
  mapping.batch_size = reader.integer("batch_size", 10, 1, 10'000);
  mapping.window = reader.span_seconds("window", mapping.window, 300);
  mapping.maximum_concurrency = reader.optional_integer("maximum_concurrency", 2, 1'000);
  mapping.failures = static_cast<BatchFailures>(reader.choice("failures", failure_names, 0));
  mapping.minimum_pollers = reader.optional_integer("minimum_pollers", 2, 200);
  mapping.maximum_pollers = reader.optional_integer("maximum_pollers", 2, 2'000);
  return mapping;
}

DatabaseProfile read_database(const stack::Member& member, stack::Problems& problems) {
  ProfileReader reader(member.value, "database `" + member.key + "`", problems);
  constexpr std::array<std::string_view, 1> members = {"instance_class"};
  DatabaseProfile database{.name = member.key};
  if (!reader.allow(members)) return database;
  if (auto text = reader.text("instance_class"); !text.empty()) database.instance_class = std::move(text);
  return database;
}

HostProfile read_host(const Node& node, stack::Problems& problems) {
  ProfileReader reader(node, "host", problems);
  constexpr std::array<std::string_view, 6> members = {"processors", "processes",     "work_beside_request",
                                                       "background", "recorded_rate", "recorded_use"};
  HostProfile host;
  if (!reader.allow(members)) return host;
  host.processors = reader.number("processors", 0, 0, 4'096);
  host.processes = reader.integer("processes", 0, 0, 1'000'000);
  host.work_beside_request = reader.times("work_beside_request").mean();
  host.background = reader.number("background", 0, 0, 4'096);
  host.recorded_rate = reader.number("recorded_rate", 0, 0, 1e9);
  host.recorded_use = reader.number("recorded_use", 0, 0, 1);
  return host;
}

// Which ids there are is checked later (check_quota_ids): a file does not know them.
ProfileQuotas read_quotas(const Node& node, stack::Problems& problems) {
  ProfileQuotas quotas;
  if (!node.is(NodeKind::Map) || node.members.size() > most_quotas) {
    problems.add(node.position, "`quotas` is no map of at most 1000 members");
    return quotas;
  }
  ProfileReader reader(node, "quotas", problems);
  const std::array names = {name_of(QuotaProfile::Aws), name_of(QuotaProfile::AwsNewAccount), name_of(QuotaProfile::None)};
  quotas.profile = static_cast<QuotaProfile>(reader.choice("profile", names, 0));
  for (const auto& member : node.members) {
    if (member.key == "profile") continue;
    const bool is_unlimited = member.value.is_scalar() && member.value.text == "unlimited";
    quotas.values[member.key] = is_unlimited ? Quotas::unlimited : reader.integer(member.key, 0, 0, INT64_MAX / 1'000'000);
  }
  return quotas;
}

// The members of a map at the top, each read by `read`.
template <class Item, class Read>
void read_members(const Node& top, std::string_view name, std::size_t most, stack::Problems& problems, std::vector<Item>& items,
                  const Read& read) {
  const auto* node = top.find(name);
  if (node == nullptr || node->is(NodeKind::Null)) return;
  if (!node->is(NodeKind::Map) || node->members.size() > most) {
    problems.add(node->position, "`" + std::string(name) + "` is no map of at most " + std::to_string(most) + " members");
    return;
  }
  for (const auto& member : node->members) items.push_back(read(member, problems));
}

Profile read_node(const Node& top, stack::Problems& problems) {
  Profile profile;
  ProfileReader reader(top, "profile", problems);
  constexpr std::array<std::string_view, 11> members = {"source", "version",  "region",    "quotas", "routes",      "functions",
                                                        "queues", "mappings", "databases", "host",   "not_modelled"};
  if (!reader.allow(members)) return profile;
  reader.integer("version", 1, 1, 1);
  profile.source = reader.text("source");
  profile.region = reader.text("region");
  if (const auto* quotas = reader.find("quotas")) profile.quotas = read_quotas(*quotas, problems);
  if (const auto* left_out = reader.find("not_modelled"); left_out != nullptr) {
    if (!left_out->is(NodeKind::List) || left_out->items.size() > most_routes + most_queues)
      reader.problem(left_out->position, "`not_modelled` is no list of at most 600 texts");
    else
      for (const auto& item : left_out->items) profile.not_modelled.push_back(item.text);
  }
  read_members(top, "routes", most_routes, problems, profile.routes, read_route);
  read_members(top, "functions", most_functions, problems, profile.functions, read_function);
  read_members(top, "queues", most_queues, problems, profile.queues, read_queue);
  read_members(top, "databases", most_databases, problems, profile.databases, read_database);
  if (const auto* mappings = reader.find("mappings"); mappings != nullptr && !mappings->is(NodeKind::Null)) {
    if (!mappings->is(NodeKind::List) || mappings->items.size() > most_queues) {
      problems.add(mappings->position, "`mappings` is no list of at most 300 mappings");
    } else {
      for (std::size_t i = 0; i < mappings->items.size(); ++i)
        profile.mappings.push_back(read_mapping(mappings->items[i], i + 1, problems));
    }
  }
  if (const auto* host = reader.find("host")) profile.host = read_host(*host, problems);
  return profile;
}

}  // namespace

ProfileReading read_profile(std::string_view text, std::string_view file_name) {
  stack::Problems problems{std::string(file_name)};
  const auto told = [&] { return ProfileReading{.profile = std::nullopt, .problem = join(problems.lines(), "\n")}; };
  const auto node = stack::read_template(text, stack::guess_syntax(file_name, text), problems);
  if (!node || !problems.empty()) return told();
  auto profile = read_node(*node, problems);
  if (!problems.empty()) return told();
  if (auto wrong = check_profile(profile); !wrong.empty())
    return {.profile = std::nullopt, .problem = std::string(file_name) + ": " + std::move(wrong)};
  return {.profile = std::move(profile), .problem = {}};
}

}  // namespace surgetank::prediction
