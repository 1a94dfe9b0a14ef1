#pragma once
// A row of the registry without a probe does not compile; and input that several services take alike.
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "probe_bench.h"

namespace surgetank {

template <std::size_t Rows, std::size_t Probes>
consteval bool each_has_a_probe(const QuotaRow (&rows)[Rows], const Probe (&probes)[Probes]) {
  for (const auto& row : rows) {
    int found = 0;
    for (const auto& probe : probes) found += probe.id == row.id ? 1 : 0;
    if (found != 1) return false;
  }
  return true;
}

// So many tags, as a JSON list of {"<key>":"t0","<value>":"1"}.
inline std::string tag_list(std::int64_t count, std::string_view key, std::string_view value) {
  std::string all;
  for (std::int64_t i = 0; i < count; ++i)
    all += (i == 0 ? "{\"" : ",{\"") + std::string(key) + R"(":"t)" + std::to_string(i) + "\",\"" + std::string(value) + R"(":"1"})";
  return "[" + all + "]";
}

}  // namespace surgetank
