#include "windtunnel/load/traffic_file.h"

#include <array>
#include <cmath>
#include <cstdio>
#include <utility>

#include "base/text.h"

namespace surgetank::windtunnel {
namespace {

using stack::Node;
using stack::NodeKind;
using Shape = TrafficPhase::Shape;

constexpr std::array<std::string_view, 4> shape_names = {"constant", "ramp", "spike", "wave"};

Error fault(std::string text) { return {.code = &invalid_traffic, .message = std::move(text)}; }

std::string number_text(double value) {
  char text[32];
  std::snprintf(text, sizeof text, "%.6g", value);
  return text;
}

struct UnitOfTime {
  std::string_view name;
  double us;
};
constexpr std::array<UnitOfTime, 6> units = {{{"us", 1}, {"ms", 1e3}, {"s", 1e6}, {"m", 60e6}, {"h", 3600e6}, {"d", 86400e6}}};

std::size_t while_in(std::string_view text, std::string_view alphabet) {
  const auto end = text.find_first_not_of(alphabet);
  return end == std::string_view::npos ? text.size() : end;
}

// Cuts `text` at the first `mark`; false if there is none.
bool cut(std::string_view text, std::string_view mark, std::string_view& before, std::string_view& after) {
  const auto at = text.find(mark);
  if (at == std::string_view::npos) return false;
  before = text.substr(0, at);
  after = text.substr(at + mark.size());
  return true;
}

std::optional<double> parse_rate(std::string_view text) {
  const auto value = parse_double(text);
  if (!value || !std::isfinite(*value) || *value < 0) return std::nullopt;
  return value;
}

Result<Unit> check_phase(const TrafficPhase& phase) {
  const auto text = phase_text(phase);
  if (phase.length <= Duration{}) return fault(text + ": a phase lasts longer than nothing");
  if (phase.length > TrafficLimits::length) return fault(text + ": a phase lasts at most 8 days");
  const bool has_peak = phase.shape != Shape::Constant;
  if (phase.rate > TrafficLimits::rate || (has_peak && phase.peak > TrafficLimits::rate))
    return fault(text + ": at most 1,000,000 arrivals a second");
  const bool has_period = phase.shape == Shape::Spike || phase.shape == Shape::Wave;
  if (has_period && phase.period <= Duration{})
    return fault(text + ": how long the " + std::string(shape_names[static_cast<std::size_t>(phase.shape)]) +
                 " takes is missing, as in 60s@100" + (phase.shape == Shape::Spike ? "^" : "~") + "1000/5s");
  if (phase.shape == Shape::Spike && phase.period > phase.length) return fault(text + ": a spike fits into its phase");
  return Unit{};
}

struct Mark {
  std::string_view text;
  Shape shape;
};
constexpr std::array<Mark, 3> marks = {{{"..", Shape::Ramp}, {"^", Shape::Spike}, {"~", Shape::Wave}}};

double read_number(const Node& node, std::string_view key, stack::Problems& problems) {
  const auto value = parse_rate(node.text);
  if (!node.is_scalar() || !value) {
    problems.add(node.position, "`" + std::string(key) + "` is not a number of arrivals a second", "write a number, 0 or more");
    return 0;
  }
  return *value;
}

Duration read_span(const Node& node, std::string_view key, stack::Problems& problems) {
  const auto value = node.is_scalar() ? parse_span(node.text) : std::nullopt;
  if (!value) problems.add(node.position, "`" + std::string(key) + "` is not a length of time", "write it like 500ms, 30s or 1m30s");
  return value.value_or(Duration{});
}

void read_shape(const Node& node, TrafficPhase& phase, stack::Problems& problems) {
  for (std::size_t index = 0; index < shape_names.size(); ++index)
    if (node.text == shape_names[index]) {
      phase.shape = static_cast<Shape>(index);
      return;
    }
  problems.add(node.position, "unknown shape `" + node.text + "`", stack::one_of(node.text, shape_names));
}

TrafficPhase read_phase_map(const Node& node, stack::Problems& problems) {
  static constexpr std::array<std::string_view, 6> keys = {"name", "shape", "length", "rate", "peak", "period"};
  TrafficPhase phase;
  for (const auto& [key, key_position, value] : node.members) {
    if (key == "name") {
      phase.name = value.text;
    } else if (key == "shape") {
      read_shape(value, phase, problems);
    } else if (key == "length") {
      phase.length = read_span(value, key, problems);
    } else if (key == "period") {
      phase.period = read_span(value, key, problems);
    } else if (key == "rate") {
      phase.rate = read_number(value, key, problems);
    } else if (key == "peak") {
      phase.peak = read_number(value, key, problems);
    } else {
      problems.add(key_position, "a phase has no `" + key + "`", stack::one_of(key, keys));
    }
  }
  if (node.find("shape") == nullptr && node.find("peak") != nullptr) phase.shape = Shape::Ramp;
  if (const auto checked = check_phase(phase); !checked.ok()) problems.add(node.position, checked.error().message);
  return phase;
}

std::optional<TrafficPhase> read_phase(const Node& node, stack::Problems& problems) {
  if (node.is(NodeKind::Map)) return read_phase_map(node, problems);
  if (!node.is_scalar()) {
    problems.add(node.position, "a phase is neither text nor a map", "write it like 30s@50..500");
    return std::nullopt;
  }
  auto phase = parse_phase(node.text);
  if (phase.ok()) return std::move(*phase);
  problems.add(node.position, phase.error().message);
  return std::nullopt;
}

void read_phases(const Node& node, Traffic& traffic, stack::Problems& problems) {
  if (!node.is(NodeKind::List)) return problems.add(node.position, "`phases` is not a list", "write `- 30s@50` below it");
  for (const auto& item : node.items) {
    if (traffic.phases.size() == TrafficLimits::phases) return problems.add(item.position, "more than 1000 phases");
    if (auto phase = read_phase(item, problems)) traffic.phases.push_back(std::move(*phase));
  }
}

void read_arrivals(const Node& node, Traffic& traffic, stack::Problems& problems) {
  static constexpr std::array<std::string_view, 2> kinds = {"poisson", "even"};
  if (node.text == kinds[0]) {
    traffic.arrivals = Traffic::Arrivals::Poisson;
  } else if (node.text == kinds[1]) {
    traffic.arrivals = Traffic::Arrivals::Even;
  } else {
    problems.add(node.position, "unknown arrivals `" + node.text + "`", stack::one_of(node.text, kinds));
  }
}

}  // namespace

std::optional<Duration> parse_span(std::string_view text) {
  if (text.empty() || text.size() > 32) return std::nullopt;
  double total_us = 0;
  if (while_in(text, "0123456789.") == text.size()) {
    const auto value = parse_double(text);
    if (!value || !(*value < 1e11)) return std::nullopt;
    return microseconds(std::llround(*value * 1e6));
  }
  while (!text.empty()) {
    const auto digits = while_in(text, "0123456789.");
    const auto value = parse_double(text.substr(0, digits));
    if (!value) return std::nullopt;
    text.remove_prefix(digits);
    const auto letters = while_in(text, "abcdefghijklmnopqrstuvwxyz");
    const auto name = text.substr(0, letters);
    text.remove_prefix(letters);
    double factor = 0;
    for (const auto& unit : units)
      if (unit.name == name) factor = unit.us;
    if (factor == 0) return std::nullopt;
    total_us += *value * factor;
  }
  if (!(total_us < 1e17)) return std::nullopt;
  return microseconds(std::llround(total_us));
}

std::string span_text(Duration span) {
  if (span.us % 1'000'000 != 0) {
    if (span.us % 1000 != 0) return std::to_string(span.us) + "us";
    return std::to_string(span.ms()) + "ms";
  }
  std::int64_t left = span.us / 1'000'000;
  std::string out;
  for (const auto& [name, size] : {std::pair{'h', 3600}, std::pair{'m', 60}}) {
    if (left < size) continue;
    out += std::to_string(left / size) + name;
    left %= size;
  }
  if (left > 0 || out.empty()) out += std::to_string(left) + "s";
  return out;
}

std::string phase_text(const TrafficPhase& phase) {
  auto text = span_text(phase.length) + "@" + number_text(phase.rate);
  for (const auto& mark : marks)
    if (mark.shape == phase.shape) text += std::string(mark.text) + number_text(phase.peak);
  if (phase.shape == Shape::Spike || phase.shape == Shape::Wave) text += "/" + span_text(phase.period);
  return text;
}

Result<TrafficPhase> parse_phase(std::string_view text) {
  const auto unreadable = [text] {
    return fault("`" + std::string(text.substr(0, 80)) +
                 "` is no phase; write LENGTH@RATE, as in 30s@50, or 30s@50..500 (ramp), 60s@100^1000/5s (spike), 10m@20~200/10m (wave)");
  };
  TrafficPhase phase;
  std::string_view length;
  std::string_view rest;
  if (!cut(trim(text), "@", length, rest)) return unreadable();
  const auto span = parse_span(length);
  if (!span) return unreadable();
  phase.length = *span;
  std::string_view rate = rest;
  for (const auto& mark : marks) {
    std::string_view peak;
    if (!cut(rest, mark.text, rate, peak)) {
      rate = rest;
      continue;
    }
    phase.shape = mark.shape;
    if (mark.shape != Shape::Ramp) {
      std::string_view period;
      std::string_view highest;
      if (!cut(peak, "/", highest, period)) return unreadable();
      const auto lasts = parse_span(period);
      if (!lasts) return unreadable();
      phase.period = *lasts;
      peak = highest;
    }
    const auto value = parse_rate(peak);
    if (!value) return unreadable();
    phase.peak = *value;
    break;
  }
  const auto value = parse_rate(rate);
  if (!value) return unreadable();
  phase.rate = *value;
  SURGE_CHECK(check_phase(phase));
  return phase;
}

Result<Unit> check_traffic(const Traffic& traffic) {
  if (traffic.phases.empty()) return fault("the traffic has no phases; add one like 30s@50");
  if (traffic.phases.size() > TrafficLimits::phases) return fault("the traffic has more than 1000 phases");
  if (traffic.length() > TrafficLimits::length) return fault("the traffic lasts longer than 8 days");
  if (traffic.expected() > TrafficLimits::arrivals) return fault("the traffic has more than 10,000,000,000 arrivals");
  if (traffic.expected() <= 0) return fault("the traffic has no arrivals: every rate is 0");
  return Unit{};
}

Traffic read_traffic(const Node& node, stack::Problems& problems) {
  static constexpr std::array<std::string_view, 3> keys = {"arrivals", "seed", "phases"};
  Traffic traffic;
  if (!node.is(NodeKind::Map)) {
    problems.add(node.position, "`traffic` is not a map", "write `phases:` below it");
    return traffic;
  }
  const auto before = problems.size();
  for (const auto& [key, key_position, value] : node.members) {
    if (key == "arrivals") {
      read_arrivals(value, traffic, problems);
    } else if (key == "seed") {
      const auto seed = parse_integer(value.text);
      if (!seed) problems.add(value.position, "`seed` is not a whole number");
      traffic.seed = static_cast<std::uint64_t>(seed.value_or(1));
    } else if (key == "phases") {
      read_phases(value, traffic, problems);
    } else {
      problems.add(key_position, "traffic has no `" + key + "`", stack::one_of(key, keys));
    }
  }
  if (problems.size() != before) return traffic;
  if (const auto checked = check_traffic(traffic); !checked.ok()) problems.add(node.position, checked.error().message);
  return traffic;
}

std::optional<Traffic> read_traffic_file(std::string_view text, stack::Problems& problems) {
  const auto root = stack::read_yaml(text, problems);
  if (!root) return std::nullopt;
  const auto* node = root->is(NodeKind::Map) ? root->find("traffic") : nullptr;
  if (node == nullptr) {
    problems.add(root->position, "there is no `traffic`", "write `traffic:` with `phases:` below it");
    return std::nullopt;
  }
  auto traffic = read_traffic(*node, problems);
  if (!problems.empty()) return std::nullopt;
  return traffic;
}

}  // namespace surgetank::windtunnel
