#pragma once
// Function packages: reading zip archives that may be hostile, and writing plain ones.
//
// unpack_zip() refuses, before it has written anything: names that are absolute, that hold "..", drive letters, backslashes,
// NUL or too many parts; symbolic links that lead out of the package over whatever other links; devices and other special
// files; encrypted and split archives, methods other than stored and deflated; entries that overlap, contradict their local
// header, exist twice, or lie below a file or a link; more entries or more bytes than allowed; sizes that deflate cannot reach.
// While writing it refuses data that is not exactly as long, and does not have the checksum, that was declared. Nothing is
// written through links: they are made last, and no entry can lie behind one. Archives of up to 2^63 bytes (zip64) are read.
// Of the permissions only "executable" is kept: files become 0644 or 0755, directories 0755.
//
// The target directory appears at once with everything in it, or not at all. Any thread; blocks for the disk: not for a lane.
// What is wrong with the archive is the Error that Lambda answers, with the reason in the log; the texts are those of the service.
// What is wrong with the disk throws StorageError.
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "base/result.h"

namespace surgetank {

inline constexpr ErrorCode invalid_package{"InvalidParameterValueException", 400};

struct ZipLimits {
  // The unpacked sizes together must be smaller (Lambda: 262,144,000; function and layers).
  std::uint64_t unpacked_bytes = 262'144'000;
  std::size_t entries = 100'000;
};

// Synced: what was unpacked survives a power loss. Cache: the caller unpacks again after one.
enum class Unpacked : std::uint8_t { Synced, Cache };

struct ZipSummary {
  std::size_t files = 0;
  std::uint64_t bytes = 0;
};

// `target_directory` must not exist; its parent is made if it is missing.
Result<ZipSummary> unpack_zip(std::string_view archive, const std::string& target_directory, const ZipLimits& limits, Unpacked unpacked);
// All that can be said about the archive without unpacking it.
Result<ZipSummary> inspect_zip(std::string_view archive, const ZipLimits& limits);
// Removes what an unpacking that was cut short has left in the parent of a target directory.
void remove_unpacking_leftovers(const std::string& parent);

// The directory's files, links and empty directories as an archive; the same tree always gives the same bytes (times are
// 1980-01-01). Throws StorageError for special files, more than `most_bytes` in all, and what cannot be read.
std::string pack_directory(const std::string& directory, std::uint64_t most_bytes);

}  // namespace surgetank
