#pragma once
// The real FileSource: the files of this machine. Reads block; any thread.
#include "stack/file_source.h"

namespace surgetank::stack {

class LocalFiles final : public FileSource {
 public:
  Kind kind(const std::string& path) const override;
  std::optional<std::vector<Entry>> list(const std::string& folder) const override;
  bool read(const std::string& path, const std::function<void(std::string_view)>& piece) const override;
  std::string canonical(const std::string& path) const override;
};

}  // namespace surgetank::stack
