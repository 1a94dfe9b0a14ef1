#pragma once
// What a FIFO queue remembers for five minutes: which message was sent under a deduplication id, so that sending it again answers the
// first one, also after it was deleted; and which messages a receive with an attempt id answered, so that asking again answers the
// same. Both lie in the store as well (keys.h) and are loaded with the queue. Ids are kept as the first half of their SHA-256.
// Owned by one queue, on its lane.
#include <array>
#include <cstdint>
#include <cstring>
#include <deque>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

#include "base/time.h"
#include "services/sqs/body_record.h"
#include "services/sqs/message_slab.h"

namespace surgetank::sqs {

using IdHash = std::array<char, 16>;
struct HashOfIdHash {
  std::size_t operator()(const IdHash& hash) const {
    std::size_t out = 0;
    std::memcpy(&out, hash.data(), sizeof out);
    return out;
  }
};
// `scope` is the message group where deduplication is by group, else empty.
IdHash hash_of_id(std::string_view scope, std::string_view id);
inline std::uint64_t number_of(const IdHash& hash) {
  std::uint64_t out = 0;
  std::memcpy(&out, hash.data(), sizeof out);
  return out;
}

struct SentBefore {
  std::uint64_t sequence = 0;
  Instant sent;
  MessageIdBytes id{};
};

class SentMessages {
 public:
  // Null: not sent within the interval before `now`.
  const SentBefore* find(const IdHash& hash, Instant now) const;
  void add(const IdHash& hash, const SentBefore& sent);
  // Forgets what is too old; the sequences are appended to `forgotten`, at most `most` of them.
  void forget(Instant now, std::size_t most, std::vector<std::uint64_t>& forgotten);
  std::optional<std::uint64_t> lowest_sequence() const;
  std::size_t size() const { return by_hash_.size(); }

 private:
  std::unordered_map<IdHash, SentBefore, HashOfIdHash> by_hash_;  // only looked up, never walked
  std::deque<std::pair<std::uint64_t, IdHash>> in_order_;         // by sequence
};
std::string sent_record(const IdHash& hash, const SentBefore& sent);
bool read_sent_record(std::string_view record, IdHash& hash, SentBefore& sent);

struct AttemptedMessage {
  std::uint64_t sequence = 0;
  std::uint32_t receive_count = 0;
  Slot slot = no_slot;  // a hint
  Instant visible_at;
};
struct ReceiveAttempt {
  Instant received;
  std::vector<AttemptedMessage> messages;
};

class ReceiveAttempts {
 public:
  ReceiveAttempt* find(const IdHash& hash, Instant now);
  void put(const IdHash& hash, ReceiveAttempt attempt);
  void erase(const IdHash& hash) { by_hash_.erase(hash); }
  void forget(Instant now, std::size_t most, std::vector<IdHash>& forgotten);

 private:
  std::unordered_map<IdHash, ReceiveAttempt, HashOfIdHash> by_hash_;  // only looked up, never walked
  std::deque<std::pair<Instant, IdHash>> in_order_;                   // by time of the receive; may name what is gone or newer
};
std::string attempt_record(const IdHash& hash, const ReceiveAttempt& attempt);
bool read_attempt_record(std::string_view record, IdHash& hash, ReceiveAttempt& attempt);

}  // namespace surgetank::sqs
