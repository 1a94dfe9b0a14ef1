#include "storage/rocks_txn.h"

#include <rocksdb/iterator.h>
#include <rocksdb/snapshot.h>

#include <memory>

#include "base/assert.h"

namespace surgetank {
namespace {

rocksdb::Slice slice(std::string_view bytes) { return {bytes.data(), bytes.size()}; }

class IteratorCursor final : public RowCursor {
 public:
  IteratorCursor(std::unique_ptr<rocksdb::Iterator> iterator, std::string_view from) : iterator_(std::move(iterator)) {
    iterator_->Seek(slice(from));
    check();
  }
  bool valid() const override { return iterator_->Valid(); }
  std::string_view key() const override { return iterator_->key().ToStringView(); }
  std::string_view value() const override { return iterator_->value().ToStringView(); }
  void next() override {
    iterator_->Next();
    check();
  }

 private:
  void check() const {
    // An iterator that met a read error looks like one that came to its end.
    if (!iterator_->Valid() && !iterator_->status().ok()) throw StorageError("cannot scan: " + iterator_->status().ToString());
  }
  std::unique_ptr<rocksdb::Iterator> iterator_;
};

}  // namespace

RocksTxn::~RocksTxn() {
  if (snapshot_ != nullptr) database_.ReleaseSnapshot(snapshot_);
}

rocksdb::ReadOptions RocksTxn::read_options() {
  if (snapshot_ == nullptr) snapshot_ = database_.GetSnapshot();
  rocksdb::ReadOptions options;
  options.snapshot = snapshot_;
  return options;
}

Sequence RocksTxn::seen_sequence() const {
  return snapshot_ != nullptr ? snapshot_->GetSequenceNumber() : database_.GetLatestSequenceNumber();
}

std::optional<std::string> RocksTxn::get(std::string_view key) {
  SURGE_ASSERT(!finished_, "read after commit");
  if (const auto* own = own_.find(key)) return *own;
  std::string value;
  const auto status = database_.Get(read_options(), slice(key), &value);
  if (status.ok()) return value;
  if (status.IsNotFound()) return std::nullopt;
  throw StorageError("cannot read: " + status.ToString());
}

void RocksTxn::put(std::string_view key, std::string_view value) {
  SURGE_ASSERT(!finished_ && scans_under_way_ == 0, "write after commit or from inside a scan");
  own_.put(key, value);
}

void RocksTxn::erase(std::string_view key) {
  SURGE_ASSERT(!finished_ && scans_under_way_ == 0, "write after commit or from inside a scan");
  own_.erase(key);
}

void RocksTxn::scan(std::string_view from, std::string_view to, const Visit& visit) {
  SURGE_ASSERT(!finished_, "read after commit");
  struct UnderWay {
    explicit UnderWay(int& counted) : count(counted) { ++count; }
    ~UnderWay() { --count; }
    int& count;
  } under_way(scans_under_way_);
  auto options = read_options();
  const auto end = slice(to);
  if (!to.empty()) options.iterate_upper_bound = &end;
  IteratorCursor cursor(std::unique_ptr<rocksdb::Iterator>(database_.NewIterator(options)), from);
  scan_with_own_writes(own_, cursor, from, to, visit);
}

void RocksTxn::finish() {
  SURGE_ASSERT(!finished_ && scans_under_way_ == 0, "committed twice or from inside a scan");
  finished_ = true;
}

}  // namespace surgetank
