#include "storage/data_directory.h"

#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

#include <cerrno>

#include "base/text.h"
#include "storage/store.h"

namespace surgetank {
namespace {

constexpr std::string_view format_prefix = "surgetank data format ";

FileDescriptor lock_directory(const std::string& path) {
  const auto lock_path = path + "/lock";
  auto file = open_file(lock_path, O_RDWR | O_CREAT, 0600);
  int locked = -1;
  do {
    locked = ::flock(file.number(), LOCK_EX | LOCK_NB);
  } while (locked != 0 && errno == EINTR);
  if (locked != 0) {
    if (errno != EWOULDBLOCK) throw_system_error("lock", lock_path);
    const auto holder = read_file(lock_path, 64);
    const std::string process(trim(std::string_view(holder).substr(0, holder.find('\n'))));
    throw StorageError("data directory " + path + " is in use by process " + (process.empty() ? "unknown" : process));
  }
  const auto process = std::to_string(::getpid()) + "\n";
  if (::ftruncate(file.number(), 0) != 0) throw_system_error("write", lock_path);
  write_all(file.number(), process, lock_path);
  return file;
}

void write_format(const std::string& path) {
  const auto final_path = path + "/FORMAT";
  const auto temporary_path = final_path + ".new";
  {
    const auto file = open_file(temporary_path, O_WRONLY | O_CREAT | O_TRUNC, 0600);
    write_all(file.number(), std::string(format_prefix) + std::to_string(data_format) + "\n", temporary_path);
    sync_file(file.number(), temporary_path);
  }
  if (::rename(temporary_path.c_str(), final_path.c_str()) != 0) throw_system_error("create", final_path);
  sync_directory(path);
}

void check_format(const std::string& path) {
  const auto format_path = path + "/FORMAT";
  if (!file_exists(format_path)) {
    write_format(path);
    return;
  }
  const auto text = read_file(format_path, 256);
  const auto line = std::string_view(text).substr(0, text.find('\n'));
  const auto number = line.starts_with(format_prefix) ? parse_integer(line.substr(format_prefix.size())) : std::nullopt;
  if (!number || *number < 1) throw StorageError(format_path + " is not readable: is " + path + " a surgetank data directory?");
  if (*number > data_format) {
    throw StorageError("data directory " + path + " has format " + std::to_string(*number) +
                       ", written by a newer version; this version reads format " + std::to_string(data_format) +
                       " and older. Start the newer version, or choose another directory");
  }
}

}  // namespace

DataDirectory DataDirectory::open(const std::string& path) {
  make_directories(path);
  auto lock = lock_directory(path);
  check_format(path);
  return {path, std::move(lock)};
}

}  // namespace surgetank
