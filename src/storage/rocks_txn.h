#pragma once
// A transaction on RocksDB: a snapshot, the transaction's own writes, and nothing shared. Internal to rocks_store.
// Taking and releasing a snapshot locks the database, so one that only writes takes none.
#include <rocksdb/db.h>

#include <optional>
#include <string>
#include <string_view>

#include "storage/store.h"
#include "storage/write_set.h"

namespace surgetank {

class RocksTxn final : public Txn {
 public:
  explicit RocksTxn(rocksdb::DB& database) : database_(database) {}
  RocksTxn(const RocksTxn&) = delete;
  RocksTxn& operator=(const RocksTxn&) = delete;
  ~RocksTxn() override;

  std::optional<std::string> get(std::string_view key) override;
  void put(std::string_view key, std::string_view value) override;
  void erase(std::string_view key) override;
  void scan(std::string_view from, std::string_view to, const Visit& visit) override;
  bool has_writes() const override { return !own_.empty(); }

  const rocksdb::DB& database() const { return database_; }
  // Of its snapshot; the newest there is if it has read nothing.
  Sequence seen_sequence() const;
  const WriteSet& own() const { return own_; }
  // Asserts that it is neither finished nor inside a scan.
  void finish();

 private:
  rocksdb::ReadOptions read_options();

  rocksdb::DB& database_;
  const rocksdb::Snapshot* snapshot_ = nullptr;  // since the first read
  WriteSet own_;
  int scans_under_way_ = 0;
  bool finished_ = false;
};

}  // namespace surgetank
