#pragma once
// Immutable blobs by content: the name of a blob is the SHA-256 of its bytes, so the same bytes are stored once, and nothing
// that a client chose ever becomes part of a path. Function packages lie here.
//   <directory>/<first two digits>/<64 digits>    a blob; there only when it is whole and synced
//   <directory>/new/<process>-<number>            one being written; what a crash left there is removed at the next start
// put() and erase() are durable when they return. Every call blocks for the disk: not for a lane, if the blob is large.
// Thread safe. What the disk refuses throws StorageError; after a failed sync a put() can be repeated, because it begins anew.
// One process uses the directory at a time: it lies in the data directory that the RocksDB store has locked.
#include <atomic>
#include <compare>
#include <cstddef>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "storage/file_operations.h"

namespace surgetank {

// 64 lower-case hexadecimal digits.
class BlobId {
 public:
  // Nothing if it is not one: the only way from text to an id.
  static std::optional<BlobId> parse(std::string_view text);
  static BlobId of(std::string_view bytes);
  const std::string& text() const { return text_; }
  auto operator<=>(const BlobId&) const = default;

 private:
  explicit BlobId(std::string text) : text_(std::move(text)) {}
  std::string text_;
};

struct BlobStoreOptions {
  std::string directory;
  std::size_t most_bytes = std::size_t{512} << 20;
  // The disk below; none is the real one. Tests put faults here. Borrowed.
  FileOperations* file_operations = nullptr;
};

class BlobStore {
 public:
  explicit BlobStore(BlobStoreOptions options);

  // Storing what is there already only makes sure of it, and replaces it if the disk has damaged it. Bytes above the limit
  // throw: callers have a limit of their own.
  BlobId put(std::string_view bytes);
  // Nothing if there is no such blob. Bytes that no longer match their name throw: the disk has damaged them.
  std::optional<std::string> get(const BlobId& id) const;
  bool exists(const BlobId& id) const;
  // Where the blob lies (or would lie), for those who read it in pieces. They check nothing, so prefer get().
  std::string path(const BlobId& id) const;
  // Erasing what is not there is no fault.
  void erase(const BlobId& id);

 private:
  bool is_intact(const BlobId& id) const;
  void write_new(const std::string& path, std::string_view bytes);
  void remove_leftovers();

  BlobStoreOptions options_;
  FileOperations real_operations_;
  FileOperations& operations_;
  std::atomic<unsigned long> next_number_{0};
};

}  // namespace surgetank
