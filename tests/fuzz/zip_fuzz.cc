// Any bytes as a function package: refused or unpacked, never a crash, and never a byte outside of the target directory.
#include <stdlib.h>

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <stdexcept>
#include <string>
#include <string_view>

#include "base/assert.h"
#include "base/log.h"
#include "storage/store.h"
#include "storage/zip.h"

namespace {

// A directory that holds the target's parent and nothing else.
class Playground {
 public:
  Playground() {
    surgetank::set_log_level(surgetank::LogLevel::Error);
    surgetank::set_assert_policy(surgetank::AssertPolicy::Abort);
    const std::filesystem::path memory = "/dev/shm";
    auto pattern = ((std::filesystem::is_directory(memory) ? memory : std::filesystem::temp_directory_path()) / "zip-fuzz-XXXXXX").string();
    if (::mkdtemp(pattern.data()) == nullptr) throw std::runtime_error("no directory to play in");
    root = pattern;
  }
  Playground(const Playground&) = delete;
  Playground& operator=(const Playground&) = delete;
  ~Playground() { std::filesystem::remove_all(root); }

  std::string root;
};

void require(bool condition) {
  if (!condition) ::abort();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace surgetank;
  static const Playground playground;
  const auto target = playground.root + "/packages/one";
  const ZipLimits limits{1 << 20, 100};
  const std::string_view archive(reinterpret_cast<const char*>(data), size);
  const bool looks_right = inspect_zip(archive, limits).ok();
  const auto unpacked = unpack_zip(archive, target, limits, Unpacked::Cache);
  require(unpacked.ok() == std::filesystem::exists(target));
  require(looks_right || !unpacked.ok());
  if (unpacked.ok()) {
    require(unpacked->bytes < limits.unpacked_bytes);
    for (const auto& entry : std::filesystem::recursive_directory_iterator(target)) {
      if (!entry.is_symlink()) continue;
      // Wherever the kernel says that it leads, that is inside.
      std::error_code dangling;
      const auto place = std::filesystem::canonical(entry.path(), dangling);
      require(dangling || (place.string() + "/").starts_with(std::filesystem::canonical(target).string() + "/"));
    }
    std::filesystem::remove_all(target);
  }
  std::size_t names = 0;
  for (const auto& entry : std::filesystem::recursive_directory_iterator(playground.root)) names += entry.path().empty() ? 0 : 1;
  require(names <= 1);
  return 0;
}
