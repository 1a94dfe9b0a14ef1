#include "storage/blob_store.h"

#include <dirent.h>
#include <openssl/evp.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>

#include "base/assert.h"
#include "base/text.h"
#include "storage/posix_file.h"
#include "storage/store.h"

namespace surgetank {
namespace {

constexpr std::size_t id_digits = 64;
constexpr std::string_view new_directory = "/new";

std::string sha256_hex(std::string_view bytes) {
  std::array<unsigned char, EVP_MAX_MD_SIZE> digest{};
  unsigned int size = 0;
  const int done = EVP_Digest(bytes.data(), bytes.size(), digest.data(), &size, EVP_sha256(), nullptr);
  SURGE_ASSERT(done == 1 && size * 2 == id_digits, "SHA-256 is not available");
  return to_hex({reinterpret_cast<const char*>(digest.data()), size});
}

}  // namespace

std::optional<BlobId> BlobId::parse(std::string_view text) {
  const auto is_digit = [](char c) { return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f'); };
  if (text.size() != id_digits || !std::all_of(text.begin(), text.end(), is_digit)) return std::nullopt;
  return BlobId(std::string(text));
}

BlobId BlobId::of(std::string_view bytes) { return BlobId(sha256_hex(bytes)); }

BlobStore::BlobStore(BlobStoreOptions options)
    : options_(std::move(options)), operations_(options_.file_operations != nullptr ? *options_.file_operations : real_operations_) {
  make_directories(options_.directory + std::string(new_directory));
  remove_leftovers();
}

void BlobStore::remove_leftovers() {
  const auto path = options_.directory + std::string(new_directory);
  const std::unique_ptr<DIR, int (*)(DIR*)> directory(::opendir(path.c_str()), ::closedir);
  if (!directory) throw_system_error("read directory", path);
  while (const auto* entry = ::readdir(directory.get())) {
    const std::string name = entry->d_name;
    if (name != "." && name != "..") operations_.remove(path + "/" + name);
  }
}

std::string BlobStore::path(const BlobId& id) const { return options_.directory + "/" + id.text().substr(0, 2) + "/" + id.text(); }

BlobId BlobStore::put(std::string_view bytes) {
  if (bytes.size() > options_.most_bytes) {
    throw StorageError("a blob of " + std::to_string(bytes.size()) + " bytes is larger than " + std::to_string(options_.most_bytes));
  }
  auto id = BlobId::of(bytes);
  const auto final_path = path(id);
  const auto directory = parent_directory(final_path);
  make_directories(directory);
  if (is_intact(id)) {
    // It may have been renamed by a put() that could not sync the directory after it.
    if (operations_.sync_directory(directory) != 0) throw_system_error("sync", directory);
    return id;
  }
  const auto new_path =
      options_.directory + std::string(new_directory) + "/" + std::to_string(::getpid()) + "-" + std::to_string(++next_number_);
  write_new(new_path, bytes);
  if (operations_.rename(new_path, final_path) != 0) {
    const int reason = errno;
    operations_.remove(new_path);
    errno = reason;
    throw_system_error("create", final_path);
  }
  if (operations_.sync_directory(directory) != 0) throw_system_error("sync", directory);
  return id;
}

bool BlobStore::is_intact(const BlobId& id) const {
  const auto file_path = path(id);
  return file_exists(file_path) && BlobId::of(read_file(file_path, options_.most_bytes)) == id;
}

void BlobStore::write_new(const std::string& path, std::string_view bytes) {
  const FileDescriptor file(operations_.create(path));
  if (!file) throw_system_error("create", path);
  const auto give_up = [&](std::string_view what) {
    const int reason = errno;
    operations_.remove(path);
    errno = reason;
    throw_system_error(what, path);
  };
  while (!bytes.empty()) {
    const auto count = operations_.write(file.number(), bytes.data(), bytes.size());
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) give_up("write");
    bytes.remove_prefix(static_cast<std::size_t>(count));
  }
  if (operations_.sync(file.number()) != 0) give_up("sync");
}

std::optional<std::string> BlobStore::get(const BlobId& id) const {
  const auto file_path = path(id);
  if (!file_exists(file_path)) return std::nullopt;
  auto bytes = read_file(file_path, options_.most_bytes);
  if (BlobId::of(bytes) != id) throw StorageError("the blob " + file_path + " is damaged: its bytes do not match its name");
  return bytes;
}

bool BlobStore::exists(const BlobId& id) const { return file_exists(path(id)); }

void BlobStore::erase(const BlobId& id) {
  const auto file_path = path(id);
  if (operations_.remove(file_path) != 0) {
    if (errno == ENOENT) return;
    throw_system_error("remove", file_path);
  }
  const auto directory = parent_directory(file_path);
  if (operations_.sync_directory(directory) != 0) throw_system_error("sync", directory);
}

}  // namespace surgetank
