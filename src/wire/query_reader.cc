// read_query: the parameters are sorted once, so that everything below a name is a contiguous range found by binary search.
#include <algorithm>
#include <set>

#include "base/text.h"
#include "wire/errors.h"
#include "wire/members.h"
#include "wire/query.h"
#include "wire/scalar_text.h"

namespace surgetank {
namespace {

using wire::PathStep;

struct Parameter {
  std::string_view name;
  std::string_view value;
};

// One item of a list or map: its number and the full name of its parameter ("Tags.member.2").
struct Item {
  std::int64_t number;
  std::string_view name;
  bool operator<(const Item& other) const { return number != other.number ? number < other.number : name < other.name; }
  bool operator==(const Item& other) const = default;
};

std::string_view first_segment(std::string_view text) { return text.substr(0, text.find('.')); }

std::optional<std::int64_t> item_number(std::string_view segment) {
  const bool canonical = !segment.empty() && segment[0] >= '0' && segment[0] <= '9' && (segment.size() == 1 || segment[0] != '0');
  return canonical ? parse_integer(segment) : std::nullopt;
}

class QueryReader {
 public:
  explicit QueryReader(const FormParameters& parameters) {
    parameters_.reserve(parameters.size());
    for (const auto& [name, value] : parameters) parameters_.push_back({name, value});
    std::stable_sort(parameters_.begin(), parameters_.end(), [](const Parameter& a, const Parameter& b) { return a.name < b.name; });
  }

  // `prefix` is empty or ends with a dot.
  bool read_struct(const Shape& shape, void* out, const std::string& prefix, const PathStep* path, int depth_left) {
    if (depth_left <= 0) return fail("The request is nested too deeply", wire::too_complex);
    for (const auto& member : shape.members) {
      const auto* binding = find_binding(shape, member.name);
      auto name = prefix + std::string(wire::body_name(member, binding));
      const auto kind = wire::inner_type(*member.type).kind;
      const bool has_items = kind == Type::Kind::List || kind == Type::Kind::Map;
      // SQS and others spell a flattened list by the name of its items: AttributeName.1
      if (has_items && !is_given(name) && binding != nullptr && !binding->item_name.empty())
        name = prefix + std::string(binding->item_name);
      const PathStep step{path, member.name};
      if (!is_given(name)) {
        if (wire::is_required(*member.type)) return fail(wire::path_text(&step), wire::missing_member);
        continue;
      }
      if (!read_value(name, *member.type, wire::slot_of(member, out), &step, depth_left)) return false;
    }
    return true;
  }
  Error error() && { return std::move(error_); }

 private:
  using Position = std::vector<Parameter>::const_iterator;

  bool fail(std::string message, const ErrorCode& code = wire::malformed_input) {
    error_ = {&code, std::move(message)};
    return false;
  }

  Position lower_bound(std::string_view name) const {
    return std::lower_bound(parameters_.begin(), parameters_.end(), name,
                            [](const Parameter& a, std::string_view b) { return a.name < b; });
  }
  const Parameter* find(std::string_view name) const {
    const auto found = lower_bound(name);
    return found != parameters_.end() && found->name == name ? &*found : nullptr;
  }
  bool has_below(const std::string& name) const {
    const auto prefix = name + ".";
    const auto found = lower_bound(prefix);
    return found != parameters_.end() && found->name.starts_with(prefix);
  }
  bool is_given(const std::string& name) const { return find(name) != nullptr || has_below(name); }

  bool read_value(const std::string& name, const Type& type, void* slot, const PathStep* path, int depth_left) {
    switch (type.kind) {
      case Type::Kind::Optional:
        return read_value(name, *type.element, type.grow(slot, {}), path, depth_left);
      case Type::Kind::List:
        return read_list(name, type, slot, path, depth_left - 1);
      case Type::Kind::Map:
        return read_map(name, type, slot, path, depth_left - 1);
      case Type::Kind::Struct:
        return read_struct(*type.shape(), slot, name + ".", path, depth_left - 1);
      default:
        break;
    }
    const auto* parameter = find(name);
    if (parameter == nullptr) return fail("The parameter " + name + " must have a value of its own");
    if (wire::read_scalar_text(parameter->value, type, slot)) return true;
    return fail("The value of the parameter " + name + " can not be converted to " + std::string(wire::kind_name(type.kind)));
  }

  // The items below `name` in the order of their numbers.
  bool collect_items(const std::string& name, std::vector<Item>& items) {
    const auto prefix = name + ".";
    std::string_view item_word;
    for (auto at = lower_bound(prefix); at != parameters_.end() && at->name.starts_with(prefix); ++at) {
      const auto rest = at->name.substr(prefix.size());
      auto segment = first_segment(rest);
      auto end = prefix.size() + segment.size();
      auto number = item_number(segment);
      if (!number) {
        if (!item_word.empty() && item_word != segment) return fail("The list " + name + " has items of different names");
        item_word = segment;
        segment = first_segment(rest.substr(std::min(segment.size() + 1, rest.size())));
        end += 1 + segment.size();
        number = item_number(segment);
      }
      if (!number) return fail("The parameter " + std::string(at->name) + " has no number where a list has one");
      items.push_back({*number, at->name.substr(0, end)});
    }
    std::sort(items.begin(), items.end());
    items.erase(std::unique(items.begin(), items.end()), items.end());
    const auto* own = find(name);
    if (own != nullptr && !own->value.empty()) return fail("The parameter " + name + " is a list and has no value of its own");
    return true;
  }

  bool read_list(const std::string& name, const Type& type, void* slot, const PathStep* path, int depth_left) {
    if (depth_left <= 0) return fail("The request is nested too deeply", wire::too_complex);
    std::vector<Item> items;
    if (!collect_items(name, items)) return false;
    PathStep step{path, {}, 0};
    for (const auto& item : items) {
      ++step.position;
      if (!read_value(std::string(item.name), *type.element, type.grow(slot, {}), &step, depth_left)) return false;
    }
    return true;
  }

  bool read_map(const std::string& name, const Type& type, void* slot, const PathStep* path, int depth_left) {
    if (depth_left <= 0) return fail("The request is nested too deeply", wire::too_complex);
    std::vector<Item> items;
    if (!collect_items(name, items)) return false;
    std::set<std::string_view> keys;
    for (const auto& item : items) {
      const std::string item_name(item.name);
      const Parameter* key = nullptr;
      for (const auto* spelling : {".key", ".Key", ".Name", ".name"})
        if (key == nullptr) key = find(item_name + spelling);
      if (key == nullptr || !is_valid_utf8(key->value)) return fail("The map entry " + item_name + " has no readable key");
      if (!keys.insert(key->value).second) return fail("The key of " + item_name + " occurs twice");
      auto value_name = item_name + ".value";
      if (!is_given(value_name)) value_name = item_name + ".Value";
      if (!is_given(value_name)) return fail("The map entry " + item_name + " has no value");
      const PathStep step{path, key->value};
      if (!read_value(value_name, *type.element, type.grow(slot, key->value), &step, depth_left)) return false;
    }
    return true;
  }

  std::vector<Parameter> parameters_;
  Error error_;
};

}  // namespace

Result<Unit> read_query(const FormParameters& parameters, const Shape& shape, void* out) {
  QueryReader reader(parameters);
  if (!reader.read_struct(shape, out, "", nullptr, query_max_depth)) return std::move(reader).error();
  return Unit{};
}

Result<Unit> read_query(std::string_view form, const Shape& shape, void* out) {
  SURGE_TRY(parameters, parse_form(form));
  return read_query(parameters, shape, out);
}

}  // namespace surgetank
