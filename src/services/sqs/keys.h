#pragma once
// Every storage key of SQS. A queue's settings lie under its name; everything that belongs to one life of a queue (deleted and made
// again under the same name it is another one) lies under the number it got when it was created, QueueRecord::storage_id. Those
// keys are short, because every message pays for them twice.
//   sqs/queue/<account><region><name>      -> QueueRecord (JSON)
//   sqs/deleted/<account><region><name>    -> DeletionRecord (JSON): the name is not free yet
//   sqs/task/<account><region><name><task> -> MoveTaskRecord (JSON), under the queue that messages are taken from
//   sqs/h <storage id>                     -> marks: where the live messages begin, where new numbers begin (marks.h)
//   sqs/i <storage id> <sequence>          -> index record of a message (index_record.h)
//   sqs/b <storage id> <sequence>          -> body record of a message (body_record.h)
//   sqs/d <storage id> <sequence>          -> what a FIFO queue remembers of a sent message for five minutes (deduplication.h)
//   sqs/a <storage id> <number>            -> what a FIFO queue remembers of a receive with an attempt id (receive_attempts.h)
//   sqs/x <storage id> <source> <sequence> -> a message that another queue has handed over and that is not taken in yet
//   sqs/n <storage id>                     -> nothing, ever: erased by what needs no room, since a nearly full disk refuses mere puts
// Numbers are 8 bytes, big endian: key order is number order.
#include <string>
#include <string_view>

#include "kernel/keys.h"

namespace surgetank::sqs::keys {

inline std::string queues(const Caller& caller) { return service_key("sqs", "queue", caller); }
inline std::string queue(const Caller& caller, std::string_view name) { return service_key("sqs", "queue", caller, {name}); }
inline std::string deletion(const Caller& caller, std::string_view name) { return service_key("sqs", "deleted", caller, {name}); }
inline std::string move_tasks(const Caller& caller, std::string_view name) { return service_key("sqs", "task", caller, {name}); }
inline std::string move_task(const Caller& caller, std::string_view name, std::string_view task) {
  return service_key("sqs", "task", caller, {name, task});
}

// The kinds of keys that lie under a storage id.
inline constexpr char marks_kind = 'h';
inline constexpr char index_kind = 'i';
inline constexpr char body_kind = 'b';
inline constexpr char deduplication_kind = 'd';
inline constexpr char attempt_kind = 'a';
inline constexpr char inbox_kind = 'x';
inline constexpr char nothing_kind = 'n';

inline std::string of_queue(char kind, std::uint64_t storage_id) {
  std::string key;
  key.reserve(30);
  key = "sqs/";
  key += kind;
  append_key_number(key, storage_id);
  return key;
}
inline std::string of_message(char kind, std::uint64_t storage_id, std::uint64_t sequence) {
  auto key = of_queue(kind, storage_id);
  append_key_number(key, sequence);
  return key;
}
inline std::string inbox(std::uint64_t storage_id, std::uint64_t source, std::uint64_t sequence) {
  auto key = of_message(inbox_kind, storage_id, source);
  append_key_number(key, sequence);
  return key;
}

}  // namespace surgetank::sqs::keys
