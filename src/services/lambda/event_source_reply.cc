#include "services/lambda/event_source_reply.h"

#include "base/text.h"
#include "services/lambda/limits.h"
#include "wire/json_value.h"

namespace surgetank::lambda {
namespace {

const BatchVerdict whole_batch_failed{.is_whole_batch_failed = true, .failed = {}};

}  // namespace

BatchVerdict verdict_of_reply(std::string_view reply, const std::set<std::string_view>& batch) {
  if (trim(reply).empty()) return {};
  constexpr JsonLimits reply_limits{.max_depth = limits::payload_depth, .max_nodes = limits::sync_payload_bytes};
  const auto value = parse_json(reply, reply_limits);
  if (!value.ok()) return whole_batch_failed;
  if (value->is_null()) return {};
  if (const auto* elements = value->as_array(); elements != nullptr && elements->empty()) return {};
  if (const auto* text = value->as_string(); text != nullptr && text->empty()) return {};
  if (!value->is_object()) return whole_batch_failed;
  const auto* list = value->find("batchItemFailures");
  if (list == nullptr || list->is_null()) return {};
  const auto* failures = list->as_array();
  if (failures == nullptr) return whole_batch_failed;
  BatchVerdict verdict;
  for (const auto& failure : *failures) {
    const auto* id = failure.find_string("itemIdentifier");
    if (id == nullptr || !batch.contains(*id)) return whole_batch_failed;
    verdict.failed.insert(*id);
  }
  return verdict;
}

}  // namespace surgetank::lambda
