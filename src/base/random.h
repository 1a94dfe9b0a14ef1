#pragma once
// The only source of chance below engine/: one seed reproduces every choice (splitmix64).
// Not for secrets: keys and passwords come from the operating system (see kernel/ports.h Entropy).
// One owner, one thread.
#include <cstdint>
#include <string>
#include <string_view>

namespace surgetank {

class Random {
 public:
  explicit Random(std::uint64_t seed) : state_(seed) {}
  std::uint64_t next() {
    std::uint64_t z = (state_ += 0x9e3779b97f4a7c15ULL);
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9ULL;
    z = (z ^ (z >> 27)) * 0x94d049bb133111ebULL;
    return z ^ (z >> 31);
  }
  // Uniform in [0, n); n > 0.
  std::uint64_t below(std::uint64_t n) { return next() % n; }
  bool chance(int percent) { return below(100) < static_cast<std::uint64_t>(percent); }
  // Uniform in [0, 1).
  double fraction() { return static_cast<double>(next() >> 11) * 0x1.0p-53; }
  std::string uuid();                                       // RFC 4122 version 4, lower case
  std::string hex(std::size_t digits);                      // lower case
  std::string from_alphabet(std::string_view alphabet, std::size_t length);

 private:
  std::uint64_t state_;
};

}  // namespace surgetank
