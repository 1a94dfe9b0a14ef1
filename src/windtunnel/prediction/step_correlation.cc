#include "windtunnel/prediction/step_correlation.h"

#include <algorithm>
#include <cmath>
#include <map>
#include <numbers>
#include <numeric>
#include <string>
#include <tuple>

namespace surgetank::prediction {
namespace {

constexpr std::size_t fewest = 40;        // invocations
constexpr std::size_t most = 4'000;       // the first ones
constexpr std::size_t most_columns = 40;  // times that are compared with each other
constexpr double present = 0.9;           // of the invocations: what is there more seldom is left out
constexpr double highest = 0.95;

// What was done (kind, name, for the n-th time) or computed before it.
using Key = std::tuple<std::string_view, std::string_view, std::size_t, bool>;
using Row = std::map<Key, double>;

Row row_of(const RecordedInvocation& invocation) {
  Row row;
  std::map<std::pair<std::string_view, std::string_view>, std::size_t> repeats;
  for (const auto& act : invocation.acts) {
    const std::string_view kind = act.span->kind;
    const std::string_view name = act.span->name;
    const auto repeat = repeats[{kind, name}]++;
    row[{kind, name, repeat, false}] = static_cast<double>(act.time.us);
    row[{kind, name, repeat, true}] = static_cast<double>(act.gap.us);
  }
  row[{"rest", "", 0, false}] = static_cast<double>(invocation.rest.us);
  return row;
}

struct Column {
  std::vector<double> ranks;  // about 0
  double deviation = 0;
};

Column column_of(const std::vector<double>& values) {
  const auto count = static_cast<double>(values.size());
  const double mean = std::accumulate(values.begin(), values.end(), 0.0) / count;
  double squares = 0;
  for (const double value : values) squares += (value - mean) * (value - mean);
  std::vector<std::size_t> order(values.size());
  std::iota(order.begin(), order.end(), 0);
  std::stable_sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) { return values[a] < values[b]; });
  Column column{.ranks = std::vector<double>(values.size()), .deviation = std::sqrt(squares / count)};
  for (std::size_t i = 0; i < order.size(); ++i) column.ranks[order[i]] = static_cast<double>(i) - (count - 1) / 2;
  return column;
}

std::vector<Column> columns_of(const std::vector<Row>& rows) {
  std::map<Key, std::size_t> counts;
  for (const auto& row : rows)
    for (const auto& [key, value] : row) ++counts[key];
  std::vector<Key> keys;
  for (const auto& [key, count] : counts)
    if (static_cast<double>(count) >= present * static_cast<double>(rows.size()) && keys.size() < most_columns) keys.push_back(key);
  std::vector<std::vector<double>> values(keys.size());
  for (const auto& row : rows) {
    if (!std::all_of(keys.begin(), keys.end(), [&](const Key& key) { return row.contains(key); })) continue;
    for (std::size_t i = 0; i < keys.size(); ++i) values[i].push_back(row.at(keys[i]));
  }
  std::vector<Column> columns;
  for (const auto& one : values)
    if (one.size() >= fewest) columns.push_back(column_of(one));
  return columns;
}

}  // namespace

double correlation_of_steps(const std::vector<RecordedInvocation>& invocations, std::int64_t steady_from) {
  std::vector<Row> rows;
  for (const auto& invocation : invocations)
    if (rows.size() < most && is_steady(invocation, steady_from) && invocation.span->fault.empty() && !invocation.has_failed_act)
      rows.push_back(row_of(invocation));
  if (rows.size() < fewest) return 0;
  const auto columns = columns_of(rows);
  double sum = 0;
  double weights = 0;
  for (std::size_t a = 0; a < columns.size(); ++a) {
    for (std::size_t b = 0; b < a; ++b) {
      const auto& one = columns[a].ranks;
      const auto& other = columns[b].ranks;
      const auto count = static_cast<double>(one.size());
      const double of_ranks = std::inner_product(one.begin(), one.end(), other.begin(), 0.0) / (count * (count * count - 1) / 12);
      const double weight = columns[a].deviation * columns[b].deviation;
      sum += weight * 2 * std::sin(std::numbers::pi * of_ranks / 6);  // of normal variables with that correlation of ranks
      weights += weight;
    }
  }
  return weights > 0 ? std::clamp(sum / weights, 0.0, highest) : 0;
}

}  // namespace surgetank::prediction
