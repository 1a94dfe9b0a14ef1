#pragma once
// The record of what a message says: written once when it is sent, read when it is received, never kept in memory. The content of
// queues with encryption at rest is sealed by the vault for this queue and sequence. Values; any thread.
#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/random.h"
#include "kernel/vault.h"
#include "services/sqs/model.h"

namespace surgetank::sqs {

using MessageIdBytes = std::array<char, 16>;

// A UUID with its dashes.
std::string message_id_text(const MessageIdBytes& bytes);
MessageIdBytes new_message_id(Random& random);

using BodyDigest = std::array<char, 16>;  // MD5

struct BodyRecord {
  MessageIdBytes id{};
  BodyDigest body_md5{};
  std::uint32_t earlier_receives = 0;  // in queues that it was in before
  std::string sender_id;
  std::string deduplication_id;        // FIFO, or given on a standard queue
  std::string trace_header;            // AWSTraceHeader; empty: none
  std::string dead_letter_source_arn;  // empty: it was sent to this queue
  Map<MessageAttributeValue> attributes;
  std::string body;
};

// Where a record lies: part of what the vault seals it for.
struct BodyPlace {
  std::uint64_t storage_id = 0;
  std::uint64_t sequence = 0;
};

// The attributes of a message as they are sent; so that sending copies neither body nor attributes.
struct BodyContent {
  const Map<MessageAttributeValue>& attributes;
  std::string_view body;
};
// `frame` is the record without attributes and body; `vault` null: not encrypted.
std::string body_record(const BodyRecord& frame, const BodyContent& content, const Vault* vault, BodyPlace place);
// nullopt: damaged, of a later version, or sealed with another key.
std::optional<BodyRecord> read_body_record(std::string_view record, const Vault& vault, BodyPlace place);

}  // namespace surgetank::sqs
