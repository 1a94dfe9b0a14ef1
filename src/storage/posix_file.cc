#include "storage/posix_file.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <system_error>

#include "storage/store.h"

namespace surgetank {

void FileDescriptor::close() {
  // Whoever must know about a failing close has synced before.
  if (number_ >= 0) ::close(number_);
  number_ = -1;
}

void throw_system_error(std::string_view what, std::string_view path) {
  const auto reason = std::generic_category().message(errno);
  throw StorageError("cannot " + std::string(what) + " " + std::string(path) + ": " + reason);
}

FileDescriptor open_file(const std::string& path, int flags, mode_t mode) {
  int number = -1;
  do {
    number = ::open(path.c_str(), flags | O_CLOEXEC, mode);
  } while (number < 0 && errno == EINTR);
  if (number < 0) throw_system_error("open", path);
  return FileDescriptor(number);
}

std::string read_file(const std::string& path, std::size_t most_bytes) {
  const auto file = open_file(path, O_RDONLY);
  struct stat status {};
  if (::fstat(file.number(), &status) != 0) throw_system_error("read", path);
  if (!S_ISREG(status.st_mode)) throw StorageError("cannot read " + path + ": not a regular file");
  if (static_cast<std::size_t>(status.st_size) > most_bytes) throw StorageError("cannot read " + path + ": larger than expected");
  std::string bytes(static_cast<std::size_t>(status.st_size), '\0');
  std::size_t filled = 0;
  while (filled < bytes.size()) {
    const auto count = ::read(file.number(), bytes.data() + filled, bytes.size() - filled);
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) throw_system_error("read", path);
    if (count == 0) break;
    filled += static_cast<std::size_t>(count);
  }
  bytes.resize(filled);
  return bytes;
}

void write_all(int file, std::string_view bytes, std::string_view path) {
  while (!bytes.empty()) {
    const auto count = ::write(file, bytes.data(), bytes.size());
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) throw_system_error("write", path);
    bytes.remove_prefix(static_cast<std::size_t>(count));
  }
}

void sync_file(int file, std::string_view path) {
  if (::fsync(file) != 0) throw_system_error("sync", path);
}

void sync_directory(const std::string& path) {
  const auto directory = open_file(path, O_RDONLY | O_DIRECTORY);
  sync_file(directory.number(), path);
}

void make_directories(const std::string& path) {
  if (::mkdir(path.c_str(), 0700) == 0) {
    sync_directory(parent_directory(path));
    return;
  }
  if (errno == EEXIST) {
    struct stat status {};
    if (::stat(path.c_str(), &status) != 0 || S_ISDIR(status.st_mode)) return;
    throw StorageError("cannot create directory " + path + ": a file is in its place");
  }
  const auto parent = parent_directory(path);
  if (errno != ENOENT || parent == path) throw_system_error("create directory", path);
  make_directories(parent);
  if (::mkdir(path.c_str(), 0700) != 0 && errno != EEXIST) throw_system_error("create directory", path);
  sync_directory(parent);
}

bool file_exists(const std::string& path) { return ::access(path.c_str(), F_OK) == 0; }

std::string parent_directory(const std::string& path) {
  auto end = path.find_last_not_of('/');
  if (end == std::string::npos) return path.empty() ? "." : "/";
  end = path.rfind('/', end);
  if (end == std::string::npos) return ".";
  end = path.find_last_not_of('/', end);
  return end == std::string::npos ? "/" : path.substr(0, end + 1);
}

}  // namespace surgetank
