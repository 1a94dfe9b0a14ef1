#include "wire/header.h"

#include "base/text.h"

namespace surgetank {

std::optional<std::string_view> find_header(HeaderViews headers, std::string_view name) {
  for (const auto& header : headers)
    if (equals_ignoring_case(header.name, name)) return header.value;
  return std::nullopt;
}

}  // namespace surgetank
