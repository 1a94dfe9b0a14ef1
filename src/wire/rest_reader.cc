// read_rest_json: members from labels, query, headers and body.
#include "base/text.h"
#include "wire/errors.h"
#include "wire/json.h"
#include "wire/members.h"
#include "wire/query.h"
#include "wire/rest_json.h"
#include "wire/scalar_text.h"

namespace surgetank {
namespace {

using wire::slot_as;

Error conversion_error(const Type& type) {
  return {&wire::serialization_error, "STRING_VALUE can not be converted to " + std::string(wire::kind_name(type.kind))};
}

void* grow_optionals(const Type& type, void* slot, const Type** inner) {
  *inner = &type;
  while ((*inner)->kind == Type::Kind::Optional) {
    slot = (*inner)->grow(slot, {});
    *inner = (*inner)->element;
  }
  return slot;
}

Result<Unit> read_text(std::string_view text, const Type& declared, void* slot) {
  const Type* type = nullptr;
  slot = grow_optionals(declared, slot, &type);
  if (!wire::read_scalar_text(text, *type, slot)) return conversion_error(*type);
  return Unit{};
}

// The items of a comma-separated header; quoted items keep their commas, HTTP-dates the one they have inside.
std::vector<std::string> header_items(std::string_view value, const Type& element) {
  const bool dates = wire::inner_type(element).kind == Type::Kind::Timestamp;
  std::vector<std::string> items;
  std::string item;
  bool quoted = false;
  bool was_quoted = false;
  const auto finish = [&] {
    items.push_back(was_quoted ? item : std::string(trim(item)));
    item.clear();
    was_quoted = false;
  };
  for (std::size_t i = 0; i < value.size(); ++i) {
    const char c = value[i];
    if (quoted && c == '\\' && i + 1 < value.size()) {
      item += value[++i];
    } else if (c == '"' && (quoted || trim(item).empty())) {
      if (!quoted) item.clear();
      was_quoted = was_quoted || quoted;
      quoted = !quoted;
    } else if (c == ',' && !quoted && !(dates && trim(item).size() == 3)) {
      finish();
    } else if (!was_quoted || quoted) {
      item += c;
    }
  }
  if (!trim(item).empty() || was_quoted) finish();
  return items;
}

class RestReader {
 public:
  RestReader(const RestRequest& request, const Shape& shape, void* out) : request_(request), shape_(shape), out_(out) {}

  Result<Unit> read() {
    if (!request_.query.empty()) {
      auto parameters = parse_form(request_.query);
      if (!parameters.ok()) return Error{&wire::serialization_error, parameters.error().message};
      parameters_ = std::move(*parameters);
    }
    bool has_body_members = false;
    for (const auto& member : shape_.members) {
      const auto* binding = find_binding(shape_, member.name);
      if (wire::location_of(binding) == Location::Body) {
        has_body_members = true;
        continue;
      }
      bool found = false;
      SURGE_CHECK(read_bound(member, *binding, found));
      const bool expected = wire::is_required(*member.type) && binding->location != Location::StatusCode;
      if (!found && expected) return Error{&wire::missing_member, std::string(member.name)};
    }
    if (!has_body_members) return Unit{};
    return read_json(request_.body, shape_, out_, JsonMembers::BodyOnly);
  }

 private:
  Result<Unit> read_bound(const Member& member, const Binding& binding, bool& found) {
    void* slot = wire::slot_of(member, out_);
    const auto name = wire::bound_name(member, &binding);
    switch (binding.location) {
      case Location::Label:
        return read_label(name, *member.type, slot, found);
      case Location::Query:
        return read_parameters(name, *member.type, slot, found);
      case Location::Header:
        return read_headers(name, *member.type, slot, found);
      case Location::Payload:
        return read_payload(*member.type, slot, found);
      default:
        return Unit{};
    }
  }

  Result<Unit> read_label(std::string_view name, const Type& type, void* slot, bool& found) {
    if (request_.labels == nullptr) return Unit{};
    for (const auto& [label, value] : *request_.labels) {
      if (label != name) continue;
      found = true;
      return read_text(value, type, slot);
    }
    return Unit{};
  }

  Result<Unit> read_parameters(std::string_view name, const Type& declared, void* slot, bool& found) {
    const auto kind = wire::inner_type(declared).kind;
    const Type* type = nullptr;
    for (const auto& [parameter, value] : parameters_) {
      if (kind != Type::Kind::Map && parameter != name) continue;
      if (!found) slot = grow_optionals(declared, slot, &type);
      found = true;
      if (kind == Type::Kind::List) {
        SURGE_CHECK(read_text(value, *type->element, type->grow(slot, {})));
      } else if (kind == Type::Kind::Map) {
        SURGE_CHECK(read_map_parameter(parameter, value, *type, slot));
      } else {
        return read_text(value, *type, slot);
      }
    }
    return Unit{};
  }

  // A Map takes each parameter once, or as a list if its elements are Lists.
  Result<Unit> read_map_parameter(std::string_view name, std::string_view value, const Type& map, void* slot) {
    void* element = map.grow(slot, name);
    const auto& type = *map.element;
    return type.kind == Type::Kind::List ? read_text(value, *type.element, type.grow(element, {})) : read_text(value, type, element);
  }

  Result<Unit> read_headers(std::string_view name, const Type& declared, void* slot, bool& found) {
    const auto kind = wire::inner_type(declared).kind;
    const Type* type = nullptr;
    for (const auto& header : request_.headers) {
      const bool same_start = equals_ignoring_case(header.name.substr(0, name.size()), name);
      const bool is_whole = header.name.size() == name.size();
      if (!same_start || is_whole == (kind == Type::Kind::Map)) continue;
      if (!found) slot = grow_optionals(declared, slot, &type);
      found = true;
      if (kind == Type::Kind::Map) {
        SURGE_CHECK(read_text(header.value, *type->element, type->grow(slot, header.name.substr(name.size()))));
      } else if (kind == Type::Kind::List) {
        for (const auto& item : header_items(header.value, *type->element))
          SURGE_CHECK(read_text(item, *type->element, type->grow(slot, {})));
      } else {
        return read_text(header.value, *type, slot);
      }
    }
    return Unit{};
  }

  Result<Unit> read_payload(const Type& declared, void* slot, bool& found) {
    if (request_.body.empty() && declared.kind == Type::Kind::Optional) return Unit{};
    found = true;
    const Type* type = nullptr;
    slot = grow_optionals(declared, slot, &type);
    switch (type->kind) {
      case Type::Kind::Blob:
        slot_as<Blob>(slot).bytes = request_.body;
        return Unit{};
      case Type::Kind::Struct:
        return read_json(request_.body, *type->shape(), slot);
      default:
        return read_text(request_.body, *type, slot);
    }
  }

  const RestRequest& request_;
  const Shape& shape_;
  void* out_;
  FormParameters parameters_;
};

}  // namespace

Result<Unit> read_rest_json(const RestRequest& request, const Shape& shape, void* out) { return RestReader(request, shape, out).read(); }

}  // namespace surgetank
