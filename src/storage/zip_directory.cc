#include "storage/zip_directory.h"

#include <sys/stat.h>

#include <algorithm>
#include <optional>

#include "base/log.h"
#include "base/text.h"

namespace surgetank {
namespace {

constexpr std::uint32_t end_signature = 0x06054b50;
constexpr std::uint32_t end64_signature = 0x06064b50;
constexpr std::uint32_t end64_locator_signature = 0x07064b50;
constexpr std::uint32_t central_signature = 0x02014b50;
constexpr std::uint32_t local_signature = 0x04034b50;
constexpr std::size_t end_size = 22;
constexpr std::size_t end64_size = 56;
constexpr std::size_t end64_locator_size = 20;
constexpr std::size_t central_size = 46;
constexpr std::size_t local_size = 30;
constexpr std::size_t most_comment_bytes = 65535;
constexpr std::uint16_t no16 = 0xffff;      // see the zip64 field
constexpr std::uint32_t no32 = 0xffffffff;  // the same
constexpr std::uint16_t zip64_field = 0x0001;
constexpr std::uint16_t encrypted_flags = 0x0001 | 0x0040 | 0x2000;
constexpr std::uint16_t sizes_follow_flag = 0x0008;
constexpr std::size_t most_name_bytes = 4096;
constexpr std::size_t most_part_bytes = 255;
constexpr std::size_t most_parts = 64;
// Deflate cannot do better than 258 bytes for 2 bits.
constexpr std::uint64_t most_deflate_ratio = 1032;

// Little-endian numbers at a fixed place; the caller has checked that they are there.
std::uint64_t number_at(std::string_view bytes, std::size_t offset, std::size_t size) {
  std::uint64_t number = 0;
  for (std::size_t i = size; i > 0; --i) number = number << 8 | static_cast<unsigned char>(bytes[offset + i - 1]);
  return number;
}
std::uint16_t u16(std::string_view bytes, std::size_t offset) { return static_cast<std::uint16_t>(number_at(bytes, offset, 2)); }
std::uint32_t u32(std::string_view bytes, std::size_t offset) { return static_cast<std::uint32_t>(number_at(bytes, offset, 4)); }
std::uint64_t u64(std::string_view bytes, std::size_t offset) { return number_at(bytes, offset, 8); }

bool has(std::string_view bytes, std::uint64_t offset, std::uint64_t size) {
  return offset <= bytes.size() && size <= bytes.size() - offset;
}

// Where the central directory is, and what precedes the archive (an executable, for example): offsets count from behind that.
struct Layout {
  std::uint64_t prefix = 0;
  std::uint64_t offset = 0;
  std::uint64_t size = 0;
  std::uint64_t entries = 0;
};

std::optional<std::size_t> find_end(std::string_view archive) {
  if (archive.size() < end_size) return std::nullopt;
  const std::size_t last = archive.size() - end_size;
  const std::size_t first = last > most_comment_bytes ? last - most_comment_bytes : 0;
  for (std::size_t offset = last + 1; offset-- > first;) {
    if (u32(archive, offset) == end_signature && offset + end_size + u16(archive, offset + 20) == archive.size()) return offset;
  }
  return std::nullopt;
}

Result<Layout> read_layout(std::string_view archive) {
  const auto end = find_end(archive);
  if (!end) return refuse_zip("there is no end of a zip archive");
  Layout layout;
  layout.entries = u16(archive, *end + 10);
  layout.size = u32(archive, *end + 12);
  layout.offset = u32(archive, *end + 16);
  auto directory_end = std::uint64_t{*end};
  const bool split = u16(archive, *end + 4) != u16(archive, *end + 6) || u16(archive, *end + 8) != layout.entries;
  if (layout.entries == no16 || layout.size == no32 || layout.offset == no32) {
    if (*end < end64_locator_size || u32(archive, *end - end64_locator_size) != end64_locator_signature) {
      return refuse_zip("the zip64 locator is missing");
    }
    const auto end64 = u64(archive, *end - end64_locator_size + 8);
    if (!has(archive, end64, end64_size) || end64 + end64_size > *end - end64_locator_size || u32(archive, end64) != end64_signature) {
      return refuse_zip("the zip64 end is missing");
    }
    if (u32(archive, end64 + 16) != 0 || u32(archive, end64 + 20) != 0 || u64(archive, end64 + 24) != u64(archive, end64 + 32)) {
      return refuse_zip("the archive is split");
    }
    layout.entries = u64(archive, end64 + 32);
    layout.size = u64(archive, end64 + 40);
    layout.offset = u64(archive, end64 + 48);
    directory_end = end64;
  } else if (split || u16(archive, *end + 4) != 0) {
    return refuse_zip("the archive is split");
  }
  if (layout.size > directory_end || layout.offset > directory_end - layout.size)
    return refuse_zip("the central directory is outside of the archive");
  layout.prefix = directory_end - layout.size - layout.offset;
  return layout;
}

// The name as a relative path of plain parts, empty for the top directory itself ("./"); nothing if it is none.
std::optional<std::string> safe_name(std::string_view name) {
  if (name.empty() || name.size() > most_name_bytes || name.front() == '/') return std::nullopt;
  if (name.find('\0') != std::string_view::npos || name.find('\\') != std::string_view::npos) return std::nullopt;
  const bool drive = name.size() >= 2 && name[1] == ':' && ((name[0] | 0x20) >= 'a' && (name[0] | 0x20) <= 'z');
  if (drive) return std::nullopt;
  const auto parts = path_parts(name);
  if ((parts.empty() && !name.ends_with('/')) || parts.size() > most_parts) return std::nullopt;
  std::string safe;
  for (const auto part : parts) {
    if (part == ".." || part.size() > most_part_bytes) return std::nullopt;
    if (!safe.empty()) safe += '/';
    safe += part;
  }
  return safe;
}

// The sizes and the offset of a central header, from its zip64 field where the header says so.
struct Extent {
  std::uint64_t packed = 0;
  std::uint64_t unpacked = 0;
  std::uint64_t offset = 0;
};

std::optional<Extent> read_extent(std::string_view header, std::string_view extra) {
  Extent extent{u32(header, 20), u32(header, 24), u32(header, 42)};
  if (extent.packed != no32 && extent.unpacked != no32 && extent.offset != no32) return extent;
  while (extra.size() >= 4) {
    const auto size = u16(extra, 2);
    if (!has(extra, 4, size)) return std::nullopt;
    if (u16(extra, 0) == zip64_field) {
      auto field = extra.substr(4, size);
      for (auto* value : {&extent.unpacked, &extent.packed, &extent.offset}) {
        if (*value != no32) continue;
        if (field.size() < 8) return std::nullopt;
        *value = u64(field, 0);
        field.remove_prefix(8);
      }
      return extent;
    }
    extra.remove_prefix(std::size_t{4} + size);
  }
  return std::nullopt;
}

Result<ZipEntry::Kind> read_kind(std::string_view header, std::string_view name, bool& executable) {
  constexpr unsigned unix_host = 3;
  constexpr unsigned darwin_host = 19;
  const unsigned host = u16(header, 4) >> 8;
  const unsigned mode = host == unix_host || host == darwin_host ? u32(header, 38) >> 16 : 0;
  executable = (mode & 0111) != 0;
  const bool named_directory = name.ends_with('/');
  switch (mode & S_IFMT) {
    case 0:
    case S_IFREG:
      return named_directory ? ZipEntry::Kind::Directory : ZipEntry::Kind::File;
    case S_IFDIR:
      return ZipEntry::Kind::Directory;
    case S_IFLNK:
      if (named_directory) break;
      return ZipEntry::Kind::Symlink;
    default:
      break;
  }
  return refuse_zip("a special file: " + std::string(name));
}

// Fills in where the data is, from the local header, which must say the same as the central one.
Result<Unit> locate(std::string_view archive, std::uint64_t directory_begin, std::string_view header, std::string_view name,
                    std::uint64_t packed_bytes, ZipEntry& entry) {
  const auto before = archive.substr(0, directory_begin);
  if (!has(before, entry.begin, local_size) || u32(before, entry.begin) != local_signature)
    return refuse_zip("no local header: " + entry.name);
  const auto local = before.substr(entry.begin);
  const std::size_t name_size = u16(local, 26);
  const auto data = local_size + name_size + u16(local, 28);
  if (!has(local, local_size, name_size) || local.substr(local_size, name_size) != name)
    return refuse_zip("two names for one entry: " + entry.name);
  if ((u16(local, 6) & encrypted_flags) != 0 || u16(local, 8) != u16(header, 10))
    return refuse_zip("the local header differs: " + entry.name);
  const bool sizes_follow = (u16(local, 6) & sizes_follow_flag) != 0;
  const auto differs = [&](std::size_t offset, std::uint64_t value) { return u32(local, offset) != no32 && u32(local, offset) != value; };
  if (!sizes_follow && (u32(local, 14) != entry.checksum || differs(18, packed_bytes) || differs(22, entry.unpacked_bytes))) {
    return refuse_zip("the local header declares other sizes: " + entry.name);
  }
  if (!has(local, data, packed_bytes)) return refuse_zip("the data is outside of the archive: " + entry.name);
  entry.packed = local.substr(data, packed_bytes);
  entry.end = entry.begin + data + packed_bytes;
  return Unit{};
}

Result<ZipEntry> read_entry(std::string_view archive, const Layout& layout, std::string_view header, std::string_view name,
                            std::string_view extra) {
  ZipEntry entry;
  const auto safe = safe_name(name);
  if (!safe) return refuse_zip("unsafe name: " + std::string(name.substr(0, 200)));
  entry.name = *safe;
  if ((u16(header, 8) & encrypted_flags) != 0) return refuse_zip("encrypted: " + entry.name);
  const auto method = u16(header, 10);
  if (method != 0 && method != 8) return refuse_zip("compression method " + std::to_string(method) + ": " + entry.name);
  entry.method = method == 0 ? ZipEntry::Method::Stored : ZipEntry::Method::Deflated;
  SURGE_TRY(kind, read_kind(header, name, entry.executable));
  entry.kind = kind;
  entry.checksum = u32(header, 16);
  const auto extent = read_extent(header, extra);
  if (!extent) return refuse_zip("broken zip64 field: " + entry.name);
  entry.unpacked_bytes = extent->unpacked;
  if (entry.method == ZipEntry::Method::Stored ? extent->packed != extent->unpacked
                                               : extent->unpacked / most_deflate_ratio > extent->packed) {
    return refuse_zip("impossible size: " + entry.name);
  }
  if (entry.name.empty() && entry.kind != ZipEntry::Kind::Directory) return refuse_zip("an entry without a name");
  if (entry.kind == ZipEntry::Kind::Directory && entry.unpacked_bytes != 0) return refuse_zip("a directory with contents: " + entry.name);
  if (u16(header, 34) != 0) return refuse_zip("the archive is split");
  const auto directory_begin = layout.prefix + layout.offset;
  if (extent->offset > directory_begin) return refuse_zip("no local header: " + entry.name);
  entry.begin = layout.prefix + extent->offset;
  SURGE_CHECK(locate(archive, directory_begin, header, name, extent->packed, entry));
  return entry;
}

// Slashes sort below everything, so what lies below a directory comes right behind it.
bool sorts_before(const ZipEntry& a, const ZipEntry& b) {
  const auto rank = [](char c) { return c == '/' ? -1 : static_cast<int>(static_cast<unsigned char>(c)); };
  return std::lexicographical_compare(a.name.begin(), a.name.end(), b.name.begin(), b.name.end(),
                                      [&](char left, char right) { return rank(left) < rank(right); });
}

Result<Unit> check_together(std::vector<ZipEntry>& entries) {
  std::sort(entries.begin(), entries.end(), [](const ZipEntry& a, const ZipEntry& b) { return a.begin < b.begin; });
  for (std::size_t i = 1; i < entries.size(); ++i) {
    if (entries[i].begin < entries[i - 1].end) return refuse_zip("entries overlap: " + entries[i].name);
  }
  std::sort(entries.begin(), entries.end(), sorts_before);
  for (std::size_t i = 1; i < entries.size(); ++i) {
    const auto& above = entries[i - 1];
    const auto& entry = entries[i];
    const bool both_directories = above.kind == ZipEntry::Kind::Directory && entry.kind == ZipEntry::Kind::Directory;
    if (above.name == entry.name && !both_directories) return refuse_zip("twice the same name: " + entry.name);
    const bool below = entry.name.size() > above.name.size() && entry.name.starts_with(above.name) && entry.name[above.name.size()] == '/';
    if (below && above.kind != ZipEntry::Kind::Directory) return refuse_zip("an entry below one that is no directory: " + entry.name);
  }
  return Unit{};
}

}  // namespace

std::vector<std::string_view> path_parts(std::string_view path) {
  auto parts = split(path, '/');
  std::erase_if(parts, [](std::string_view part) { return part.empty() || part == "."; });
  return parts;
}

Error refuse_zip(const std::string& reason) {
  log_line(LogLevel::Info, "storage", "refusing a zip archive: " + reason);
  return {&invalid_package, "Could not unzip uploaded file. Please check your file, then try to upload again."};
}

Error refuse_large_zip(const ZipLimits& limits) {
  return {&invalid_package, "Unzipped size must be smaller than " + std::to_string(limits.unpacked_bytes) + " bytes"};
}

Result<std::vector<ZipEntry>> read_zip_directory(std::string_view archive, const ZipLimits& limits) {
  SURGE_TRY(layout, read_layout(archive));
  if (layout.entries > limits.entries) return refuse_zip("more than " + std::to_string(limits.entries) + " entries");
  auto rest = archive.substr(layout.prefix + layout.offset, layout.size);
  std::vector<ZipEntry> entries;
  std::uint64_t bytes = 0;
  for (std::uint64_t i = 0; i < layout.entries; ++i) {
    if (rest.size() < central_size || u32(rest, 0) != central_signature) return refuse_zip("the central directory is broken");
    const std::size_t name_size = u16(rest, 28);
    const std::size_t extra_size = u16(rest, 30);
    const std::size_t whole = central_size + name_size + extra_size + u16(rest, 32);
    if (whole > rest.size()) return refuse_zip("the central directory is broken");
    SURGE_TRY(entry,
              read_entry(archive, layout, rest, rest.substr(central_size, name_size), rest.substr(central_size + name_size, extra_size)));
    bytes += entry.unpacked_bytes;
    // Each is checked, so the sum cannot wrap before it is noticed.
    if (entry.unpacked_bytes >= limits.unpacked_bytes || bytes >= limits.unpacked_bytes) return refuse_large_zip(limits);
    if (!entry.name.empty()) entries.push_back(std::move(entry));
    rest.remove_prefix(whole);
  }
  if (!rest.empty()) return refuse_zip("the central directory is longer than its entries");
  SURGE_CHECK(check_together(entries));
  const bool has_files =
      std::any_of(entries.begin(), entries.end(), [](const ZipEntry& entry) { return entry.kind != ZipEntry::Kind::Directory; });
  if (!has_files) return Error{&invalid_package, "Uploaded file must be a non-empty zip"};
  return entries;
}

}  // namespace surgetank
