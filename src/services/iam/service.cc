#include "services/iam/service.h"

#include "services/iam/errors.h"
#include "services/iam/operations.h"
#include "services/iam/quotas.h"

namespace surgetank::iam {
namespace {

// Everything runs on the account's one lane: policies and roles refer to each other, and nobody calls IAM often.
constexpr Operation operations[] = {
    op<create_role>("CreateRole", Access::Write),
    op<get_role>("GetRole", Access::Read),
    op<list_roles>("ListRoles", Access::Read),
    op<update_role>("UpdateRole", Access::Write),
    op<update_assume_role_policy>("UpdateAssumeRolePolicy", Access::Write),
    op<delete_role>("DeleteRole", Access::Write),
    op<tag_role>("TagRole", Access::Write),
    op<untag_role>("UntagRole", Access::Write),
    op<list_role_tags>("ListRoleTags", Access::Read),
    op<attach_role_policy>("AttachRolePolicy", Access::Write),
    op<detach_role_policy>("DetachRolePolicy", Access::Write),
    op<list_attached_role_policies>("ListAttachedRolePolicies", Access::Read),
    op<put_role_policy>("PutRolePolicy", Access::Write),
    op<get_role_policy>("GetRolePolicy", Access::Read),
    op<delete_role_policy>("DeleteRolePolicy", Access::Write),
    op<list_role_policies>("ListRolePolicies", Access::Read),
    op<create_policy>("CreatePolicy", Access::Write),
    op<get_policy>("GetPolicy", Access::Read),
    op<get_policy_version>("GetPolicyVersion", Access::Read),
    op<list_policies>("ListPolicies", Access::Read),
    op<delete_policy>("DeletePolicy", Access::Write),
};
constexpr Protocol protocols[] = {Protocol::Query};

}  // namespace

constinit const Service service{.name = "iam",
                                .signing_name = "iam",
                                .api_version = "2010-05-08",
                                .xml_namespace = "https://iam.amazonaws.com/doc/2010-05-08/",
                                .protocols = protocols,
                                .operations = operations,
                                .errors = {.missing_parameter = &ValidationError, .malformed = &ValidationError},
                                .title = "IAM",
                                .scope = ServiceScope::Global,
                                .quotas = quotas::rows};

}  // namespace surgetank::iam
