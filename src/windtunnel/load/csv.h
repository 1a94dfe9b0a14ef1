#pragma once
// A CSV file as a table in memory (RFC 4180): the first line names the columns; fields may be quoted and hold commas, quotes and line
// ends then. Text of users: size, rows and columns have limits, every row has as many fields as there are columns. Pure; any thread.
#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace surgetank::windtunnel {

inline constexpr ErrorCode invalid_csv{"InvalidCsv"};

struct CsvLimits {
  static constexpr std::size_t bytes = std::size_t{64} << 20;
  static constexpr std::size_t rows = 1'000'000;
  static constexpr std::size_t columns = 256;
};

struct CsvTable {
  std::vector<std::string> columns;
  std::vector<std::string> fields;  // row by row
  std::size_t rows() const { return columns.empty() ? 0 : fields.size() / columns.size(); }
  const std::string& at(std::size_t row, std::size_t column) const { return fields[row * columns.size() + column]; }
  std::optional<std::size_t> column(std::string_view name) const;
};

Result<CsvTable> read_csv(std::string_view text);

}  // namespace surgetank::windtunnel
