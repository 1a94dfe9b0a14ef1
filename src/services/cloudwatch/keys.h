#pragma once
// Every storage key of CloudWatch. A metric is told by namespace, name and its dimensions sorted by name, in one key part.
//   cloudwatch/metric/<account><region><metric>                                        -> MetricRecord
//   cloudwatch/data/<account><region><"1"|"60"><metric> period start in seconds(8) unit -> PeriodRecord
//   cloudwatch/expiry/<account><region>                                                -> there is an expiry task
#include <algorithm>

#include "kernel/keys.h"
#include "services/cloudwatch/model.h"

namespace surgetank::cloudwatch::keys {

inline std::string metric_part(std::string_view name_space, std::string_view name, List<Dimension> dimensions) {
  std::sort(dimensions.begin(), dimensions.end(), [](const Dimension& a, const Dimension& b) { return a.Name < b.Name; });
  std::string part;
  append_key_part(part, name_space);
  append_key_part(part, name);
  for (const auto& dimension : dimensions) {
    append_key_part(part, dimension.Name);
    append_key_part(part, dimension.Value);
  }
  return part;
}
inline std::string metrics(const Caller& caller) { return service_key("cloudwatch", "metric", caller); }
inline std::string metric(const Caller& caller, std::string_view part) { return service_key("cloudwatch", "metric", caller, {part}); }
inline std::string data(const Caller& caller, std::int64_t resolution) {
  return service_key("cloudwatch", "data", caller, {resolution == 1 ? "1" : "60"});
}
inline std::string data(const Caller& caller, std::int64_t resolution, std::string_view part) {
  return service_key("cloudwatch", "data", caller, {resolution == 1 ? "1" : "60", part});
}
inline std::string data(const Caller& caller, std::int64_t resolution, std::string_view part, std::int64_t start_seconds,
                        std::string_view unit) {
  auto key = data(caller, resolution, part);
  append_key_number(key, static_cast<std::uint64_t>(start_seconds));
  key += unit;
  return key;
}
inline std::string expiry(const Caller& caller) { return service_key("cloudwatch", "expiry", caller); }

}  // namespace surgetank::cloudwatch::keys
