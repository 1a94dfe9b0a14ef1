// Commands about stacks of a running server: deploy, delete.
#include <chrono>
#include <thread>

#include "app/client.h"
#include "app/commands.h"
#include "app/deploy_input.h"
#include "app/deploy_view.h"
#include "base/text.h"
#include "wire/json_value.h"
#include "wire/json_writer.h"

namespace surgetank {
namespace {

// Shows the deployment with that id until it is over; its exit code.
int follow(const ClientOptions& client, const ServerClient& server, const std::string& started) {
  const auto document = parse_json(started);
  const auto* id = document.ok() ? document->find_string("id") : nullptr;
  if (id == nullptr) throw CommandError("the server's answer is not readable: " + started);
  Terminal terminal;
  for (std::size_t shown = 0;;) {
    const auto body = server.admin("GET", "/_surgetank/deployments/" + *id + "?after=" + std::to_string(shown));
    const auto reply = parse_json(body);
    if (!reply.ok()) throw CommandError("the server's answer is not readable");
    const auto* events = reply->find("events");
    if (events != nullptr && events->is_array()) {
      for (const auto& event : *events->as_array()) {
        if (client.format == ClientOptions::Format::Text) show_event(terminal, to_json(event));
        ++shown;
      }
    }
    if (const auto* outcome = reply->find("outcome")) {
      if (client.format == ClientOptions::Format::Text) return show_outcome(terminal, to_json(*outcome));
      terminal.line(to_json(*outcome));
      const auto* kind = outcome->find_string("kind");
      return kind != nullptr && (*kind == "deployed" || *kind == "unchanged") ? 0 : 1;
    }
    std::this_thread::sleep_for(std::chrono::milliseconds(150));
  }
}

}  // namespace

int run_deploy(const ClientOptions& client, const DeployOptions& options) {
  const auto input = DeployInput::read(options);
  const ServerClient server(client.data_directory);
  std::string body;
  JsonWriter json(body);
  json.begin_object()
      .key("stack")
      .string(input.stack_name)
      .key("path")
      .string(input.template_path)
      .key("template")
      .string(input.template_text);
  json.key("parameters").begin_object();
  for (const auto& [name, value] : input.parameters) json.key(name).string(value);
  json.end_object().end_object();
  return follow(client, server, server.admin("POST", "/_surgetank/deployments", std::move(body)));
}

int run_delete(const ClientOptions& client, const std::string& stack_name) {
  const ServerClient server(client.data_directory);
  return follow(client, server, server.admin("DELETE", "/_surgetank/stacks/" + percent_encode(stack_name)));
}

}  // namespace surgetank
