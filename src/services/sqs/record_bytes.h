#pragma once
// Writing and reading the binary records of messages: numbers of fixed size, little endian, and bytes behind their length. A reader
// that runs past its end stays there and says so at the end: is_whole(). Values; any thread.
#include <algorithm>
#include <array>
#include <cstdint>
#include <string>
#include <string_view>

#include "base/time.h"

namespace surgetank::sqs {

template <class Number>
void append_number(std::string& out, Number number) {
  char bytes[sizeof(Number)];
  for (std::size_t i = 0; i < sizeof(Number); ++i) bytes[i] = static_cast<char>(static_cast<std::uint64_t>(number) >> (8 * i));
  out.append(bytes, sizeof(Number));
}
inline void append_bytes(std::string& out, std::string_view bytes) {
  append_number(out, static_cast<std::uint32_t>(bytes.size()));
  out.append(bytes);
}

class RecordReader {
 public:
  explicit RecordReader(std::string_view record) : rest_(record) {}
  template <class Number>
  Number number() {
    if (rest_.size() < sizeof(Number)) {
      is_short_ = true;
      rest_ = {};
      return 0;
    }
    std::uint64_t value = 0;
    for (std::size_t i = 0; i < sizeof(Number); ++i) value |= std::uint64_t{static_cast<unsigned char>(rest_[i])} << (8 * i);
    rest_.remove_prefix(sizeof(Number));
    return static_cast<Number>(value);
  }
  Instant instant() { return {number<std::int64_t>()}; }
  std::string_view bytes() { return take(number<std::uint32_t>()); }
  std::string_view take(std::size_t size) {
    if (rest_.size() < size) {
      is_short_ = true;
      rest_ = {};
      return {};
    }
    const auto taken = rest_.substr(0, size);
    rest_.remove_prefix(size);
    return taken;
  }
  template <std::size_t Size>
  void read_into(std::array<char, Size>& out) {
    const auto taken = take(Size);
    if (taken.size() == Size) std::copy_n(taken.begin(), Size, out.begin());
  }
  // Nothing was missing and nothing is left.
  bool is_whole() const { return !is_short_ && rest_.empty(); }
  bool is_short() const { return is_short_; }
  std::string_view rest() const { return rest_; }

 private:
  std::string_view rest_;
  bool is_short_ = false;
};

}  // namespace surgetank::sqs
