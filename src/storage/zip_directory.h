#pragma once
// The table of contents of a zip archive, checked in itself: every entry that read_zip_directory() returns has a safe name, lies
// inside the archive, overlaps no other, and agrees with its local header. Internal to zip. Pure.
// Format: PKWARE APPNOTE.TXT 6.3.
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "storage/zip.h"

namespace surgetank {

struct ZipEntry {
  enum class Kind : std::uint8_t { File, Directory, Symlink };
  enum class Method : std::uint8_t { Stored, Deflated };
  std::string name;  // parts separated by single slashes, no leading or trailing one
  Kind kind = Kind::File;
  Method method = Method::Stored;
  bool executable = false;
  std::uint32_t checksum = 0;
  std::uint64_t unpacked_bytes = 0;
  std::string_view packed;  // borrowed from the archive
  std::uint64_t begin = 0;  // of its local header in the archive
  std::uint64_t end = 0;    // of its data
};

// Sorted by name such that what lies below a directory follows it.
Result<std::vector<ZipEntry>> read_zip_directory(std::string_view archive, const ZipLimits& limits);

// Logs why and gives the answer for the client.
Error refuse_zip(const std::string& reason);
Error refuse_large_zip(const ZipLimits& limits);

// The parts of a path: "." and empty ones are left out.
std::vector<std::string_view> path_parts(std::string_view path);

}  // namespace surgetank
