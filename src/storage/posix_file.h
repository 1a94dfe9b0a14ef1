#pragma once
// The few POSIX file calls that storage needs, as one owner type and plain functions. Any thread. What fails throws
// StorageError with the path and the system's reason; interrupted calls are repeated.
#include <sys/types.h>

#include <cstddef>
#include <string>
#include <string_view>
#include <utility>

namespace surgetank {

// Owns a file descriptor; -1 is none.
class FileDescriptor {
 public:
  FileDescriptor() = default;
  explicit FileDescriptor(int number) : number_(number) {}
  FileDescriptor(FileDescriptor&& other) noexcept : number_(std::exchange(other.number_, -1)) {}
  FileDescriptor& operator=(FileDescriptor&& other) noexcept {
    if (this != &other) {
      close();
      number_ = std::exchange(other.number_, -1);
    }
    return *this;
  }
  ~FileDescriptor() { close(); }
  int number() const { return number_; }
  explicit operator bool() const { return number_ >= 0; }
  void close();

 private:
  int number_ = -1;
};

// "cannot <what> <path>: <strerror>", from errno.
[[noreturn]] void throw_system_error(std::string_view what, std::string_view path);

FileDescriptor open_file(const std::string& path, int flags, mode_t mode = 0);
// Whole file; throws if it is larger than `most_bytes`.
std::string read_file(const std::string& path, std::size_t most_bytes);
void write_all(int file, std::string_view bytes, std::string_view path);
void sync_file(int file, std::string_view path);
void sync_directory(const std::string& path);
// Creates the directory and its parents (mode 0700 for the new ones) and syncs every parent it changed.
void make_directories(const std::string& path);
bool file_exists(const std::string& path);
std::string parent_directory(const std::string& path);

}  // namespace surgetank
