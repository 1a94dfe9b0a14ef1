#include "services/logs/emf.h"

#include <algorithm>

#include "base/text.h"
#include "wire/json_value.h"

namespace surgetank::logs {
namespace {

constexpr std::size_t most_metrics = 100;    // per directive
constexpr std::size_t most_dimensions = 30;  // per set
constexpr std::size_t most_values = 100;     // per metric
constexpr std::size_t longest_text = 1024;   // namespace, dimension names and values, metric names

struct MetricDefinition {
  std::string name;
  std::string unit = "None";
  int resolution_seconds = 60;
  std::vector<double> values;
};

bool fits(const std::string* text) { return text != nullptr && !text->empty() && text->size() <= longest_text; }

// Names refer to members of the root only.
std::optional<MetricDefinition> read_metric(const JsonValue& root, const JsonValue& definition) {
  const auto* name = definition.find_string("Name");
  if (!fits(name)) return std::nullopt;
  MetricDefinition metric;
  metric.name = *name;
  if (const auto* unit = definition.find_string("Unit")) metric.unit = *unit;
  if (const auto* resolution = definition.find("StorageResolution")) metric.resolution_seconds = resolution->as_integer() == 1 ? 1 : 60;
  const auto* target = root.find(*name);
  if (target == nullptr) return std::nullopt;
  if (const auto value = target->as_double()) {
    metric.values.push_back(*value);
    return metric;
  }
  const auto* array = target->as_array();
  if (array == nullptr || array->size() > most_values) return std::nullopt;
  for (const auto& element : *array) {
    const auto value = element.as_double();
    if (!value) return std::nullopt;
    metric.values.push_back(*value);
  }
  return metric;
}

std::optional<Dimensions> read_dimension_set(const JsonValue& root, const JsonValue& names) {
  const auto* array = names.as_array();
  if (array == nullptr || array->size() > most_dimensions) return std::nullopt;
  Dimensions dimensions;
  for (const auto& name : *array) {
    const auto* text = name.as_string();
    const auto* value = text == nullptr ? nullptr : root.find_string(*text);
    if (!fits(text) || !fits(value)) return std::nullopt;
    dimensions.emplace_back(*text, *value);
  }
  std::sort(dimensions.begin(), dimensions.end());
  return dimensions;
}

bool read_directive(const JsonValue& root, const JsonValue& directive, Instant time, std::vector<MetricSample>& out) {
  const auto* name_space = directive.find_string("Namespace");
  const auto* metrics = directive.find("Metrics");
  const auto* sets = directive.find("Dimensions");
  if (!fits(name_space) || metrics == nullptr || !metrics->is_array() || metrics->as_array()->size() > most_metrics) return false;
  std::vector<Dimensions> dimension_sets;
  if (sets != nullptr) {
    if (!sets->is_array()) return false;
    for (const auto& names : *sets->as_array()) {
      auto set = read_dimension_set(root, names);
      if (!set) return false;
      dimension_sets.push_back(std::move(*set));
    }
  }
  if (dimension_sets.empty()) dimension_sets.emplace_back();
  for (const auto& definition : *metrics->as_array()) {
    const auto metric = read_metric(root, definition);
    if (!metric) return false;
    for (const auto& dimensions : dimension_sets) {
      for (const double value : metric->values) {
        MetricSample sample;
        sample.name_space = *name_space;
        sample.name = metric->name;
        sample.dimensions = dimensions;
        sample.time = time;
        sample.value = value;
        sample.unit = metric->unit;
        sample.resolution_seconds = metric->resolution_seconds;
        out.push_back(std::move(sample));
      }
    }
  }
  return true;
}

}  // namespace

EmfResult read_emf(std::string_view message, Instant now, std::vector<MetricSample>& out) {
  const auto text = trim(message);
  if (text.empty() || text.front() != '{' || !contains(text, "\"_aws\"")) return EmfResult::NotEmf;
  const auto root = parse_json(text);
  const auto* aws = root.ok() ? root->find("_aws") : nullptr;
  if (aws == nullptr) return EmfResult::NotEmf;
  const auto* timestamp = aws->find("Timestamp");
  const auto* directives = aws->find("CloudWatchMetrics");
  const auto ms = timestamp == nullptr ? std::nullopt : timestamp->as_integer();
  if (!ms || directives == nullptr || !directives->is_array()) return EmfResult::Invalid;
  const Instant time{*ms * 1000};
  if (time < now - days(14) || time > now + hours(2)) return EmfResult::Invalid;
  const auto first = out.size();
  for (const auto& directive : *directives->as_array()) {
    if (read_directive(*root, directive, time, out)) continue;
    out.resize(first);
    return EmfResult::Invalid;
  }
  return EmfResult::Valid;
}

}  // namespace surgetank::logs
