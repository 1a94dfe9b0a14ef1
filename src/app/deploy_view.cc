#include "app/deploy_view.h"

#include <cstdio>

#include "wire/json_value.h"

namespace surgetank {
namespace {

std::string text_of(const JsonValue& value, std::string_view name) {
  const auto* text = value.find_string(name);
  return text == nullptr ? std::string() : *text;
}

bool ends_with(std::string_view text, std::string_view end) {
  return text.size() >= end.size() && text.substr(text.size() - end.size()) == end;
}

}  // namespace

void show_event(Terminal& terminal, const std::string& event_json) {
  const auto event = parse_json(event_json);
  if (!event.ok()) return;
  const auto status = text_of(*event, "status");
  const auto name = text_of(*event, "logicalId") + " (" + text_of(*event, "type") + ")";
  const bool finished = ends_with(status, "_COMPLETE") || ends_with(status, "_FAILED") || ends_with(status, "_SKIPPED");
  if (!finished) return terminal.progress("  " + status + "  " + name);
  const auto* elapsed = event->find("elapsedMilliseconds");
  char seconds[32];
  std::snprintf(seconds, sizeof seconds, "%6.1f s",
                static_cast<double>(elapsed == nullptr ? 0 : elapsed->as_integer().value_or(0)) / 1000.0);
  const bool failed = ends_with(status, "_FAILED");
  auto line = "  " + terminal.paint(failed ? Colour::Red : Colour::Green, status) +
              std::string(status.size() < 20 ? 20 - status.size() : 1, ' ') + seconds + "  " + name;
  if (const auto reason = text_of(*event, "reason"); !reason.empty()) line += "\n      " + reason;
  terminal.line(line);
}

int show_outcome(Terminal& terminal, const std::string& outcome_json) {
  const auto outcome = parse_json(outcome_json);
  if (!outcome.ok()) return 1;
  const auto kind = text_of(*outcome, "kind");
  if (const auto* problems = outcome->find("problems"); problems != nullptr && problems->is_array())
    for (const auto& problem : *problems->as_array())
      if (const auto* text = problem.as_string()) terminal.note(terminal.paint(Colour::Red, "error: ") + *text);
  if (kind == "invalid") {
    terminal.note("nothing was changed");
    return 1;
  }
  if (kind != "deployed" && kind != "unchanged") {
    terminal.note(terminal.paint(Colour::Red, kind + ": ") + text_of(*outcome, "reason"));
    return 1;
  }
  const auto* stack = outcome->find("stack");
  if (stack == nullptr) return 0;
  if (kind == "unchanged") terminal.line("  nothing to change in stack " + text_of(*stack, "name"));
  if (const auto* outputs = stack->find("outputs"); outputs != nullptr && outputs->is_object())
    for (const auto& output : *outputs->as_object())
      if (const auto* value = output.value.as_string()) terminal.line("  " + terminal.paint(Colour::Bold, output.name) + "  " + *value);
  return 0;
}

}  // namespace surgetank
