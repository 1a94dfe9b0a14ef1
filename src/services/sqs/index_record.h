#pragma once
// The small record of a message: what the state machine knows of it. Rewritten by every receive and change of visibility; the only
// record that is read to rebuild a queue. Fixed binary form; values; any thread.
#include <optional>
#include <string>
#include <string_view>

#include "services/sqs/queue.h"

namespace surgetank::sqs {

std::string index_record(const Entry& entry, std::string_view group_id);
// nullopt: damaged, or of a later version. The group is a view into `record`. `sequence` comes from the key.
std::optional<MessageFacts> read_index_record(std::string_view record, std::uint64_t sequence);

}  // namespace surgetank::sqs
