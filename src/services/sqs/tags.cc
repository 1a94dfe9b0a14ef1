#include <algorithm>

#include "base/text.h"
#include "kernel/ports.h"
#include "kernel/quotas.h"
#include "services/sqs/access.h"
#include "services/sqs/errors.h"
#include "services/sqs/limits.h"
#include "services/sqs/operations.h"
#include "services/sqs/queue_record.h"
#include "services/sqs/quotas.h"

namespace surgetank::sqs {
namespace {

std::size_t characters(std::string_view text) {
  return static_cast<std::size_t>(
      std::count_if(text.begin(), text.end(), [](char c) { return (static_cast<unsigned char>(c) & 0xc0) != 0x80; }));
}

Error invalid(std::string message) { return {&InvalidParameterValue, std::move(message)}; }

Result<Unit> check_tag_key(std::string_view key) {
  const auto length = characters(key);
  if (length < 1 || length > limits::tag_key_characters) return invalid("Tag keys must be between 1 and 128 characters in length.");
  if (equals_ignoring_case(key.substr(0, 4), "aws:")) return invalid("Tag keys can not begin with aws:.");
  return Unit{};
}

}  // namespace

Result<Unit> check_tags(Call& call, const QueueRecord& record) {
  for (const auto& [key, value] : record.tags) {
    SURGE_CHECK(check_tag_key(key));
    if (characters(value) > limits::tag_value_characters) return invalid("Tag values must be between 0 and 256 characters in length.");
  }
  if (auto checked = check_quota(call.ports.quotas, quotas::tags, record.tags.size()); !checked.ok()) {
    checked.error().message += record.name + ".";
    return std::move(checked.error());
  }
  return Unit{};
}

Result<Empty> tag_queue(Call& call, const TagQueueRequest& request) {
  SURGE_TRY(record, find_queue(call, request.QueueUrl, permissions::tag));
  if (request.Tags.empty()) return Error{&MissingParameter, "The request must contain the parameter Tags."};
  for (const auto& [key, value] : request.Tags) record.tags[key] = value;
  SURGE_CHECK(check_tags(call, record));
  save_queue(call, record);
  return Empty{};
}

Result<Empty> untag_queue(Call& call, const UntagQueueRequest& request) {
  SURGE_TRY(record, find_queue(call, request.QueueUrl, permissions::untag));
  if (request.TagKeys.empty()) return invalid("Tag keys must be between 1 and 128 characters in length.");
  for (const auto& key : request.TagKeys) record.tags.erase(key);
  save_queue(call, record);
  return Empty{};
}

Result<ListQueueTagsResponse> list_queue_tags(Call& call, const QueueUrlRequest& request) {
  SURGE_TRY(record, find_queue(call, request.QueueUrl, permissions::list_tags));
  return ListQueueTagsResponse{record.tags};
}

}  // namespace surgetank::sqs
