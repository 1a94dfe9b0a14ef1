#pragma once
// The storage contract: one ordered map of bytes to bytes, changed by transactions. Refuse to let it grow.
//
// - begin() gives a transaction. All its reads see one snapshot of the committed state, taken at its first read at the latest, plus
//   its own writes.
// - commit() makes all of a transaction's writes visible at once and returns their sequence; nothing is durable yet.
// - on_durable(sequence, done) calls `done` once everything up to `sequence` is on disk. Replies and effects wait for it
//   (the output gate); nobody blocks a thread for an fsync.
// - Writers of the same key must be serialised by the caller (one lane owns an aggregate); the store detects no conflicts.
// - After a failed write or sync the store never acknowledges again: it calls the failure handler (fail stop: replay heals,
//   retry lies). Reads and writes that cannot be done throw StorageError.
// Thread safety: Store from any thread; a Txn belongs to one thread and must not outlive its Store.
// storage/store_contract_test.cc runs on every backend.
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>

#include "base/unique_function.h"

namespace surgetank {

using Sequence = std::uint64_t;

class StorageError : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

class Txn {
 public:
  virtual ~Txn() = default;
  virtual std::optional<std::string> get(std::string_view key) = 0;
  virtual void put(std::string_view key, std::string_view value) = 0;
  virtual void erase(std::string_view key) = 0;
  // Visits [from, to) in byte order until `visit` returns false. Views are valid during the visit only;
  // the transaction must not be written to from inside `visit`.
  using Visit = std::function<bool(std::string_view key, std::string_view value)>;
  virtual void scan(std::string_view from, std::string_view to, const Visit& visit) = 0;
  // False if nothing was put or erased.
  virtual bool has_writes() const = 0;
};

class Store {
 public:
  virtual ~Store() = default;
  virtual std::unique_ptr<Txn> begin() = 0;
  virtual Sequence commit(Txn& txn) = 0;
  // `done` runs on an unnamed thread, or at once on the caller's if `sequence` is durable already.
  virtual void on_durable(Sequence sequence, UniqueFunction<void()> done) = 0;
  virtual Sequence last_committed() const = 0;
  virtual Sequence last_durable() const = 0;
  // False: the disk is nearly full, and a commit that only puts would be refused. From any thread.
  virtual bool has_room() { return true; }
};

// The end of the range of all keys that begin with `prefix`: scan(prefix, prefix_end(prefix), ...).
std::string prefix_end(std::string_view prefix);

// Order-preserving key parts: text may hold any byte (0x00 is escaped), numbers sort as numbers.
//   key("sqs/", {name, ...}): parts end with 0x00 0x01 so that no part is a prefix of another.
void append_key_part(std::string& key, std::string_view part);
void append_key_number(std::string& key, std::uint64_t number);  // 8 bytes, big endian
std::optional<std::string> read_key_part(std::string_view& key);
std::optional<std::uint64_t> read_key_number(std::string_view& key);

}  // namespace surgetank
