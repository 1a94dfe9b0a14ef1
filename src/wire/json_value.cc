#include "wire/json_value.h"

#include <algorithm>
#include <cmath>

#include "base/assert.h"
#include "base/text.h"
#include "wire/json_writer.h"
#include "wire/scalar_text.h"

namespace surgetank {

JsonValue JsonValue::boolean(bool value) {
  JsonValue out;
  out.state_ = value;
  return out;
}
JsonValue JsonValue::integer(std::int64_t value) { return number_text(std::to_string(value)); }
JsonValue JsonValue::number(double value) {
  SURGE_ASSERT(std::isfinite(value), "JSON has no such number");
  std::string text;
  append_json_double(text, value);
  return number_text(std::move(text));
}
JsonValue JsonValue::number_text(std::string text) {
  JsonValue out;
  out.state_ = NumberText{std::move(text)};
  return out;
}
JsonValue JsonValue::string(std::string text) {
  JsonValue out;
  out.state_ = std::move(text);
  return out;
}
JsonValue JsonValue::array() { return array(JsonArray()); }
JsonValue JsonValue::array(JsonArray elements) {
  JsonValue out;
  out.state_ = std::move(elements);
  return out;
}
JsonValue JsonValue::object() { return object(JsonObject()); }
JsonValue JsonValue::object(JsonObject fields) {
  JsonValue out;
  out.state_ = std::move(fields);
  return out;
}

std::optional<bool> JsonValue::as_boolean() const {
  const auto* value = std::get_if<bool>(&state_);
  return value == nullptr ? std::nullopt : std::optional(*value);
}
std::optional<std::int64_t> JsonValue::as_integer() const {
  const auto* text = as_number_text();
  if (text == nullptr) return std::nullopt;
  if (const auto exact = parse_integer(*text)) return exact;
  const auto approximate = as_double();
  return approximate ? wire::integer_of_double(*approximate) : std::nullopt;
}
std::optional<double> JsonValue::as_double() const {
  const auto* text = as_number_text();
  return text == nullptr ? std::nullopt : parse_double(*text);
}
const std::string* JsonValue::as_string() const { return std::get_if<std::string>(&state_); }
const std::string* JsonValue::as_number_text() const {
  const auto* number = std::get_if<NumberText>(&state_);
  return number == nullptr ? nullptr : &number->text;
}
const JsonArray* JsonValue::as_array() const { return std::get_if<JsonArray>(&state_); }
const JsonObject* JsonValue::as_object() const { return std::get_if<JsonObject>(&state_); }
JsonArray* JsonValue::as_array() { return std::get_if<JsonArray>(&state_); }
JsonObject* JsonValue::as_object() { return std::get_if<JsonObject>(&state_); }

const JsonValue* JsonValue::find(std::string_view name) const {
  const auto* fields = as_object();
  if (fields == nullptr) return nullptr;
  const auto found = std::find_if(fields->begin(), fields->end(), [&](const JsonField& field) { return field.name == name; });
  return found == fields->end() ? nullptr : &found->value;
}
JsonValue* JsonValue::find(std::string_view name) { return const_cast<JsonValue*>(std::as_const(*this).find(name)); }

const JsonValue* JsonValue::find_path(std::initializer_list<std::string_view> names) const {
  const JsonValue* value = this;
  for (const auto name : names) {
    value = value->find(name);
    if (value == nullptr) return nullptr;
  }
  return value;
}

const std::string* JsonValue::find_string(std::string_view name) const {
  const auto* value = find(name);
  return value == nullptr ? nullptr : value->as_string();
}

void JsonValue::set(std::string_view name, JsonValue value) {
  SURGE_ASSERT(is_object(), "only an object has members");
  if (auto* existing = find(name)) {
    *existing = std::move(value);
  } else {
    as_object()->push_back({std::string(name), std::move(value)});
  }
}

bool JsonValue::operator==(const JsonValue& other) const { return state_ == other.state_; }

void append_json(std::string& out, const JsonValue& value) {
  switch (value.kind()) {
    case JsonValue::Kind::Null:
      out += "null";
      return;
    case JsonValue::Kind::Boolean:
      out += *value.as_boolean() ? "true" : "false";
      return;
    case JsonValue::Kind::Number:
      out += *value.as_number_text();
      return;
    case JsonValue::Kind::String:
      append_json_string(out, *value.as_string());
      return;
    case JsonValue::Kind::Array: {
      out += '[';
      const char* separator = "";
      for (const auto& element : *value.as_array()) {
        out += separator;
        append_json(out, element);
        separator = ",";
      }
      out += ']';
      return;
    }
    case JsonValue::Kind::Object: {
      out += '{';
      const char* separator = "";
      for (const auto& field : *value.as_object()) {
        out += separator;
        append_json_string(out, field.name);
        out += ':';
        append_json(out, field.value);
        separator = ",";
      }
      out += '}';
      return;
    }
  }
}

std::string to_json(const JsonValue& value) {
  std::string out;
  append_json(out, value);
  return out;
}

}  // namespace surgetank
