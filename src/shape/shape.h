#pragma once
// A struct described once, as constant data, so that one interpreter per wire format reads and writes any of them.
//
//   struct CreateSecretRequest { String Name; Opt<String> Description; List<Tag> Tags; };
//   SURGE_SHAPE(CreateSecretRequest, Name, Description, Tags)
//
// Members are named exactly as on the wire (AWS API reference). What a name cannot say - an HTTP header, a query
// parameter, another spelling, a sensitive value - is a Binding (SURGE_BINDINGS, below the SURGE_SHAPE of the type).
// A member that is not Opt, List or Map is required: readers answer an error when it is missing.
// Shapes are immutable statics; the objects they describe belong to the caller. Nothing here allocates or throws.
#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/time.h"
#include "shape/for_each.h"

namespace surgetank {

// The vocabulary of model.h files.
using String = std::string;
using Integer = std::int64_t;
template <class T>
using Opt = std::optional<T>;
template <class T>
using List = std::vector<T>;
template <class T>
using Map = std::map<std::string, T>;
// Raw bytes: base64 in JSON and XML, byte string in CBOR, verbatim as an HTTP payload.
struct Blob {
  std::string bytes;
  auto operator<=>(const Blob&) const = default;
};
// A JSON value of any kind, kept as its own (compact or verbatim) JSON text.
struct Document {
  std::string json;
  auto operator<=>(const Document&) const = default;
};

struct Shape;

// Describes one C++ type well enough to read it from and write it to any wire format.
struct Type {
  enum class Kind : std::uint8_t { String, Blob, Integer, Double, Boolean, Timestamp, Document, Optional, List, Map, Struct };
  Kind kind;
  const Type* element = nullptr;                                   // Optional, List, Map: of what
  const Shape* (*shape)() = nullptr;                               // Struct
  void* (*grow)(void* object, std::string_view key) = nullptr;     // Optional, List, Map: adds an element, returns it
  void (*each)(const void* object, void* context, void (*visit)(void* context, std::string_view key, const void* element)) = nullptr;
};

struct Member {
  std::string_view name;
  const Type* type;
  std::uint32_t offset;
};

// Where a member travels when not as an ordinary body member of its own name.
enum class Location : std::uint8_t {
  Body,        // ordinary, under `wire_name`
  Header,      // HTTP header `wire_name`
  Query,       // HTTP query parameter `wire_name`
  Label,       // {wire_name} in the operation's URI; {wire_name+} takes slashes
  Payload,     // the HTTP body itself (Blob, Document or Struct)
  StatusCode,  // the HTTP status of the reply (Integer)
};
enum class Sensitivity : std::uint8_t { Plain, Sensitive };  // Sensitive members never reach a log
// How a list or map looks in the query protocol and in XML: inside an element of its own, or as repeated elements.
enum class ItemsForm : std::uint8_t { Wrapped, Flattened };
// How a Timestamp is written; ByProtocol: epoch seconds in JSON bodies and CBOR, HTTP-date in headers, else ISO 8601.
enum class TimestampForm : std::uint8_t { ByProtocol, EpochSeconds, Iso8601, HttpDate };
struct Binding {
  std::string_view member;
  Location location = Location::Body;
  std::string_view wire_name = {};   // empty: the member's name
  std::string_view item_name = {};   // query/XML: element name of a list's items (empty: "member")
  Sensitivity sensitivity = Sensitivity::Plain;
  ItemsForm items_form = ItemsForm::Wrapped;
  TimestampForm timestamp_form = TimestampForm::ByProtocol;
  std::string_view key_name = {};    // query/XML: element of a map entry's key (empty: "key")
  std::string_view value_name = {};  // and of its value (empty: "value")
};

struct Shape {
  std::string_view name;
  std::span<const Member> members;
  std::span<const Binding> (*bindings)();
  void* (*create)();
  void (*destroy)(void*);
};

const Member* find_member(const Shape& shape, std::string_view name);
const Binding* find_binding(const Shape& shape, std::string_view member);

// An owned object of a described type whose C++ type is not known here.
class Box {
 public:
  Box() = default;
  explicit Box(const Shape& shape) : shape_(&shape), object_(shape.create(), shape.destroy) {}
  explicit operator bool() const { return object_ != nullptr; }
  const Shape& shape() const { return *shape_; }
  void* get() { return object_.get(); }
  const void* get() const { return object_.get(); }

 private:
  const Shape* shape_ = nullptr;
  std::unique_ptr<void, void (*)(void*)> object_{nullptr, [](void*) {}};
};

// The text of the top-level String or Optional<String> member `name`; nullopt if absent.
std::optional<std::string_view> string_member(const Shape& shape, const void* object, std::string_view name);

// --- what follows is machinery -------------------------------------------------------------------------------------

inline std::span<const Binding> bindings_pointer(const void*) { return {}; }
template <class T>
std::span<const Binding> bindings_of() {
  return bindings_pointer(static_cast<T*>(nullptr));
}
template <class T>
const Shape* shape_of() {
  return shape_pointer(static_cast<T*>(nullptr));
}

template <class T>
struct TypeOf {
  static constexpr Type value{.kind = Type::Kind::Struct, .shape = &shape_of<T>};
};
template <>
struct TypeOf<std::string> {
  static constexpr Type value{.kind = Type::Kind::String};
};
template <>
struct TypeOf<Blob> {
  static constexpr Type value{.kind = Type::Kind::Blob};
};
template <>
struct TypeOf<Document> {
  static constexpr Type value{.kind = Type::Kind::Document};
};
template <>
struct TypeOf<std::int64_t> {
  static constexpr Type value{.kind = Type::Kind::Integer};
};
template <>
struct TypeOf<double> {
  static constexpr Type value{.kind = Type::Kind::Double};
};
template <>
struct TypeOf<bool> {
  static constexpr Type value{.kind = Type::Kind::Boolean};
};
template <>
struct TypeOf<Instant> {
  static constexpr Type value{.kind = Type::Kind::Timestamp};
};
using VisitElement = void (*)(void* context, std::string_view key, const void* element);
template <class T>
struct TypeOf<std::optional<T>> {
  static constexpr Type value{.kind = Type::Kind::Optional,
                              .element = &TypeOf<T>::value,
                              .grow = [](void* o, std::string_view) -> void* { return &static_cast<std::optional<T>*>(o)->emplace(); },
                              .each = [](const void* o, void* context, VisitElement visit) {
                                const auto& v = *static_cast<const std::optional<T>*>(o);
                                if (v) visit(context, {}, &*v);
                              }};
};
template <class T>
struct TypeOf<std::vector<T>> {
  static constexpr Type value{.kind = Type::Kind::List,
                              .element = &TypeOf<T>::value,
                              .grow = [](void* o, std::string_view) -> void* { return &static_cast<std::vector<T>*>(o)->emplace_back(); },
                              .each = [](const void* o, void* context, VisitElement visit) {
                                for (const auto& e : *static_cast<const std::vector<T>*>(o)) visit(context, {}, &e);
                              }};
};
template <class T>
struct TypeOf<std::map<std::string, T>> {
  static constexpr Type value{
      .kind = Type::Kind::Map,
      .element = &TypeOf<T>::value,
      .grow = [](void* o, std::string_view key) -> void* { return &(*static_cast<std::map<std::string, T>*>(o))[std::string(key)]; },
      .each = [](const void* o, void* context, VisitElement visit) {
        for (const auto& [key, e] : *static_cast<const std::map<std::string, T>*>(o)) visit(context, key, &e);
      }};
};

#define SURGE_MEMBER(T, name) \
  ::surgetank::Member { #name, &::surgetank::TypeOf<decltype(T::name)>::value, static_cast<std::uint32_t>(offsetof(T, name)) }
#define SURGE_SHAPE_OF_MEMBERS(T, members)                                               \
  inline constexpr ::surgetank::Shape T##_shape{#T, members, &::surgetank::bindings_of<T>, \
                                                [] { return static_cast<void*>(new T()); }, \
                                                [](void* object) { delete static_cast<T*>(object); }}; \
  [[maybe_unused]] inline constexpr const ::surgetank::Shape* shape_pointer(T*) { return &T##_shape; }
#define SURGE_SHAPE(T, ...)                                                          \
  inline constexpr ::surgetank::Member T##_members[] = {SURGE_EACH(SURGE_MEMBER, T, __VA_ARGS__)}; \
  SURGE_SHAPE_OF_MEMBERS(T, T##_members)
#define SURGE_EMPTY_SHAPE(T) SURGE_SHAPE_OF_MEMBERS(T, (std::span<const ::surgetank::Member>{}))
#define SURGE_BINDINGS(T, ...)                                                       \
  inline constexpr ::surgetank::Binding T##_bindings[] = {__VA_ARGS__};               \
  inline std::span<const ::surgetank::Binding> bindings_pointer(const T*) { return T##_bindings; }

// The request or reply that has no members.
struct Empty {};
SURGE_EMPTY_SHAPE(Empty)

}  // namespace surgetank
