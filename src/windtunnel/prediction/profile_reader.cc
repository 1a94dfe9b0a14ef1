#include "windtunnel/prediction/profile_reader.h"

#include <algorithm>
#include <cmath>
#include <cstdio>

#include "base/text.h"

namespace surgetank::prediction {
namespace {

using stack::Node;
using stack::NodeKind;

constexpr double longest_ms = 86'400'000;
constexpr std::size_t most_recorded = 100'000;

std::string short_number(double value) {
  char text[32];
  std::snprintf(text, sizeof text, "%.10g", value);
  return text;
}

Duration from_ms(double ms) { return microseconds(static_cast<std::int64_t>(std::llround(ms * 1000))); }

}  // namespace

ProfileReader::ProfileReader(const Node& node, std::string what, stack::Problems& problems)
    : node_(node), what_(std::move(what)), problems_(problems) {}

void ProfileReader::problem(stack::Position position, std::string what, std::string advice) {
  problems_.add(position, what_ + ": " + what, std::move(advice));
}

bool ProfileReader::allow(std::span<const std::string_view> names) {
  if (!node_.is(NodeKind::Map)) {
    problem(node_.position, "is " + std::string(stack::kind_name(node_.kind)),
            "write a map with members such as `" + std::string(names[0]) + "`");
    return false;
  }
  for (const auto& member : node_.members)
    if (std::find(names.begin(), names.end(), member.key) == names.end())
      problem(member.key_position, "there is no `" + member.key + "`", stack::one_of(member.key, names));
  return true;
}

std::string ProfileReader::text(std::string_view name) {
  const auto* node = node_.find(name);
  if (node == nullptr || node->is(NodeKind::Null)) return {};
  if (!node->is_scalar()) {
    problem(node->position, "`" + std::string(name) + "` is " + std::string(stack::kind_name(node->kind)), "write a text");
    return {};
  }
  constexpr std::size_t longest = 1'000;
  if (node->text.size() > longest || !is_valid_utf8(node->text)) {
    problem(node->position, "`" + std::string(name) + "` is too long, or no text", "write at most 1,000 characters");
    return {};
  }
  return node->text;
}

std::optional<double> ProfileReader::number_of(const Node& node, std::string_view name, double least, double most) {
  const auto value = node.is_scalar() ? parse_double(node.text) : std::nullopt;
  if (value && std::isfinite(*value) && *value >= least && *value <= most) return value;
  problem(node.position, "`" + std::string(name) + "` is not a number from " + short_number(least) + " to " + short_number(most));
  return std::nullopt;
}

double ProfileReader::number(std::string_view name, double otherwise, double least, double most) {
  const auto* node = node_.find(name);
  return node == nullptr ? otherwise : number_of(*node, name, least, most).value_or(otherwise);
}

std::optional<std::int64_t> ProfileReader::optional_integer(std::string_view name, std::int64_t least, std::int64_t most) {
  const auto* node = node_.find(name);
  if (node == nullptr || node->is(NodeKind::Null)) return std::nullopt;
  const auto value = node->is_scalar() ? parse_integer(node->text) : std::nullopt;
  if (value && *value >= least && *value <= most) return value;
  problem(node->position,
          "`" + std::string(name) + "` is not a whole number from " + std::to_string(least) + " to " + std::to_string(most));
  return std::nullopt;
}

std::int64_t ProfileReader::integer(std::string_view name, std::int64_t otherwise, std::int64_t least, std::int64_t most) {
  return optional_integer(name, least, most).value_or(otherwise);
}

Duration ProfileReader::span_seconds(std::string_view name, Duration otherwise, double most_seconds) {
  const auto* node = node_.find(name);
  if (node == nullptr) return otherwise;
  const auto value = number_of(*node, name, 0, most_seconds);
  return value ? from_ms(*value * 1000) : otherwise;
}

std::size_t ProfileReader::choice(std::string_view name, std::span<const std::string_view> names, std::size_t otherwise) {
  const auto* node = node_.find(name);
  if (node == nullptr) return otherwise;
  const auto found = std::find(names.begin(), names.end(), node->text);
  if (node->is_scalar() && found != names.end()) return static_cast<std::size_t>(found - names.begin());
  problem(node->position, "`" + std::string(name) + "` is unknown", stack::one_of(node->text, names));
  return otherwise;
}

Distribution ProfileReader::times(std::string_view name) {
  const auto* node = node_.find(name);
  return node == nullptr ? Distribution() : times(*node, name);
}

Distribution ProfileReader::times(const Node& node, std::string_view name) {
  if (node.is_scalar()) return Distribution::constant(from_ms(number_of(node, name, 0, longest_ms).value_or(0)));
  const auto member = [&](std::string_view key) {
    const auto* found = node.find(key);
    return found == nullptr ? Duration{} : from_ms(number_of(*found, key, 0, longest_ms).value_or(0));
  };
  const bool is_map = node.is(NodeKind::Map);
  if (is_map && node.members.size() == 2 && node.find("p50") != nullptr && node.find("p99") != nullptr) {
    const auto p50 = member("p50");
    const auto p99 = member("p99");
    if (p99 < p50) problem(node.position, "the p99 of `" + std::string(name) + "` is below its p50");
    return Distribution::log_normal(p50, p99);
  }
  if (is_map && node.members.size() == 1 && node.find("exponential") != nullptr) return Distribution::exponential(member("exponential"));
  const auto* values = is_map && node.members.size() == 1 ? node.find("values") : nullptr;
  if (values != nullptr && values->is(NodeKind::List) && !values->items.empty() && values->items.size() <= most_recorded) {
    std::vector<Duration> recorded;
    for (const auto& item : values->items) recorded.push_back(from_ms(number_of(item, name, 0, longest_ms).value_or(0)));
    return Distribution::recorded(std::move(recorded));
  }
  problem(node.position, "`" + std::string(name) + "` is no time",
          "write milliseconds, or {p50: 5, p99: 40}, {exponential: 10} or {values: [1, 2, 3]}");
  return {};
}

}  // namespace surgetank::prediction
