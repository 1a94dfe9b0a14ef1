#pragma once
// The files that templates refer to (function folders, packages), behind a port: local_files.h is the real one, tests give a map.
// Called on the deployer's lane; reading blocks it.
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace surgetank::stack {

class FileSource {
 public:
  virtual ~FileSource() = default;

  enum class Kind : std::uint8_t { Missing, File, Folder, Other };  // links are followed
  virtual Kind kind(const std::string& path) const = 0;

  struct Entry {
    std::string name;         // without folders
    std::uint32_t mode = 0;   // permission bits
    std::string link_target;  // not empty: a symbolic link
  };
  // What is directly in a folder, sorted by name; nullopt: unreadable.
  virtual std::optional<std::vector<Entry>> list(const std::string& folder) const = 0;
  // The bytes of a file in pieces; false: unreadable.
  virtual bool read(const std::string& path, const std::function<void(std::string_view)>& piece) const = 0;
  // Absolute, without links; links that lead nowhere give the path itself.
  virtual std::string canonical(const std::string& path) const = 0;
};

struct FolderHash {
  std::string sha256;  // base64, as Lambda shows CodeSha256
  std::uint64_t bytes = 0;
};
inline constexpr std::size_t max_folder_files = 200'000;
inline constexpr std::uint64_t max_folder_bytes = 4ULL << 30;

// Names, permissions, link targets and contents of everything below: equal folders give equal hashes, nothing is ignored.
// Links that lead out of the folder are followed once. `failure` says why there is none.
std::optional<FolderHash> hash_folder(const FileSource& files, const std::string& folder, std::string& failure);
std::optional<FolderHash> hash_file(const FileSource& files, const std::string& path, std::string& failure);

// "a/b" below `folder`, or `path` itself if it is absolute; "." and ".." resolved in the text.
std::string join_path(std::string_view folder, std::string_view path);
std::string parent_folder(std::string_view path);

}  // namespace surgetank::stack
