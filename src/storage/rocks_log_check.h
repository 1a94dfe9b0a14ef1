#pragma once
// Looks through the write-ahead logs before RocksDB opens them, because RocksDB cannot tell two cases apart: a tail that was
// never synced and that a power loss left in pieces (nobody was promised it: drop it, quietly go on), and damage to records
// that had been synced and acknowledged (say so, do not drop them silently). Every record carries how far the log had been
// synced when it was written, so a readable record behind an unreadable place can prove that the place had been synced.
//
// Not provable, and so dropped with a warning: damage to the last synced group of records with nothing readable behind it.
//
// Where unsynced records survive behind a gap, the log is cut at the gap and what follows is removed, so that what RocksDB
// replays is always a gapless prefix of the commits. Runs once per start, before any thread; cost: one read of the logs, which
// are empty or small. Throws StorageError.
#include <string>

#include "storage/rocks_store.h"

namespace surgetank {

// `path` holds the database; nothing is done if there is none yet.
void check_logs(const std::string& path, LogDamage policy);

}  // namespace surgetank
