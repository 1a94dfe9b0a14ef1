#pragma once
// Internal to wire/: what every interpreter of shapes needs to know of members and elements. Pure; any thread.
#include <cstdint>
#include <string>
#include <string_view>
#include <type_traits>
#include <vector>

#include "shape/shape.h"

namespace surgetank::wire {

template <class T>
T& slot_as(void* slot) {
  return *static_cast<T*>(slot);
}
template <class T>
const T& slot_as(const void* slot) {
  return *static_cast<const T*>(slot);
}
inline void* slot_of(const Member& member, void* object) { return static_cast<char*>(object) + member.offset; }
inline const void* slot_of(const Member& member, const void* object) { return static_cast<const char*>(object) + member.offset; }

inline bool is_required(const Type& type) {
  return type.kind != Type::Kind::Optional && type.kind != Type::Kind::List && type.kind != Type::Kind::Map;
}

// Calls visit(key, element) for each element of an Optional, List or Map.
template <class Visit>
void each_element(const Type& type, const void* object, Visit&& visit) {
  using Target = std::remove_reference_t<Visit>;
  type.each(object, const_cast<std::remove_const_t<Target>*>(&visit),
            [](void* context, std::string_view key, const void* element) { (*static_cast<Target*>(context))(key, element); });
}
inline std::size_t element_count(const Type& type, const void* object) {
  std::size_t count = 0;
  each_element(type, object, [&](std::string_view, const void*) { ++count; });
  return count;
}
// Whether a struct's member is written at all: an Opt with a value, a List or Map with elements, anything else.
inline bool is_present(const Type& type, const void* object) { return is_required(type) || element_count(type, object) > 0; }

// The value inside any number of Optionals; null if one of them is empty.
struct TypedValue {
  const Type* type;
  const void* object;
};
inline TypedValue inner_value(const Type& type, const void* object) {
  TypedValue value{&type, object};
  while (value.object != nullptr && value.type->kind == Type::Kind::Optional) {
    const void* inner = nullptr;
    each_element(*value.type, value.object, [&](std::string_view, const void* element) { inner = element; });
    value = {value.type->element, inner};
  }
  return value;
}
inline const Type& inner_type(const Type& type) {
  const Type* inner = &type;
  while (inner->kind == Type::Kind::Optional) inner = inner->element;
  return *inner;
}

inline Location location_of(const Binding* binding) { return binding == nullptr ? Location::Body : binding->location; }
// The member's name in a body: wire_name belongs to the body only when the Binding says Body.
inline std::string_view body_name(const Member& member, const Binding* binding) {
  const bool renamed = binding != nullptr && binding->location == Location::Body && !binding->wire_name.empty();
  return renamed ? binding->wire_name : member.name;
}
// The member's name where its Binding carries it.
inline std::string_view bound_name(const Member& member, const Binding* binding) {
  return binding == nullptr || binding->wire_name.empty() ? member.name : binding->wire_name;
}
inline TimestampForm timestamp_form_of(const Binding* binding) {
  return binding == nullptr ? TimestampForm::ByProtocol : binding->timestamp_form;
}

enum class MemberPlaces : std::uint8_t { All, BodyOnly };
// The position of the member that a body calls `name`; members.size() if there is none. Clients tend to send members in the
// shape's order, so the search starts at `start`, behind the last one found.
inline std::size_t member_position(const Shape& shape, std::string_view name, std::size_t start, MemberPlaces places) {
  const bool plain = shape.bindings().empty();
  const auto count = shape.members.size();
  for (std::size_t step = 0; step < count; ++step) {
    const auto index = start + step < count ? start + step : start + step - count;
    const auto& member = shape.members[index];
    const auto* binding = plain ? nullptr : find_binding(shape, member.name);
    const bool elsewhere = places == MemberPlaces::BodyOnly && location_of(binding) != Location::Body;
    if (!elsewhere && body_name(member, binding) == name) return index;
  }
  return count;
}

// Which members of one struct have been read.
class MemberSet {
 public:
  explicit MemberSet(std::size_t size) : more_(size > 64 ? size - 64 : 0) {}
  bool contains(std::size_t index) const { return index < 64 ? (first_ >> index & 1) != 0 : more_[index - 64]; }
  void insert(std::size_t index) {
    if (index < 64) {
      first_ |= std::uint64_t{1} << index;
    } else {
      more_[index - 64] = true;
    }
  }

 private:
  std::uint64_t first_ = 0;
  std::vector<bool> more_;
};

// Where a reader is: a chain on the stack, turned into text only for an error ("Entries.2.member.Id", "Labels.key").
struct PathStep {
  const PathStep* parent = nullptr;
  std::string_view name = {};  // a member or a map's key; empty: an element of a list
  std::size_t position = 0;    // of the element, from one
};
std::string path_text(const PathStep* step);

}  // namespace surgetank::wire
