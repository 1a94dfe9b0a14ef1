#pragma once
// A row of the registry without a probe does not compile.
#include <cstddef>

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

}  // namespace surgetank
