#include "shape/shape.h"

namespace surgetank {

const Member* find_member(const Shape& shape, std::string_view name) {
  for (const auto& member : shape.members)
    if (member.name == name) return &member;
  return nullptr;
}

const Binding* find_binding(const Shape& shape, std::string_view member) {
  for (const auto& binding : shape.bindings())
    if (binding.member == member) return &binding;
  return nullptr;
}

std::optional<std::string_view> string_member(const Shape& shape, const void* object, std::string_view name) {
  const auto* member = find_member(shape, name);
  if (member == nullptr) return std::nullopt;
  const void* slot = static_cast<const char*>(object) + member->offset;
  if (member->type->kind == Type::Kind::String) return *static_cast<const std::string*>(slot);
  if (member->type->kind != Type::Kind::Optional || member->type->element->kind != Type::Kind::String) return std::nullopt;
  const auto& optional = *static_cast<const std::optional<std::string>*>(slot);
  if (!optional) return std::nullopt;
  return *optional;
}

}  // namespace surgetank
