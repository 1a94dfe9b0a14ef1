#include "services/rds/instance_classes.h"

#include <algorithm>
#include <array>

#include "base/text.h"

namespace surgetank::rds {
namespace {

constexpr std::int64_t mib_per_gib = 1024;

struct BurstableSize {
  std::string_view name;
  std::int64_t gib;
};
constexpr BurstableSize burstable_sizes[] = {{"micro", 1}, {"small", 2}, {"medium", 4}, {"large", 8}, {"xlarge", 16}, {"2xlarge", 32}};

// Sizes of the other families are multiples of "large" (2 virtual processors).
struct MultipleSize {
  std::string_view name;
  std::int64_t times_large;
};
constexpr MultipleSize multiple_sizes[] = {{"large", 1},     {"xlarge", 2},    {"2xlarge", 4},   {"4xlarge", 8},   {"8xlarge", 16},
                                           {"12xlarge", 24}, {"16xlarge", 32}, {"24xlarge", 48}, {"32xlarge", 64}, {"48xlarge", 96}};
constexpr std::string_view burstable_families[] = {"t3", "t4g"};
constexpr std::string_view general_families[] = {"m5", "m5d", "m6g", "m6gd", "m6i", "m6id", "m6idn", "m6in", "m7g", "m7i", "m8g"};
constexpr std::string_view memory_families[] = {"r5", "r5b", "r5d", "r6g", "r6gd", "r6i", "r6id", "r6idn", "r6in", "r7g", "r7i", "r8g"};
constexpr std::int64_t general_gib_of_large = 8;
constexpr std::int64_t memory_gib_of_large = 16;

template <std::size_t N>
bool has(const std::string_view (&families)[N], std::string_view family) {
  return std::find(std::begin(families), std::end(families), family) != std::end(families);
}

}  // namespace

std::optional<std::int64_t> class_memory_mib(std::string_view instance_class) {
  const auto parts = split(instance_class, '.');
  if (parts.size() != 3 || parts[0] != "db") return std::nullopt;
  if (has(burstable_families, parts[1])) {
    for (const auto& size : burstable_sizes)
      if (size.name == parts[2]) return size.gib * mib_per_gib;
    return std::nullopt;
  }
  const auto gib = has(general_families, parts[1]) ? general_gib_of_large : has(memory_families, parts[1]) ? memory_gib_of_large : 0;
  for (const auto& size : multiple_sizes)
    if (gib != 0 && size.name == parts[2]) return size.times_large * gib * mib_per_gib;
  return std::nullopt;
}

// Burstable classes have two up to "large"; of all others a "large" has two.
std::optional<std::int64_t> class_processors(std::string_view instance_class) {
  const auto memory_mib = class_memory_mib(instance_class);
  if (!memory_mib) return std::nullopt;
  constexpr std::int64_t of_large = 2;
  const auto family = split(instance_class, '.')[1];
  const auto gib_of_large = has(memory_families, family) ? memory_gib_of_large : general_gib_of_large;
  return std::max(of_large, of_large * *memory_mib / (gib_of_large * mib_per_gib));
}

std::int64_t max_connections(std::int64_t memory_mib) {
  const auto reserved_mib = 256 + memory_mib * 3 / 100;
  const auto bytes = (memory_mib - reserved_mib) * 1024 * 1024;
  return std::min<std::int64_t>(bytes / 9'531'392, 5000);
}

}  // namespace surgetank::rds
