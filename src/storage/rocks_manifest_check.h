#pragma once
// RocksDB refuses to open when the last record of its MANIFEST (the journal of which files make up the database) is in pieces,
// which is how a power loss in the middle of writing it may leave it. Such a record was never synced, so nothing was done on its
// account yet: the logs that the state before it needs are all there. If so, the record is cut off; if one is seen to be missing,
// the record had been acted on and is damaged, and that is refused. Damage that is not at the end is left for RocksDB to report.
// Runs once per start, before any thread. Throws StorageError.
#include <cstdint>
#include <string>

namespace surgetank {

// `path` holds the database; nothing is done if there is none yet.
void check_manifest(const std::string& path);

// The number of the oldest log that the database in `path` would replay. Opens it without changing it.
std::uint64_t first_needed_log(const std::string& path);

}  // namespace surgetank
