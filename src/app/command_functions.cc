// Commands about functions: invoke one, show and follow their logs.
#include <algorithm>
#include <chrono>
#include <cstdio>
#include <iostream>
#include <iterator>
#include <set>
#include <thread>

#include "app/client.h"
#include "app/clock.h"
#include "app/commands.h"
#include "app/terminal.h"
#include "base/text.h"
#include "wire/json_value.h"
#include "wire/json_writer.h"

namespace surgetank {
namespace {

std::string payload_of(const std::string& given) {
  if (given == "-") return {std::istreambuf_iterator<char>(std::cin), std::istreambuf_iterator<char>()};
  if (!given.empty() && given.front() == '@') return read_whole_file(given.substr(1));
  return given;
}

std::string header_of(const HttpClientResult& result, std::string_view name) {
  for (const auto& [key, value] : result.headers)
    if (equals_ignoring_case(key, name)) return value;
  return {};
}

struct ShownEvent {
  std::int64_t timestamp = 0;
  std::string id;
  std::string stream;
  std::string group;
  std::string message;
};

constexpr std::string_view function_groups = "/aws/lambda/";

std::vector<std::string> function_log_groups(const ServerClient& server, const std::string& region) {
  std::vector<std::string> groups;
  std::string next;
  do {
    std::string body;
    JsonWriter json(body);
    json.begin_object().key("logGroupNamePrefix").string(function_groups);
    if (!next.empty()) json.key("nextToken").string(next);
    json.end_object();
    const auto reply = parse_json(server.json_api("logs", region, "Logs_20140328.DescribeLogGroups", body));
    if (!reply.ok()) break;
    if (const auto* found = reply->find("logGroups"); found != nullptr && found->is_array())
      for (const auto& group : *found->as_array())
        if (const auto* name = group.find_string("logGroupName")) groups.push_back(*name);
    const auto* token = reply->find_string("nextToken");
    next = token != nullptr ? *token : std::string();
  } while (!next.empty());
  return groups;
}

void read_events(const ServerClient& server, const std::string& region, const std::string& group, const LogsOptions& options,
                 std::int64_t from_ms, std::vector<ShownEvent>& out) {
  std::string next;
  do {
    std::string body;
    JsonWriter json(body);
    json.begin_object().key("logGroupName").string(group).key("startTime").integer(from_ms);
    if (!options.filter.empty()) json.key("filterPattern").string(options.filter);
    if (!next.empty()) json.key("nextToken").string(next);
    json.end_object();
    const auto reply = parse_json(server.json_api("logs", region, "Logs_20140328.FilterLogEvents", body));
    if (!reply.ok()) return;
    if (const auto* events = reply->find("events"); events != nullptr && events->is_array()) {
      for (const auto& event : *events->as_array()) {
        const auto* time = event.find("timestamp");
        const auto* id = event.find_string("eventId");
        const auto* stream = event.find_string("logStreamName");
        const auto* message = event.find_string("message");
        if (time == nullptr || id == nullptr || stream == nullptr || message == nullptr) continue;
        out.push_back({time->as_integer().value_or(0), *id, *stream, group, *message});
      }
    }
    const auto* token = reply->find_string("nextToken");
    next = token != nullptr ? *token : std::string();
  } while (!next.empty());
}

void print_event(Terminal& terminal, const ClientOptions& client, const ShownEvent& event) {
  if (client.format == ClientOptions::Format::Json) {
    std::string text;
    JsonWriter(text)
        .begin_object()
        .key("timestamp")
        .integer(event.timestamp)
        .key("logGroup")
        .string(event.group)
        .key("logStream")
        .string(event.stream)
        .key("message")
        .string(event.message)
        .end_object();
    return terminal.line(text);
  }
  auto message = event.message;
  while (!message.empty() && (message.back() == '\n' || message.back() == '\t')) message.pop_back();
  const auto name =
      event.group.substr(0, function_groups.size()) == function_groups ? event.group.substr(function_groups.size()) : event.group;
  const auto time = iso8601_milliseconds({event.timestamp * 1000});
  terminal.line(terminal.paint(Colour::Dim, time.substr(11, 12)) + " " + terminal.paint(Colour::Green, name) + "  " + message);
}

}  // namespace

int run_invoke(const ClientOptions& client, const InvokeOptions& options) {
  const ServerClient server(client.data_directory);
  const auto result = server.api({.service = "lambda",
                                  .region = client.region,
                                  .path = "/2015-03-31/functions/" + percent_encode(options.function) + "/invocations",
                                  .headers = {{"X-Amz-Log-Type", "Tail"}},
                                  .body = payload_of(options.payload)});
  Terminal terminal;
  if (result.status >= 300) {
    const auto error = parse_json(result.body);
    const auto* message = error.ok() ? error->find_string("message") : nullptr;
    if (error.ok() && message == nullptr) message = error->find_string("Message");
    throw CommandError(header_of(result, "x-amzn-errortype") + ": " + (message != nullptr ? *message : result.body));
  }
  if (options.tail == InvokeOptions::Tail::Show)
    if (const auto log = from_base64(header_of(result, "x-amz-log-result")); log && !log->empty())
      terminal.note(terminal.paint(Colour::Dim, *log));
  terminal.line(result.body);
  return header_of(result, "x-amz-function-error").empty() ? 0 : 2;
}

int run_logs(const ClientOptions& client, const LogsOptions& options) {
  const ServerClient server(client.data_directory);
  Terminal terminal;
  auto from_ms = (system_now() - seconds(options.since_seconds)).ms();
  std::set<std::string> shown;  // ids of events at or after from_ms
  for (;;) {
    const auto groups = options.function.empty() ? function_log_groups(server, client.region)
                                                 : std::vector<std::string>{std::string(function_groups) + options.function};
    std::vector<ShownEvent> events;
    for (const auto& group : groups) read_events(server, client.region, group, options, from_ms, events);
    std::stable_sort(events.begin(), events.end(), [](const auto& a, const auto& b) { return a.timestamp < b.timestamp; });
    for (const auto& event : events)
      if (shown.insert(event.id).second) print_event(terminal, client, event);
    if (options.follow == LogsOptions::Follow::Off) return 0;
    // Streams are written side by side: look back a little, and remember what was shown.
    if (!events.empty()) from_ms = std::max(from_ms, events.back().timestamp - 5000);
    if (shown.size() > 100'000) shown.clear();
    std::this_thread::sleep_for(std::chrono::milliseconds(300));
  }
}

}  // namespace surgetank
