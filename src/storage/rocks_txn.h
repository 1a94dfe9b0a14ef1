#pragma once
// A transaction on RocksDB: a snapshot, the transaction's own writes, and nothing shared. Internal to rocks_store.
#include <rocksdb/db.h>

#include <optional>
#include <string>
#include <string_view>

#include "storage/store.h"
#include "storage/write_set.h"

namespace surgetank {

class RocksTxn final : public Txn {
 public:
  explicit RocksTxn(rocksdb::DB& database);
  RocksTxn(const RocksTxn&) = delete;
  RocksTxn& operator=(const RocksTxn&) = delete;
  ~RocksTxn() override;

  std::optional<std::string> get(std::string_view key) override;
  void put(std::string_view key, std::string_view value) override;
  void erase(std::string_view key) override;
  void scan(std::string_view from, std::string_view to, const Visit& visit) override;
  bool has_writes() const override { return !own_.empty(); }

  const rocksdb::DB& database() const { return database_; }
  Sequence snapshot_sequence() const { return snapshot_->GetSequenceNumber(); }
  const WriteSet& own() const { return own_; }
  // Asserts that it is neither finished nor inside a scan.
  void finish();

 private:
  rocksdb::DB& database_;
  const rocksdb::Snapshot* const snapshot_;
  WriteSet own_;
  int scans_under_way_ = 0;
  bool finished_ = false;
};

}  // namespace surgetank
