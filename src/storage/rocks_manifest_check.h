#pragma once
// RocksDB refuses to open when the end of its MANIFEST (the journal of which files make up the database) is in pieces, which is
// how a power loss in the middle of writing it may leave it. Bytes that were never synced are no loss: RocksDB acts on a record
// (deletes the logs that it replaces, for example) only after it has synced it. Bytes that were synced are.
// So guard_files() (rocks_file_guard.h) keeps a note beside each manifest of how far it was synced, itself synced before RocksDB
// learns of it: MANIFEST-000005 has SYNCED-000005, which is appended to only; its last whole entry counts.
// check_manifest() cuts off what is unreadable behind that point, and refuses what is unreadable or missing before it.
// Runs once per start, before any thread. Throws StorageError.
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace surgetank {

// `path` holds the database; nothing is done if there is none yet.
void check_manifest(const std::string& path);

// The path of the note of a manifest; nothing if the path is not one of a manifest.
std::optional<std::string> synced_note_path(std::string_view manifest_path);
// One entry of it.
std::string synced_note_entry(std::uint64_t bytes);

}  // namespace surgetank
