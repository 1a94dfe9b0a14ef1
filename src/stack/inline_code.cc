#include "stack/inline_code.h"

#include <cstdint>

namespace surgetank::stack {
namespace {

// CRC-32 as zip uses it (reflected 0x04C11DB7); inline code has at most 4 MB.
std::uint32_t crc32(std::string_view bytes) {
  std::uint32_t crc = 0xFFFFFFFFU;
  for (const char c : bytes) {
    crc ^= static_cast<unsigned char>(c);
    for (int bit = 0; bit < 8; ++bit) crc = (crc >> 1) ^ ((crc & 1U) != 0 ? 0xEDB88320U : 0U);
  }
  return ~crc;
}

void put(std::string& out, std::uint32_t value, int bytes) {
  for (int i = 0; i < bytes; ++i) out += static_cast<char>((value >> (8 * i)) & 0xFF);
}

// The part that the local header and the directory entry have in common: version needed to name length.
void put_entry(std::string& out, std::string_view name, std::string_view text) {
  put(out, 20, 2);      // version needed
  put(out, 0x0800, 2);  // names are UTF-8
  put(out, 0, 2);       // stored
  put(out, 0, 2);       // time 00:00:00
  put(out, 0x0021, 2);  // date 1980-01-01
  put(out, crc32(text), 4);
  put(out, static_cast<std::uint32_t>(text.size()), 4);
  put(out, static_cast<std::uint32_t>(text.size()), 4);
  put(out, static_cast<std::uint32_t>(name.size()), 2);
  put(out, 0, 2);  // no extra field
}

}  // namespace

std::string inline_code_archive(std::string_view runtime, std::string_view text) {
  const std::string name = runtime.starts_with("python") ? "index.py" : "index.js";
  std::string out = "PK\x03\x04";
  put_entry(out, name, text);
  out += name;
  out += text;
  const auto directory = static_cast<std::uint32_t>(out.size());
  out += "PK\x01\x02";
  put(out, (3U << 8) | 20, 2);  // made by: Unix
  put_entry(out, name, text);
  put(out, 0, 2);                 // no comment
  put(out, 0, 2);                 // disk 0
  put(out, 0, 2);                 // internal attributes
  put(out, (0100644U) << 16, 4);  // a file, rw-r--r--
  put(out, 0, 4);                 // offset of the local header
  out += name;
  const auto directory_size = static_cast<std::uint32_t>(out.size()) - directory;
  out += "PK\x05\x06";
  put(out, 0, 4);
  put(out, 1, 2);
  put(out, 1, 2);
  put(out, directory_size, 4);
  put(out, directory, 4);
  put(out, 0, 2);
  return out;
}

}  // namespace surgetank::stack
