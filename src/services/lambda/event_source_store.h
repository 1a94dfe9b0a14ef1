#pragma once
// Where mappings are stored: one record each. All operations of an account and region that write them run on its account-wide lane,
// so a pair of function and queue cannot be mapped twice; pollers read them and report what they have done as an operation there.
//   lambda/event-source-mapping/<account><region><uuid> -> EventSourceMappingRecord
#include <string>
#include <string_view>

#include "base/result.h"
#include "kernel/call.h"
#include "kernel/keys.h"
#include "services/lambda/event_source_model.h"

namespace surgetank::lambda {

namespace keys {
inline constexpr std::string_view every_mapping = "lambda/event-source-mapping/";
inline std::string mappings(const Caller& caller) { return service_key("lambda", "event-source-mapping", caller); }
inline std::string mapping(const Caller& caller, std::string_view uuid) {
  return service_key("lambda", "event-source-mapping", caller, {uuid});
}
}  // namespace keys

// ResourceNotFoundException if there is none.
Result<EventSourceMappingRecord> find_mapping(Call& call, std::string_view uuid);
// The poller learns of it once the change is durable.
void save_mapping(Call& call, const EventSourceMappingRecord& mapping);
void erase_mapping(Call& call, const EventSourceMappingRecord& mapping);

// The id in the ARN of a mapping; empty: it is not one.
std::string_view uuid_in_mapping_arn(std::string_view arn);
// Service::aggregate: of a mapping's ARN the account-wide lane, else that of the function (function_name.h).
std::string lane_key(std::string_view client_name);

}  // namespace surgetank::lambda
