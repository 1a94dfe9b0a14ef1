#include "services/lambda/event_source_filter.h"

#include <algorithm>

#include "services/lambda/limits.h"

namespace surgetank::lambda {

Result<EventFilters> EventFilters::compile(const std::vector<std::string>& patterns) {
  EventFilters filters;
  for (const auto& text : patterns) {
    SURGE_TRY(pattern, EventPattern::compile(text));
    filters.patterns_.push_back(std::move(pattern));
  }
  return filters;
}

bool EventFilters::pass(const std::string& record) const {
  if (patterns_.empty()) return true;
  auto document = parse_json(record);
  if (!document.ok()) return false;
  const bool reads_body = std::any_of(patterns_.begin(), patterns_.end(), [](const auto& pattern) { return pattern.mentions("body"); });
  if (reads_body) {
    constexpr JsonLimits body_limits{.max_depth = limits::payload_depth, .max_nodes = limits::sync_payload_bytes};
    auto* text = document->find("body");
    auto body = parse_json(*text->as_string(), body_limits);
    if (body.ok() && body->is_object()) *text = std::move(*body);
  }
  return std::any_of(patterns_.begin(), patterns_.end(), [&](const EventPattern& pattern) { return pattern.matches(*document); });
}

}  // namespace surgetank::lambda
