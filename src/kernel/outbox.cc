#include "kernel/outbox.h"

#include <algorithm>

#include "base/log.h"
#include "kernel/model.h"
#include "wire/json.h"

namespace surgetank {
namespace {

constexpr std::string_view prefix = "outbox/";
constexpr std::size_t tasks_per_pump = 256;
constexpr std::size_t max_in_flight = 1024;
constexpr Duration first_retry = seconds(1);
constexpr Duration longest_retry = minutes(5);

std::string key_of(Instant due, std::string_view id) {
  std::string key(prefix);
  append_key_number(key, static_cast<std::uint64_t>(std::max<std::int64_t>(due.us, 0)));
  key += id;
  return key;
}

Instant due_of(std::string_view key) {
  key.remove_prefix(prefix.size());
  return {static_cast<std::int64_t>(read_key_number(key).value_or(0))};
}

std::string encode(const OutboxRecord& record) {
  std::string out;
  write_json(*shape_of<OutboxRecord>(), &record, out);
  return out;
}

}  // namespace

void Outbox::at(Instant due, const OutboxTask& task) {
  const OutboxRecord record{
      .service = task.service, .operation = task.operation, .account = task.account, .region = task.region, .input = task.input};
  txn_.put(key_of(due, random_.uuid()), encode(record));
  earliest_ = earliest_ ? std::min(*earliest_, due) : due;
}

OutboxPump::OutboxPump(Store& store, Lane& lane, Dispatcher& dispatcher) : store_(store), lane_(lane), dispatcher_(dispatcher) {}

void OutboxPump::start() {
  started_ = true;
  pump();
}

void OutboxPump::announce(Instant due) {
  lane_.post([this, due] { schedule(due); });
}

void OutboxPump::schedule(Instant due) {
  if (!started_) return;
  if (timer_due_ && *timer_due_ <= due) return;
  if (timer_due_) lane_.cancel(timer_);
  timer_due_ = due;
  timer_ = lane_.at(due, [this] {
    timer_due_.reset();
    pump();
  });
}

void OutboxPump::pump() {
  const auto now = lane_.now();
  std::vector<std::pair<std::string, std::string>> due;
  std::optional<Instant> next;
  auto txn = store_.begin();
  txn->scan(prefix, prefix_end(prefix), [&](std::string_view key, std::string_view record) {
    if (due_of(key) > now) {
      next = due_of(key);
      return false;
    }
    if (!in_flight_.contains(std::string(key))) due.emplace_back(key, record);
    return due.size() < tasks_per_pump && in_flight_.size() + due.size() < max_in_flight;
  });
  for (const auto& [key, record] : due) dispatch(key, record);
  if (due.size() == tasks_per_pump) next = now;
  if (next) schedule(*next);
}

void OutboxPump::dispatch(const std::string& key, const std::string& text) {
  in_flight_[key] = true;
  OutboxRecord record;
  if (const auto read = read_json(text, *shape_of<OutboxRecord>(), &record); !read.ok()) {
    return finished(key, text, read.error());
  }
  dispatcher_.dispatch_json(record.service, record.operation, service_caller(record.account, record.region, "outbox"), record.input,
                            [this, key, text](Result<std::string> result) {
                              lane_.post([this, key, text, result = std::move(result)] { finished(key, text, result); });
                            });
}

void OutboxPump::finished(const std::string& key, const std::string& text, const Result<std::string>& result) {
  in_flight_.erase(key);
  auto txn = store_.begin();
  txn->erase(key);
  const bool again = !result.ok() && result.error().code->http_status >= 500;
  if (!result.ok()) {
    log_line(LogLevel::Warning, "outbox",
             std::string(again ? "will retry: " : "dropped: ") + std::string(result.error().code->name) + " " + result.error().message);
  }
  OutboxRecord record;
  if (again && read_json(text, *shape_of<OutboxRecord>(), &record).ok()) {
    const auto delay = std::min(longest_retry, first_retry * (std::int64_t{1} << std::min<std::int64_t>(record.attempts, 10)));
    record.attempts += 1;
    const auto due = lane_.now() + delay;
    txn->put(key_of(due, key.substr(prefix.size() + 8)), encode(record));
    schedule(due);
  }
  store_.commit(*txn);
  if (in_flight_.size() + 1 == max_in_flight) pump();
}

}  // namespace surgetank
