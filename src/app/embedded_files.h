#pragma once
// Files that travel inside the binary: our Lambda bootstraps for Node and Python. The build makes the table (cmake/embed.cmake).
// Immutable statics.
#include <span>
#include <string>
#include <string_view>

namespace surgetank {

struct EmbeddedFile {
  std::string_view path;  // "node/bootstrap.cjs"
  std::string_view bytes;
};

std::span<const EmbeddedFile> embedded_files();

// Writes them below `directory` (created, mode 0755, readable for the functions' users), only what differs. Throws
// std::filesystem::filesystem_error.
void unpack_embedded_files(const std::string& directory);

}  // namespace surgetank
