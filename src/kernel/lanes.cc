#include "kernel/lanes.h"

namespace surgetank {

std::size_t lane_of(std::size_t lanes, std::string_view account, std::string_view region, std::string_view service, std::string_view key) {
  std::uint64_t hash = 0xcbf29ce484222325ULL;  // FNV-1a: stable across runs and builds
  for (const auto part : {account, region, service, key}) {
    for (const char c : part) hash = (hash ^ static_cast<unsigned char>(c)) * 0x100000001b3ULL;
    hash = (hash ^ 0xffU) * 0x100000001b3ULL;
  }
  return static_cast<std::size_t>((hash ^ hash >> 32) % lanes);
}

}  // namespace surgetank
