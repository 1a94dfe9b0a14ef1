#include "stack/schema_tables.h"

namespace surgetank::stack {
namespace {

using enum PropertyType;
using enum Need;
using enum Change;
constexpr Support none = Support::No;

constexpr PropertySchema tag_members[] = {{"Key", Text, Required}, {"Value", Text, Required}};
constexpr PropertySchema inline_members[] = {{"PolicyDocument", Document, Required}, {"PolicyName", Text, Required}};

constexpr PropertySchema role_properties[] = {
    {"AssumeRolePolicyDocument", Document, Required},
    {"Description"},
    {"ManagedPolicyArns", TextList},
    {"MaxSessionDuration", Integer},
    {"Path", Text, Optional, Replace},
    {"PermissionsBoundary", Text, Optional, InPlace, none},
    {"Policies", ObjectList, Optional, InPlace, Support::Yes, inline_members},
    {"RoleName", Text, Optional, Replace},
    {"Tags", ObjectList, Optional, InPlace, Support::Yes, tag_members},
};
constexpr std::string_view role_attributes[] = {"Arn", "RoleId"};

constexpr PropertySchema policy_properties[] = {
    {"Groups", TextList, Optional, InPlace, none},
    {"PolicyDocument", Document, Required},
    {"PolicyName", Text, Required},
    {"Roles", TextList, Required},
    {"Users", TextList, Optional, InPlace, none},
};
constexpr std::string_view policy_attributes[] = {"Id"};

// The service has no policy versions, so another document makes another policy.
constexpr PropertySchema managed_properties[] = {
    {"Description", Text, Optional, Replace},        {"Groups", TextList, Optional, InPlace, none},
    {"ManagedPolicyName", Text, Optional, Replace},  {"Path", Text, Optional, Replace},
    {"PolicyDocument", Document, Required, Replace}, {"Roles", TextList},
    {"Users", TextList, Optional, InPlace, none},
};
constexpr std::string_view managed_attributes[] = {"PolicyArn"};

constexpr ResourceSchema schemas[] = {
    {"AWS::IAM::ManagedPolicy", managed_properties, managed_attributes, "ManagedPolicyName"},
    {"AWS::IAM::Policy", policy_properties, policy_attributes},
    {"AWS::IAM::Role", role_properties, role_attributes, "RoleName"},
};

}  // namespace

std::span<const ResourceSchema> iam_schemas() { return schemas; }

}  // namespace surgetank::stack
