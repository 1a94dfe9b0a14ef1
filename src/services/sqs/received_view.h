#pragma once
// What a receive shows of a message: which attributes a client asked for, and the message with them. Pure; any thread.
#include <string_view>

#include "base/result.h"
#include "services/sqs/body_record.h"
#include "services/sqs/message_slab.h"
#include "services/sqs/model.h"
#include "services/sqs/settings.h"

namespace surgetank::sqs {

class ReceivedView {
 public:
  // Errors: InvalidAttributeName.
  static Result<ReceivedView> of(const ReceiveMessageRequest& request);

  Message show(BodyRecord body, const Entry& entry, std::string_view group_id, QueueKind kind, std::string receipt_handle) const;

 private:
  void add_system_attributes(Message& message, const BodyRecord& body, const Entry& entry, std::string_view group_id, QueueKind kind) const;
  bool wants_attribute(std::string_view name) const;

  std::uint32_t system_attributes_ = 0;  // a bit for each
  bool all_attributes_ = false;
  List<std::string_view> names_;     // of message attributes
  List<std::string_view> prefixes_;  // of their names
};

}  // namespace surgetank::sqs
