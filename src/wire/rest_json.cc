#include "wire/rest_json.h"

#include "base/text.h"
#include "wire/json.h"
#include "wire/members.h"
#include "wire/scalar_text.h"

namespace surgetank {
namespace {

using wire::inner_value;
using wire::slot_as;

// Header values never carry what could end them.
std::string clean_header_value(std::string value) {
  for (auto& c : value)
    if (static_cast<unsigned char>(c) < 0x20 || c == 0x7f) c = ' ';
  return value;
}

std::string header_scalar(const Type& type, const void* value, TimestampForm form) {
  std::string text;
  wire::append_scalar_text(text, type, value, form == TimestampForm::ByProtocol ? TimestampForm::HttpDate : form);
  return clean_header_value(std::move(text));
}

// An item of a comma-separated list: quoted if it could not be told from two.
std::string header_item(const Type& declared, const void* object, TimestampForm form) {
  const auto [type, value] = inner_value(declared, object);
  if (value == nullptr) return {};
  auto text = header_scalar(*type, value, form);
  if (type->kind != Type::Kind::String || text.find_first_of(",\"") == std::string::npos) return text;
  return "\"" + replace_all(replace_all(std::move(text), "\\", "\\\\"), "\"", "\\\"") + "\"";
}

void write_header(const Member& member, const Binding& binding, const Type& type, const void* value, RestReply& reply) {
  const std::string name(wire::bound_name(member, &binding));
  const auto form = binding.timestamp_form;
  if (type.kind == Type::Kind::Map) {
    wire::each_element(type, value, [&](std::string_view key, const void* element) {
      const auto inner = inner_value(*type.element, element);
      if (inner.object != nullptr) reply.headers.emplace_back(name + std::string(key), header_scalar(*inner.type, inner.object, form));
    });
    return;
  }
  std::string text;
  if (type.kind == Type::Kind::List) {
    if (wire::element_count(type, value) == 0) return;
    wire::each_element(type, value, [&](std::string_view, const void* element) {
      if (!text.empty()) text += ", ";
      text += header_item(*type.element, element, form);
    });
  } else {
    text = header_scalar(type, value, form);
  }
  if (equals_ignoring_case(name, "Content-Type")) {
    reply.content_type = std::move(text);
  } else {
    reply.headers.emplace_back(name, std::move(text));
  }
}

void write_payload(const Type& type, const void* value, RestReply& reply) {
  const auto set_type = [&](std::string_view content_type) {
    if (reply.content_type.empty()) reply.content_type = content_type;
  };
  switch (type.kind) {
    case Type::Kind::Blob:
      reply.body = slot_as<Blob>(value).bytes;
      return set_type("application/octet-stream");
    case Type::Kind::Struct:
      write_json(*type.shape(), value, reply.body);
      return set_type("application/json");
    case Type::Kind::Document:
      reply.body = slot_as<Document>(value).json;
      return set_type("application/json");
    default:
      wire::append_scalar_text(reply.body, type, value);
      return set_type("text/plain");
  }
}

}  // namespace

RestReply write_rest_json(const Shape& shape, const void* in) {
  RestReply reply;
  bool has_body_members = false;
  const Type* payload_type = nullptr;
  const void* payload = nullptr;
  for (const auto& member : shape.members) {
    const auto* binding = find_binding(shape, member.name);
    const auto location = wire::location_of(binding);
    has_body_members = has_body_members || location == Location::Body;
    const auto [type, value] = inner_value(*member.type, wire::slot_of(member, in));
    if (value == nullptr || !wire::is_present(*member.type, wire::slot_of(member, in))) continue;
    if (location == Location::Header) write_header(member, *binding, *type, value, reply);
    if (location == Location::StatusCode) reply.status = static_cast<int>(slot_as<std::int64_t>(value));
    if (location == Location::Payload) payload_type = type, payload = value;
  }
  if (payload != nullptr) {
    write_payload(*payload_type, payload, reply);
  } else if (has_body_members) {
    write_json(shape, in, reply.body, JsonMembers::BodyOnly);
    if (reply.content_type.empty()) reply.content_type = "application/json";
  }
  return reply;
}

}  // namespace surgetank
