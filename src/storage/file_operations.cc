#include "storage/file_operations.h"

#include <fcntl.h>
#include <unistd.h>

#include <cstdio>

namespace surgetank {

int FileOperations::create(const std::string& path) {
  return ::open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
}

ssize_t FileOperations::write(int file, const char* bytes, std::size_t size) { return ::write(file, bytes, size); }

int FileOperations::sync(int file) { return ::fsync(file); }

int FileOperations::rename(const std::string& from, const std::string& to) { return ::rename(from.c_str(), to.c_str()); }

int FileOperations::sync_directory(const std::string& path) {
  const int directory = ::open(path.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (directory < 0) return -1;
  const int result = ::fsync(directory);
  ::close(directory);
  return result;
}

int FileOperations::remove(const std::string& path) { return ::unlink(path.c_str()); }

}  // namespace surgetank
