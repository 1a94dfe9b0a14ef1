#include <dirent.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>
#include <zlib.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <memory>
#include <vector>

#include "base/text.h"
#include "storage/posix_file.h"
#include "storage/store.h"
#include "storage/zip.h"

namespace surgetank {
namespace {

constexpr std::size_t most_entries = 65'534;                 // without zip64
constexpr std::uint64_t most_archive_bytes = 0xfffffffeULL;  // the same
constexpr int most_depth = 64;
constexpr std::uint16_t version_needed = 20;
constexpr std::uint16_t made_by_unix = 3 << 8 | version_needed;
constexpr std::uint16_t utf8_flag = 0x0800;
constexpr std::uint16_t first_day = 1 << 5 | 1;  // 1980-01-01, the earliest there is

void append_number(std::string& bytes, std::uint64_t number, int size) {
  for (int i = 0; i < size; ++i) bytes += static_cast<char>(number >> (8 * i) & 0xff);
}

// Raw deflate of all of it.
std::string deflated(std::string_view bytes) {
  z_stream stream{};
  constexpr int memory_level = 8;
  if (::deflateInit2(&stream, Z_DEFAULT_COMPRESSION, Z_DEFLATED, -MAX_WBITS, memory_level, Z_DEFAULT_STRATEGY) != Z_OK) {
    throw StorageError("no memory to deflate");
  }
  std::string packed(::deflateBound(&stream, bytes.size()), '\0');
  stream.next_in = const_cast<Bytef*>(reinterpret_cast<const Bytef*>(bytes.data()));
  stream.avail_in = static_cast<uInt>(bytes.size());
  stream.next_out = reinterpret_cast<Bytef*>(packed.data());
  stream.avail_out = static_cast<uInt>(packed.size());
  const auto result = ::deflate(&stream, Z_FINISH);
  packed.resize(packed.size() - stream.avail_out);
  ::deflateEnd(&stream);
  if (result != Z_STREAM_END) throw StorageError("cannot deflate");
  return packed;
}

class ArchiveWriter {
 public:
  void add(const std::string& name, mode_t mode, std::string_view bytes) {
    const auto packed = deflated(bytes);
    const bool smaller = packed.size() < bytes.size();
    const auto data = smaller ? std::string_view(packed) : bytes;
    const auto checksum = ::crc32_z(::crc32(0, nullptr, 0), reinterpret_cast<const Bytef*>(bytes.data()), bytes.size());
    if (++entries_ > most_entries || archive_.size() + data.size() + name.size() + 256 > most_archive_bytes) {
      throw StorageError("too much for one zip archive");
    }
    std::string common;  // what the local and the central header share
    append_number(common, version_needed, 2);
    append_number(common, is_valid_utf8(name) ? utf8_flag : 0, 2);
    append_number(common, smaller ? 8 : 0, 2);
    append_number(common, 0, 2);
    append_number(common, first_day, 2);
    append_number(common, checksum, 4);
    append_number(common, data.size(), 4);
    append_number(common, bytes.size(), 4);
    append_number(common, name.size(), 2);
    append_number(common, 0, 2);
    append_number(central_, 0x02014b50, 4);
    append_number(central_, made_by_unix, 2);
    central_ += common;
    central_.append(6, '\0');  // comment, disk, internal attributes
    append_number(central_, std::uint64_t{mode} << 16, 4);
    append_number(central_, archive_.size(), 4);
    central_ += name;
    append_number(archive_, 0x04034b50, 4);
    archive_ += common;
    archive_ += name;
    archive_ += data;
  }

  std::string finish() && {
    if (archive_.size() + central_.size() > most_archive_bytes) throw StorageError("too much for one zip archive");
    const auto offset = archive_.size();
    archive_ += central_;
    append_number(archive_, 0x06054b50, 4);
    append_number(archive_, 0, 4);
    append_number(archive_, entries_, 2);
    append_number(archive_, entries_, 2);
    append_number(archive_, central_.size(), 4);
    append_number(archive_, offset, 4);
    append_number(archive_, 0, 2);
    return std::move(archive_);
  }

 private:
  std::string archive_;
  std::string central_;
  std::size_t entries_ = 0;
};

std::vector<std::string> sorted_names(const std::string& path) {
  const std::unique_ptr<DIR, int (*)(DIR*)> directory(::opendir(path.c_str()), ::closedir);
  if (!directory) throw_system_error("read directory", path);
  std::vector<std::string> names;
  while (const auto* entry = ::readdir(directory.get())) {
    const std::string_view name = entry->d_name;
    if (name != "." && name != "..") names.emplace_back(name);
  }
  std::sort(names.begin(), names.end());
  return names;
}

class DirectoryPacker {
 public:
  explicit DirectoryPacker(std::uint64_t most_bytes) : bytes_left_(most_bytes) {}

  void add_contents(const std::string& path, const std::string& prefix, int depth) {
    if (depth > most_depth) throw StorageError("cannot pack " + path + ": too deep");
    const auto names = sorted_names(path);
    if (names.empty() && !prefix.empty()) writer_.add(prefix, S_IFDIR | 0755, "");
    for (const auto& name : names) add(path + "/" + name, prefix + name, depth);
  }
  std::string finish() && { return std::move(writer_).finish(); }

 private:
  void add(const std::string& path, const std::string& name, int depth) {
    struct stat status {};
    if (::lstat(path.c_str(), &status) != 0) throw_system_error("read", path);
    if (S_ISDIR(status.st_mode)) {
      add_contents(path, name + "/", depth + 1);
    } else if (S_ISREG(status.st_mode)) {
      const auto bytes = read_file(path, static_cast<std::size_t>(bytes_left_));
      bytes_left_ -= bytes.size();
      writer_.add(name, S_IFREG | ((status.st_mode & 0111) != 0 ? 0755 : 0644), bytes);
    } else if (S_ISLNK(status.st_mode)) {
      std::array<char, 4097> to{};
      const auto length = ::readlink(path.c_str(), to.data(), to.size());
      if (length < 0) throw_system_error("read", path);
      writer_.add(name, S_IFLNK | 0777, {to.data(), static_cast<std::size_t>(length)});
    } else {
      throw StorageError("cannot pack " + path + ": neither a file, a directory nor a link");
    }
  }

  ArchiveWriter writer_;
  std::uint64_t bytes_left_;
};

}  // namespace

std::string pack_directory(const std::string& directory, std::uint64_t most_bytes) {
  DirectoryPacker packer(most_bytes);
  packer.add_contents(directory, "", 0);
  return std::move(packer).finish();
}

}  // namespace surgetank
