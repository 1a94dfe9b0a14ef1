// read_json: simdjson finds the structure, this walks it along the shape. simdjson's on-demand mode does not validate what is
// not visited, so unknown members and Documents are checked by check_json.
#include <simdjson.h>

#include <algorithm>
#include <cstring>
#include <optional>
#include <set>
#include <vector>

#include "base/text.h"
#include "wire/errors.h"
#include "wire/json.h"
#include "wire/json_value.h"
#include "wire/members.h"
#include "wire/scalar_text.h"
#include "wire/utf8.h"

namespace surgetank {
namespace {

namespace ondemand = simdjson::ondemand;
using wire::MemberSet;
using wire::PathStep;
using wire::slot_as;

// Larger texts get scratch memory of their own, so that one large request does not stay in every thread for good.
constexpr std::size_t kept_scratch_bytes = 1 << 20;

std::string_view token_name(ondemand::json_type type, std::string_view raw) {
  switch (type) {
    case ondemand::json_type::string:
      return "STRING_VALUE";
    case ondemand::json_type::number:
      return raw.find_first_of(".eE") == std::string_view::npos ? "NUMBER_VALUE" : "DECIMAL_VALUE";
    case ondemand::json_type::boolean:
      return raw.substr(0, 1) == "t" ? "TRUE_VALUE" : "FALSE_VALUE";
    default:
      return "NULL_VALUE";
  }
}

class JsonReader {
 public:
  explicit JsonReader(JsonMembers members) : members_(members) {}

  bool read_document(ondemand::parser& parser, simdjson::padded_string_view text, const Shape& shape, void* out) {
    ondemand::document document;
    if (const auto error = parser.iterate(text).get(document)) return fail_syntax(error);
    ondemand::json_type type{};
    if (const auto error = document.type().get(type)) return fail_syntax(error);
    if (type == ondemand::json_type::array) return fail("Start of list found where not expected.");
    if (type != ondemand::json_type::object) return fail("Unexpected token: the body must be a JSON object");
    ondemand::object object;
    if (const auto error = document.get_object().get(object)) return fail_syntax(error);
    if (!read_struct(object, shape, out, nullptr, json_max_depth, members_)) return false;
    // on-demand knows the end only as the place where nothing is left to point at
    if (document.current_location().error() != simdjson::OUT_OF_BOUNDS) return fail("Unexpected token after the end of the JSON body");
    return true;
  }
  Error error() && { return std::move(error_); }

 private:
  bool fail(std::string message, const ErrorCode& code = wire::serialization_error) {
    error_ = {&code, std::move(message)};
    return false;
  }
  bool fail_syntax(simdjson::error_code error) {
    return fail("Unexpected token: could not parse the body as JSON (" + std::string(simdjson::error_message(error)) + ")");
  }
  bool fail_conversion(ondemand::value& value, ondemand::json_type type, Type::Kind wanted) {
    if (type == ondemand::json_type::object) return fail("Start of structure or map found where not expected.");
    if (type == ondemand::json_type::array) return fail("Start of list found where not expected.");
    const auto raw = trim_token(value.raw_json_token());
    if (const auto checked = check_json(raw); !checked.ok()) return fail(checked.error().message);
    return fail(std::string(token_name(type, raw)) + " can not be converted to " + std::string(wire::kind_name(wanted)));
  }
  bool fail_depth() { return fail("The JSON body is nested too deeply", wire::too_complex); }

  static std::string_view trim_token(std::string_view raw) {
    const auto end = raw.find_last_not_of(" \t\r\n");
    return raw.substr(0, end == std::string_view::npos ? 0 : end + 1);
  }

  // The verbatim text of any value, checked.
  bool take_raw(ondemand::value value, int depth_left, std::string_view& raw) {
    ondemand::json_type type{};
    if (const auto error = value.type().get(type)) return fail_syntax(error);
    simdjson::error_code error = simdjson::SUCCESS;
    if (type == ondemand::json_type::object) {
      ondemand::object object;
      error = value.get_object().get(object);
      if (error == simdjson::SUCCESS) error = object.raw_json().get(raw);
    } else if (type == ondemand::json_type::array) {
      ondemand::array array;
      error = value.get_array().get(array);
      if (error == simdjson::SUCCESS) error = array.raw_json().get(raw);
    } else {
      raw = value.raw_json_token();
      // on-demand would skip a string together with a ':' behind it, as if it were a key
      ondemand::raw_json_string consumed;
      if (type == ondemand::json_type::string) error = value.get_raw_json_string().get(consumed);
    }
    if (error != simdjson::SUCCESS) return fail_syntax(error);
    raw = trim_token(raw);
    auto checked = check_json(raw, {.max_depth = depth_left});
    return checked.ok() || fail(std::move(checked.error().message), *checked.error().code);
  }

  bool read_struct(ondemand::object object, const Shape& shape, void* out, const PathStep* path, int depth_left, JsonMembers members) {
    if (depth_left <= 0) return fail_depth();
    MemberSet seen(shape.members.size());
    const auto places = members == JsonMembers::BodyOnly ? wire::MemberPlaces::BodyOnly : wire::MemberPlaces::All;
    std::size_t next = 0;
    for (auto each : object) {
      ondemand::field field;
      std::string_view name;
      if (const auto error = std::move(each).get(field)) return fail_syntax(error);
      if (const auto error = field.unescaped_key().get(name)) return fail_syntax(error);
      const auto index = wire::member_position(shape, name, next, places);
      if (index == shape.members.size()) {
        std::string_view ignored;
        if (!take_raw(field.value(), depth_left - 1, ignored)) return false;
        continue;
      }
      if (seen.contains(index)) return fail("Unexpected token: the member " + std::string(name) + " occurs twice");
      next = index + 1;
      const auto& member = shape.members[index];
      const PathStep step{path, member.name};
      bool is_null = false;
      if (!take_null(field.value(), is_null)) return false;
      if (is_null) continue;
      seen.insert(index);
      if (!read_value(field.value(), *member.type, wire::slot_of(member, out), &step, depth_left)) return false;
    }
    return check_required(shape, seen, path, members);
  }

  bool check_required(const Shape& shape, const MemberSet& seen, const PathStep* path, JsonMembers members) {
    for (std::size_t i = 0; i < shape.members.size(); ++i) {
      const auto& member = shape.members[i];
      if (seen.contains(i) || !wire::is_required(*member.type)) continue;
      if (members == JsonMembers::BodyOnly && wire::location_of(find_binding(shape, member.name)) != Location::Body) continue;
      const PathStep step{path, member.name};
      return fail(wire::path_text(&step), wire::missing_member);
    }
    return true;
  }

  bool take_null(ondemand::value& value, bool& is_null) {
    const auto error = value.is_null().get(is_null);
    return error == simdjson::SUCCESS || fail_syntax(error);
  }

  bool read_value(ondemand::value& value, const Type& type, void* slot, const PathStep* path, int depth_left) {
    switch (type.kind) {
      case Type::Kind::Optional:
        return read_value(value, *type.element, type.grow(slot, {}), path, depth_left);
      case Type::Kind::List:
        return read_list(value, type, slot, path, depth_left - 1);
      case Type::Kind::Map:
        return read_map(value, type, slot, path, depth_left - 1);
      case Type::Kind::Document: {
        std::string_view raw;
        if (!take_raw(value, depth_left - 1, raw)) return false;
        slot_as<Document>(slot).json = raw;
        return true;
      }
      case Type::Kind::Struct: {
        ondemand::json_type json_type{};
        if (const auto error = value.type().get(json_type)) return fail_syntax(error);
        if (json_type != ondemand::json_type::object) return fail_container(value, json_type, "Expected structure or null");
        ondemand::object object;
        if (const auto error = value.get_object().get(object)) return fail_syntax(error);
        return read_struct(object, *type.shape(), slot, path, depth_left - 1, JsonMembers::All);
      }
      default:
        return read_scalar(value, type, slot);
    }
  }

  bool fail_container(ondemand::value& value, ondemand::json_type type, std::string_view text) {
    const bool scalar = type != ondemand::json_type::object && type != ondemand::json_type::array;
    if (scalar) {
      if (const auto checked = check_json(trim_token(value.raw_json_token())); !checked.ok()) return fail(checked.error().message);
    }
    return fail(std::string(text));
  }

  // An element of a list or map: grown first, so that an absent one stays in its place.
  bool read_element(ondemand::value& value, const Type& element, void* slot, const PathStep* path, int depth_left) {
    bool is_null = false;
    if (!take_null(value, is_null)) return false;
    if (!is_null) return read_value(value, element, slot, path, depth_left);
    return element.kind == Type::Kind::Optional || fail("NULL_VALUE can not be an element of a list or map");
  }

  bool read_list(ondemand::value& value, const Type& type, void* slot, const PathStep* path, int depth_left) {
    if (depth_left <= 0) return fail_depth();
    ondemand::json_type json_type{};
    if (const auto error = value.type().get(json_type)) return fail_syntax(error);
    if (json_type != ondemand::json_type::array) return fail_container(value, json_type, "Expected list or null");
    ondemand::array array;
    if (const auto error = value.get_array().get(array)) return fail_syntax(error);
    PathStep step{path, {}, 0};
    for (auto each : array) {
      ondemand::value element;
      if (const auto error = std::move(each).get(element)) return fail_syntax(error);
      ++step.position;
      if (!read_element(element, *type.element, type.grow(slot, {}), &step, depth_left)) return false;
    }
    return true;
  }

  bool read_map(ondemand::value& value, const Type& type, void* slot, const PathStep* path, int depth_left) {
    if (depth_left <= 0) return fail_depth();
    ondemand::json_type json_type{};
    if (const auto error = value.type().get(json_type)) return fail_syntax(error);
    if (json_type != ondemand::json_type::object) return fail_container(value, json_type, "Expected map or null");
    ondemand::object object;
    if (const auto error = value.get_object().get(object)) return fail_syntax(error);
    std::set<std::string_view> keys;  // a key that came twice would grow the first element's lists
    for (auto each : object) {
      ondemand::field field;
      std::string_view key;
      if (const auto error = std::move(each).get(field)) return fail_syntax(error);
      if (const auto error = field.unescaped_key().get(key)) return fail_syntax(error);
      if (!is_text(key)) return fail("Unexpected token: a key is not Unicode text");
      if (!keys.insert(key).second) return fail("Unexpected token: the key " + std::string(key) + " occurs twice");
      const PathStep step{path, key};
      if (!read_element(field.value(), *type.element, type.grow(slot, key), &step, depth_left)) return false;
    }
    return true;
  }

  bool read_scalar(ondemand::value& value, const Type& type, void* slot) {
    ondemand::json_type json_type{};
    if (const auto error = value.type().get(json_type)) return fail_syntax(error);
    switch (json_type) {
      case ondemand::json_type::string:
        return read_from_string(value, type, slot);
      case ondemand::json_type::number:
        return read_from_number(value, type, slot);
      case ondemand::json_type::boolean: {
        bool flag = false;
        if (type.kind != Type::Kind::Boolean || value.get_bool().get(flag) != simdjson::SUCCESS)
          return fail_conversion(value, json_type, type.kind);
        slot_as<bool>(slot) = flag;
        return true;
      }
      default:
        return fail_conversion(value, json_type, type.kind);
    }
  }

  // simdjson decodes \u escapes of lone low surrogates to what is not UTF-8.
  static bool is_text(std::string_view text) { return wire::has_only_ascii(text) || is_valid_utf8(text); }

  bool read_from_string(ondemand::value& value, const Type& type, void* slot) {
    if (type.kind == Type::Kind::Integer || type.kind == Type::Kind::Boolean)
      return fail_conversion(value, ondemand::json_type::string, type.kind);
    std::string_view text;
    if (const auto error = value.get_string().get(text)) return fail_syntax(error);
    if (!is_text(text)) return fail("Unexpected token: a string is not Unicode text");
    switch (type.kind) {
      case Type::Kind::String:
        slot_as<std::string>(slot) = text;
        return true;
      case Type::Kind::Blob: {
        auto bytes = from_base64(text);
        if (!bytes) return fail("Invalid base64 in a Blob");
        slot_as<Blob>(slot).bytes = std::move(*bytes);
        return true;
      }
      case Type::Kind::Double: {
        const auto number = text == "NaN" || text == "Infinity" || text == "-Infinity" ? wire::parse_number_text(text) : std::nullopt;
        if (!number) return fail("STRING_VALUE can not be converted to Double");
        slot_as<double>(slot) = *number;
        return true;
      }
      default: {
        const auto instant = parse_timestamp(text);
        if (!instant) return fail("STRING_VALUE can not be converted to Timestamp");
        slot_as<Instant>(slot) = *instant;
        return true;
      }
    }
  }

  bool read_from_number(ondemand::value& value, const Type& type, void* slot) {
    if (type.kind == Type::Kind::Integer) {
      std::int64_t integer = 0;
      if (value.get_int64().get(integer) == simdjson::SUCCESS) {
        slot_as<std::int64_t>(slot) = integer;
        return true;
      }
    }
    const bool wants_number = type.kind == Type::Kind::Integer || type.kind == Type::Kind::Double || type.kind == Type::Kind::Timestamp;
    double number = 0;
    if (!wants_number || value.get_double().get(number) != simdjson::SUCCESS)
      return fail_conversion(value, ondemand::json_type::number, type.kind);
    if (type.kind == Type::Kind::Double) {
      slot_as<double>(slot) = number;
      return true;
    }
    if (type.kind == Type::Kind::Integer) {
      const auto integer = wire::integer_of_double(number);
      if (integer) slot_as<std::int64_t>(slot) = *integer;
      return integer || fail("DECIMAL_VALUE can not be converted to Integer");
    }
    const auto instant = wire::instant_of_epoch_seconds(number);
    if (instant) slot_as<Instant>(slot) = *instant;
    return instant || fail("NUMBER_VALUE can not be converted to Timestamp");
  }

  JsonMembers members_;
  Error error_;
};

struct Scratch {
  ondemand::parser parser;
  std::vector<char> text;  // simdjson reads beyond the end, so the text is copied to where that is allowed
};

}  // namespace

Result<Unit> read_json(std::string_view text, const Shape& shape, void* out, JsonMembers members) {
  if (text.find_first_not_of(" \t\r\n") == std::string_view::npos) text = "{}";
  thread_local Scratch kept;
  std::optional<Scratch> own;
  Scratch& scratch = text.size() <= kept_scratch_bytes ? kept : own.emplace();
  scratch.text.resize(std::max(scratch.text.size(), text.size() + simdjson::SIMDJSON_PADDING));
  std::memcpy(scratch.text.data(), text.data(), text.size());
  // what lies behind the text must not depend on the request before
  std::memset(scratch.text.data() + text.size(), ' ', simdjson::SIMDJSON_PADDING);
  JsonReader reader(members);
  const simdjson::padded_string_view padded(scratch.text.data(), text.size(), scratch.text.size());
  if (!reader.read_document(scratch.parser, padded, shape, out)) return std::move(reader).error();
  return Unit{};
}

}  // namespace surgetank
