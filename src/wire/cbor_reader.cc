// read_cbor: one pass over the bytes along the shape; nothing is reserved from announced lengths, so a small input stays small.
#include <limits>
#include <set>
#include <vector>

#include "base/text.h"
#include "wire/cbor.h"
#include "wire/cbor_head.h"
#include "wire/errors.h"
#include "wire/members.h"
#include "wire/scalar_text.h"
#include "wire/utf8.h"

namespace surgetank {
namespace {

using wire::CborHead;
using wire::CborMajor;
using wire::MemberSet;
using wire::PathStep;
using wire::slot_as;

std::string_view token_name(const CborHead& head) {
  switch (head.major) {
    case CborMajor::Unsigned:
    case CborMajor::Negative:
      return "NUMBER_VALUE";
    case CborMajor::Bytes:
      return "BYTES_VALUE";
    case CborMajor::Text:
      return "STRING_VALUE";
    case CborMajor::Simple:
      if (head.information == wire::cbor_true) return "TRUE_VALUE";
      if (head.information == wire::cbor_false) return "FALSE_VALUE";
      if (head.information >= wire::cbor_half && head.information <= wire::cbor_double) return "DECIMAL_VALUE";
      if (head.information == wire::cbor_null || head.information == wire::cbor_undefined) return "NULL_VALUE";
      return "SIMPLE_VALUE";
    default:
      return "";
  }
}

class CborReader {
 public:
  explicit CborReader(std::string_view bytes) : bytes_(bytes) {}

  bool read_document(const Shape& shape, void* out) {
    if (!read_struct(shape, out, nullptr, cbor_max_depth)) return false;
    return at_ == bytes_.size() || fail("Unexpected bytes after the end of the CBOR body");
  }
  Error error() && { return std::move(error_); }

 private:
  bool fail(std::string message, const ErrorCode& code = wire::serialization_error) {
    error_ = {&code, std::move(message)};
    return false;
  }
  bool fail_depth() { return fail("The CBOR body is nested too deeply", wire::too_complex); }
  bool fail_conversion(const CborHead& head, Type::Kind wanted) {
    if (head.major == CborMajor::Map) return fail("Start of structure or map found where not expected.");
    if (head.major == CborMajor::Array) return fail("Start of list found where not expected.");
    return fail(std::string(token_name(head)) + " can not be converted to " + std::string(wire::kind_name(wanted)));
  }

  bool read_head(CborHead& head) {
    const auto found = wire::read_cbor_head(bytes_, at_);
    if (!found) return fail("Unexpected token: the CBOR body is cut off or malformed");
    head = *found;
    return true;
  }
  // Reads a head that is no tag; `epoch` tells whether tag 1 stood before it.
  bool read_untagged_head(CborHead& head, bool& epoch) {
    epoch = false;
    for (int tags = 0; tags <= cbor_max_depth; ++tags) {
      if (!read_head(head)) return false;
      if (head.major != CborMajor::Tag) return true;
      epoch = head.argument == wire::cbor_epoch_tag;
    }
    return fail_depth();
  }

  // The break that ends an indefinite item: steps over it and tells so.
  bool take_break() {
    if (at_ >= bytes_.size() || static_cast<std::uint8_t>(bytes_[at_]) != 0xff) return false;
    ++at_;
    return true;
  }
  bool take_null() {
    const auto next = at_ < bytes_.size() ? static_cast<std::uint8_t>(bytes_[at_]) : 0;
    if (next != (0xe0 | wire::cbor_null) && next != (0xe0 | wire::cbor_undefined)) return false;
    ++at_;
    return true;
  }

  // Calls each() for every element of an array or entry of a map whose head was just read.
  template <class Each>
  bool read_elements(const CborHead& head, Each&& each) {
    if (head.indefinite()) {
      while (!take_break())
        if (!each()) return false;
      return true;
    }
    for (std::uint64_t i = 0; i < head.argument; ++i)
      if (!each()) return false;
    return true;
  }

  bool append_chunk(const CborHead& head, std::string& out) {
    if (head.argument > bytes_.size() - at_) return fail("Unexpected token: a CBOR string is longer than the body");
    out.append(bytes_, at_, head.argument);
    at_ += head.argument;
    return true;
  }
  // A text or byte string of `head`, whole or in chunks.
  bool read_string(const CborHead& head, std::string& out) {
    if (!head.indefinite()) {
      if (!append_chunk(head, out)) return false;
    } else {
      while (!take_break()) {
        CborHead chunk{};
        if (!read_head(chunk)) return false;
        if (chunk.major != head.major || chunk.indefinite()) return fail("Unexpected token: a CBOR string has a chunk of another kind");
        if (!append_chunk(chunk, out)) return false;
      }
    }
    return head.major != CborMajor::Text || is_text(out) || fail("Unexpected token: a CBOR text string is not UTF-8");
  }
  static bool is_text(std::string_view text) { return wire::has_only_ascii(text) || is_valid_utf8(text); }

  // The key of a map's entry: a view of the input, or of `chunks` if it comes in chunks.
  bool read_key(std::string& chunks, std::string_view& key) {
    CborHead head{};
    if (!read_head(head)) return false;
    if (head.major != CborMajor::Text) return fail("Unexpected token: a key of a CBOR map is not a text string");
    if (head.indefinite() || head.argument > bytes_.size() - at_) {
      if (!read_string(head, chunks)) return false;
      key = chunks;
      return true;
    }
    key = bytes_.substr(at_, head.argument);
    at_ += head.argument;
    return is_text(key) || fail("Unexpected token: a CBOR text string is not UTF-8");
  }

  bool skip_value(int depth_left) {
    if (depth_left <= 0) return fail_depth();
    CborHead head{};
    if (!read_head(head)) return false;
    switch (head.major) {
      case CborMajor::Unsigned:
      case CborMajor::Negative:
        return true;
      case CborMajor::Bytes:
      case CborMajor::Text: {
        std::string ignored;
        return read_string(head, ignored);
      }
      case CborMajor::Array:
        return read_elements(head, [&] { return skip_value(depth_left - 1); });
      case CborMajor::Map:
        return read_elements(head, [&] { return skip_value(depth_left - 1) && skip_value(depth_left - 1); });
      case CborMajor::Tag:
        return skip_value(depth_left - 1);
      case CborMajor::Simple:
        return !head.indefinite() || fail("Unexpected token: a CBOR break where a value was expected");
    }
    return false;
  }

  bool read_struct(const Shape& shape, void* out, const PathStep* path, int depth_left) {
    if (depth_left <= 0) return fail_depth();
    CborHead head{};
    bool epoch = false;
    if (!read_untagged_head(head, epoch)) return false;
    if (head.major != CborMajor::Map) return fail("Expected structure or null");
    MemberSet seen(shape.members.size());
    std::size_t next = 0;
    const bool complete = read_elements(head, [&] { return read_member(shape, out, seen, next, path, depth_left); });
    if (!complete) return false;
    for (std::size_t i = 0; i < shape.members.size(); ++i) {
      if (seen.contains(i) || !wire::is_required(*shape.members[i].type)) continue;
      const PathStep step{path, shape.members[i].name};
      return fail(wire::path_text(&step), wire::missing_member);
    }
    return true;
  }

  bool read_member(const Shape& shape, void* out, MemberSet& seen, std::size_t& next, const PathStep* path, int depth_left) {
    std::string chunks;
    std::string_view key;
    if (!read_key(chunks, key)) return false;
    const auto index = wire::member_position(shape, key, next, wire::MemberPlaces::All);
    if (index == shape.members.size()) return skip_value(depth_left - 1);
    if (seen.contains(index)) return fail("Unexpected token: the member " + std::string(key) + " occurs twice");
    next = index + 1;
    if (take_null()) return true;
    seen.insert(index);
    const auto& member = shape.members[index];
    const PathStep step{path, member.name};
    return read_value(*member.type, wire::slot_of(member, out), &step, depth_left);
  }

  bool read_value(const Type& type, void* slot, const PathStep* path, int depth_left) {
    switch (type.kind) {
      case Type::Kind::Optional:
        return read_value(*type.element, type.grow(slot, {}), path, depth_left);
      case Type::Kind::List:
        return read_list(type, slot, path, depth_left - 1);
      case Type::Kind::Map:
        return read_map(type, slot, path, depth_left - 1);
      case Type::Kind::Struct:
        return read_struct(*type.shape(), slot, path, depth_left - 1);
      case Type::Kind::Document:
        return fail("Documents can not be read from CBOR");
      default:
        return read_scalar(type, slot);
    }
  }

  bool read_element(const Type& element, void* slot, const PathStep* path, int depth_left) {
    if (!take_null()) return read_value(element, slot, path, depth_left);
    return element.kind == Type::Kind::Optional || fail("NULL_VALUE can not be an element of a list or map");
  }

  bool read_list(const Type& type, void* slot, const PathStep* path, int depth_left) {
    if (depth_left <= 0) return fail_depth();
    CborHead head{};
    bool epoch = false;
    if (!read_untagged_head(head, epoch)) return false;
    if (head.major != CborMajor::Array) return fail("Expected list or null");
    PathStep step{path, {}, 0};
    return read_elements(head, [&] {
      ++step.position;
      return read_element(*type.element, type.grow(slot, {}), &step, depth_left);
    });
  }

  bool read_map(const Type& type, void* slot, const PathStep* path, int depth_left) {
    if (depth_left <= 0) return fail_depth();
    CborHead head{};
    bool epoch = false;
    if (!read_untagged_head(head, epoch)) return false;
    if (head.major != CborMajor::Map) return fail("Expected map or null");
    std::set<std::string> keys;
    return read_elements(head, [&] {
      std::string chunks;
      std::string_view key;
      if (!read_key(chunks, key)) return false;
      if (!keys.emplace(key).second) return fail("Unexpected token: the key " + std::string(key) + " occurs twice");
      const PathStep step{path, key};
      return read_element(*type.element, type.grow(slot, key), &step, depth_left);
    });
  }

  // The value of a number as an integer and as a double; false if it is none (or, for `integer`, does not fit).
  static bool number_of(const CborHead& head, std::optional<std::int64_t>& integer, double& number) {
    constexpr auto largest = static_cast<std::uint64_t>(std::numeric_limits<std::int64_t>::max());
    if (head.major == CborMajor::Unsigned || head.major == CborMajor::Negative) {
      const bool negative = head.major == CborMajor::Negative;
      const auto magnitude = static_cast<double>(head.argument);
      number = negative ? -1.0 - magnitude : magnitude;
      if (head.argument <= largest) {
        const auto value = static_cast<std::int64_t>(head.argument);
        integer = negative ? -1 - value : value;
      }
      return true;
    }
    if (head.major != CborMajor::Simple || head.information < wire::cbor_half || head.information > wire::cbor_double) return false;
    number = wire::cbor_float(head.information, head.argument);
    integer = wire::integer_of_double(number);
    return true;
  }

  bool read_scalar(const Type& type, void* slot) {
    CborHead head{};
    bool epoch = false;
    if (!read_untagged_head(head, epoch)) return false;
    std::optional<std::int64_t> integer;
    double number = 0;
    const bool is_number = number_of(head, integer, number);
    if (type.kind == Type::Kind::String && head.major == CborMajor::Text) return read_string(head, slot_as<std::string>(slot));
    if (type.kind == Type::Kind::Blob && head.major == CborMajor::Bytes) return read_string(head, slot_as<Blob>(slot).bytes);
    if (type.kind == Type::Kind::Integer && is_number && integer) {
      slot_as<std::int64_t>(slot) = *integer;
      return true;
    }
    if (type.kind == Type::Kind::Double && is_number) {
      slot_as<double>(slot) = number;
      return true;
    }
    const bool is_boolean =
        head.major == CborMajor::Simple && (head.information == wire::cbor_true || head.information == wire::cbor_false);
    if (type.kind == Type::Kind::Boolean && is_boolean) {
      slot_as<bool>(slot) = head.information == wire::cbor_true;
      return true;
    }
    if (type.kind == Type::Kind::Timestamp && is_number) {
      const auto instant = epoch ? wire::instant_of_epoch_seconds(number) : std::nullopt;
      if (instant) slot_as<Instant>(slot) = *instant;
      return instant || fail("A Timestamp must be CBOR tag 1 with a number of seconds within range");
    }
    return fail_conversion(head, type.kind);
  }

  std::string_view bytes_;
  std::size_t at_ = 0;
  Error error_;
};

}  // namespace

Result<Unit> read_cbor(std::string_view bytes, const Shape& shape, void* out) {
  constexpr std::string_view empty_map = "\xa0";
  CborReader reader(bytes.empty() ? empty_map : bytes);
  if (!reader.read_document(shape, out)) return std::move(reader).error();
  return Unit{};
}

}  // namespace surgetank
