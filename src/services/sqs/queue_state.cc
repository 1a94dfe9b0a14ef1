#include "services/sqs/queue_state.h"

#include <algorithm>
#include <charconv>
#include <utility>

#include "base/assert.h"
#include "kernel/ports.h"
#include "services/sqs/access.h"
#include "services/sqs/errors.h"
#include "services/sqs/index_record.h"
#include "services/sqs/keys.h"
#include "services/sqs/record_bytes.h"
#include "wire/json.h"

namespace surgetank::sqs {
namespace {

constexpr std::uint64_t sequences_reserved = 65'536;
constexpr std::uint64_t low_mark_step = 8'192;
constexpr std::size_t garbage_removed = 64;  // by one operation
constexpr std::size_t swept = 500;           // by one task
constexpr auto no_end = ~std::uint64_t{0};

QueueRules rules_of(const QueueSettings& settings) {
  return {.is_fifo = settings.is_fifo(),
          .delay = settings.delay,
          .retention = settings.retention,
          .maximum_receive_count = settings.redrive ? settings.redrive->maximum_receives : 0};
}

[[noreturn]] void damaged(std::string_view what) { throw StorageError("a record of a queue is damaged: " + std::string(what)); }

// The last part of a key of a message.
std::uint64_t sequence_of(std::string_view key) {
  auto number = key.substr(key.size() - sizeof(std::uint64_t));
  return read_key_number(number).value_or(0);
}

void start_sweep(Call& call, const SweepQueueRequest& request) {
  std::string input;
  write_json(*shape_of<SweepQueueRequest>(), &request, input);
  call.outbox.at(
      call.now,
      {.service = "sqs", .operation = "SweepQueue", .account = call.account(), .region = call.region(), .input = std::move(input)});
}

}  // namespace

std::uint64_t storage_id_of(const QueueRecord& record) {
  std::uint64_t id = 0;
  const auto* end = record.id.data() + record.id.size();
  const auto [read, error] = std::from_chars(record.id.data(), end, id, 16);
  SURGE_ASSERT(error == std::errc() && read == end, "a queue's id is 16 hex digits");
  return id;
}

LoadedQueue::LoadedQueue(Call& call, const QueueRecord& record)
    : settings_(decode_settings(record, call.caller)), storage_id_(storage_id_of(record)), queue_(rules_of(settings_)) {
  if (const auto text = call.txn.get(keys::of_queue(keys::marks_kind, storage_id_))) {
    RecordReader reader(*text);
    marks_.lowest_message = reader.number<std::uint64_t>();
    marks_.lowest_sent = reader.number<std::uint64_t>();
    marks_.reserved_before = reader.number<std::uint64_t>();
    if (!reader.is_whole()) damaged("marks");
  }
  next_sequence_ = marks_.reserved_before;
  load_messages(call);
  if (settings_.is_fifo()) load_deduplication(call);
  meter_ = QueueMeter::start(call, settings_.name, [this](Instant now) { return take_reading(now); });
}

QueueReading LoadedQueue::take_reading(Instant now) {
  advance(now);
  auto reading = std::exchange(activity_, {});
  const auto totals = queue_.totals();
  reading.visible = totals.visible;
  reading.in_flight = totals.in_flight;
  reading.delayed = totals.delayed;
  reading.oldest_sent = queue_.oldest_sent();
  return reading;
}

void LoadedQueue::load_messages(Call& call) {
  const auto from = keys::of_message(keys::index_kind, storage_id_, marks_.lowest_message);
  call.txn.scan(from, prefix_end(keys::of_queue(keys::index_kind, storage_id_)), [&](std::string_view key, std::string_view value) {
    const auto facts = read_index_record(value, sequence_of(key));
    if (!facts) damaged("index of a message");
    queue_.load(*facts, call.now);
    return true;
  });
  queue_.finish_loading();
}

void LoadedQueue::load_deduplication(Call& call) {
  const auto from = keys::of_message(keys::deduplication_kind, storage_id_, marks_.lowest_sent);
  const auto end = prefix_end(keys::of_queue(keys::deduplication_kind, storage_id_));
  call.txn.scan(from, end, [&](std::string_view key, std::string_view value) {
    IdHash hash;
    SentBefore sent{.sequence = sequence_of(key), .sent = {}, .id = {}};
    if (!read_sent_record(value, hash, sent)) damaged("sent message");
    sent_.add(hash, sent);
    return true;
  });
  std::vector<std::pair<IdHash, ReceiveAttempt>> attempts;
  const auto prefix = keys::of_queue(keys::attempt_kind, storage_id_);
  call.txn.scan(prefix, prefix_end(prefix), [&](std::string_view, std::string_view value) {
    auto& [hash, attempt] = attempts.emplace_back();
    if (!read_attempt_record(value, hash, attempt)) damaged("receive attempt");
    return true;
  });
  std::sort(attempts.begin(), attempts.end(), [](const auto& a, const auto& b) { return a.second.received < b.second.received; });
  for (auto& [hash, attempt] : attempts) attempts_.put(hash, std::move(attempt));
}

void LoadedQueue::set_settings(Call& call, QueueSettings settings) {
  settings_ = std::move(settings);
  queue_.set_rules(rules_of(settings_), call.now);
}

void LoadedQueue::advance(Instant now) {
  queue_.advance(now, expired_);
  garbage_.insert(garbage_.end(), expired_.begin(), expired_.end());
  expired_.clear();
}

std::uint64_t LoadedQueue::new_sequence(Call& call) {
  if (next_sequence_ >= marks_.reserved_before) {
    marks_.reserved_before = next_sequence_ + sequences_reserved;
    write_marks(call);
  }
  return next_sequence_++;
}

void LoadedQueue::write_marks(Call& call) {
  auto lowest = queue_.lowest_sequence().value_or(next_sequence_);
  if (!garbage_.empty()) lowest = std::min(lowest, *std::min_element(garbage_.begin(), garbage_.end()));
  marks_.lowest_message = lowest;
  marks_.lowest_sent = sent_.lowest_sequence().value_or(next_sequence_);
  std::string record;
  append_number(record, marks_.lowest_message);
  append_number(record, marks_.lowest_sent);
  append_number(record, marks_.reserved_before);
  call.txn.put(keys::of_queue(keys::marks_kind, storage_id_), record);
}

void LoadedQueue::write_index(Call& call, Slot slot) {
  const auto& entry = queue_.entry(slot);
  call.txn.put(keys::of_message(keys::index_kind, storage_id_, entry.sequence), index_record(entry, queue_.group_id(slot)));
}

void LoadedQueue::write_body(Call& call, std::uint64_t sequence, const BodyRecord& frame, const BodyContent& content) {
  const auto* vault = settings_.encryption == BodyEncryption::Plain ? nullptr : call.ports.vault;
  call.txn.put(keys::of_message(keys::body_kind, storage_id_, sequence),
               body_record(frame, content, vault, {.storage_id = storage_id_, .sequence = sequence}));
}

BodyRecord LoadedQueue::read_body(Call& call, std::uint64_t sequence) {
  const auto text = call.txn.get(keys::of_message(keys::body_kind, storage_id_, sequence));
  if (!text) damaged("body of a message is missing");
  auto record = read_body_record(*text, *call.ports.vault, {.storage_id = storage_id_, .sequence = sequence});
  if (!record) damaged("body of a message");
  return std::move(*record);
}

void LoadedQueue::remove(Call& call, Slot slot) {
  const auto sequence = queue_.entry(slot).sequence;
  queue_.remove(slot);
  call.txn.erase(keys::of_message(keys::index_kind, storage_id_, sequence));
  call.txn.erase(keys::of_message(keys::body_kind, storage_id_, sequence));
}

void LoadedQueue::remove_all(Call& call) {
  const auto from = marks_.lowest_message;
  queue_.clear();
  garbage_.clear();
  erase_nothing(call);
  write_marks(call);  // a load begins behind what is being swept
  start_sweep(call, {.QueueName = settings_.name,
                     .StorageId = std::to_string(storage_id_),
                     .Kinds = {keys::index_kind, keys::body_kind},
                     .First = static_cast<std::int64_t>(from),
                     .From = static_cast<std::int64_t>(from),
                     .Until = static_cast<std::int64_t>(next_sequence_)});
}

void LoadedQueue::erase_nothing(Call& call) { call.txn.erase(keys::of_queue(keys::nothing_kind, storage_id_)); }

void LoadedQueue::tidy(Call& call) {
  for (std::size_t i = 0; i < garbage_removed && !garbage_.empty(); ++i) {
    call.txn.erase(keys::of_message(keys::index_kind, storage_id_, garbage_.front()));
    call.txn.erase(keys::of_message(keys::body_kind, storage_id_, garbage_.front()));
    garbage_.pop_front();
  }
  if (settings_.is_fifo()) {
    std::vector<std::uint64_t> forgotten;
    sent_.forget(call.now, garbage_removed, forgotten);
    for (const auto sequence : forgotten) call.txn.erase(keys::of_message(keys::deduplication_kind, storage_id_, sequence));
    std::vector<IdHash> attempts;
    attempts_.forget(call.now, garbage_removed, attempts);
    for (const auto& hash : attempts) call.txn.erase(keys::of_message(keys::attempt_kind, storage_id_, number_of(hash)));
  }
  const auto lowest = queue_.lowest_sequence().value_or(next_sequence_);
  const auto lowest_sent = settings_.is_fifo() ? sent_.lowest_sequence().value_or(next_sequence_) : marks_.lowest_sent;
  if (lowest >= marks_.lowest_message + low_mark_step || lowest_sent >= marks_.lowest_sent + low_mark_step) write_marks(call);
}

const std::string& SqsState::key_of(const Caller& caller, std::string_view name) {
  key_.assign(caller.account).append("\n").append(caller.region).append("\n").append(name);
  return key_;
}

LoadedQueue* SqsState::find_loaded(const Caller& caller, std::string_view name) {
  const auto known = queues_.find(key_of(caller, name));
  return known == queues_.end() ? nullptr : known->second.get();
}

LoadedQueue* SqsState::find(Call& call, std::string_view name) {
  auto* loaded = find_loaded(call.caller, name);
  if (loaded == nullptr) {
    const auto record = find_queue_by_name(call, name);
    if (!record) return nullptr;
    loaded = queues_.emplace(key_, std::make_unique<LoadedQueue>(call, *record)).first->second.get();
  }
  loaded->advance(call.now);
  return loaded;
}

void SqsState::forget(const Caller& caller, std::string_view name) { queues_.erase(key_of(caller, name)); }

std::unique_ptr<LaneState> make_sqs_state() { return std::make_unique<SqsState>(); }

std::string sequence_number_text(std::uint64_t sequence) {
  constexpr std::uint64_t first = 18'000'000'000'000'000'000U;
  return std::to_string(first + sequence);
}

Result<LoadedQueue*> open_queue(Call& call, std::string_view queue_url, const QueuePermission& permission) {
  SURGE_TRY(address, parse_queue_url(call.caller, queue_url));
  auto* loaded = call.state_as<SqsState>().find(call, address.name);
  if (loaded == nullptr) return no_such_queue(call.caller, queue_url);
  SURGE_CHECK(check_access(call, address.name, loaded->settings().policy.get(), permission));
  return loaded;
}

void remove_records(Call& call, const QueueRecord& record) {
  const auto storage_id = storage_id_of(record);
  call.txn.erase(keys::of_queue(keys::marks_kind, storage_id));
  start_sweep(call, {.QueueName = record.name,
                     .StorageId = std::to_string(storage_id),
                     .Kinds = {keys::index_kind, keys::body_kind, keys::deduplication_kind, keys::attempt_kind, keys::inbox_kind},
                     .First = 0,
                     .From = 0,
                     .Until = 0});
}

Result<Empty> sweep_queue(Call& call, const SweepQueueRequest& request) {
  std::uint64_t storage_id = 0;
  std::from_chars(request.StorageId.data(), request.StorageId.data() + request.StorageId.size(), storage_id);
  auto rest = request;
  while (!rest.Kinds.empty()) {
    const auto kind = rest.Kinds.front();
    const auto from = keys::of_message(kind, storage_id, static_cast<std::uint64_t>(rest.From));
    const auto prefix = keys::of_queue(kind, storage_id);
    const auto until = rest.Until == 0 ? no_end : static_cast<std::uint64_t>(rest.Until);
    std::vector<std::string> found;
    call.txn.scan(from, until == no_end ? prefix_end(prefix) : keys::of_message(kind, storage_id, until),
                  [&](std::string_view key, std::string_view) {
                    found.emplace_back(key);
                    return found.size() < swept;
                  });
    for (const auto& key : found) call.txn.erase(key);
    if (found.size() == swept) {
      auto number = std::string_view(found.back()).substr(prefix.size(), sizeof(std::uint64_t));
      rest.From = static_cast<std::int64_t>(read_key_number(number).value_or(0));
      start_sweep(call, rest);
      return Empty{};
    }
    rest.Kinds.erase(0, 1);
    rest.From = request.First;
  }
  return Empty{};
}

}  // namespace surgetank::sqs
