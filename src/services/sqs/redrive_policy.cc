#include "services/sqs/redrive_policy.h"

#include "base/text.h"
#include "services/sqs/errors.h"
#include "services/sqs/limits.h"
#include "wire/json_value.h"

namespace surgetank::sqs {
namespace {

Error invalid(std::string reason) { return {&InvalidParameterValue, std::move(reason)}; }

// arn:aws:sqs:region:account:name
bool is_queue_arn(std::string_view arn) {
  const auto parts = split(arn, ':');
  constexpr std::size_t arn_parts = 6;
  return parts.size() == arn_parts && parts[0] == "arn" && parts[2] == "sqs" && !parts[3].empty() && !parts[4].empty() && !parts[5].empty();
}

// AWS takes the number as a number and as a text.
std::optional<std::int64_t> count_of(const JsonValue& value) {
  if (const auto* text = value.as_string()) return parse_integer(*text);
  return value.as_integer();
}

Result<List<String>> source_arns(const JsonValue& json) {
  const auto* list = json.find("sourceQueueArns");
  if (list == nullptr) return List<String>{};
  const auto* elements = list->as_array();
  if (elements == nullptr) return invalid("Invalid value for sourceQueueArns: it must be a list of queue ARNs.");
  if (elements->size() > limits::redrive_allow_sources) return invalid("Too many sourceQueueArns: the maximum is 10.");
  List<String> arns;
  for (const auto& element : *elements) {
    const auto* arn = element.as_string();
    if (arn == nullptr || !is_queue_arn(*arn)) return invalid("Invalid value for sourceQueueArns: it must be a list of queue ARNs.");
    arns.push_back(*arn);
  }
  return arns;
}

}  // namespace

Result<RedriveSettings> parse_redrive_policy(std::string_view text) {
  const auto json = parse_json(text);
  if (!json.ok() || !json->is_object()) return invalid("Redrive policy is not a valid JSON map.");
  const auto* target = json->find("deadLetterTargetArn");
  const auto* count = json->find("maxReceiveCount");
  if (target == nullptr) return invalid("Redrive policy does not contain mandatory attribute: deadLetterTargetArn.");
  if (count == nullptr) return invalid("Redrive policy does not contain mandatory attribute: maxReceiveCount.");
  const auto maximum = count_of(*count);
  if (!maximum || *maximum < 1 || *maximum > limits::most_receives) {
    const auto* shown = count->as_string() != nullptr ? count->as_string() : count->as_number_text();
    return invalid("Invalid value for maxReceiveCount: " + (shown != nullptr ? *shown : std::string("null")) +
                   ", valid values are from 1 to 1000 both inclusive.");
  }
  const auto* arn = target->as_string();
  if (arn == nullptr || !is_queue_arn(*arn)) return invalid("Invalid value for deadLetterTargetArn.");
  return RedriveSettings{.target_arn = *arn, .target_name = arn->substr(arn->rfind(':') + 1), .maximum_receives = *maximum};
}

Result<RedriveAllowance> parse_redrive_allow_policy(std::string_view text) {
  const auto json = parse_json(text);
  if (!json.ok() || !json->is_object()) return invalid("Redrive allow policy is not a valid JSON map.");
  const auto* permission = json->find_string("redrivePermission");
  if (permission == nullptr) return invalid("Redrive allow policy does not contain mandatory attribute: redrivePermission.");
  SURGE_TRY(arns, source_arns(*json));
  if (*permission == "byQueue") {
    if (arns.empty()) return invalid("sourceQueueArns must be specified when redrivePermission is byQueue.");
    return RedriveAllowance{.permission = RedriveAllowance::Permission::ByQueue, .source_arns = std::move(arns)};
  }
  if (!arns.empty()) return invalid("sourceQueueArns can be specified only when redrivePermission is byQueue.");
  if (*permission == "allowAll") return RedriveAllowance{};
  if (*permission == "denyAll") return RedriveAllowance{.permission = RedriveAllowance::Permission::DenyAll, .source_arns = {}};
  return invalid("Invalid value for redrivePermission: " + *permission + ", valid values are allowAll, denyAll and byQueue.");
}

}  // namespace surgetank::sqs
