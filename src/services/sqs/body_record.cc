#include "services/sqs/body_record.h"

#include <cstring>

#include "base/text.h"
#include "services/sqs/record_bytes.h"

namespace surgetank::sqs {
namespace {

constexpr std::uint8_t plain_version = 1;
constexpr std::uint8_t sealed_version = 2;
enum class ValueKind : std::uint8_t { Text, Binary };

std::string vault_context(BodyPlace place) {
  std::string context = "sqs\n";
  append_number(context, place.storage_id);
  append_number(context, place.sequence);
  return context;
}

void append_content(std::string& out, const BodyContent& content) {
  append_number(out, static_cast<std::uint8_t>(content.attributes.size()));
  for (const auto& [name, value] : content.attributes) {
    append_bytes(out, name);
    append_bytes(out, value.DataType.value_or(""));
    append_number(out, static_cast<std::uint8_t>(value.BinaryValue ? ValueKind::Binary : ValueKind::Text));
    append_bytes(out, value.BinaryValue ? std::string_view(value.BinaryValue->bytes) : std::string_view(*value.StringValue));
  }
  append_bytes(out, content.body);
}

bool read_content(std::string_view bytes, BodyRecord& record) {
  RecordReader reader(bytes);
  const auto count = reader.number<std::uint8_t>();
  for (int i = 0; i < count && !reader.is_short(); ++i) {
    const auto name = reader.bytes();
    MessageAttributeValue value;
    value.DataType = std::string(reader.bytes());
    const auto kind = static_cast<ValueKind>(reader.number<std::uint8_t>());
    const auto content = reader.bytes();
    if (kind == ValueKind::Binary) {
      value.BinaryValue = Blob{std::string(content)};
    } else {
      value.StringValue = std::string(content);
    }
    record.attributes.emplace(name, std::move(value));
  }
  record.body = reader.bytes();
  return reader.is_whole();
}

}  // namespace

std::string message_id_text(const MessageIdBytes& bytes) {
  const auto digits = to_hex({bytes.data(), bytes.size()});
  std::string text;
  text.reserve(digits.size() + 4);
  for (std::size_t i = 0; i < digits.size(); ++i) {
    if (i == 8 || i == 12 || i == 16 || i == 20) text += '-';
    text += digits[i];
  }
  return text;
}

MessageIdBytes new_message_id(Random& random) {
  MessageIdBytes id;
  const std::uint64_t halves[] = {random.next(), random.next()};
  std::memcpy(id.data(), halves, id.size());
  id[6] = static_cast<char>((static_cast<unsigned char>(id[6]) & 0x0fU) | 0x40U);  // a UUID of version 4
  id[8] = static_cast<char>((static_cast<unsigned char>(id[8]) & 0x3fU) | 0x80U);
  return id;
}

std::string body_record(const BodyRecord& frame, const BodyContent& content, const Vault* vault, BodyPlace place) {
  std::string out;
  out.reserve(128 + content.body.size());
  append_number(out, vault == nullptr ? plain_version : sealed_version);
  out.append(frame.id.data(), frame.id.size());
  out.append(frame.body_md5.data(), frame.body_md5.size());
  append_number(out, frame.earlier_receives);
  append_bytes(out, frame.sender_id);
  append_bytes(out, frame.deduplication_id);
  append_bytes(out, frame.trace_header);
  append_bytes(out, frame.dead_letter_source_arn);
  if (vault == nullptr) {
    append_content(out, content);
    return out;
  }
  std::string open;
  open.reserve(64 + content.body.size());
  append_content(open, content);
  out += vault->seal(open, vault_context(place));
  return out;
}

std::optional<BodyRecord> read_body_record(std::string_view record, const Vault& vault, BodyPlace place) {
  RecordReader reader(record);
  const auto version = reader.number<std::uint8_t>();
  BodyRecord out;
  reader.read_into(out.id);
  reader.read_into(out.body_md5);
  out.earlier_receives = reader.number<std::uint32_t>();
  out.sender_id = reader.bytes();
  out.deduplication_id = reader.bytes();
  out.trace_header = reader.bytes();
  out.dead_letter_source_arn = reader.bytes();
  if (reader.is_short()) return std::nullopt;
  const auto content = reader.rest();
  if (version == plain_version) return read_content(content, out) ? std::optional(std::move(out)) : std::nullopt;
  if (version != sealed_version) return std::nullopt;
  const auto open = vault.open(content, vault_context(place));
  if (!open || !read_content(*open, out)) return std::nullopt;
  return out;
}

}  // namespace surgetank::sqs
