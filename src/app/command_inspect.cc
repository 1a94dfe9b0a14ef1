// Commands that look at a running server: traces, status, env; and reset and stop.
#include <signal.h>

#include <chrono>
#include <cstdio>
#include <thread>

#include "app/client.h"
#include "app/commands.h"
#include "app/terminal.h"
#include "app/waterfall.h"
#include "wire/json_value.h"

namespace surgetank {
namespace {

std::string text_of(const JsonValue& value) {
  if (const auto* text = value.as_string()) return *text;
  return to_json(value);
}

void print_members(Terminal& terminal, const JsonValue& document, const std::string& indent) {
  for (const auto& field : *document.as_object()) {
    if (field.value.is_object()) {
      terminal.line(indent + field.name + ":");
      print_members(terminal, field.value, indent + "  ");
    } else if (const auto* items = field.value.as_array()) {
      terminal.line(indent + field.name + ":");
      for (const auto& item : *items) terminal.line(indent + "  " + text_of(item));
    } else {
      terminal.line(indent + field.name + ": " + text_of(field.value));
    }
  }
}

}  // namespace

int run_traces(const ClientOptions& client, const TracesOptions& options) {
  const ServerClient server(client.data_directory);
  const auto query = options.trace_id.empty()
                         ? "?last=" + std::to_string(options.last) + (options.scope == TracesOptions::Scope::All ? "&all=1" : "")
                         : "?id=" + options.trace_id;
  const auto body = server.admin("GET", "/_surgetank/traces" + query);
  if (client.format == ClientOptions::Format::Json) {
    std::printf("%s\n", body.c_str());
    return 0;
  }
  Terminal terminal;
  const auto traces = traces_from_json(body);
  if (traces.empty()) {
    terminal.note("no traces yet: send a request first");
    return options.trace_id.empty() ? 0 : 1;
  }
  if (options.view == TracesOptions::View::Summary) {
    terminal.line(time_table(where_the_time_went(traces)));
    return 0;
  }
  for (const auto& trace : traces) terminal.line(waterfall(trace, terminal.width()));
  return 0;
}

int run_status(const ClientOptions& client) {
  const ServerClient server(client.data_directory);
  const auto body = server.admin("GET", "/_surgetank/status");
  if (client.format == ClientOptions::Format::Json) {
    std::printf("%s\n", body.c_str());
    return 0;
  }
  Terminal terminal;
  const auto document = parse_json(body);
  if (!document.ok() || !document->is_object()) throw CommandError("the server's status is not readable: " + body);
  print_members(terminal, *document, "");
  return 0;
}

int run_env(const ClientOptions& client) {
  const ServerClient server(client.data_directory);
  std::printf("export AWS_ENDPOINT_URL=%s AWS_ACCESS_KEY_ID=test AWS_SECRET_ACCESS_KEY=test AWS_DEFAULT_REGION=%s AWS_REGION=%s\n",
              server.url().c_str(), client.region.c_str(), client.region.c_str());
  return 0;
}

int run_reset(const ClientOptions& client) {
  const ServerClient server(client.data_directory);
  server.admin("POST", "/_surgetank/reset");
  Terminal().line("reset: everything is gone");
  return 0;
}

int run_stop(const ClientOptions& client) {
  const ServerClient server(client.data_directory);
  constexpr int attempts = 600;
  if (::kill(static_cast<pid_t>(server.pid()), SIGTERM) != 0) throw CommandError("cannot signal process " + std::to_string(server.pid()));
  for (int i = 0; i < attempts; ++i) {
    if (!find_running_server(client.data_directory)) return 0;
    std::this_thread::sleep_for(std::chrono::milliseconds(50));
  }
  throw CommandError("the server (process " + std::to_string(server.pid()) + ") did not stop within 30 seconds");
}

}  // namespace surgetank
