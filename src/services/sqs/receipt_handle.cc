#include "services/sqs/receipt_handle.h"

#include "base/text.h"
#include "services/sqs/record_bytes.h"
#include "storage/crc32c.h"

namespace surgetank::sqs {
namespace {

// Thirty bytes: forty characters of base64 and no padding. The version makes handles begin with "AQE", as those of AWS do.
constexpr std::uint16_t version = 0x0101;
constexpr std::size_t text_bytes = 40;

}  // namespace

std::string to_text(const ReceiptHandle& handle) {
  std::string bytes;
  bytes.reserve(30);
  append_number(bytes, version);
  append_number(bytes, handle.storage_id);
  append_number(bytes, handle.sequence);
  append_number(bytes, handle.receive_count);
  append_number(bytes, handle.slot);
  append_number(bytes, crc32c(0, bytes));
  return to_base64(bytes);
}

std::optional<ReceiptHandle> parse_receipt_handle(std::string_view text) {
  if (text.size() != text_bytes) return std::nullopt;
  const auto bytes = from_base64(text);
  if (!bytes) return std::nullopt;
  RecordReader reader(*bytes);
  if (reader.number<std::uint16_t>() != version) return std::nullopt;
  ReceiptHandle handle;
  handle.storage_id = reader.number<std::uint64_t>();
  handle.sequence = reader.number<std::uint64_t>();
  handle.receive_count = reader.number<std::uint32_t>();
  handle.slot = reader.number<std::uint32_t>();
  const auto checksum = reader.number<std::uint32_t>();
  if (!reader.is_whole() || checksum != crc32c(0, std::string_view(*bytes).substr(0, bytes->size() - 4))) return std::nullopt;
  return handle;
}

}  // namespace surgetank::sqs
