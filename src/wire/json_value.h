#pragma once
// Arbitrary JSON as a document: for services that read what no shape describes (policies, event payloads, dashboards).
// A JsonValue owns everything below it and is an ordinary value (copy is deep). Object members keep their order;
// a repeated key keeps its first place and its last value. Numbers keep their source text, so that nothing is rounded
// in passing through. Pure functions, any thread. parse_json fails with wire::serialization_error (not JSON, not UTF-8)
// or wire::too_complex (a limit).
#include <cstdint>
#include <initializer_list>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "base/result.h"

namespace surgetank {

class JsonValue;
struct JsonField;
using JsonArray = std::vector<JsonValue>;
using JsonObject = std::vector<JsonField>;

class JsonValue {
 public:
  enum class Kind : std::uint8_t { Null, Boolean, Number, String, Array, Object };

  JsonValue() = default;  // null
  static JsonValue boolean(bool value);
  static JsonValue integer(std::int64_t value);
  static JsonValue number(double value);
  static JsonValue number_text(std::string text);  // must be a JSON number
  static JsonValue string(std::string text);
  static JsonValue array();
  static JsonValue array(JsonArray elements);
  static JsonValue object();
  static JsonValue object(JsonObject fields);

  Kind kind() const { return static_cast<Kind>(state_.index()); }
  bool is_null() const { return kind() == Kind::Null; }
  bool is_string() const { return kind() == Kind::String; }
  bool is_number() const { return kind() == Kind::Number; }
  bool is_boolean() const { return kind() == Kind::Boolean; }
  bool is_array() const { return kind() == Kind::Array; }
  bool is_object() const { return kind() == Kind::Object; }

  // nullopt / nullptr when the value is of another kind.
  std::optional<bool> as_boolean() const;
  std::optional<std::int64_t> as_integer() const;  // integral numbers only ("5", "5.0", "5e2"), within range
  std::optional<double> as_double() const;
  const std::string* as_string() const;
  const std::string* as_number_text() const;
  const JsonArray* as_array() const;
  const JsonObject* as_object() const;
  JsonArray* as_array();
  JsonObject* as_object();

  // The member of that name; nullptr if this is no object or has none.
  const JsonValue* find(std::string_view name) const;
  JsonValue* find(std::string_view name);
  // find() repeatedly: find_path({"detail", "state", "value"}).
  const JsonValue* find_path(std::initializer_list<std::string_view> names) const;
  // The text of the String member of that name; nullptr if absent or of another kind.
  const std::string* find_string(std::string_view name) const;
  // Replaces or appends a member; this must be an object.
  void set(std::string_view name, JsonValue value);

  // Structural; numbers compare as text.
  bool operator==(const JsonValue& other) const;

 private:
  struct NumberText {
    std::string text;
    bool operator==(const NumberText&) const = default;
  };
  // In the order of Kind.
  std::variant<std::monostate, bool, NumberText, std::string, JsonArray, JsonObject> state_;
};

struct JsonField {
  std::string name;
  JsonValue value;
  bool operator==(const JsonField&) const = default;
};

struct JsonLimits {
  int max_depth = 64;
  std::size_t max_nodes = 1'000'000;
};
Result<JsonValue> parse_json(std::string_view text, JsonLimits limits = {});
// Checks that `text` is one well-formed JSON value within the limits, without building it.
Result<Unit> check_json(std::string_view text, JsonLimits limits = {});

// Compact text.
std::string to_json(const JsonValue& value);
void append_json(std::string& out, const JsonValue& value);

}  // namespace surgetank
