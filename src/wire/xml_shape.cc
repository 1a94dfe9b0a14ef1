#include "wire/xml_shape.h"

#include <string>

#include "wire/members.h"
#include "wire/scalar_text.h"

namespace surgetank::wire {
namespace {

struct ElementStyle {
  std::string_view item_name = {};
  ItemsForm items_form = ItemsForm::Wrapped;
  TimestampForm timestamp_form = TimestampForm::ByProtocol;
  std::string_view key_name = {};
  std::string_view value_name = {};
};

void write_element(XmlWriter& xml, std::string_view name, const Type& declared, const void* object, const ElementStyle& style);

void write_entry(XmlWriter& xml, std::string_view name, std::string_view key, const Type& type, const void* element,
                 const ElementStyle& style) {
  xml.open(name).element(style.key_name.empty() ? "key" : style.key_name, key);
  write_element(xml, style.value_name.empty() ? "value" : style.value_name, type, element, {.timestamp_form = style.timestamp_form});
  xml.close(name);
}

void write_items(XmlWriter& xml, std::string_view name, const Type& type, const void* object, const ElementStyle& style) {
  const bool map = type.kind == Type::Kind::Map;
  const bool wrapped = style.items_form == ItemsForm::Wrapped;
  const std::string_view item = !style.item_name.empty() ? style.item_name : wrapped ? (map ? "entry" : "member") : name;
  if (wrapped) xml.open(name);
  each_element(type, object, [&](std::string_view key, const void* element) {
    if (map) {
      write_entry(xml, item, key, *type.element, element, style);
    } else {
      write_element(xml, item, *type.element, element, {.timestamp_form = style.timestamp_form});
    }
  });
  if (wrapped) xml.close(name);
}

void write_element(XmlWriter& xml, std::string_view name, const Type& declared, const void* object, const ElementStyle& style) {
  const auto [type, value] = inner_value(declared, object);
  if (value == nullptr) {  // an absent Opt in a list keeps its place
    xml.open(name).close(name);
    return;
  }
  if (type->kind == Type::Kind::List || type->kind == Type::Kind::Map) {
    write_items(xml, name, *type, value, style);
  } else if (type->kind == Type::Kind::Struct) {
    xml.open(name);
    write_xml_members(xml, *type->shape(), value);
    xml.close(name);
  } else {
    std::string text;
    append_scalar_text(text, *type, value, style.timestamp_form);
    xml.element(name, text);
  }
}

}  // namespace

void write_xml_members(XmlWriter& xml, const Shape& shape, const void* in) {
  for (const auto& member : shape.members) {
    const auto* binding = find_binding(shape, member.name);
    const void* slot = slot_of(member, in);
    if (location_of(binding) != Location::Body || !is_present(*member.type, slot)) continue;
    ElementStyle style;
    if (binding != nullptr)
      style = {.item_name = binding->item_name,
               .items_form = binding->items_form,
               .timestamp_form = binding->timestamp_form,
               .key_name = binding->key_name,
               .value_name = binding->value_name};
    write_element(xml, body_name(member, binding), *member.type, slot, style);
  }
}

}  // namespace surgetank::wire
