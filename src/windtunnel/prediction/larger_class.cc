#include "windtunnel/prediction/larger_class.h"

#include "services/rds/instance_classes.h"

namespace surgetank::prediction {

std::optional<std::string> larger_class(std::string_view instance_class, const ClassNeeds& needs) {
  constexpr std::string_view sizes[] = {"micro",   "small",    "medium",   "large",    "xlarge",   "2xlarge", "4xlarge",
                                        "8xlarge", "12xlarge", "16xlarge", "24xlarge", "32xlarge", "48xlarge"};
  const auto family = instance_class.substr(0, instance_class.rfind('.') + 1);
  for (const auto size : sizes) {
    auto name = std::string(family) + std::string(size);
    const auto memory_mib = rds::class_memory_mib(name);
    if (!memory_mib || rds::max_connections(*memory_mib) < needs.connections) continue;
    if (rds::class_processors(name).value_or(0) >= needs.processors) return name;
  }
  return std::nullopt;
}

}  // namespace surgetank::prediction
