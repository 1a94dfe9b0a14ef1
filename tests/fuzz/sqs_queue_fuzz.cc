// Fuzzes what SQS reads by hand of a queue's administration: URLs, attributes, access and redrive policies. Beyond not crashing: a URL that
// is accepted leads to the lane of its queue, canonical values stay as they are, and a policy with one more permission is still a policy
// and loses it again.
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <string_view>

#include "services/sqs/attributes.h"
#include "services/sqs/policy.h"
#include "services/sqs/queue_record.h"
#include "services/sqs/redrive_policy.h"

namespace {

using namespace surgetank;
using namespace surgetank::sqs;

void require(bool holds, const char* what) {
  if (holds) return;
  std::fprintf(stderr, "%s\n", what);
  std::abort();
}

void check_url(std::string_view text) {
  Caller caller;
  caller.account = "000000000000";
  const auto address = parse_queue_url(caller, text);
  if (!address.ok()) return;
  require(queue_name_of(text) == address->name, "a URL leads to the lane of its queue");
}

// "name\nvalue"
void check_attribute(std::string_view text) {
  const auto cut = text.find('\n');
  if (cut == std::string_view::npos) return;
  const std::string name(text.substr(0, cut));
  for (const auto kind : {QueueKind::Standard, QueueKind::Fifo}) {
    const auto once = canonical_attributes({{name, std::string(text.substr(cut + 1))}}, kind);
    if (!once.ok()) continue;
    require(is_attribute_name(name), "what can be set can be asked for");
    const auto twice = canonical_attributes(*once, kind);
    require(twice.ok() && *twice == *once, "a canonical value stays as it is");
    require(same_attribute_value(name, text.substr(cut + 1), once->at(name)) || name != "Policy", "a policy is itself");
  }
}

void check_policies(std::string_view text) {
  (void)parse_redrive_policy(text);
  (void)parse_redrive_allow_policy(text);
  if (!check_policy(text).ok()) return;
  const Permission permission{.label = "fuzz", .queue_arn = "arn:aws:sqs:r:a:q", .account_ids = {"000000000000"}, .actions = {"*"}};
  const auto more = with_permission(text, permission);
  if (!more.ok()) return;  // it had as many statements as there may be, or such a label
  require(check_policy(*more).ok(), "a policy with one more permission is a policy");
  const auto less = without_permission(*more, permission.label);
  require(less.ok(), "a permission that was added can be removed");
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  check_url(text);
  check_attribute(text);
  check_policies(text);
  return 0;
}
