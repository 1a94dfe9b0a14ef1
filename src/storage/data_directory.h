#pragma once
// The server's data directory: made, locked and checked before anything in it is opened.
//   <path>/lock     held with flock by the process that uses the directory; holds its process id
//   <path>/FORMAT   "surgetank data format <number>"; a number above ours is refused, so that an old server never
//                   misreads what a newer one wrote
// Owned by the store that lives in it. Everything that fails throws StorageError with a text for the operator.
#include <string>

#include "storage/posix_file.h"

namespace surgetank {

constexpr int data_format = 1;

class DataDirectory {
 public:
  // Creates the directory (mode 0700) if it is missing.
  static DataDirectory open(const std::string& path);
  const std::string& path() const { return path_; }

 private:
  DataDirectory(std::string path, FileDescriptor lock) : path_(std::move(path)), lock_(std::move(lock)) {}

  std::string path_;
  FileDescriptor lock_;
};

}  // namespace surgetank
