#pragma once
// Test support: Shapes and objects made at run time from a service model in JSON, so that protocol cases that carry their own
// model can be driven through the interpreters. Every member is an Opt. One DynamicShapes at a time (a Shape has no room for a
// context, so the shapes live in a fixed table of static slots); objects live as long as it. One thread.
#include <array>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "base/assert.h"
#include "base/text.h"
#include "shape/shape.h"
#include "wire/json.h"
#include "wire/json_value.h"
#include "wire/json_writer.h"
#include "wire/members.h"

namespace surgetank::testing {

inline constexpr std::size_t dynamic_shape_slots = 64;

struct DynamicOptional {
  const Type* element = nullptr;
  void* value = nullptr;
};
struct DynamicList {
  const Type* element = nullptr;
  std::vector<void*> items = {};
};
struct DynamicMap {
  const Type* element = nullptr;
  std::map<std::string, void*> items = {};
};

class DynamicShapes {
 public:
  // `model`: {"Name": {"type": "structure", "members": {..}}, ..}; must outlive this.
  explicit DynamicShapes(const JsonValue& model) : model_(model) { current() = this; }
  ~DynamicShapes() { current() = nullptr; }
  DynamicShapes(const DynamicShapes&) = delete;
  DynamicShapes& operator=(const DynamicShapes&) = delete;

  const Shape& structure(const std::string& name) { return slots_[slot_of(name)].shape; }
  void* make_object(const Shape& shape) {
    auto* members = keep<std::vector<DynamicOptional>>(shape.members.size() + 1);  // never without an address
    for (std::size_t i = 0; i < shape.members.size(); ++i) (*members)[i].element = shape.members[i].type->element;
    return members->data();
  }

 private:
  struct Slot {
    std::string name;
    Shape shape{};
    std::vector<Member> members;
    std::vector<Binding> bindings;
  };

  static DynamicShapes*& current() {
    static DynamicShapes* instance = nullptr;
    return instance;
  }
  template <class T, class... Arguments>
  T* keep(Arguments&&... arguments) {
    auto object = std::make_shared<T>(std::forward<Arguments>(arguments)...);
    arena_.push_back(object);
    return object.get();
  }
  std::string_view intern(std::string_view text) { return *names_.insert(std::string(text)).first; }

  void* make_value(const Type& type) {
    switch (type.kind) {
      case Type::Kind::String:
        return keep<std::string>();
      case Type::Kind::Blob:
        return keep<Blob>();
      case Type::Kind::Integer:
        return keep<std::int64_t>();
      case Type::Kind::Double:
        return keep<double>();
      case Type::Kind::Boolean:
        return keep<bool>();
      case Type::Kind::Timestamp:
        return keep<Instant>();
      case Type::Kind::Document:
        return keep<Document>();
      case Type::Kind::Optional:
        return keep<DynamicOptional>(DynamicOptional{type.element});
      case Type::Kind::List:
        return keep<DynamicList>(DynamicList{type.element});
      case Type::Kind::Map:
        return keep<DynamicMap>(DynamicMap{type.element});
      case Type::Kind::Struct:
        return make_object(*type.shape());
    }
    return nullptr;
  }

  template <std::size_t Index>
  static const Shape* shape_in_slot() {
    return &current()->slots_[Index].shape;
  }
  template <std::size_t Index>
  static std::span<const Binding> bindings_in_slot() {
    return current()->slots_[Index].bindings;
  }
  using ShapeFunctions = std::array<const Shape* (*)(), dynamic_shape_slots>;
  using BindingFunctions = std::array<std::span<const Binding> (*)(), dynamic_shape_slots>;
  template <std::size_t... Index>
  static ShapeFunctions shape_functions(std::index_sequence<Index...>) {
    return {&shape_in_slot<Index>...};
  }
  template <std::size_t... Index>
  static BindingFunctions binding_functions(std::index_sequence<Index...>) {
    return {&bindings_in_slot<Index>...};
  }

  const JsonValue& definition(const std::string& name) const {
    const auto* found = model_.find(name);
    SURGE_ASSERT(found != nullptr, "no shape " + name);
    return *found;
  }
  static std::string target_of(const JsonValue& reference) { return *reference.find_string("shape"); }

  std::size_t slot_of(const std::string& name) {
    for (std::size_t i = 0; i < slots_.size(); ++i)
      if (slots_[i].name == name) return i;
    const auto index = slots_.size();
    SURGE_ASSERT(index < dynamic_shape_slots, "too many structures");
    auto& slot = slots_.emplace_back();
    slot.name = name;
    const auto& structure = definition(name);
    const auto* payload = structure.find_string("payload");
    for (const auto& field : *structure.find("members")->as_object()) {
      const auto member_name = intern(field.name);
      const auto offset = static_cast<std::uint32_t>(slot.members.size() * sizeof(DynamicOptional));
      const auto* optional = keep<Type>(optional_of(type_of(target_of(field.value))));
      slot.members.push_back({member_name, optional, offset});
      slot.bindings.push_back(binding_of(member_name, field.value, payload != nullptr && *payload == field.name));
    }
    slot.shape = {.name = slot.name,
                  .members = slot.members,
                  .bindings = binding_functions(std::make_index_sequence<dynamic_shape_slots>())[index],
                  .create = [] { return static_cast<void*>(nullptr); },
                  .destroy = [](void*) {}};
    return index;
  }

  Binding binding_of(std::string_view member, const JsonValue& reference, bool is_payload) {
    Binding binding{.member = member};
    const auto target_name = target_of(reference);
    const auto& target = definition(target_name);
    const auto* location = reference.find_string("location");
    const auto place = location == nullptr ? std::string() : *location;
    if (is_payload) binding.location = Location::Payload;
    if (place == "header" || place == "headers") binding.location = Location::Header;
    if (place == "querystring") binding.location = Location::Query;
    if (place == "uri") binding.location = Location::Label;
    if (place == "statusCode") binding.location = Location::StatusCode;
    if (const auto* name = reference.find_string("locationName")) binding.wire_name = intern(*name);
    if (reference.find("flattened") != nullptr || target.find("flattened") != nullptr) binding.items_form = ItemsForm::Flattened;
    binding.timestamp_form = timestamp_form_of(reference, target_name);
    const auto* items = target.find("member");
    const auto* item_name = items == nullptr ? nullptr : items->find_string("locationName");
    if (item_name != nullptr && binding.items_form == ItemsForm::Wrapped) binding.item_name = intern(*item_name);
    return binding;
  }

  TimestampForm timestamp_form_of(const JsonValue& reference, const std::string& target_name) const {
    const auto& target = definition(target_name);
    if (const auto* items = target.find("member")) return timestamp_form_of(*items, target_of(*items));
    const auto* form = reference.find_string("timestampFormat");
    if (form == nullptr) form = target.find_string("timestampFormat");
    if (form == nullptr) return TimestampForm::ByProtocol;
    return *form == "iso8601" ? TimestampForm::Iso8601 : *form == "rfc822" ? TimestampForm::HttpDate : TimestampForm::EpochSeconds;
  }

  static Type optional_of(const Type* element) {
    return {.kind = Type::Kind::Optional,
            .element = element,
            .grow = [](void* object, std::string_view) -> void* {
              auto& optional = *static_cast<DynamicOptional*>(object);
              return optional.value = current()->make_value(*optional.element);
            },
            .each =
                [](const void* object, void* context, VisitElement visit) {
                  const auto& optional = *static_cast<const DynamicOptional*>(object);
                  if (optional.value != nullptr) visit(context, {}, optional.value);
                }};
  }
  static Type list_of(const Type* element) {
    return {.kind = Type::Kind::List,
            .element = element,
            .grow = [](void* object, std::string_view) -> void* {
              auto& list = *static_cast<DynamicList*>(object);
              return list.items.emplace_back(current()->make_value(*list.element));
            },
            .each =
                [](const void* object, void* context, VisitElement visit) {
                  for (const void* item : static_cast<const DynamicList*>(object)->items) visit(context, {}, item);
                }};
  }
  static Type map_of(const Type* element) {
    return {.kind = Type::Kind::Map,
            .element = element,
            .grow = [](void* object, std::string_view key) -> void* {
              auto& map = *static_cast<DynamicMap*>(object);
              auto*& value = map.items[std::string(key)];
              if (value == nullptr) value = current()->make_value(*map.element);
              return value;
            },
            .each =
                [](const void* object, void* context, VisitElement visit) {
                  for (const auto& [key, item] : static_cast<const DynamicMap*>(object)->items) visit(context, key, item);
                }};
  }

  const Type* type_of(const std::string& name) {
    if (const auto found = types_.find(name); found != types_.end()) return found->second;
    auto* type = keep<Type>();
    types_[name] = type;
    const auto& shape = definition(name);
    const auto& kind = *shape.find_string("type");
    const bool document = shape.find("document") != nullptr;
    if (kind == "structure" && !document) {
      type->kind = Type::Kind::Struct;
      type->shape = shape_functions(std::make_index_sequence<dynamic_shape_slots>())[slot_of(name)];
    } else if (kind == "list") {
      *type = list_of(type_of(target_of(*shape.find("member"))));
    } else if (kind == "map") {
      *type = map_of(type_of(target_of(*shape.find("value"))));
    } else {
      static const std::map<std::string, Type::Kind> scalars = {{"string", Type::Kind::String},   {"blob", Type::Kind::Blob},
                                                                {"integer", Type::Kind::Integer}, {"long", Type::Kind::Integer},
                                                                {"float", Type::Kind::Double},    {"double", Type::Kind::Double},
                                                                {"boolean", Type::Kind::Boolean}, {"timestamp", Type::Kind::Timestamp}};
      type->kind = document ? Type::Kind::Document : scalars.at(kind);
    }
    return type;
  }

  const JsonValue& model_;
  std::deque<Slot> slots_;
  std::set<std::string> names_;
  std::map<std::string, const Type*> types_;
  std::vector<std::shared_ptr<void>> arena_;
};

// The object as the cases spell values: blobs as their bytes, timestamps as epoch seconds.
inline JsonValue value_of(const Type& declared, const void* object) {
  const auto [type, value] = wire::inner_value(declared, object);
  if (value == nullptr) return JsonValue();
  switch (type->kind) {
    case Type::Kind::String:
      return JsonValue::string(wire::slot_as<std::string>(value));
    case Type::Kind::Blob:
      return JsonValue::string(wire::slot_as<Blob>(value).bytes);
    case Type::Kind::Integer:
      return JsonValue::integer(wire::slot_as<std::int64_t>(value));
    case Type::Kind::Boolean:
      return JsonValue::boolean(wire::slot_as<bool>(value));
    case Type::Kind::Document:
      return *parse_json(wire::slot_as<Document>(value).json);
    case Type::Kind::Double: {
      std::string text;
      append_json_double(text, wire::slot_as<double>(value));
      return *parse_json(text);
    }
    case Type::Kind::Timestamp: {
      std::string text;
      append_epoch_seconds(text, wire::slot_as<Instant>(value));
      return JsonValue::number_text(text);
    }
    case Type::Kind::List: {
      JsonArray items;
      wire::each_element(*type, value, [&](std::string_view, const void* item) { items.push_back(value_of(*type->element, item)); });
      return JsonValue::array(std::move(items));
    }
    case Type::Kind::Map: {
      auto out = JsonValue::object();
      wire::each_element(*type, value, [&](std::string_view key, const void* item) { out.set(key, value_of(*type->element, item)); });
      return out;
    }
    default:
      break;
  }
  auto out = JsonValue::object();
  for (const auto& member : type->shape()->members) {
    auto inner = value_of(*member.type, wire::slot_of(member, value));
    if (!inner.is_null()) out.set(member.name, std::move(inner));
  }
  return out;
}
inline JsonValue value_of(const Shape& shape, const void* object) {
  auto out = JsonValue::object();
  for (const auto& member : shape.members) {
    auto inner = value_of(*member.type, wire::slot_of(member, object));
    if (!inner.is_null()) out.set(member.name, std::move(inner));
  }
  return out;
}

// The reverse: fills an object with what a case says.
inline void assign(const Type& type, void* slot, const JsonValue& value) {
  switch (type.kind) {
    case Type::Kind::Optional:
      return value.is_null() ? void() : assign(*type.element, type.grow(slot, {}), value);
    case Type::Kind::String:
      wire::slot_as<std::string>(slot) = *value.as_string();
      return;
    case Type::Kind::Blob:
      wire::slot_as<Blob>(slot).bytes = *value.as_string();
      return;
    case Type::Kind::Integer:
      wire::slot_as<std::int64_t>(slot) = *value.as_integer();
      return;
    case Type::Kind::Boolean:
      wire::slot_as<bool>(slot) = *value.as_boolean();
      return;
    case Type::Kind::Document:
      wire::slot_as<Document>(slot).json = to_json(value);
      return;
    case Type::Kind::Timestamp:
      wire::slot_as<Instant>(slot) = from_epoch_seconds(*value.as_double());
      return;
    case Type::Kind::Double: {
      const auto* text = value.as_string();
      auto& number = wire::slot_as<double>(slot);
      number = text == nullptr ? *value.as_double() : *parse_double(*text == "NaN" ? "nan" : *text == "Infinity" ? "inf" : "-inf");
      return;
    }
    case Type::Kind::List:
      for (const auto& item : *value.as_array()) assign(*type.element, type.grow(slot, {}), item);
      return;
    case Type::Kind::Map:
      for (const auto& field : *value.as_object()) assign(*type.element, type.grow(slot, field.name), field.value);
      return;
    case Type::Kind::Struct:
      for (const auto& member : type.shape()->members)
        if (const auto* inner = value.find(member.name)) assign(*member.type, wire::slot_of(member, slot), *inner);
      return;
  }
}
inline void assign(const Shape& shape, void* object, const JsonValue& value) {
  for (const auto& member : shape.members)
    if (const auto* inner = value.find(member.name)) assign(*member.type, wire::slot_of(member, object), *inner);
}

// One spelling for values that mean the same: members sorted, numbers as doubles, nulls left out of objects.
inline std::string canonical(const JsonValue& value) {
  if (const auto* object = value.as_object()) {
    std::map<std::string, std::string> sorted;
    for (const auto& field : *object)
      if (!field.value.is_null()) sorted[field.name] = canonical(field.value);
    std::string out = "{";
    for (const auto& [name, text] : sorted) out += name + ":" + text + ",";
    return out + "}";
  }
  if (const auto* array = value.as_array()) {
    std::string out = "[";
    for (const auto& item : *array) out += canonical(item) + ",";
    return out + "]";
  }
  if (const auto number = value.as_double()) {
    std::string out;
    append_json_double(out, *number);
    return out;
  }
  return to_json(value);
}

}  // namespace surgetank::testing
