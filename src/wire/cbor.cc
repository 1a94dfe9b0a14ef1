#include "wire/cbor.h"

#include <bit>

#include "base/assert.h"
#include "wire/cbor_head.h"
#include "wire/members.h"

namespace surgetank {
namespace {

using wire::append_cbor_head;
using wire::CborMajor;
using wire::slot_as;

void append_simple(std::string& out, std::uint8_t value) { append_cbor_head(out, CborMajor::Simple, value); }

void append_timestamp(std::string& out, Instant t) {
  append_cbor_head(out, CborMajor::Tag, wire::cbor_epoch_tag);
  if (t.us % 1'000'000 == 0) {
    append_cbor_integer(out, t.us / 1'000'000);
  } else {
    append_cbor_double(out, t.seconds());
  }
}

void append_value(std::string& out, const Type& declared, const void* object) {
  const auto [type, value] = wire::inner_value(declared, object);
  if (value == nullptr) return append_simple(out, wire::cbor_null);
  switch (type->kind) {
    case Type::Kind::String:
      return append_cbor_text(out, slot_as<std::string>(value));
    case Type::Kind::Blob: {
      const auto& bytes = slot_as<Blob>(value).bytes;
      append_cbor_head(out, CborMajor::Bytes, bytes.size());
      out += bytes;
      return;
    }
    case Type::Kind::Integer:
      return append_cbor_integer(out, slot_as<std::int64_t>(value));
    case Type::Kind::Double:
      return append_cbor_double(out, slot_as<double>(value));
    case Type::Kind::Boolean:
      return append_simple(out, slot_as<bool>(value) ? wire::cbor_true : wire::cbor_false);
    case Type::Kind::Timestamp:
      return append_timestamp(out, slot_as<Instant>(value));
    case Type::Kind::List:
      append_cbor_array(out, wire::element_count(*type, value));
      wire::each_element(*type, value, [&](std::string_view, const void* element) { append_value(out, *type->element, element); });
      return;
    case Type::Kind::Map:
      append_cbor_map(out, wire::element_count(*type, value));
      wire::each_element(*type, value, [&](std::string_view key, const void* element) {
        append_cbor_text(out, key);
        append_value(out, *type->element, element);
      });
      return;
    case Type::Kind::Struct:
      return write_cbor(*type->shape(), value, out);
    case Type::Kind::Document:
      SURGE_ASSERT(false, "rpc-v2-cbor has no documents");
      return;
    case Type::Kind::Optional:
      return;  // inner_value() leaves none
  }
}

}  // namespace

void write_cbor(const Shape& shape, const void* in, std::string& out) {
  std::size_t present = 0;
  for (const auto& member : shape.members) present += wire::is_present(*member.type, wire::slot_of(member, in)) ? 1U : 0U;
  append_cbor_map(out, present);
  for (const auto& member : shape.members) {
    const void* slot = wire::slot_of(member, in);
    if (!wire::is_present(*member.type, slot)) continue;
    append_cbor_text(out, wire::body_name(member, find_binding(shape, member.name)));
    append_value(out, *member.type, slot);
  }
}

void append_cbor_map(std::string& out, std::size_t entries) { append_cbor_head(out, CborMajor::Map, entries); }
void append_cbor_array(std::string& out, std::size_t elements) { append_cbor_head(out, CborMajor::Array, elements); }

void append_cbor_text(std::string& out, std::string_view text) {
  append_cbor_head(out, CborMajor::Text, text.size());
  out += text;
}

void append_cbor_integer(std::string& out, std::int64_t value) {
  const bool negative = value < 0;
  append_cbor_head(out, negative ? CborMajor::Negative : CborMajor::Unsigned, static_cast<std::uint64_t>(negative ? -(value + 1) : value));
}

void append_cbor_double(std::string& out, double value) {
  const auto bits = std::bit_cast<std::uint64_t>(value);
  out += static_cast<char>(0xe0 | wire::cbor_double);
  for (int i = 7; i >= 0; --i) out += static_cast<char>(bits >> (8 * i) & 0xff);
}

}  // namespace surgetank
