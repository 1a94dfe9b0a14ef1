#include "windtunnel/load/load_plan_file.h"

#include <algorithm>
#include <array>
#include <utility>

#include "base/text.h"
#include "stack/template_node.h"
#include "windtunnel/load/traffic_file.h"

namespace surgetank::windtunnel {
namespace {

using stack::Node;
using stack::NodeKind;
using Kind = RequestPlan::Kind;

constexpr std::array<std::string_view, 4> kind_keys = {"http", "websocket", "invoke", "send"};

std::string scalar(const Node& node, std::string_view key, stack::Problems& problems) {
  if (node.is_scalar()) return node.text;
  problems.add(node.position, "`" + std::string(key) + "` is not a text");
  return {};
}

Duration span(const Node& node, std::string_view key, Duration most, stack::Problems& problems) {
  const auto value = node.is_scalar() ? parse_span(node.text) : std::nullopt;
  if (value && *value <= most) return *value;
  problems.add(node.position, "`" + std::string(key) + "` is not a length of time up to " + span_text(most), "write it like 500ms or 30s");
  return seconds(1);
}

void read_http(const std::string& text, RequestPlan& request) {
  const auto space = text.find(' ');
  request.method = space == std::string::npos ? "" : to_upper(text.substr(0, space));
  request.url = trim(space == std::string::npos ? std::string_view(text) : std::string_view(text).substr(space));
}

void read_headers(const Node& node, RequestPlan& request, stack::Problems& problems) {
  if (!node.is(NodeKind::Map)) return problems.add(node.position, "`headers` is not a map", "write `content-type: text/plain` below it");
  if (node.members.size() > LoadLimits::headers) return problems.add(node.position, "more than 100 headers");
  for (const auto& member : node.members) request.headers.emplace_back(member.key, scalar(member.value, member.key, problems));
}

void read_expected(const Node& node, RequestPlan& request, stack::Problems& problems) {
  const auto one = [&](const Node& item) {
    const auto status = item.is_scalar() ? parse_integer(item.text) : std::nullopt;
    if (!status || *status < 100 || *status > 599) return problems.add(item.position, "`expect` takes HTTP statuses", "write [200, 202]");
    request.expected.push_back(static_cast<int>(*status));
  };
  if (!node.is(NodeKind::List)) return one(node);
  for (const auto& item : node.items) one(item);
}

bool read_kind(std::string_view key, const Node& value, RequestPlan& request, stack::Problems& problems) {
  if (key == "http") {
    request.kind = Kind::Http;
    read_http(scalar(value, key, problems), request);
  } else if (key == "websocket") {
    request.kind = Kind::WebSocket;
    request.url = scalar(value, key, problems);
  } else if (key == "invoke") {
    if (request.kind != Kind::InvokeEvent) request.kind = Kind::Invoke;
    request.target = scalar(value, key, problems);
  } else if (key == "send") {
    request.kind = Kind::SendMessage;
    request.target = scalar(value, key, problems);
  } else {
    return false;
  }
  return true;
}

bool read_detail(std::string_view key, const Node& value, RequestPlan& request, stack::Problems& problems) {
  if (key == "name") {
    request.name = scalar(value, key, problems);
  } else if (key == "headers") {
    read_headers(value, request, problems);
  } else if (key == "body") {
    request.body = value.is(NodeKind::String) ? value.text : stack::to_json(value);
  } else if (key == "expect") {
    read_expected(value, request, problems);
  } else if (key == "timeout") {
    request.timeout = span(value, key, LoadLimits::timeout, problems);
  } else if (key == "weight") {
    const auto weight = value.is_scalar() ? parse_double(value.text) : std::nullopt;
    if (!weight || !(*weight > 0) || *weight > 1e6) problems.add(value.position, "`weight` is not a number above 0");
    request.weight = weight.value_or(1);
  } else if (key == "event") {
    if (value.is_true()) request.kind = Kind::InvokeEvent;
  } else {
    return false;
  }
  return true;
}

void check_request(const Node& node, RequestPlan& request, stack::Problems& problems) {
  std::size_t kinds = 0;
  for (const auto key : kind_keys) kinds += node.find(key) != nullptr ? 1 : 0;
  if (kinds != 1)
    problems.add(node.position, "a request has exactly one of: http, websocket, invoke, send", "write `http: POST http://...`");
  if (node.find("event") != nullptr && node.find("invoke") == nullptr)
    problems.add(node.position, "`event` belongs to `invoke`", "remove it");
  if (request.kind == Kind::Http && request.method.empty()) request.method = request.body.empty() ? "GET" : "POST";
  if (request.name.empty())
    request.name = request.kind == Kind::Http ? request.method : request.target.empty() ? "websocket" : request.target;
}

void read_requests(const Node& node, LoadPlan& plan, stack::Problems& problems) {
  static constexpr std::array<std::string_view, 11> keys = {"name",    "http", "websocket", "invoke", "send",   "event",
                                                            "headers", "body", "weight",    "expect", "timeout"};
  if (!node.is(NodeKind::List)) return problems.add(node.position, "`requests` is not a list", "write `- http: POST http://...` below it");
  for (const auto& item : node.items) {
    if (plan.requests.size() == LoadLimits::requests) return problems.add(item.position, "more than 100 requests");
    if (!item.is(NodeKind::Map)) {
      problems.add(item.position, "a request is not a map");
      continue;
    }
    RequestPlan request;
    for (const auto& [key, position, value] : item.members)
      if (!read_kind(key, value, request, problems) && !read_detail(key, value, request, problems))
        problems.add(position, "a request has no `" + key + "`", stack::one_of(key, keys));
    check_request(item, request, problems);
    for (const auto& other : plan.requests)
      if (other.name == request.name)
        problems.add(item.position, "two requests are called `" + request.name + "`", "give them a `name` each");
    plan.requests.push_back(std::move(request));
  }
}

void read_thresholds(const Node& node, LoadPlan& plan, stack::Problems& problems) {
  if (!node.is(NodeKind::List)) return problems.add(node.position, "`thresholds` is not a list", "write `- p99 < 500ms` below it");
  for (const auto& item : node.items) {
    if (plan.thresholds.size() == LoadLimits::thresholds) return problems.add(item.position, "more than 100 thresholds");
    auto threshold = parse_threshold(item.text);
    if (threshold.ok()) {
      plan.thresholds.push_back(std::move(*threshold));
    } else {
      problems.add(item.position, threshold.error().message);
    }
  }
}

void read_table(const Node& node, const ReadFile& read_file, LoadPlan& plan, stack::Problems& problems) {
  const auto content = read_file(scalar(node, "csv", problems));
  if (!content.ok()) return problems.add(node.position, content.error().message);
  auto table = read_csv(*content);
  if (!table.ok()) return problems.add(node.position, node.text + ": " + table.error().message);
  plan.csv = std::make_shared<const CsvTable>(std::move(*table));
}

// A request that stands at the top, without a list.
Node lone_request(const Node& root) {
  auto list = stack::make_list(root.position);
  auto request = stack::make_map(root.position);
  for (const auto key : kind_keys)
    if (const auto* value = root.find(key)) request.set(key, *value);
  for (const auto key : {"headers", "body", "expect", "timeout", "event"})
    if (const auto* value = root.find(key)) request.set(key, *value);
  list.items.push_back(std::move(request));
  return list;
}

bool is_of_request(std::string_view key) {
  static constexpr std::array<std::string_view, 9> keys = {"http", "websocket", "invoke",  "send", "headers",
                                                           "body", "expect",    "timeout", "event"};
  return std::find(keys.begin(), keys.end(), key) != keys.end();
}

void read_connections(const Node& node, LoadPlan& plan, stack::Problems& problems) {
  const auto count = node.is_scalar() ? parse_integer(node.text) : std::nullopt;
  if (!count || *count < 1 || *count > static_cast<std::int64_t>(LoadLimits::connections))
    return problems.add(node.position, "`connections` is a number from 1 to 60,000");
  plan.connections = static_cast<std::size_t>(*count);
}

void read_member(const stack::Member& member, const ReadFile& read_file, LoadPlan& plan, stack::Problems& problems) {
  static constexpr std::array<std::string_view, 10> keys = {"requests", "http",    "websocket",  "invoke", "send",
                                                            "csv",      "traffic", "thresholds", "follow", "connections"};
  const auto& [key, position, value] = member;
  if (key == "requests") {
    read_requests(value, plan, problems);
  } else if (key == "traffic") {
    plan.traffic = read_traffic(value, problems);
  } else if (key == "thresholds") {
    read_thresholds(value, plan, problems);
  } else if (key == "csv") {
    read_table(value, read_file, plan, problems);
  } else if (key == "follow") {
    plan.follow = span(value, key, hours(24), problems);
  } else if (key == "connections") {
    read_connections(value, plan, problems);
  } else if (!is_of_request(key)) {
    problems.add(position, "a load plan has no `" + key + "`", stack::one_of(key, keys));
  }
}

}  // namespace

std::optional<LoadPlan> read_load_plan(std::string_view text, const ReadFile& read_file, stack::Problems& problems) {
  const auto root = stack::read_yaml(text, problems);
  if (!root) return std::nullopt;
  if (!root->is(NodeKind::Map)) {
    problems.add(root->position, "a load plan is a map", "write `requests:` and `traffic:`");
    return std::nullopt;
  }
  LoadPlan plan;
  bool has_lone_request = false;
  for (const auto& member : root->members) {
    read_member(member, read_file, plan, problems);
    has_lone_request = has_lone_request || is_of_request(member.key);
  }
  if (has_lone_request && root->find("requests") != nullptr)
    problems.add(root->position, "there are `requests` and one more request beside them", "move it into the list");
  if (has_lone_request && root->find("requests") == nullptr) read_requests(lone_request(*root), plan, problems);
  if (!problems.empty()) return std::nullopt;
  return plan;
}

}  // namespace surgetank::windtunnel
