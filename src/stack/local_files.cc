#include "stack/local_files.h"

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <system_error>

namespace surgetank::stack {

namespace fs = std::filesystem;

FileSource::Kind LocalFiles::kind(const std::string& path) const {
  std::error_code error;
  const fs::file_status status = fs::status(path, error);
  switch (status.type()) {
    case fs::file_type::regular:
      return Kind::File;
    case fs::file_type::directory:
      return Kind::Folder;
    case fs::file_type::none:
    case fs::file_type::not_found:
      return Kind::Missing;
    default:
      return Kind::Other;
  }
}

std::optional<std::vector<FileSource::Entry>> LocalFiles::list(const std::string& folder) const {
  std::error_code error;
  fs::directory_iterator iterator(folder, error);
  if (error) return std::nullopt;
  std::vector<Entry> entries;
  for (; iterator != fs::directory_iterator(); iterator.increment(error)) {
    if (error) return std::nullopt;
    Entry entry;
    entry.name = iterator->path().filename().string();
    const fs::file_status own = iterator->symlink_status(error);
    if (error) return std::nullopt;
    entry.mode = static_cast<std::uint32_t>(own.permissions());
    if (own.type() == fs::file_type::symlink) entry.link_target = fs::read_symlink(iterator->path(), error).string();
    entries.push_back(std::move(entry));
  }
  std::sort(entries.begin(), entries.end(), [](const Entry& a, const Entry& b) { return a.name < b.name; });
  return entries;
}

bool LocalFiles::read(const std::string& path, const std::function<void(std::string_view)>& piece) const {
  std::ifstream file(path, std::ios::binary);
  if (!file) return false;
  std::string buffer(256 * 1024, '\0');
  while (file) {
    file.read(buffer.data(), static_cast<std::streamsize>(buffer.size()));
    piece(std::string_view(buffer.data(), static_cast<std::size_t>(file.gcount())));
  }
  return file.eof();
}

std::string LocalFiles::canonical(const std::string& path) const {
  std::error_code error;
  const fs::path real = fs::canonical(path, error);
  return error ? path : real.string();
}

}  // namespace surgetank::stack
