#pragma once
// The arithmetic of periods: adding samples, merging periods, and statistics over them. Pure.
#include <optional>
#include <string>
#include <string_view>

#include "base/result.h"
#include "services/cloudwatch/model.h"

namespace surgetank::cloudwatch {

// Distinct values kept exactly per period; beyond them values are rounded to three significant digits.
inline constexpr std::size_t exact_values = 500;

void add_value(PeriodRecord& period, double value, double count);
void add_statistics(PeriodRecord& period, const StatisticSet& set);
void merge(PeriodRecord& into, const PeriodRecord& other);

// Average, Sum, Minimum, Maximum, SampleCount and percentiles (p0 to p100, as in p99.9).
bool is_statistic(std::string_view name);
// nullopt: this period cannot give it (a percentile of statistic sets).
std::optional<double> statistic(const PeriodRecord& period, std::string_view name);

}  // namespace surgetank::cloudwatch
