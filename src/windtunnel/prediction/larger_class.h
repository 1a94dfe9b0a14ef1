#pragma once
// Which class of database instances has more of something. Pure.
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace surgetank::prediction {

struct ClassNeeds {
  std::int64_t processors = 0;
  std::int64_t connections = 0;  // max_connections
};
// The smallest of the same family that has at least so much; nullopt: none has.
std::optional<std::string> larger_class(std::string_view instance_class, const ClassNeeds& needs);

}  // namespace surgetank::prediction
