#pragma once
// What a transaction has put and erased so far, and the merge of that with a snapshot's rows: the part of Txn that is the
// same on every backend. Owned by one transaction, used on its thread. An empty one allocates nothing.
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>

#include "storage/store.h"

namespace surgetank {

class WriteSet {
 public:
  // No value: the key was erased.
  using Writes = std::map<std::string, std::optional<std::string>, std::less<>>;

  void put(std::string_view key, std::string_view value);
  void erase(std::string_view key);
  // Null: this transaction did not touch the key.
  const std::optional<std::string>* find(std::string_view key) const;
  bool empty() const { return writes_.empty(); }
  const Writes& writes() const { return writes_; }

 private:
  Writes writes_;
};

// Rows of a snapshot in byte order, from a starting key on. Views are valid until next().
class RowCursor {
 public:
  virtual ~RowCursor() = default;
  virtual bool valid() const = 0;
  virtual std::string_view key() const = 0;
  virtual std::string_view value() const = 0;
  virtual void next() = 0;
};

// Visits the rows of `snapshot` (which already lies inside [from, to)) with `own` laid over them. An empty `to` is no end.
void scan_with_own_writes(const WriteSet& own, RowCursor& snapshot, std::string_view from, std::string_view to, const Txn::Visit& visit);

}  // namespace surgetank
