#include "wire/json.h"

#include "base/assert.h"
#include "base/text.h"
#include "wire/json_writer.h"
#include "wire/members.h"
#include "wire/scalar_text.h"

namespace surgetank {
namespace {

using wire::slot_as;

enum class Redaction : std::uint8_t { None, Sensitive };

class JsonShapeWriter {
 public:
  JsonShapeWriter(std::string& out, Redaction redaction) : out_(out), redaction_(redaction) {}

  void write_struct(const Shape& shape, const void* in, JsonMembers members) {
    out_ += '{';
    bool comma_due = false;
    const bool plain = shape.bindings().empty();
    for (const auto& member : shape.members) {
      const auto* binding = plain ? nullptr : find_binding(shape, member.name);
      if (members == JsonMembers::BodyOnly && wire::location_of(binding) != Location::Body) continue;
      const void* slot = wire::slot_of(member, in);
      if (!wire::is_present(*member.type, slot)) continue;
      out_ += comma_due ? ",\"" : "\"";
      comma_due = true;
      out_ += wire::body_name(member, binding);  // ours, and plain
      out_ += "\":";
      if (redaction_ == Redaction::Sensitive && binding != nullptr && binding->sensitivity == Sensitivity::Sensitive) {
        out_ += "\"***\"";
      } else {
        write_value(*member.type, slot, wire::timestamp_form_of(binding));
      }
    }
    out_ += '}';
  }

 private:
  void write_value(const Type& declared, const void* object, TimestampForm form) {
    const auto [type, value] = wire::inner_value(declared, object);
    if (value == nullptr) {
      out_ += "null";
      return;
    }
    switch (type->kind) {
      case Type::Kind::String:
        append_json_string(out_, slot_as<std::string>(value));
        return;
      case Type::Kind::Blob:
        append_json_string(out_, to_base64(slot_as<Blob>(value).bytes));
        return;
      case Type::Kind::Double:
        append_json_double(out_, slot_as<double>(value));
        return;
      case Type::Kind::Timestamp:
        write_timestamp(*type, value, form);
        return;
      case Type::Kind::Document:
        write_document(slot_as<Document>(value));
        return;
      case Type::Kind::List:
        write_list(*type, value, form);
        return;
      case Type::Kind::Map:
        write_map(*type, value, form);
        return;
      case Type::Kind::Struct:
        write_struct(*type->shape(), value, JsonMembers::All);
        return;
      default:
        wire::append_scalar_text(out_, *type, value);
        return;
    }
  }

  // A Document that nobody filled in is null.
  void write_document(const Document& document) { out_ += document.json.empty() ? std::string_view("null") : document.json; }

  void write_timestamp(const Type& type, const void* value, TimestampForm form) {
    const bool text = form == TimestampForm::Iso8601 || form == TimestampForm::HttpDate;
    if (!text) {
      append_epoch_seconds(out_, slot_as<Instant>(value));
      return;
    }
    out_ += '"';
    wire::append_scalar_text(out_, type, value, form);
    out_ += '"';
  }

  void write_list(const Type& type, const void* value, TimestampForm form) {
    out_ += '[';
    bool comma_due = false;
    wire::each_element(type, value, [&](std::string_view, const void* element) {
      if (comma_due) out_ += ',';
      comma_due = true;
      write_value(*type.element, element, form);
    });
    out_ += ']';
  }

  void write_map(const Type& type, const void* value, TimestampForm form) {
    out_ += '{';
    bool comma_due = false;
    wire::each_element(type, value, [&](std::string_view key, const void* element) {
      if (comma_due) out_ += ',';
      comma_due = true;
      append_json_string(out_, key);
      out_ += ':';
      write_value(*type.element, element, form);
    });
    out_ += '}';
  }

  std::string& out_;
  Redaction redaction_;
};

}  // namespace

void write_json(const Shape& shape, const void* in, std::string& out, JsonMembers members) {
  JsonShapeWriter(out, Redaction::None).write_struct(shape, in, members);
}

void write_json_redacted(const Shape& shape, const void* in, std::string& out) {
  JsonShapeWriter(out, Redaction::Sensitive).write_struct(shape, in, JsonMembers::All);
}

void append_epoch_seconds(std::string& out, Instant t) {
  std::int64_t milliseconds = t.us / 1000 - (t.us % 1000 < 0 ? 1 : 0);
  if (milliseconds < 0) {
    out += '-';
    milliseconds = -milliseconds;
  }
  out += std::to_string(milliseconds / 1000);
  const auto fraction = milliseconds % 1000;
  if (fraction == 0) return;
  out += '.';
  out += static_cast<char>('0' + fraction / 100);
  if (fraction % 100 != 0) out += static_cast<char>('0' + fraction / 10 % 10);
  if (fraction % 10 != 0) out += static_cast<char>('0' + fraction % 10);
}

}  // namespace surgetank
