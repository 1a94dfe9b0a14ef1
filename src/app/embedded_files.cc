#include "app/embedded_files.h"

#include <filesystem>
#include <fstream>
#include <iterator>
#include <system_error>

namespace surgetank {
namespace {

namespace fs = std::filesystem;

constexpr auto readable = fs::perms::owner_read | fs::perms::owner_write | fs::perms::group_read | fs::perms::others_read;
constexpr auto enterable = readable | fs::perms::owner_exec | fs::perms::group_exec | fs::perms::others_exec;

bool is_current(const fs::path& path, std::string_view bytes) {
  std::ifstream file(path, std::ios::binary);
  if (!file) return false;
  const std::string found((std::istreambuf_iterator<char>(file)), std::istreambuf_iterator<char>());
  return found == bytes;
}

}  // namespace

void unpack_embedded_files(const std::string& directory) {
  fs::create_directories(directory);
  fs::permissions(directory, enterable);
  for (const auto& file : embedded_files()) {
    const fs::path path = fs::path(directory) / file.path;
    for (auto parent = path.parent_path(); !fs::exists(parent); parent = path.parent_path()) fs::create_directories(parent);
    fs::permissions(path.parent_path(), enterable);
    if (!is_current(path, file.bytes)) {
      // Another process may be reading the old file: replace, never overwrite.
      const fs::path fresh = path.string() + ".new";
      std::ofstream out(fresh, std::ios::binary | std::ios::trunc);
      out.write(file.bytes.data(), static_cast<std::streamsize>(file.bytes.size()));
      out.close();
      if (!out) throw fs::filesystem_error("cannot write", fresh, std::make_error_code(std::errc::io_error));
      fs::rename(fresh, path);
    }
    fs::permissions(path, readable);
  }
}

}  // namespace surgetank
