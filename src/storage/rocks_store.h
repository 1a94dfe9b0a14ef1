#pragma once
// The durable store of one machine: RocksDB under <directory>/db, one column family, keys told apart by prefix.
//
// - commit() writes to the log buffer and the memory table on the caller's thread and returns; one flusher thread syncs the
//   log over and over while there is something new, and then runs the callbacks of everything that sync covered (group
//   commit). Callbacks must be short and must not throw: they hold up all other acknowledgements.
// - A transaction takes its snapshot (150 to 300 ns, and the database's lock twice) at its first read; the write batch is built at commit.
//   Committing a transaction without writes returns the sequence it has seen: the reply of a read waits for that, or it
//   shows what a power loss can take back.
// - Fail stop: after a failed write, sync, or background write nothing is acknowledged again, commits throw, and
//   `on_failure` is called once, from the thread that noticed; the process is expected to exit and to replay at its next start.
// - Nearly full disk: below `least_free_bytes` transactions that only put are refused with StorageError, below a quarter of
//   it all are; reads go on, and so do writes as soon as there is room again. This is not a failure. has_room() says so beforehand.
// - Opening replays the log up to its first unreadable record. Damage that provably hits records which had been synced is
//   refused with StorageError instead (see rocks_log_check.h); a torn tail, which nobody was promised, is dropped with a warning.
// Destroying the store syncs and acknowledges what is committed. The directory is locked (data_directory.h).
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>

#include "storage/store.h"

namespace rocksdb {
class FileSystem;
}

namespace surgetank {

// Unsynced acknowledges at commit: a power loss takes back what was acknowledged (a killed process alone loses nothing).
enum class Durability : unsigned char { Synced, Unsynced };
// What to do when the log is damaged where it had been synced: refuse to open, or keep what was committed before the damage.
enum class LogDamage : unsigned char { Refuse, KeepWhatIsBefore };

struct RocksStoreOptions {
  std::string directory;
  Durability durability = Durability::Synced;
  LogDamage log_damage = LogDamage::Refuse;
  std::size_t write_buffer_bytes = std::size_t{8} << 20;
  std::size_t block_cache_bytes = std::size_t{8} << 20;
  std::uint64_t least_free_bytes = std::uint64_t{64} << 20;
  std::function<void(const std::string& message)> on_failure = {};
  // The disk below; none is the real one. Tests put faults here.
  std::shared_ptr<rocksdb::FileSystem> file_system = {};
};

std::unique_ptr<Store> open_rocks_store(RocksStoreOptions options);

}  // namespace surgetank
