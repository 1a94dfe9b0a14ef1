#pragma once
// CRC-32C (Castagnoli, reflected polynomial 0x82f63b78), the checksum of RocksDB's log records. Pure; any thread.
#include <cstdint>
#include <string_view>

namespace surgetank {

// Of `bytes` after what gave `crc`; 0 for nothing yet.
std::uint32_t crc32c(std::uint32_t crc, std::string_view bytes);

}  // namespace surgetank
