#pragma once
// HTTP headers as the wire layer sees them: views for reading (the caller keeps the bytes), pairs for writing.
// The HTTP message types themselves live above, in kernel/http.h.
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace surgetank {

struct HeaderView {
  std::string_view name;   // any case
  std::string_view value;  // trimmed
};
using HeaderViews = std::span<const HeaderView>;
using HeaderList = std::vector<std::pair<std::string, std::string>>;

// The first header of that name (any case); nullopt if absent.
std::optional<std::string_view> find_header(HeaderViews headers, std::string_view name);

}  // namespace surgetank
