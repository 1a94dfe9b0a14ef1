#include "services/sqs/deduplication.h"

#include <algorithm>

#include "services/sqs/limits.h"
#include "services/sqs/record_bytes.h"
#include "wire/sha256.h"

namespace surgetank::sqs {
namespace {

constexpr std::uint8_t version = 1;

void append_hash(std::string& out, const IdHash& hash) { out.append(hash.data(), hash.size()); }

bool read_array(RecordReader& reader, std::array<char, 16>& out) {
  const auto bytes = reader.take(out.size());
  if (bytes.size() != out.size()) return false;
  std::copy_n(bytes.begin(), out.size(), out.begin());
  return true;
}

}  // namespace

IdHash hash_of_id(std::string_view scope, std::string_view id) {
  Sha256 hash;
  const auto scope_size = static_cast<char>(scope.size());  // of at most 128 characters: where the scope ends
  hash.update({&scope_size, 1});
  hash.update(scope);
  hash.update(id);
  const auto digest = hash.finish();
  IdHash out;
  std::memcpy(out.data(), digest.data(), out.size());
  return out;
}

const SentBefore* SentMessages::find(const IdHash& hash, Instant now) const {
  const auto known = by_hash_.find(hash);
  if (known == by_hash_.end() || known->second.sent + limits::deduplication_interval <= now) return nullptr;
  return &known->second;
}

void SentMessages::add(const IdHash& hash, const SentBefore& sent) {
  by_hash_.insert_or_assign(hash, sent);
  in_order_.emplace_back(sent.sequence, hash);
}

void SentMessages::forget(Instant now, std::size_t most, std::vector<std::uint64_t>& forgotten) {
  for (std::size_t i = 0; i < most && !in_order_.empty(); ++i) {
    const auto [sequence, hash] = in_order_.front();
    const auto known = by_hash_.find(hash);
    if (known != by_hash_.end() && known->second.sequence == sequence) {
      if (known->second.sent + limits::deduplication_interval > now) return;
      by_hash_.erase(known);
    }
    in_order_.pop_front();
    forgotten.push_back(sequence);
  }
}

std::optional<std::uint64_t> SentMessages::lowest_sequence() const {
  if (in_order_.empty()) return std::nullopt;
  return in_order_.front().first;
}

std::string sent_record(const IdHash& hash, const SentBefore& sent) {
  std::string out;
  out.reserve(41);
  append_number(out, version);
  append_number(out, sent.sent.us);
  append_hash(out, hash);
  append_hash(out, sent.id);
  return out;
}

bool read_sent_record(std::string_view record, IdHash& hash, SentBefore& sent) {
  RecordReader reader(record);
  if (reader.number<std::uint8_t>() != version) return false;
  sent.sent = reader.instant();
  return read_array(reader, hash) && read_array(reader, sent.id) && reader.is_whole();
}

ReceiveAttempt* ReceiveAttempts::find(const IdHash& hash, Instant now) {
  const auto known = by_hash_.find(hash);
  if (known == by_hash_.end() || known->second.received + limits::receive_attempt_interval <= now) return nullptr;
  return &known->second;
}

void ReceiveAttempts::put(const IdHash& hash, ReceiveAttempt attempt) {
  in_order_.emplace_back(attempt.received, hash);
  by_hash_.insert_or_assign(hash, std::move(attempt));
}

void ReceiveAttempts::forget(Instant now, std::size_t most, std::vector<IdHash>& forgotten) {
  for (std::size_t i = 0; i < most && !in_order_.empty(); ++i) {
    const auto [received, hash] = in_order_.front();
    if (received + limits::receive_attempt_interval > now) return;
    in_order_.pop_front();
    const auto known = by_hash_.find(hash);
    if (known == by_hash_.end() || known->second.received != received) continue;
    by_hash_.erase(known);
    forgotten.push_back(hash);
  }
}

std::string attempt_record(const IdHash& hash, const ReceiveAttempt& attempt) {
  std::string out;
  append_number(out, version);
  append_hash(out, hash);
  append_number(out, attempt.received.us);
  append_number(out, static_cast<std::uint8_t>(attempt.messages.size()));
  for (const auto& message : attempt.messages) {
    append_number(out, message.sequence);
    append_number(out, message.receive_count);
    append_number(out, message.visible_at.us);
  }
  return out;
}

bool read_attempt_record(std::string_view record, IdHash& hash, ReceiveAttempt& attempt) {
  RecordReader reader(record);
  if (reader.number<std::uint8_t>() != version || !read_array(reader, hash)) return false;
  attempt.received = reader.instant();
  const auto count = reader.number<std::uint8_t>();
  for (int i = 0; i < count && !reader.is_short(); ++i) {
    AttemptedMessage message;
    message.sequence = reader.number<std::uint64_t>();
    message.receive_count = reader.number<std::uint32_t>();
    message.visible_at = reader.instant();
    attempt.messages.push_back(message);
  }
  return reader.is_whole();
}

}  // namespace surgetank::sqs
