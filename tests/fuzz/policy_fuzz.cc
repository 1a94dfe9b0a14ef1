// Fuzzes access policies: what comes before the first line break is the caller's user agent, the rest is the policy. Beyond not crashing:
// the same question has the same answer, a policy without a Deny denies nobody, and one more Deny of everything denies everybody.
#include <algorithm>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <string_view>

#include "kernel/policy.h"

namespace {

using namespace surgetank;

void require(bool holds, const char* what) {
  if (holds) return;
  std::fprintf(stderr, "%s\n", what);
  std::abort();
}

void check(const AccessPolicy& policy, const AccessRequest& request) {
  const auto verdict = authorize(&policy, request);
  require(verdict == authorize(&policy, request), "the same question has the same answer");
  const bool denies = std::any_of(policy.statements.begin(), policy.statements.end(),
                                  [](const PolicyStatement& s) { return s.effect == PolicyStatement::Effect::Deny; });
  require(denies || verdict != AccessVerdict::Denied, "a policy without a Deny denies nobody");
  if (verdict != AccessVerdict::Granted) require(!refusal_text(request, request.action, verdict).empty(), "a refusal says why");
  auto stricter = policy;
  stricter.statements.push_back({.sid = {},
                                 .effect = PolicyStatement::Effect::Deny,
                                 .principals = {{.kind = PolicyStatement::Principal::Kind::Everybody, .name = "*"}},
                                 .actions = {"*"},
                                 .resources = {},
                                 .conditions = {}});
  require(authorize(&stricter, request) == AccessVerdict::Denied, "what denies everything denies this");
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const auto cut = std::min(text.find('\n'), text.size());
  const auto policy = parse_access_policy(text.substr(std::min(cut + 1, text.size())));
  if (!policy.ok()) return 0;
  Caller caller;
  caller.account = "000000000000";
  caller.region = "us-east-1";
  caller.principal_arn = "arn:aws:sts::000000000000:assumed-role/worker/session";
  caller.role_arn = "arn:aws:iam::000000000000:role/team/worker";
  caller.user_id = "AROAEXAMPLE:session";
  caller.source_address = "203.0.113.9";
  caller.user_agent = text.substr(0, cut);
  auto foreign = caller;
  foreign.home_account = "111122223333";
  for (const auto* who : {&caller, &foreign}) {
    check(*policy, {.caller = *who,
                    .action = "sqs:SendMessage",
                    .resource_arn = "arn:aws:sqs:us-east-1:000000000000:orders",
                    .owner_account = "000000000000",
                    .now = from_epoch_seconds(1'700'000'000),
                    .transport = transport_of(*who)});
  }
  return 0;
}
