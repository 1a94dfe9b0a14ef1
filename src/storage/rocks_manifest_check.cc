#include "storage/rocks_manifest_check.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/log.h"
#include "base/text.h"
#include "storage/crc32c.h"
#include "storage/posix_file.h"
#include "storage/rocks_log_reader.h"
#include "storage/store.h"

namespace surgetank {
namespace {

constexpr std::string_view manifest_prefix = "MANIFEST-";
constexpr std::string_view note_prefix = "SYNCED-";
constexpr std::size_t entry_size = 16;  // bytes, and a checksum of them in as many bytes
constexpr std::size_t most_note_bytes = std::size_t{64} << 20;

// 0 if there is no whole entry.
std::uint64_t read_note(const std::string& path) {
  if (!file_exists(path)) return 0;
  const auto note = read_file(path, most_note_bytes);
  std::uint64_t synced = 0;
  for (std::size_t offset = 0; offset + entry_size <= note.size(); offset += entry_size) {
    auto entry = std::string_view(note).substr(offset, entry_size);
    const auto whole = entry;
    const auto bytes = *read_key_number(entry);
    // Only the last one can be in pieces: each was synced before the next was written.
    if (synced_note_entry(bytes) != whole) break;
    synced = bytes;
  }
  return synced;
}

std::optional<std::uint64_t> first_unreadable(const std::string& manifest) {
  RocksLogReader reader(manifest);
  while (const auto item = reader.next()) {
    if (item->kind == LogItem::Kind::Unreadable) return item->offset;
  }
  return std::nullopt;
}

std::uint64_t file_size(const std::string& path) {
  struct stat status {};
  if (::stat(path.c_str(), &status) != 0) throw_system_error("read", path);
  return static_cast<std::uint64_t>(status.st_size);
}

}  // namespace

std::optional<std::string> synced_note_path(std::string_view manifest_path) {
  const auto slash = manifest_path.rfind('/');
  const auto name = slash == std::string_view::npos ? manifest_path : manifest_path.substr(slash + 1);
  if (!name.starts_with(manifest_prefix)) return std::nullopt;
  const auto directory = manifest_path.substr(0, manifest_path.size() - name.size());
  return std::string(directory) + std::string(note_prefix) + std::string(name.substr(manifest_prefix.size()));
}

std::string synced_note_entry(std::uint64_t bytes) {
  std::string entry;
  append_key_number(entry, bytes);
  append_key_number(entry, crc32c(0, entry));
  return entry;
}

void check_manifest(const std::string& path) {
  if (!file_exists(path + "/CURRENT")) return;
  const auto current = read_file(path + "/CURRENT", 1024);
  const auto manifest = path + "/" + std::string(trim(std::string_view(current).substr(0, current.find('\n'))));
  const auto note = synced_note_path(manifest);
  // What RocksDB itself finds wrong is left to it.
  if (!note || !file_exists(manifest)) return;
  const auto synced = read_note(*note);
  if (const auto size = file_size(manifest); size < synced) {
    throw StorageError(manifest + " is damaged: it has " + std::to_string(size) + " bytes, and " + std::to_string(synced) +
                       " had been synced. Restore a backup");
  }
  const auto end = first_unreadable(manifest);
  if (!end) return;
  if (*end < synced || synced == 0) {
    throw StorageError(manifest + " is damaged at byte " + std::to_string(*end) + ", which had been synced. Restore a backup");
  }
  log_line(LogLevel::Warning, "storage", "dropping the unfinished end of " + manifest + ", on account of which nothing was done");
  const auto file = open_file(manifest, O_WRONLY);
  if (::ftruncate(file.number(), static_cast<off_t>(*end)) != 0) throw_system_error("cut", manifest);
  sync_file(file.number(), manifest);
}

}  // namespace surgetank
