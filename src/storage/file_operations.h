#pragma once
// The write path of the blob store to the disk, as an interface so that tests can make any single step of it fail. Each call is
// one system call, reports failure by -1 and errno as that does, and may be used from any thread.
#include <sys/types.h>

#include <cstddef>
#include <string>

namespace surgetank {

class FileOperations {
 public:
  virtual ~FileOperations() = default;
  // Creates the file, which must not exist, for writing.
  virtual int create(const std::string& path);
  virtual ssize_t write(int file, const char* bytes, std::size_t size);
  virtual int sync(int file);
  virtual int rename(const std::string& from, const std::string& to);
  // Opens, syncs and closes it.
  virtual int sync_directory(const std::string& path);
  virtual int remove(const std::string& path);
};

}  // namespace surgetank
