#include "cbor_json.h"

#include <stdexcept>

#include "base/text.h"
#include "wire/cbor.h"
#include "wire/cbor_head.h"

namespace surgetank::wiretest {
namespace {

using wire::CborMajor;

constexpr std::string_view time_key = "$time";
constexpr std::string_view bytes_key = "$bytes";

void append(std::string& out, const JsonValue& value) {
  if (const auto* text = value.as_string()) return append_cbor_text(out, *text);
  if (const auto flag = value.as_boolean())
    return wire::append_cbor_head(out, CborMajor::Simple, *flag ? wire::cbor_true : wire::cbor_false);
  if (value.is_null()) return wire::append_cbor_head(out, CborMajor::Simple, wire::cbor_null);
  if (const auto* number = value.as_number_text()) {
    const bool integral = number->find_first_of(".eE") == std::string::npos;
    return integral ? append_cbor_integer(out, value.as_integer().value()) : append_cbor_double(out, value.as_double().value());
  }
  if (const auto* elements = value.as_array()) {
    append_cbor_array(out, elements->size());
    for (const auto& element : *elements) append(out, element);
    return;
  }
  const auto& fields = *value.as_object();
  if (const auto* time = value.find(time_key)) {
    wire::append_cbor_head(out, CborMajor::Tag, wire::cbor_epoch_tag);
    return append(out, *time);
  }
  if (const auto* base64 = value.find_string(bytes_key)) {
    const auto bytes = from_base64(*base64);
    if (!bytes) throw std::runtime_error("$bytes is not base64");
    wire::append_cbor_head(out, CborMajor::Bytes, bytes->size());
    out += *bytes;
    return;
  }
  append_cbor_map(out, fields.size());
  for (const auto& field : fields) {
    append_cbor_text(out, field.name);
    append(out, field.value);
  }
}

// The server writes definite lengths only, so anything else is a finding.
class Reader {
 public:
  explicit Reader(std::string_view bytes) : bytes_(bytes) {}

  JsonValue read() {
    const auto head = wire::read_cbor_head(bytes_, at_);
    if (!head || head->indefinite()) throw std::runtime_error("not definite CBOR at byte " + std::to_string(at_));
    switch (head->major) {
      case CborMajor::Unsigned:
        return JsonValue::integer(static_cast<std::int64_t>(head->argument));
      case CborMajor::Negative:
        return JsonValue::integer(-1 - static_cast<std::int64_t>(head->argument));
      case CborMajor::Bytes:
        return wrapped(bytes_key, JsonValue::string(to_base64(take(head->argument))));
      case CborMajor::Text:
        return JsonValue::string(std::string(take(head->argument)));
      case CborMajor::Array:
        return array(head->argument);
      case CborMajor::Map:
        return map(head->argument);
      case CborMajor::Tag:
        return wrapped(head->argument == wire::cbor_epoch_tag ? time_key : "$tag", read());
      case CborMajor::Simple:
        return simple(*head);
    }
    throw std::runtime_error("unknown CBOR");
  }
  bool done() const { return at_ == bytes_.size(); }

 private:
  static JsonValue wrapped(std::string_view key, JsonValue value) {
    auto out = JsonValue::object();
    out.set(key, std::move(value));
    return out;
  }

  std::string_view take(std::uint64_t length) {
    if (length > bytes_.size() - at_) throw std::runtime_error("CBOR is cut off");
    const auto out = bytes_.substr(at_, length);
    at_ += length;
    return out;
  }

  JsonValue array(std::uint64_t count) {
    JsonArray out;
    for (std::uint64_t i = 0; i < count; ++i) out.push_back(read());
    return JsonValue::array(std::move(out));
  }

  JsonValue map(std::uint64_t count) {
    auto out = JsonValue::object();
    for (std::uint64_t i = 0; i < count; ++i) {
      const auto name = read();
      if (!name.is_string()) throw std::runtime_error("a CBOR map has a key that is no text");
      out.set(*name.as_string(), read());
    }
    return out;
  }

  static JsonValue simple(const wire::CborHead& head) {
    if (head.information == wire::cbor_false || head.information == wire::cbor_true)
      return JsonValue::boolean(head.information == wire::cbor_true);
    if (head.information == wire::cbor_null || head.information == wire::cbor_undefined) return {};
    return JsonValue::number(wire::cbor_float(head.information, head.argument));
  }

  std::string_view bytes_;
  std::size_t at_ = 0;
};

}  // namespace

std::string cbor_of_json(const JsonValue& value) {
  std::string out;
  append(out, value);
  return out;
}

JsonValue json_of_cbor(std::string_view bytes) {
  Reader reader(bytes);
  auto value = reader.read();
  if (!reader.done()) throw std::runtime_error("bytes after the CBOR value");
  return value;
}

}  // namespace surgetank::wiretest
