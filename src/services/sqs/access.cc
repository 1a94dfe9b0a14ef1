#include "services/sqs/access.h"

#include "services/sqs/errors.h"

namespace surgetank::sqs {
namespace {

AccessPolicy deny_everything() {
  PolicyStatement all{.sid = {},
                      .effect = PolicyStatement::Effect::Deny,
                      .principals = {{.kind = PolicyStatement::Principal::Kind::Everybody, .name = "*"}},
                      .actions = {"*"},
                      .resources = {},
                      .conditions = {}};
  AccessPolicy policy;
  policy.statements.push_back(std::move(all));
  return policy;
}

bool is_platform(const Caller& caller) {
  return caller.kind == Caller::Kind::Service && !caller.is_foreign() && !caller.principal_arn.starts_with("arn:");
}

bool is_way_back(const Caller& caller, const QueuePermission& permission) {
  const bool attributes = &permission == &permissions::get_attributes || &permission == &permissions::set_attributes;
  return attributes && !caller.is_foreign() && caller.principal_arn == "arn:aws:iam::" + caller.account + ":root";
}

}  // namespace

std::shared_ptr<const AccessPolicy> policy_of(const QueueRecord& record) {
  const auto text = record.attributes.find("Policy");
  if (text == record.attributes.end() || text->second.empty()) return nullptr;
  auto policy = parse_access_policy(text->second);
  return std::make_shared<const AccessPolicy>(policy.ok() ? std::move(*policy) : deny_everything());
}

Result<Unit> check_access(const Caller& caller, Instant now, std::string_view queue_name, const AccessPolicy* policy,
                          const QueuePermission& permission) {
  if ((policy == nullptr && !caller.is_foreign()) || is_platform(caller)) return Unit{};
  const auto arn = queue_arn(caller, queue_name);
  const AccessRequest request{.caller = caller,
                              .action = permission.action,
                              .resource_arn = arn,
                              .owner_account = caller.account,
                              .now = now,
                              .transport = transport_of(caller)};
  auto verdict = authorize(policy, request);
  if (caller.is_foreign() && permission.sharing == QueuePermission::Sharing::Owner && verdict == AccessVerdict::Granted)
    verdict = AccessVerdict::NotAllowed;
  if (verdict == AccessVerdict::Granted || is_way_back(caller, permission)) return Unit{};
  return Error{&AccessDenied, refusal_text(request, permission.shown, verdict)};
}

}  // namespace surgetank::sqs
