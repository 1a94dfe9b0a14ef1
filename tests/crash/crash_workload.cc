#include "crash_workload.h"

#include <algorithm>
#include <map>

namespace surgetank {
namespace {

constexpr std::uint64_t kept_middles = 5;

std::string writer_prefix(int writer) { return "writer/" + std::to_string(writer) + "/"; }

std::string row_key(int writer, std::uint64_t number, char part) {
  auto key = writer_prefix(writer);
  append_key_number(key, number);
  return key + part;
}

std::string last_key(int writer) { return "last/" + std::to_string(writer); }

// The same for all rows of a transaction, so that rows of different ones cannot be taken for one.
std::string row_value(int writer, std::uint64_t number, std::size_t bytes) {
  Random random(number * 1000 + static_cast<std::uint64_t>(writer));
  auto value = std::to_string(number) + ":" + random.hex(64);
  value.resize(std::max(bytes, value.size()), '.');
  return value;
}

}  // namespace

Sequence commit_crash_transaction(Store& store, int writer, std::uint64_t number, std::size_t value_bytes) {
  const auto txn = store.begin();
  const auto value = row_value(writer, number, value_bytes);
  for (const char part : {'a', 'b', 'c'}) txn->put(row_key(writer, number, part), value);
  txn->put(last_key(writer), std::to_string(number));
  if (number > kept_middles) txn->erase(row_key(writer, number - kept_middles, 'b'));
  return store.commit(*txn);
}

CrashFindings inspect_crash_writer(Store& store, int writer) {
  CrashFindings findings;
  const auto txn = store.begin();
  if (const auto last = txn->get(last_key(writer))) findings.last_number = std::stoull(*last);
  const auto prefix = writer_prefix(writer);
  std::map<std::uint64_t, std::map<char, std::string>> rows;
  txn->scan(prefix, prefix_end(prefix), [&](std::string_view key, std::string_view value) {
    key.remove_prefix(prefix.size());
    const auto number = *read_key_number(key);
    rows[number][key.front()] = value;
    return true;
  });
  if (rows.size() != findings.last_number) {
    findings.problem =
        std::to_string(rows.size()) + " transactions are there, the last of them is said to be " + std::to_string(findings.last_number);
    return findings;
  }
  std::uint64_t expected = 0;
  for (const auto& [number, parts] : rows) {
    const bool middle_erased = number + kept_middles <= findings.last_number;
    const auto complete = parts.size() == (middle_erased ? 2u : 3u) && parts.contains('a') && parts.contains('c');
    const auto right = complete && parts.at('a') == parts.at('c') && parts.at('a') == row_value(writer, number, parts.at('a').size());
    if (number != ++expected || !right) {
      findings.problem = "transaction " + std::to_string(number) + " is half there";
      return findings;
    }
  }
  return findings;
}

}  // namespace surgetank
