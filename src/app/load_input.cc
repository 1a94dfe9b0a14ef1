#include "app/load_input.h"

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <optional>
#include <utility>

#include "app/client.h"
#include "base/text.h"
#include "windtunnel/load/load_plan_file.h"
#include "windtunnel/load/traffic_file.h"
#include "wire/json_value.h"
#include "wire/json_writer.h"

namespace surgetank {
namespace {

using windtunnel::LoadPlan;
using windtunnel::RequestPlan;
using Kind = RequestPlan::Kind;

constexpr std::size_t longest_name = 200;

bool is_plan_file(const std::string& what) {
  return what.ends_with(".yaml") || what.ends_with(".yml") || (what.find("://") == std::string::npos && std::filesystem::exists(what));
}

Result<std::string> read_input(const std::string& path) {
  try {
    return read_whole_file(path);
  } catch (const std::exception& failure) {
    return Error{&windtunnel::invalid_csv, path + " cannot be read: " + failure.what()};
  }
}

// What ${...} may name. The server is asked when the first name is used.
class Names {
 public:
  explicit Names(const ClientOptions& client) : client_(client) {}

  std::string replaced(const std::string& text) {
    std::string out;
    std::size_t at = 0;
    for (;;) {
      const auto open = text.find("${", at);
      const auto close = open == std::string::npos ? std::string::npos : text.find('}', open);
      if (close == std::string::npos || close - open > longest_name) return out + text.substr(at);
      out += text.substr(at, open - at) + value_of(text.substr(open + 2, close - open - 2));
      at = close + 1;
    }
  }

 private:
  std::string value_of(const std::string& name) {
    if (const char* variable = std::getenv(name.c_str())) return variable;
    if (!stacks_) {
      const auto document = parse_json(ServerClient(client_.data_directory).admin("GET", "/_surgetank/stacks"));
      stacks_ = document.ok() ? *document : JsonValue::object();
    }
    const auto* list = stacks_->find("stacks");
    const auto* stacks = list == nullptr ? nullptr : list->as_array();
    std::optional<std::string> found;
    if (stacks != nullptr)
      for (const auto& stack : *stacks) look_into(stack, name, found);
    if (!found) throw CommandError("${" + name + "} is neither an environment variable nor an output of a deployed stack");
    return *found;
  }
  static void look_into(const JsonValue& stack, const std::string& name, std::optional<std::string>& found) {
    const auto* stack_name = stack.find_string("stack");
    if (stack_name == nullptr) stack_name = stack.find_string("name");
    const auto* outputs = stack.find("outputs");
    if (outputs == nullptr) return;
    const auto take = [&](const std::string& output, const JsonValue* value) {
      const bool is_it = output == name || (stack_name != nullptr && *stack_name + "." + output == name);
      if (!is_it || value == nullptr || value->as_string() == nullptr) return;
      if (found && *found != *value->as_string()) throw CommandError("${" + name + "} is an output of two stacks: write ${stack.Output}");
      found = *value->as_string();
    };
    if (const auto* object = outputs->as_object()) {
      for (const auto& field : *object) take(field.name, field.value.is_object() ? field.value.find("value") : &field.value);
    } else if (const auto* array = outputs->as_array()) {
      for (const auto& row : *array)
        if (const auto* output = row.find_string("name")) take(*output, row.find("value"));
    }
  }

  const ClientOptions& client_;
  std::optional<JsonValue> stacks_;
};

LoadPlan read_plan(const std::string& path) {
  const auto text = read_input(path);
  if (!text.ok()) throw CommandError(text.error().message);
  const auto folder = std::filesystem::path(path).parent_path();
  stack::Problems problems(path);
  auto plan = windtunnel::read_load_plan(
      *text, [&folder](const std::string& file) { return read_input((folder / file).string()); }, problems);
  if (!plan) throw CommandError("the load plan has problems:\n" + join(problems.lines(), "\n"));
  return std::move(*plan);
}

void add_header(const std::string& text, RequestPlan& request) {
  const auto colon = text.find(':');
  if (colon == std::string::npos) throw CommandError("--header " + text + ": Name: value is expected");
  request.headers.emplace_back(std::string(trim(text.substr(0, colon))), std::string(trim(text.substr(colon + 1))));
}

Duration span_of(const char* option, const std::string& text) {
  const auto span = windtunnel::parse_span(text);
  if (!span) throw CommandError(std::string(option) + " " + text + " is not a length of time; write it like 500ms, 30s or 1m30s");
  return *span;
}

std::string body_of(const std::string& text) {
  if (!text.starts_with('@')) return text;
  const auto content = read_input(text.substr(1));
  if (!content.ok()) throw CommandError(content.error().message);
  return *content;
}

RequestPlan request_of(const LoadOptions& options) {
  const int targets = (options.what.empty() ? 0 : 1) + (options.invoke.empty() ? 0 : 1) + (options.send.empty() ? 0 : 1);
  if (targets != 1) throw CommandError("name one target: a load plan (.yaml), a URL, --invoke FUNCTION or --send QUEUE");
  RequestPlan request;
  request.body = body_of(options.body);
  if (!options.invoke.empty()) {
    request.kind = options.invocation == LoadOptions::InvocationKind::Event ? Kind::InvokeEvent : Kind::Invoke;
    request.target = request.name = options.invoke;
  } else if (!options.send.empty()) {
    request.kind = Kind::SendMessage;
    request.target = request.name = options.send;
  } else {
    const bool is_websocket = options.what.starts_with("ws://") || options.what.starts_with("wss://");
    request.kind = is_websocket ? Kind::WebSocket : Kind::Http;
    request.url = options.what;
    request.method = options.method.empty() ? (options.body.empty() ? "GET" : "POST") : to_upper(options.method);
    request.name = is_websocket ? "websocket" : request.method;
  }
  for (const auto& header : options.headers) add_header(header, request);
  request.expected = options.expected;
  return request;
}

void apply_traffic(const LoadOptions& options, LoadPlan& plan) {
  std::vector<std::string> phases = options.phases;
  if (options.rate > 0) {
    std::string phase = options.duration.empty() ? "30s" : options.duration;
    phases.insert(phases.begin(), phase + "@" + std::to_string(options.rate));
  } else if (!options.duration.empty()) {
    throw CommandError("--duration needs --rate");
  }
  if (!phases.empty()) plan.traffic.phases.clear();
  for (const auto& text : phases) {
    auto phase = windtunnel::parse_phase(text);
    if (!phase.ok()) throw CommandError(phase.error().message);
    plan.traffic.phases.push_back(std::move(*phase));
  }
  if (plan.traffic.phases.empty()) throw CommandError("say how much: --rate 50 --duration 30s, or --phase 30s@50..500 (repeatable)");
  if (!options.arrivals.empty())
    plan.traffic.arrivals = options.arrivals == "even" ? windtunnel::Traffic::Arrivals::Even : windtunnel::Traffic::Arrivals::Poisson;
  if (options.seed != 0) plan.traffic.seed = static_cast<std::uint64_t>(options.seed);
}

void apply_rest(const LoadOptions& options, LoadPlan& plan) {
  if (!options.csv.empty()) {
    const auto content = read_input(options.csv);
    if (!content.ok()) throw CommandError(content.error().message);
    auto table = windtunnel::read_csv(*content);
    if (!table.ok()) throw CommandError(options.csv + ": " + table.error().message);
    plan.csv = std::make_shared<const windtunnel::CsvTable>(std::move(*table));
  }
  if (!options.thresholds.empty()) plan.thresholds.clear();
  for (const auto& text : options.thresholds) {
    auto threshold = windtunnel::parse_threshold(text);
    if (!threshold.ok()) throw CommandError(threshold.error().message);
    plan.thresholds.push_back(std::move(*threshold));
  }
  if (!options.timeout.empty())
    for (auto& request : plan.requests) request.timeout = span_of("--timeout", options.timeout);
  plan.trust_file = options.trust_file;
  if (options.certificates == LoadOptions::Certificates::Any) plan.certificates = LoadPlan::Certificates::Any;
  if (options.connections > 0) plan.connections = options.connections;
  if (!options.follow.empty()) plan.follow = span_of("--follow", options.follow);
}

// Invoke and SendMessage go to the running server; a queue's name becomes its URL.
void find_aws_targets(const ClientOptions& client, LoadPlan& plan) {
  for (auto& request : plan.requests) {
    if (request.kind == Kind::Http || request.kind == Kind::WebSocket) continue;
    const ServerClient server(client.data_directory);
    plan.endpoint = server.url();
    plan.region = client.region;
    if (request.kind != Kind::SendMessage || request.target.find("://") != std::string::npos) continue;
    std::string input;
    JsonWriter(input).begin_object().key("QueueName").string(request.target).end_object();
    const auto reply = parse_json(server.json_api("sqs", client.region, "AmazonSQS.GetQueueUrl", input));
    const auto* url = reply.ok() ? reply->find_string("QueueUrl") : nullptr;
    if (url == nullptr) throw CommandError("the server does not know the queue " + request.target);
    request.target = *url;
  }
}

}  // namespace

LoadPlan load_plan_of(const ClientOptions& client, const LoadOptions& options) {
  LoadPlan plan;
  if (is_plan_file(options.what)) {
    plan = read_plan(options.what);
    if (!options.body.empty() || !options.headers.empty() || !options.invoke.empty() || !options.send.empty() || !options.method.empty() ||
        !options.expected.empty())
      throw CommandError("a load plan holds its own requests: --method, --header, --body, --expect, --invoke and --send do not go with it");
  } else {
    plan.requests.push_back(request_of(options));
  }
  apply_traffic(options, plan);
  apply_rest(options, plan);
  Names names(client);
  for (auto& request : plan.requests) {
    request.url = names.replaced(request.url);
    request.target = names.replaced(request.target);
    for (auto& [name, value] : request.headers) value = names.replaced(value);
  }
  find_aws_targets(client, plan);
  return plan;
}

void write_text_file(const std::string& path, const std::string& text) {
  std::ofstream file(path, std::ios::binary | std::ios::trunc);
  file << text;
  file.close();
  if (!file) throw CommandError(path + " cannot be written");
}

}  // namespace surgetank
