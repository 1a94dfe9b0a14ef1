#pragma once
// Receipt handles: which receive of which message of which queue, as text that clients give back. A handle names the message by its
// sequence and the receive by its number, so no table of handles is needed and handles survive a restart. Values; any thread.
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "services/sqs/message_slab.h"

namespace surgetank::sqs {

struct ReceiptHandle {
  std::uint64_t storage_id = 0;
  std::uint64_t sequence = 0;
  std::uint32_t receive_count = 0;  // which receive of the message
  Slot slot = no_slot;              // where the message was in memory: a hint
};

std::string to_text(const ReceiptHandle& handle);
// nullopt: not a handle that we made.
std::optional<ReceiptHandle> parse_receipt_handle(std::string_view text);

}  // namespace surgetank::sqs
