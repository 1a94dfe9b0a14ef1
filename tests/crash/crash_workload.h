#pragma once
// What the crash tests commit, and how they know afterwards that nothing acknowledged is missing and nothing is half there.
// Each writer commits transactions 1, 2, 3, ... one after the other without waiting for their acknowledgement. Transaction i of
// writer w puts three rows that belong together, replaces w's row "last", and erases the middle row of transaction i - 5.
#include <array>
#include <cstdint>
#include <string>

#include "base/random.h"
#include "storage/store.h"

namespace surgetank {

// Commits transaction `number`; returns its sequence.
Sequence commit_crash_transaction(Store& store, int writer, std::uint64_t number, std::size_t value_bytes);

struct CrashFindings {
  std::string problem;            // empty: atomic and without gaps
  std::uint64_t last_number = 0;  // transactions 1..last_number of the writer are there
};
CrashFindings inspect_crash_writer(Store& store, int writer);

}  // namespace surgetank
