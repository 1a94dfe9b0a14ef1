// The plots of what went on inside the server while a load ran.
#include <algorithm>
#include <functional>
#include <map>

#include "windtunnel/load/load_report.h"
#include "windtunnel/report/plot.h"

namespace surgetank::windtunnel {
namespace {

constexpr std::size_t most_series = 8;
constexpr double limit_in_sight = 0.35;  // a limit is drawn when the highest value comes near it: else it would flatten the plot

using Names = std::map<std::string, Series>;

// The series with the highest peaks. Those that are always 0 are left out, but for one if all are: nothing happened, and that is told.
std::vector<Series> highest(Names names) {
  std::vector<std::pair<double, Series>> ranked;
  for (auto& [name, series] : names) {
    double peak = 0;
    for (const auto& [x, y] : series.points) peak = std::max(peak, y);
    ranked.emplace_back(peak, std::move(series));
  }
  std::stable_sort(ranked.begin(), ranked.end(), [](const auto& a, const auto& b) { return a.first > b.first; });
  while (ranked.size() > 1 && (ranked.size() > most_series || ranked.back().first <= 0)) ranked.pop_back();
  std::vector<Series> out;
  for (auto& [peak, series] : ranked) out.push_back(std::move(series));
  return out;
}

void add(Names& names, const std::string& name, double second, double value) {
  auto& series = names[name];
  series.name = name;
  series.points.emplace_back(second, value);
}

// What a counter of the server gained, a second.
class Growth {
 public:
  void add_to(Names& names, const std::string& name, double second, double total) {
    const auto [found, is_first] = last_.emplace(name, std::pair(second, total));
    if (!is_first && second > found->second.first)
      add(names, name, second, std::max(0.0, (total - found->second.second) / (second - found->second.first)));
    found->second = {second, total};
  }

 private:
  std::map<std::string, std::pair<double, double>> last_;
};

double peak_of(const std::vector<Series>& series) {
  double peak = 0;
  for (const auto& one : series)
    for (const auto& [x, y] : one.points) peak = std::max(peak, y);
  return peak;
}

void add_plot(std::vector<Html>& plots, LinePlot plot) {
  if (!plot.series.empty()) plots.push_back(line_plot(plot));
}

void add_function_plots(const LoadResults& results, std::vector<Html>& plots) {
  Names in_flight;
  Names environments;
  Names cold_starts;
  Growth growth;
  for (const auto& sample : results.server)
    for (const auto& function : sample.functions) {
      add(in_flight, function.name, sample.second, static_cast<double>(function.in_flight));
      add(environments, function.name, sample.second, static_cast<double>(function.environments));
      growth.add_to(cold_starts, function.name, sample.second, static_cast<double>(function.cold_starts));
    }
  LinePlot concurrency{.title = "Concurrency", .caption = "Invocations under way, by function."};
  concurrency.series = highest(std::move(in_flight));
  const auto limit = static_cast<double>(results.server.back().concurrency_limit);
  if (peak_of(concurrency.series) > limit * limit_in_sight) concurrency.limit = std::pair(limit, "account limit");
  add_plot(plots, std::move(concurrency));
  add_plot(plots,
           {.title = "Environments", .caption = "Started for each function, busy and idle.", .series = highest(std::move(environments))});
  add_plot(plots, {.title = "Cold starts",
                   .caption = "Environments started a second.",
                   .y = Measure::PerSecond,
                   .series = highest(std::move(cold_starts))});
}

void add_throttle_plot(const LoadResults& results, std::vector<Html>& plots) {
  Names throttles;
  Growth growth;
  for (const auto& sample : results.server) {
    for (const auto& quota : sample.quotas)
      growth.add_to(throttles, quota.id.empty() ? quota.name : quota.id, sample.second, static_cast<double>(quota.rejections));
    if (!sample.quotas.empty()) continue;
    for (const auto& function : sample.functions)
      growth.add_to(throttles, function.name, sample.second, static_cast<double>(function.throttles));
  }
  LinePlot plot{.title = "Throttles by quota", .caption = "Requests that a quota refused, a second.", .y = Measure::PerSecond};
  plot.series = highest(std::move(throttles));
  add_plot(plots, std::move(plot));
}

void add_queue_plots(const LoadResults& results, std::vector<Html>& plots) {
  Names depth;
  Names age;
  for (const auto& sample : results.server)
    for (const auto& queue : sample.queues) {
      add(depth, queue.name + ", waiting", sample.second, static_cast<double>(queue.visible + queue.delayed));
      add(depth, queue.name + ", in flight", sample.second, static_cast<double>(queue.in_flight));
      add(age, queue.name, sample.second, queue.oldest_seconds);
    }
  add_plot(plots, {.title = "Queue depth", .caption = "Messages that wait, and that a consumer has.", .series = highest(std::move(depth))});
  add_plot(plots, {.title = "Age of the oldest message", .y = Measure::Seconds, .series = highest(std::move(age))});
}

void add_database_plot(const LoadResults& results, std::vector<Html>& plots) {
  Names connections;
  double limit = 0;
  for (const auto& sample : results.server)
    for (const auto& database : sample.databases) {
      add(connections, database.name, sample.second, static_cast<double>(database.connections));
      limit = std::max(limit, static_cast<double>(database.max_connections));
    }
  LinePlot plot{.title = "Database connections", .caption = "Open connections of each database."};
  plot.series = highest(std::move(connections));
  if (limit > 0 && peak_of(plot.series) > limit * limit_in_sight) plot.limit = std::pair(limit, "max_connections");
  add_plot(plots, std::move(plot));
}

void add_quota_plot(const LoadResults& results, std::vector<Html>& plots) {
  Names use;
  for (const auto& sample : results.server)
    for (const auto& quota : sample.quotas)
      if (quota.value > 0) add(use, quota.id.empty() ? quota.name : quota.id, sample.second, quota.now / quota.value);
  // Most quotas are of sizes and numbers of resources, which a load does not change.
  std::erase_if(use, [](const auto& entry) {
    const auto& points = entry.second.points;
    return std::all_of(points.begin(), points.end(), [&](const auto& point) { return point.second == points.front().second; });
  });
  add_plot(plots, {.title = "Use of quotas",
                   .caption = "Share of the quotas whose use the load changed.",
                   .y = Measure::Share,
                   .series = highest(std::move(use))});
}

}  // namespace

std::vector<Html> server_plots(const LoadResults& results) {
  std::vector<Html> plots;
  if (results.server.empty()) return plots;
  add_function_plots(results, plots);
  add_throttle_plot(results, plots);
  add_queue_plots(results, plots);
  add_database_plot(results, plots);
  add_quota_plot(results, plots);
  return plots;
}

}  // namespace surgetank::windtunnel
