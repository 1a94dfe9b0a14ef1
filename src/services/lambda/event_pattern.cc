#include "services/lambda/event_pattern.h"

#include <algorithm>

#include "services/lambda/errors.h"

namespace surgetank::lambda {
namespace {

constexpr JsonLimits pattern_limits{.max_depth = 40, .max_nodes = 5'000};

Error wrong(const std::string& reason) { return invalid_parameter("Invalid filter pattern definition. Reason: " + reason); }

// Calls `visit` with the scalars of a value: itself, or those of a list (lists in lists count as one). False: it stopped.
template <class Visit>
bool each_scalar(const JsonValue& value, Visit visit) {
  if (const auto* elements = value.as_array())
    return std::all_of(elements->begin(), elements->end(), [&](const JsonValue& element) { return each_scalar(element, visit); });
  return value.is_object() || visit(value);
}

bool has_scalar(const JsonValue* value) {
  return value != nullptr && !each_scalar(*value, [](const JsonValue&) { return false; });
}

}  // namespace

class EventPattern::Compiler {
 public:
  static Result<ObjectPattern> object(const JsonObject& source) {
    ObjectPattern pattern;
    if (source.empty()) return wrong("empty objects are not allowed");
    for (const auto& [name, value] : source) {
      if (name == "$or" && is_choice(value)) {
        SURGE_TRY(alternatives, choice(*value.as_array()));
        pattern.choices.push_back(std::move(alternatives));
        continue;
      }
      Field field;
      field.name = name;
      if (const auto* below = value.as_object()) {
        SURGE_TRY(compiled, object(*below));
        field.below.push_back(std::move(compiled));
      } else if (const auto* elements = value.as_array()) {
        SURGE_TRY(conditions, leaf(name, *elements));
        field.conditions = std::move(conditions);
      } else {
        return wrong("\"" + name + "\" must be an object or an array");
      }
      pattern.fields.push_back(std::move(field));
    }
    return pattern;
  }

 private:
  // Otherwise it is an ordinary member of that name.
  static bool is_choice(const JsonValue& value) {
    const auto* elements = value.as_array();
    return elements != nullptr && !elements->empty() &&
           std::all_of(elements->begin(), elements->end(), [](const JsonValue& element) { return element.is_object(); });
  }

  static Result<std::vector<ObjectPattern>> choice(const JsonArray& elements) {
    std::vector<ObjectPattern> alternatives;
    for (const auto& element : elements) {
      SURGE_TRY(alternative, object(*element.as_object()));
      alternatives.push_back(std::move(alternative));
    }
    return alternatives;
  }

  static Result<std::vector<LeafCondition>> leaf(const std::string& name, const JsonArray& elements) {
    if (elements.empty()) return wrong("empty arrays are not allowed: \"" + name + "\"");
    std::vector<LeafCondition> conditions;
    for (const auto& element : elements) {
      SURGE_TRY(condition, LeafCondition::compile(element));
      conditions.push_back(std::move(condition));
    }
    return conditions;
  }
};

Result<EventPattern> EventPattern::compile(std::string_view text) {
  const auto source = parse_json(text, pattern_limits);
  if (!source.ok()) return wrong("the pattern is not valid JSON");
  const auto* fields = source->as_object();
  if (fields == nullptr) return wrong("the pattern is not a JSON object");
  SURGE_TRY(root, Compiler::object(*fields));
  EventPattern pattern;
  pattern.root_ = std::move(root);
  return pattern;
}

// Of a list of objects one has to match as a whole.
bool EventPattern::ObjectPattern::matches(const JsonValue& value) const {
  if (const auto* elements = value.as_array())
    return std::any_of(elements->begin(), elements->end(), [this](const JsonValue& element) { return matches(element); });
  return value.is_object() && matches_object(value);
}

bool EventPattern::ObjectPattern::matches_object(const JsonValue& value) const {
  return std::all_of(fields.begin(), fields.end(), [&](const Field& field) { return field.matches(value.find(field.name)); }) &&
         std::all_of(choices.begin(), choices.end(), [&](const std::vector<ObjectPattern>& alternatives) {
           return std::any_of(alternatives.begin(), alternatives.end(),
                              [&](const ObjectPattern& alternative) { return alternative.matches_object(value); });
         });
}

bool EventPattern::ObjectPattern::mentions(std::string_view member) const {
  return std::any_of(fields.begin(), fields.end(), [&](const Field& field) { return field.name == member; }) ||
         std::any_of(choices.begin(), choices.end(), [&](const std::vector<ObjectPattern>& alternatives) {
           return std::any_of(alternatives.begin(), alternatives.end(),
                              [&](const ObjectPattern& alternative) { return alternative.mentions(member); });
         });
}

bool EventPattern::Field::matches(const JsonValue* value) const {
  if (!below.empty()) {
    if (value != nullptr) return below.front().matches(*value);
    return below.front().matches_object(JsonValue::object());  // what is below may be wanted absent
  }
  return std::any_of(conditions.begin(), conditions.end(), [value](const LeafCondition& condition) {
    if (const auto existence = condition.wanted_existence()) return has_scalar(value) == *existence;
    return value != nullptr && !each_scalar(*value, [&condition](const JsonValue& scalar) { return !condition.accepts(scalar); });
  });
}

}  // namespace surgetank::lambda
