#include <fcntl.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>
#include <zlib.h>

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <filesystem>
#include <functional>
#include <vector>

#include "storage/posix_file.h"
#include "storage/store.h"
#include "storage/zip.h"
#include "storage/zip_directory.h"
#include "storage/zip_links.h"

namespace surgetank {
namespace {

constexpr std::size_t chunk_bytes = std::size_t{64} << 10;
constexpr std::size_t most_link_bytes = 4096;
constexpr std::string_view temporary_prefix = ".unpacking-";

using Sink = std::function<void(std::string_view)>;

// Inflates without a header. Owns zlib's state.
class Inflater {
 public:
  Inflater() {
    if (::inflateInit2(&stream_, -MAX_WBITS) != Z_OK) throw StorageError("no memory to inflate");
  }
  Inflater(const Inflater&) = delete;
  Inflater& operator=(const Inflater&) = delete;
  ~Inflater() { ::inflateEnd(&stream_); }

  // True if `packed` is one deflate stream, all of it, that gives exactly `expected` bytes. Gives `sink` never more than that.
  bool run(std::string_view packed, std::uint64_t expected, const Sink& sink) {
    if (::inflateReset(&stream_) != Z_OK) return false;
    stream_.avail_in = 0;
    std::uint64_t left = expected;
    while (true) {
      if (stream_.avail_in == 0) {
        const auto part = packed.substr(0, std::size_t{1} << 30);
        packed.remove_prefix(part.size());
        // zlib does not write to its input.
        stream_.next_in = const_cast<Bytef*>(reinterpret_cast<const Bytef*>(part.data()));
        stream_.avail_in = static_cast<uInt>(part.size());
      }
      stream_.next_out = buffer_.data();
      stream_.avail_out = static_cast<uInt>(buffer_.size());
      const auto result = ::inflate(&stream_, Z_NO_FLUSH);
      const std::uint64_t made = buffer_.size() - stream_.avail_out;
      if (made > left) return false;
      left -= made;
      if (made > 0) sink({reinterpret_cast<const char*>(buffer_.data()), static_cast<std::size_t>(made)});
      if (result == Z_STREAM_END) return left == 0 && stream_.avail_in == 0 && packed.empty();
      if (result != Z_OK) return false;
    }
  }

 private:
  z_stream stream_{};
  std::vector<Bytef> buffer_ = std::vector<Bytef>(chunk_bytes);
};

// Gives `sink` the unpacked bytes piece by piece; false if they are not what the entry declares.
bool unpack_data(Inflater& inflater, const ZipEntry& entry, const Sink& sink) {
  auto checksum = ::crc32(0, nullptr, 0);
  const Sink checked = [&](std::string_view bytes) {
    checksum = ::crc32_z(checksum, reinterpret_cast<const Bytef*>(bytes.data()), bytes.size());
    sink(bytes);
  };
  if (entry.method == ZipEntry::Method::Deflated) {
    if (!inflater.run(entry.packed, entry.unpacked_bytes, checked)) return false;
  } else {
    checked(entry.packed);
  }
  return checksum == entry.checksum;
}

// The package as it is being built: a new directory beside the target, reached through descriptors only, so that nothing that
// is named in the archive can lead anywhere else.
class NewPackage {
 public:
  explicit NewPackage(const std::string& target) : target_(target), parent_(parent_directory(target)) {
    make_directories(parent_);
    path_ = parent_ + "/" + std::string(temporary_prefix) + "XXXXXX";
    if (::mkdtemp(path_.data()) == nullptr) throw_system_error("create directory", path_);
    root_ = open_file(path_, O_RDONLY | O_DIRECTORY | O_NOFOLLOW);
  }
  NewPackage(const NewPackage&) = delete;
  NewPackage& operator=(const NewPackage&) = delete;
  ~NewPackage() {
    if (path_.empty()) return;
    std::error_code ignored;
    std::filesystem::remove_all(path_, ignored);
  }

  FileDescriptor create_file(const ZipEntry& entry) {
    const auto parts = path_parts(entry.name);
    const int directory = enter({parts.begin(), parts.end() - 1});
    FileDescriptor file(::openat(directory, std::string(parts.back()).c_str(), O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600));
    if (!file) throw_system_error("create", path_ + "/" + entry.name);
    if (::fchmod(file.number(), entry.executable ? 0755 : 0644) != 0) throw_system_error("change", path_ + "/" + entry.name);
    return file;
  }
  void create_directory(const ZipEntry& entry) { enter(path_parts(entry.name)); }
  void create_link(const std::string& name, const std::string& to) {
    const auto parts = path_parts(name);
    const int directory = enter({parts.begin(), parts.end() - 1});
    if (::symlinkat(to.c_str(), directory, std::string(parts.back()).c_str()) != 0) throw_system_error("create", path_ + "/" + name);
  }
  void appear(Unpacked unpacked) {
    entered_ = {};
    if (::fchmod(root_.number(), 0755) != 0) throw_system_error("change", path_);
    // One call for the thousands of files that a package may have.
    if (unpacked == Unpacked::Synced && ::syncfs(root_.number()) != 0) throw_system_error("sync", path_);
    if (file_exists(target_)) throw StorageError("cannot create " + target_ + ": it exists");
    if (::rename(path_.c_str(), target_.c_str()) != 0) throw_system_error("create", target_);
    path_.clear();
    if (unpacked == Unpacked::Synced) sync_directory(parent_);
  }

 private:
  // A descriptor of the directory, made if it is missing; valid until the next call.
  int enter(const std::vector<std::string_view>& parts) {
    std::string name;
    for (const auto part : parts) (name += part) += '/';
    if (entered_ && name == entered_name_) return entered_.number();
    FileDescriptor directory(::dup(root_.number()));
    for (const auto part : parts) {
      const std::string one(part);
      if (::mkdirat(directory.number(), one.c_str(), 0755) == 0) {
        if (::fchmodat(directory.number(), one.c_str(), 0755, 0) != 0) throw_system_error("change", path_ + "/" + name);
      } else if (errno != EEXIST) {
        throw_system_error("create directory", path_ + "/" + name);
      }
      FileDescriptor next(::openat(directory.number(), one.c_str(), O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC));
      if (!next) throw_system_error("open", path_ + "/" + name);
      directory = std::move(next);
    }
    if (!directory) throw_system_error("open", path_);
    entered_ = std::move(directory);
    entered_name_ = std::move(name);
    return entered_.number();
  }

  const std::string target_;
  const std::string parent_;
  std::string path_;  // empty: it has become the target
  FileDescriptor root_;
  FileDescriptor entered_;
  std::string entered_name_;
};

Result<ZipLinks> read_links(Inflater& inflater, const std::vector<ZipEntry>& entries) {
  ZipLinks links;
  for (const auto& entry : entries) {
    if (entry.kind != ZipEntry::Kind::Symlink) continue;
    if (entry.unpacked_bytes == 0 || entry.unpacked_bytes > most_link_bytes)
      return refuse_zip("a link of impossible length: " + entry.name);
    std::string to;
    if (!unpack_data(inflater, entry, [&](std::string_view bytes) { to += bytes; })) return refuse_zip("broken data: " + entry.name);
    if (to.find('\0') != std::string::npos) return refuse_zip("a link with NUL: " + entry.name);
    if (links.size() == most_zip_links) return refuse_zip("too many links");
    links.emplace(entry.name, std::move(to));
  }
  if (const auto escaping = find_escaping_link(links); !escaping.empty())
    return refuse_zip("a link that leads out of the package: " + escaping);
  return links;
}

ZipSummary summary(const std::vector<ZipEntry>& entries) {
  ZipSummary sum;
  for (const auto& entry : entries) {
    sum.files += entry.kind == ZipEntry::Kind::Directory ? 0 : 1;
    sum.bytes += entry.unpacked_bytes;
  }
  return sum;
}

}  // namespace

Result<ZipSummary> inspect_zip(std::string_view archive, const ZipLimits& limits) {
  SURGE_TRY(entries, read_zip_directory(archive, limits));
  Inflater inflater;
  SURGE_TRY(links, read_links(inflater, entries));
  return summary(entries);
}

Result<ZipSummary> unpack_zip(std::string_view archive, const std::string& target_directory, const ZipLimits& limits, Unpacked unpacked) {
  SURGE_TRY(entries, read_zip_directory(archive, limits));
  Inflater inflater;
  SURGE_TRY(links, read_links(inflater, entries));
  if (file_exists(target_directory)) throw StorageError("cannot create " + target_directory + ": it exists");
  NewPackage package(target_directory);
  for (const auto& entry : entries) {
    if (entry.kind == ZipEntry::Kind::Directory) package.create_directory(entry);
    if (entry.kind != ZipEntry::Kind::File) continue;
    const auto file = package.create_file(entry);
    const auto write = [&](std::string_view bytes) { write_all(file.number(), bytes, entry.name); };
    if (!unpack_data(inflater, entry, write)) return refuse_zip("broken data: " + entry.name);
  }
  for (const auto& [name, to] : links) package.create_link(name, to);
  package.appear(unpacked);
  return summary(entries);
}

void remove_unpacking_leftovers(const std::string& parent) {
  std::error_code error;
  std::vector<std::filesystem::path> leftovers;
  for (const auto& entry : std::filesystem::directory_iterator(parent, error)) {
    if (entry.path().filename().string().starts_with(temporary_prefix)) leftovers.push_back(entry.path());
  }
  for (const auto& leftover : leftovers) std::filesystem::remove_all(leftover, error);
}

}  // namespace surgetank
