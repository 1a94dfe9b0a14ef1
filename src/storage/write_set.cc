#include "storage/write_set.h"

namespace surgetank {

void WriteSet::put(std::string_view key, std::string_view value) {
  if (const auto found = writes_.find(key); found != writes_.end()) {
    found->second.emplace(value);
  } else {
    writes_.emplace(key, std::string(value));
  }
}

void WriteSet::erase(std::string_view key) {
  if (const auto found = writes_.find(key); found != writes_.end()) {
    found->second.reset();
  } else {
    writes_.emplace(key, std::nullopt);
  }
}

const std::optional<std::string>* WriteSet::find(std::string_view key) const {
  if (writes_.empty()) return nullptr;
  const auto found = writes_.find(key);
  return found == writes_.end() ? nullptr : &found->second;
}

void scan_with_own_writes(const WriteSet& own, RowCursor& snapshot, std::string_view from, std::string_view to, const Txn::Visit& visit) {
  const auto& writes = own.writes();
  auto write = writes.lower_bound(from);
  const auto write_in_range = [&] { return write != writes.end() && (to.empty() || write->first < to); };
  while (snapshot.valid() || write_in_range()) {
    const bool take_write = write_in_range() && (!snapshot.valid() || write->first <= snapshot.key());
    if (!take_write) {
      if (!visit(snapshot.key(), snapshot.value())) return;
      snapshot.next();
      continue;
    }
    if (snapshot.valid() && snapshot.key() == write->first) snapshot.next();
    if (write->second && !visit(write->first, *write->second)) return;
    ++write;
  }
}

}  // namespace surgetank
