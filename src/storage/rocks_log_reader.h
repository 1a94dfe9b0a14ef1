#pragma once
// Reads one RocksDB write-ahead log (or manifest, which has the same form) as it lies on disk and goes on behind what is
// unreadable, which RocksDB's own reader does not: that is how rocks_log_check and rocks_manifest_check tell a torn tail from
// damage. Internal to them; one owner, one thread.
//
// The format (RocksDB 7.8, not recycled): blocks of 32 KiB; in a block, fragments of {masked CRC-32C 4, length 2, type 1,
// payload}, little endian; a record is one Full or First, Middle..., Last; less than 7 bytes at the end of a block are padding.
// A record is a write batch: {first sequence 8, count 4, entries}; ours begin with a watermark entry (log_watermark()).
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "storage/posix_file.h"
#include "storage/store.h"

namespace surgetank {

struct LogItem {
  enum class Kind : unsigned char { Record, Unreadable };
  enum class Batch : unsigned char { None, Whole };
  Kind kind = Kind::Unreadable;
  Batch batch = Batch::None;  // None: too short to be a write batch, so this is no write-ahead log
  std::uint64_t offset = 0;   // where the record, or the record that cannot be read, begins
  Sequence first = 0;
  std::uint64_t count = 0;
  Sequence watermark = 0;  // 0: it has none
};

class RocksLogReader {
 public:
  explicit RocksLogReader(const std::string& path);
  // Nothing at the end of the file. Consecutive unreadable places are one item.
  std::optional<LogItem> next();

 private:
  struct Fragment {
    bool readable = false;
    std::uint8_t type = 0;
    std::uint64_t offset = 0;
    std::string_view payload;
  };
  std::optional<Fragment> next_fragment();
  bool read_block();
  std::optional<Fragment> fragment_at(std::size_t position) const;
  std::optional<LogItem> unreadable(std::uint64_t offset);
  LogItem record() const;

  std::string path_;
  FileDescriptor file_;
  std::string block_;
  std::uint64_t block_offset_ = 0;
  std::size_t position_ = 0;
  std::optional<Fragment> put_back_;
  std::string record_head_;  // the first bytes of the record that is being put together
  std::uint64_t record_offset_ = 0;
  bool in_record_ = false;
  bool lost_ = false;  // nothing readable since the last unreadable place
};

// The entry that every commit writes first: everything up to `durable` was synced when it was written.
std::string log_watermark(Sequence durable);

}  // namespace surgetank
