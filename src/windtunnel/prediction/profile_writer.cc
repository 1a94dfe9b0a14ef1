// Profiles as JSON, in the form that read_profile takes.
#include <array>
#include <cmath>

#include "windtunnel/prediction/profile_file.h"
#include "wire/json_writer.h"

namespace surgetank::prediction {
namespace {

constexpr std::array<std::string_view, 6> step_names = {"compute", "aws", "connect", "statement", "send", "invoke"};

void write_number(JsonWriter& json, double value) {
  if (value == std::floor(value) && std::abs(value) < 1e15) {
    json.integer(static_cast<std::int64_t>(value));
  } else {
    json.number(value);
  }
}

double ms(Duration time) { return static_cast<double>(time.us) / 1000; }

void write_times(JsonWriter& json, std::string_view name, const Distribution& time) {
  json.key(name);
  switch (time.kind()) {
    case Distribution::Kind::Constant:
      return write_number(json, ms(time.mean()));
    case Distribution::Kind::Exponential:
      json.begin_object().key("exponential");
      write_number(json, ms(time.mean()));
      json.end_object();
      return;
    case Distribution::Kind::LogNormal:
      json.begin_object().key("p50");
      write_number(json, ms(time.p50()));
      json.key("p99");
      write_number(json, ms(time.p99()));
      json.end_object();
      return;
    case Distribution::Kind::Recorded:
      json.begin_object().key("values").begin_array();
      for (const auto value : time.values()) write_number(json, ms(value));
      json.end_array().end_object();
      return;
  }
}

void write_share(JsonWriter& json, std::string_view name, double share, double otherwise) {
  if (share == otherwise) return;
  json.key(name);
  write_number(json, share);
}

void write_text(JsonWriter& json, std::string_view name, std::string_view text) {
  if (!text.empty()) json.key(name).string(text);
}

void write_seconds(JsonWriter& json, std::string_view name, Duration time) {
  json.key(name);
  write_number(json, time.seconds());
}

void write_beside(JsonWriter& json, std::string_view name, Duration time) {
  if (time <= Duration{}) return;
  json.key(name);
  write_number(json, ms(time));
}

void write_step(JsonWriter& json, const Step& step) {
  const auto kind = step_names[static_cast<std::size_t>(step.kind)];
  json.begin_object();
  if (step.kind == StepKind::Compute) {
    write_times(json, "compute", step.time);
  } else {
    json.key(kind).string(step.kind == StepKind::AwsCall ? step.name : step.target);
    write_times(json, "time", step.time);
  }
  if (step.kind == StepKind::DatabaseStatement) write_text(json, "text", step.name);
  write_share(json, "cpu", step.cpu_share, 0);
  write_share(json, "probability", step.probability, 1);
  if (step.occurs == StepOccurs::OncePerEnvironment) json.key("each").string("environment");
  if (step.mode == InvokeMode::Event) json.key("mode").string("event");
  json.end_object();
}

void write_function(JsonWriter& json, const FunctionProfile& function) {
  json.key(function.name).begin_object();
  write_text(json, "runtime", function.runtime);
  json.key("memory_mb").integer(function.memory_mb);
  write_seconds(json, "timeout", function.timeout);
  write_times(json, "init", function.init);
  write_share(json, "init_cpu", function.init_cpu_share, 1);
  write_beside(json, "init_beside", function.init_work_beside);
  if (!function.warm_up.empty()) {
    json.key("warm_up").begin_array();
    for (const auto& one : function.warm_up) {
      json.begin_object().key("until").integer(one.until);
      write_beside(json, "time", one.time);
      write_beside(json, "beside", one.beside);
      json.end_object();
    }
    json.end_array();
  }
  write_share(json, "failures", function.failure_share, 0);
  if (function.reserved_concurrency) json.key("reserved_concurrency").integer(*function.reserved_concurrency);
  if (function.provisioned_concurrency > 0) json.key("provisioned_concurrency").integer(function.provisioned_concurrency);
  json.key("retries").integer(function.maximum_retry_attempts);
  write_seconds(json, "event_age", function.maximum_event_age);
  json.key("steps").begin_array();
  for (const auto& step : function.steps) write_step(json, step);
  json.end_array();
  write_share(json, "together", function.slow_together, 0);
  write_beside(json, "beside", function.work_beside);
  json.end_object();
}

void write_route(JsonWriter& json, const RouteProfile& route) {
  json.key(route.name).begin_object();
  write_text(json, "function", route.function);
  write_text(json, "queue", route.queue);
  if (route.entry == Entry::Direct) json.key("entry").string("direct");
  write_share(json, "weight", route.weight, 1);
  write_times(json, "overhead", route.overhead);
  write_share(json, "overhead_cpu", route.overhead_cpu_share, 0);
  write_seconds(json, "timeout", route.timeout);
  if (route.throttle_rate) {
    json.key("throttle_rate");
    write_number(json, *route.throttle_rate);
    json.key("throttle_burst").integer(route.throttle_burst);
  }
  json.key("request_bytes").integer(route.request_bytes).key("response_bytes").integer(route.response_bytes).end_object();
}

void write_queue(JsonWriter& json, const QueueProfile& queue) {
  json.key(queue.name).begin_object();
  if (queue.is_fifo) json.key("fifo").boolean(true);
  write_seconds(json, "delay", queue.delay);
  write_seconds(json, "visibility", queue.visibility);
  write_seconds(json, "retention", queue.retention);
  json.key("receives").integer(queue.maximum_receive_count);
  write_text(json, "dead_letters", queue.dead_letter_queue);
  json.key("message_bytes").integer(queue.message_bytes).key("groups").integer(queue.groups).end_object();
}

void write_mapping(JsonWriter& json, const MappingProfile& mapping) {
  json.begin_object()
      .key("queue")
      .string(mapping.queue)
      .key("function")
      .string(mapping.function)
      .key("batch_size")
      .integer(mapping.batch_size);
  write_seconds(json, "window", mapping.window);
  if (mapping.maximum_concurrency) json.key("maximum_concurrency").integer(*mapping.maximum_concurrency);
  if (mapping.minimum_pollers) json.key("minimum_pollers").integer(*mapping.minimum_pollers);
  if (mapping.maximum_pollers) json.key("maximum_pollers").integer(*mapping.maximum_pollers);
  if (mapping.failures == BatchFailures::Reported) json.key("failures").string("reported");
  json.end_object();
}

void write_quotas(JsonWriter& json, const ProfileQuotas& quotas) {
  json.key("quotas").begin_object().key("profile").string(name_of(quotas.profile));
  for (const auto& [id, value] : quotas.values) {
    json.key(id);
    if (value == Quotas::unlimited) {
      json.string("unlimited");
    } else {
      json.integer(value);
    }
  }
  json.end_object();
}

}  // namespace

std::string write_profile(const Profile& profile) {
  std::string text;
  JsonWriter json(text);
  json.begin_object().key("version").integer(1);
  write_text(json, "source", profile.source);
  write_text(json, "region", profile.region);
  if (profile.quotas != ProfileQuotas{}) write_quotas(json, profile.quotas);
  if (!profile.not_modelled.empty()) {
    json.key("not_modelled").begin_array();
    for (const auto& left_out : profile.not_modelled) json.string(left_out);
    json.end_array();
  }
  json.key("routes").begin_object();
  for (const auto& route : profile.routes) write_route(json, route);
  json.end_object().key("functions").begin_object();
  for (const auto& function : profile.functions) write_function(json, function);
  json.end_object().key("queues").begin_object();
  for (const auto& queue : profile.queues) write_queue(json, queue);
  json.end_object().key("mappings").begin_array();
  for (const auto& mapping : profile.mappings) write_mapping(json, mapping);
  json.end_array().key("databases").begin_object();
  for (const auto& database : profile.databases)
    json.key(database.name).begin_object().key("instance_class").string(database.instance_class).end_object();
  json.end_object().key("host").begin_object().key("processors");
  write_number(json, profile.host.processors);
  json.key("processes").integer(profile.host.processes);
  json.key("work_beside_request");
  write_number(json, ms(profile.host.work_beside_request));
  write_share(json, "background", profile.host.background, 0);
  write_share(json, "recorded_rate", profile.host.recorded_rate, 0);
  write_share(json, "recorded_use", std::min(1.0, profile.host.recorded_use), 0);
  json.end_object().end_object();
  text += '\n';
  return text;
}

}  // namespace surgetank::prediction
