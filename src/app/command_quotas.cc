// surgetank quotas: what is in force, what is used, what was refused; and changing it.
#include <algorithm>
#include <cstdio>

#include "app/client.h"
#include "app/commands.h"
#include "app/terminal.h"
#include "base/text.h"
#include "wire/json_value.h"
#include "wire/json_writer.h"

namespace surgetank {
namespace {

constexpr std::string_view route = "/_surgetank/quotas";

struct Row {
  std::string id;
  std::string name;
  std::string value;  // "unlimited" if there is none
  std::string default_value;
  std::string unit;
  std::string scope;
  std::string algorithm;
  bool adjustable = false;
  bool is_set = false;
  std::int64_t limit = -1;  // -1: none
  std::int64_t now = 0;
  std::int64_t peak = 0;
  std::int64_t rejections = 0;
};

std::string text_of(const JsonValue& object, std::string_view name) {
  const auto* member = object.find(name);
  const auto* text = member != nullptr ? member->as_string() : nullptr;
  return text != nullptr ? *text : std::string();
}

std::optional<std::int64_t> number_of(const JsonValue& object, std::string_view name) {
  const auto* member = object.find(name);
  return member != nullptr ? parse_integer(to_json(*member)) : std::nullopt;
}

bool is_true(const JsonValue& object, std::string_view name) {
  const auto* member = object.find(name);
  return member != nullptr && to_json(*member) == "true";
}

std::string shown_number(std::optional<std::int64_t> number) { return number ? std::to_string(*number) : "unlimited"; }

std::vector<Row> rows_of(const std::string& body) {
  const auto document = parse_json(body);
  const auto* list = document.ok() ? document->find("quotas") : nullptr;
  if (list == nullptr || list->as_array() == nullptr) throw CommandError("the server's quotas are not readable: " + body);
  std::vector<Row> rows;
  for (const auto& one : *list->as_array()) {
    const auto value = number_of(one, "value");
    rows.push_back({.id = text_of(one, "id"),
                    .name = text_of(one, "name"),
                    .value = shown_number(value),
                    .default_value = shown_number(number_of(one, "default")),
                    .unit = text_of(one, "unit"),
                    .scope = text_of(one, "scope"),
                    .algorithm = text_of(one, "algorithm"),
                    .adjustable = is_true(one, "adjustable"),
                    .is_set = is_true(one, "set"),
                    .limit = value.value_or(-1),
                    .now = number_of(one, "now").value_or(0),
                    .peak = number_of(one, "peak").value_or(0),
                    .rejections = number_of(one, "rejections").value_or(0)});
  }
  return rows;
}

std::string left(std::string text, std::size_t width) {
  if (text.size() < width) text.append(width - text.size(), ' ');
  return text;
}
std::string right(const std::string& text, std::size_t width) {
  return text.size() < width ? std::string(width - text.size(), ' ') + text : text;
}

// Red: something was refused. Yellow: the peak came within a fifth.
Colour colour_of(const Row& row) {
  if (row.rejections > 0) return Colour::Red;
  if (row.limit > 0 && row.peak >= row.limit - row.limit / 5) return Colour::Yellow;
  return row.is_set ? Colour::Bold : Colour::Plain;
}

void show_all(Terminal& terminal, const std::vector<Row>& rows) {
  std::size_t widest = 0;
  for (const auto& row : rows) widest = std::max(widest, row.id.size());
  constexpr std::size_t column = 12;
  terminal.line(terminal.paint(Colour::Dim, left("quota", widest) + right("value", column) + right("now", column) + right("peak", column) +
                                                right("refused", column) + "  unit"));
  for (const auto& row : rows) {
    const auto line = left(row.id, widest) + right(row.value, column) + right(std::to_string(row.now), column) +
                      right(std::to_string(row.peak), column) + right(std::to_string(row.rejections), column) + "  " + row.unit +
                      (row.is_set ? " (set; otherwise " + row.default_value + ")" : "");
    terminal.line(terminal.paint(colour_of(row), line));
  }
}

void show_one(Terminal& terminal, const Row& row) {
  terminal.line(terminal.paint(Colour::Bold, row.id) + "  " + row.name);
  terminal.line("  value        " + row.value + " " + row.unit + (row.is_set ? " (set; otherwise " + row.default_value + ")" : ""));
  terminal.line("  counted      as " + row.algorithm + ", for each " + row.scope);
  terminal.line(std::string("  adjustable   ") + (row.adjustable ? "yes: AWS raises it on request" : "no: AWS never raises it"));
  terminal.line("  in use       " + std::to_string(row.now) + ", at most " + std::to_string(row.peak) + " since the start");
  terminal.line("  refused      " + std::to_string(row.rejections) + " since the start");
  if (row.limit > 0) terminal.line("  to raise it  surgetank quotas set " + row.id + " " + std::to_string(row.limit * 2));
}

std::string change(const ServerClient& server, std::string_view action, std::string_view key, std::string_view id, std::string_view value) {
  std::string body;
  JsonWriter json(body);
  json.begin_object().key("action").string(action);
  if (!id.empty()) json.key(key).string(id);
  if (!value.empty()) json.key("value").raw(value);
  json.end_object();
  return server.admin("POST", route, body);
}

const Row& row_named(const std::vector<Row>& rows, const std::string& id) {
  const auto found = std::find_if(rows.begin(), rows.end(), [&](const Row& row) { return row.id == id; });
  if (found == rows.end()) throw CommandError("there is no quota " + id + "; surgetank quotas list shows them");
  return *found;
}

}  // namespace

int run_quotas(const ClientOptions& client, const QuotasOptions& options) {
  using Action = QuotasOptions::Action;
  const ServerClient server(client.data_directory);
  std::string body;
  switch (options.action) {
    case Action::List:
    case Action::Show:
      body = server.admin("GET", route);
      break;
    case Action::Set:
      if (!parse_integer(options.value)) throw CommandError("quotas set: " + options.value + " is not a whole number");
      body = change(server, "set", "id", options.id, options.value);
      break;
    case Action::Reset:
      body = change(server, "reset", "id", options.id, {});
      break;
    case Action::Profile:
      body = change(server, "profile", "name", options.profile, {});
      break;
  }
  if (client.format == ClientOptions::Format::Json) {
    std::printf("%s\n", body.c_str());
    if (options.action == Action::Show) row_named(rows_of(body), options.id);
    return 0;
  }
  Terminal terminal;
  const auto rows = rows_of(body);
  if (options.id.empty()) {
    show_all(terminal, rows);
  } else {
    show_one(terminal, row_named(rows, options.id));
  }
  return 0;
}

}  // namespace surgetank
