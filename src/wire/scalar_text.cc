#include "wire/scalar_text.h"

#include <cmath>
#include <limits>

#include "base/assert.h"
#include "base/text.h"
#include "wire/json.h"
#include "wire/json_value.h"
#include "wire/json_writer.h"
#include "wire/members.h"

namespace surgetank::wire {

std::optional<double> parse_number_text(std::string_view text) {
  constexpr double infinity = std::numeric_limits<double>::infinity();
  if (text == "NaN") return std::numeric_limits<double>::quiet_NaN();
  if (text == "Infinity") return infinity;
  if (text == "-Infinity") return -infinity;
  const auto value = parse_double(text);
  if (!value || !std::isfinite(*value)) return std::nullopt;
  return value;
}

std::optional<Instant> instant_of_epoch_seconds(double seconds) {
  constexpr double furthest = 9.0e12;  // microseconds in 63 bits
  if (!(std::fabs(seconds) <= furthest)) return std::nullopt;
  return from_epoch_seconds(seconds);
}

std::optional<std::int64_t> integer_of_double(double value) {
  if (!(value >= -0x1p63 && value < 0x1p63) || value != std::floor(value)) return std::nullopt;
  return static_cast<std::int64_t>(value);
}

std::string iso8601_text(Instant t) {
  const bool whole_seconds = t.us % 1'000'000 / 1000 == 0;
  return whole_seconds ? iso8601_seconds(t) : iso8601_milliseconds(t);
}

std::string_view non_finite_text(double value) {
  if (std::isnan(value)) return "NaN";
  return value > 0 ? "Infinity" : "-Infinity";
}

std::string_view kind_name(Type::Kind kind) {
  switch (kind) {
    case Type::Kind::String:
      return "String";
    case Type::Kind::Blob:
      return "Blob";
    case Type::Kind::Integer:
      return "Integer";
    case Type::Kind::Double:
      return "Double";
    case Type::Kind::Boolean:
      return "Boolean";
    case Type::Kind::Timestamp:
      return "Timestamp";
    case Type::Kind::Document:
      return "Document";
    case Type::Kind::Optional:
      return "Optional";
    case Type::Kind::List:
      return "List";
    case Type::Kind::Map:
      return "Map";
    case Type::Kind::Struct:
      return "Structure";
  }
  return "";
}

namespace {

template <class T>
bool store(std::optional<T> value, void* slot) {
  if (value) slot_as<T>(slot) = std::move(*value);
  return value.has_value();
}

std::optional<Instant> parse_any_timestamp(std::string_view text) {
  if (auto instant = parse_timestamp(text)) return instant;
  const auto seconds = parse_number_text(text);
  return seconds ? instant_of_epoch_seconds(*seconds) : std::nullopt;
}

std::optional<bool> parse_boolean(std::string_view text) {
  if (equals_ignoring_case(text, "true")) return true;
  if (equals_ignoring_case(text, "false")) return false;
  return std::nullopt;
}

}  // namespace

bool read_scalar_text(std::string_view text, const Type& type, void* slot) {
  switch (type.kind) {
    case Type::Kind::String:
      slot_as<std::string>(slot) = text;
      return is_valid_utf8(text);
    case Type::Kind::Blob: {
      auto bytes = from_base64(text);
      if (bytes) slot_as<Blob>(slot).bytes = std::move(*bytes);
      return bytes.has_value();
    }
    case Type::Kind::Integer:
      return store(parse_integer(text), slot);
    case Type::Kind::Double:
      return store(parse_number_text(text), slot);
    case Type::Kind::Boolean:
      return store(parse_boolean(text), slot);
    case Type::Kind::Timestamp:
      return store(parse_any_timestamp(text), slot);
    case Type::Kind::Document:
      slot_as<Document>(slot).json = text;
      return check_json(text).ok();
    default:
      return false;
  }
}

void append_scalar_text(std::string& out, const Type& type, const void* slot, TimestampForm form) {
  switch (type.kind) {
    case Type::Kind::String:
      out += slot_as<std::string>(slot);
      return;
    case Type::Kind::Blob:
      out += to_base64(slot_as<Blob>(slot).bytes);
      return;
    case Type::Kind::Integer:
      out += std::to_string(slot_as<std::int64_t>(slot));
      return;
    case Type::Kind::Double: {
      const double value = slot_as<double>(slot);
      if (std::isfinite(value)) {
        append_json_double(out, value);
      } else {
        out += non_finite_text(value);
      }
      return;
    }
    case Type::Kind::Boolean:
      out += slot_as<bool>(slot) ? "true" : "false";
      return;
    case Type::Kind::Timestamp: {
      const auto instant = slot_as<Instant>(slot);
      if (form == TimestampForm::EpochSeconds) {
        append_epoch_seconds(out, instant);
      } else {
        out += form == TimestampForm::HttpDate ? http_date(instant) : iso8601_text(instant);
      }
      return;
    }
    case Type::Kind::Document:
      out += slot_as<Document>(slot).json;
      return;
    default:
      SURGE_ASSERT(false, "not a scalar: " + std::string(kind_name(type.kind)));
  }
}

}  // namespace surgetank::wire
