#pragma once
// Reads the members of one map of a profile file, and tells what is wrong with them: unknown members, wrong kinds, numbers out of bounds.
// Used by profile_file.cc; one thread.
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "stack/template_node.h"
#include "windtunnel/prediction/distribution.h"

namespace surgetank::prediction {

class ProfileReader {
 public:
  // `what` names the map in messages: "function `CreateOrder`".
  ProfileReader(const stack::Node& node, std::string what, stack::Problems& problems);

  // Reports members that are none of these. False: it is no map at all.
  bool allow(std::span<const std::string_view> names);
  const stack::Node* find(std::string_view name) const { return node_.find(name); }
  stack::Position position() const { return node_.position; }
  void problem(stack::Position position, std::string what, std::string advice = {});

  std::string text(std::string_view name);  // empty: absent
  double number(std::string_view name, double otherwise, double least, double most);
  std::int64_t integer(std::string_view name, std::int64_t otherwise, std::int64_t least, std::int64_t most);
  std::optional<std::int64_t> optional_integer(std::string_view name, std::int64_t least, std::int64_t most);
  Duration span_seconds(std::string_view name, Duration otherwise, double most_seconds);
  // The position in `names`.
  std::size_t choice(std::string_view name, std::span<const std::string_view> names, std::size_t otherwise);
  Distribution times(std::string_view name);
  Distribution times(const stack::Node& node, std::string_view name);

 private:
  std::optional<double> number_of(const stack::Node& node, std::string_view name, double least, double most);

  const stack::Node& node_;
  std::string what_;
  stack::Problems& problems_;
};

}  // namespace surgetank::prediction
