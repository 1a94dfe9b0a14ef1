// IAM and STS.
#include <gtest/gtest.h>

#include "probe_check.h"
#include "services/iam/quotas.h"
#include "services/sts/quotas.h"

namespace surgetank {
namespace {

// A policy document of so many characters that count, and white space that does not.
std::string document(std::int64_t length) {
  constexpr std::int64_t frame_characters = 18;  // {"Statement":[""]}
  return R"({\"Statement\":  [\")" + times(length - frame_characters, "x", "") + R"(\"]})";
}
std::string create_role(ProbeBench& bench, const std::string& name, std::int64_t length, const std::string& more) {
  return bench.call("iam", "CreateRole",
                    R"({"RoleName":")" + name + R"(","AssumeRolePolicyDocument":")" + document(length) + "\"" + more + "}");
}
std::string create_policy(ProbeBench& bench, const std::string& name, std::int64_t length) {
  return bench.call("iam", "CreatePolicy", R"({"PolicyName":")" + name + R"(","PolicyDocument":")" + document(length) + "\"}");
}
void roles(const QuotaRow& row) {
  counted(
      row, 2, {}, [](ProbeBench& bench, std::int64_t number) { return create_role(bench, "r" + std::to_string(number), 30, ""); },
      "LimitExceeded: Cannot exceed quota for RolesPerAccount: 2");
}
void policies(const QuotaRow& row) {
  counted(
      row, 2, {}, [](ProbeBench& bench, std::int64_t number) { return create_policy(bench, "p" + std::to_string(number), 30); },
      "LimitExceeded: Cannot exceed quota for PoliciesPerAccount: 2");
}
void policies_per_role(const QuotaRow& row) {
  counted(
      row, 2, [](ProbeBench& bench) { create_role(bench, "r", 30, ""); },
      [](ProbeBench& bench, std::int64_t number) {
        return bench.call("iam", "AttachRolePolicy",
                          R"({"RoleName":"r","PolicyArn":"arn:aws:iam::aws:policy/P)" + std::to_string(number) + "\"}");
      },
      "LimitExceeded: Cannot exceed quota for PoliciesPerRole: 2");
}
void trust_policy(const QuotaRow& row) {
  sized(
      row, row.value, [](ProbeBench& bench, std::int64_t amount) { return create_role(bench, "r", amount, ""); },
      "LimitExceeded: Cannot exceed quota for ACLSizePerRole: 2048");
}
void managed_policy(const QuotaRow& row) {
  sized(
      row, row.value, [](ProbeBench& bench, std::int64_t amount) { return create_policy(bench, "p", amount); },
      "LimitExceeded: Cannot exceed quota for PolicySize: 6144");
}
void inline_policies(const QuotaRow& row) {
  const auto put = [](ProbeBench& bench, const std::string& name, std::int64_t length) {
    return bench.call("iam", "PutRolePolicy",
                      R"({"RoleName":"r","PolicyName":")" + name + R"(","PolicyDocument":")" + document(length) + "\"}");
  };
  sized(
      row, row.value,
      [&](ProbeBench& bench, std::int64_t amount) {
        create_role(bench, "r", 30, "");
        put(bench, "a", 5000);
        return put(bench, "b", amount - 5000);
      },
      "LimitExceeded: Maximum policy size of 10240 bytes exceeded for role r");
}
void role_tags(const QuotaRow& row) {
  sized(
      row, row.value,
      [](ProbeBench& bench, std::int64_t amount) { return create_role(bench, "r", 30, R"(,"Tags":)" + tag_list(amount, "Key", "Value")); },
      "InvalidInput: The number of tags has reached the maximum limit.");
}

constexpr Probe iam_probes[] = {
    {"iam.roles", roles},
    {"iam.policies", policies},
    {"iam.policies-per-role", policies_per_role},
    {"iam.trust-policy", trust_policy},
    {"iam.managed-policy", managed_policy},
    {"iam.inline-policies", inline_policies},
    {"iam.tags", role_tags},
};
static_assert(each_has_a_probe(iam::quotas::rows, iam_probes), "a quota of IAM has no probe");

void role_session(const QuotaRow& row) {
  sized(
      row, row.value,
      [](ProbeBench& bench, std::int64_t amount) {
        return bench.call("sts", "AssumeRole",
                          R"({"RoleArn":"arn:aws:iam::000000000000:role/r","RoleSessionName":"session","DurationSeconds":)" +
                              std::to_string(amount) + "}");
      },
      "ValidationError: 1 validation error detected: Value '43201' at 'durationSeconds' failed to satisfy constraint: Member must have "
      "value less than or equal to 43200");
}
void session_token(const QuotaRow& row) {
  sized(
      row, row.value,
      [](ProbeBench& bench, std::int64_t amount) {
        return bench.call("sts", "GetSessionToken", R"({"DurationSeconds":)" + std::to_string(amount) + "}");
      },
      "ValidationError: 1 validation error detected: Value '129601' at 'durationSeconds' failed to satisfy constraint: Member must have "
      "value less than or equal to 129600");
}

constexpr Probe sts_probes[] = {
    {"sts.requests", rate_of_operations},
    {"sts.role-session", role_session},
    {"sts.session-token", session_token},
};
static_assert(each_has_a_probe(sts::quotas::rows, sts_probes), "a quota of STS has no probe");

std::vector<Probe> joined() {
  std::vector<Probe> all;
  for (const auto& list : {std::span<const Probe>(iam_probes), std::span<const Probe>(sts_probes)})
    all.insert(all.end(), list.begin(), list.end());
  return all;
}

}  // namespace

std::span<const Probe> identity_probes() {
  static const std::vector<Probe> all = joined();
  return all;
}

}  // namespace surgetank
