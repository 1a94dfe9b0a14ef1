#include "services/sqs/index_record.h"

#include "services/sqs/record_bytes.h"

namespace surgetank::sqs {
namespace {

constexpr std::uint8_t version = 1;
constexpr std::size_t fixed_bytes = 37;

}  // namespace

std::string index_record(const Entry& entry, std::string_view group_id) {
  std::string out;
  out.reserve(fixed_bytes + group_id.size());
  append_number(out, version);
  append_number(out, entry.sent.us);
  append_number(out, entry.visible_at.us);
  append_number(out, entry.first_received.us);
  append_number(out, entry.last_received.us);
  append_number(out, entry.receive_count);
  out += group_id;
  return out;
}

std::optional<MessageFacts> read_index_record(std::string_view record, std::uint64_t sequence) {
  if (record.size() < fixed_bytes) return std::nullopt;
  RecordReader reader(record.substr(0, fixed_bytes));
  if (reader.number<std::uint8_t>() != version) return std::nullopt;
  MessageFacts facts;
  facts.sequence = sequence;
  facts.sent = reader.instant();
  facts.visible_at = reader.instant();
  facts.first_received = reader.instant();
  facts.last_received = reader.instant();
  facts.receive_count = reader.number<std::uint32_t>();
  facts.group = record.substr(fixed_bytes);
  return facts;
}

}  // namespace surgetank::sqs
