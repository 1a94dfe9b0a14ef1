#include "windtunnel/load/csv.h"

#include <algorithm>

namespace surgetank::windtunnel {
namespace {

Error fault(std::size_t line, const std::string& text) {
  return {.code = &invalid_csv, .message = "line " + std::to_string(line) + ": " + text};
}

// One field; moves `at` behind it, to the comma, the line end or the end. False: a quote that does not end, or text after it.
bool take_field(std::string_view text, std::size_t& at, std::size_t& line, std::string& field) {
  if (at < text.size() && text[at] == '"') {
    for (++at; at < text.size(); ++at) {
      if (text[at] == '\n') ++line;
      if (text[at] != '"') {
        field += text[at];
      } else if (at + 1 < text.size() && text[at + 1] == '"') {
        field += '"';
        ++at;
      } else {
        ++at;
        return at == text.size() || text[at] == ',' || text[at] == '\n' || text[at] == '\r';
      }
    }
    return false;
  }
  const auto end = std::min(text.find_first_of(",\r\n", at), text.size());
  field = text.substr(at, end - at);
  at = end;
  return true;
}

Result<Unit> finish_row(CsvTable& table, std::vector<std::string>& row, std::size_t line) {
  if (row.size() == 1 && row[0].empty()) {
    row.clear();  // an empty line
    return Unit{};
  }
  if (table.columns.empty()) {
    if (row.size() > CsvLimits::columns) return fault(line, "more than 256 columns");
    table.columns = std::exchange(row, {});
    for (auto& name : table.columns)
      if (std::count(table.columns.begin(), table.columns.end(), name) > 1) return fault(line, "two columns are called `" + name + "`");
    return Unit{};
  }
  if (row.size() != table.columns.size())
    return fault(line,
                 std::to_string(row.size()) + " fields where the first line names " + std::to_string(table.columns.size()) + " columns");
  if (table.rows() == CsvLimits::rows) return fault(line, "more than 1,000,000 rows");
  for (auto& field : row) table.fields.push_back(std::move(field));
  row.clear();
  return Unit{};
}

}  // namespace

std::optional<std::size_t> CsvTable::column(std::string_view name) const {
  const auto found = std::find(columns.begin(), columns.end(), name);
  if (found == columns.end()) return std::nullopt;
  return static_cast<std::size_t>(found - columns.begin());
}

Result<CsvTable> read_csv(std::string_view text) {
  if (text.size() > CsvLimits::bytes) return fault(1, "the file is larger than 64 MiB");
  if (text.starts_with("\xEF\xBB\xBF")) text.remove_prefix(3);
  CsvTable table;
  std::vector<std::string> row;
  std::size_t line = 1;
  std::size_t at = 0;
  while (at < text.size()) {
    std::string field;
    if (!take_field(text, at, line, field)) return fault(line, "a quoted field does not end, or text follows its closing quote");
    row.push_back(std::move(field));
    if (row.size() > CsvLimits::columns) return fault(line, "more than 256 columns");
    if (at < text.size() && text[at] == ',') {
      ++at;
      if (at == text.size()) row.emplace_back();
      continue;
    }
    if (at < text.size() && text[at] == '\r') ++at;
    SURGE_CHECK(finish_row(table, row, line));
    if (at < text.size() && text[at] == '\n') ++at;
    ++line;
  }
  if (!row.empty()) SURGE_CHECK(finish_row(table, row, line));
  if (table.rows() == 0) return fault(line, "there are no rows below the names of the columns");
  return table;
}

}  // namespace surgetank::windtunnel
