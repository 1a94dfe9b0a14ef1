#pragma once
// Quotas of SQS (AWS: "Amazon SQS quotas"; the values of 2025 and later: messages of 1 MiB, 120,000 in flight for FIFO as well), from which
// quotas.h makes its rows, and the ranges of parameters, which nobody changes.
#include <cstddef>
#include <cstdint>

#include "base/time.h"

namespace surgetank::sqs::limits {

// messages
inline constexpr std::size_t message_bytes = 1'048'576;  // body and attributes; also of a whole batch
inline constexpr std::size_t least_maximum_message_size = 1'024;
inline constexpr std::size_t batch_entries = 10;
inline constexpr std::size_t batch_entry_id_characters = 80;
inline constexpr std::int64_t receive_most_messages = 10;
inline constexpr std::size_t in_flight = 120'000;
inline constexpr std::size_t attributes_per_message = 10;
inline constexpr std::size_t attribute_name_characters = 256;
inline constexpr std::size_t group_id_characters = 128;
inline constexpr std::size_t deduplication_id_characters = 128;
inline constexpr Duration deduplication_interval = minutes(5);
inline constexpr Duration receive_attempt_interval = minutes(5);
// Fair queues: a group is noisy with so many messages in flight that are more than 1/noisy_share of all, and so long after.
inline constexpr std::uint32_t noisy_in_flight = 30;
inline constexpr std::uint64_t noisy_share = 10;
inline constexpr Duration noisy_period = minutes(5);

// queues
inline constexpr std::size_t queue_name_characters = 80;
inline constexpr std::int64_t longest_visibility_seconds = 43'200;
inline constexpr std::int64_t longest_delay_seconds = 900;
inline constexpr std::int64_t longest_wait_seconds = 20;
inline constexpr std::int64_t most_of_an_attribute = 2'147'483'647;  // numbers of attributes, whatever the quotas say
inline constexpr std::int64_t least_retention_seconds = 60;
inline constexpr std::int64_t longest_retention_seconds = 1'209'600;
inline constexpr std::int64_t least_key_reuse_seconds = 60;
inline constexpr std::int64_t longest_key_reuse_seconds = 86'400;
inline constexpr std::int64_t most_receives = 1'000;  // maxReceiveCount of a redrive policy
inline constexpr std::size_t redrive_allow_sources = 10;
inline constexpr Duration name_reuse_interval = seconds(60);
inline constexpr Duration purge_interval = seconds(60);
inline constexpr std::int64_t list_page = 1'000;

// policies and tags
inline constexpr std::size_t policy_bytes = 8'192;
inline constexpr std::size_t policy_statements = 20;
inline constexpr std::size_t policy_principals = 50;
inline constexpr std::size_t policy_conditions = 10;
inline constexpr std::size_t permission_actions = 7;
inline constexpr std::size_t permission_label_characters = 80;
inline constexpr std::size_t tags_per_queue = 50;
inline constexpr std::size_t tag_key_characters = 128;
inline constexpr std::size_t tag_value_characters = 256;

// message move tasks
inline constexpr std::int64_t move_task_most_per_second = 500;
inline constexpr std::int64_t move_tasks_listed = 10;
inline constexpr std::size_t move_tasks_per_account = 100;

}  // namespace surgetank::sqs::limits
