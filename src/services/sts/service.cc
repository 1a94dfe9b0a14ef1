#include "services/sts/service.h"

#include <algorithm>

#include "base/text.h"
#include "kernel/credentials.h"
#include "kernel/ports.h"
#include "kernel/quotas.h"
#include "kernel/validation.h"
#include "services/sts/model.h"
#include "services/sts/quotas.h"

namespace surgetank::sts {
namespace {

using quotas::ValidationError;
constexpr ErrorCode AccessDenied{"AccessDenied", 403};

constexpr std::int64_t least_duration_seconds = 900;
constexpr std::int64_t default_session_seconds = 43'200;  // of GetSessionToken

Result<GetCallerIdentityResponse> get_caller_identity(Call& call, const Empty&) {
  return GetCallerIdentityResponse{.UserId = call.caller.user_id, .Account = call.account(), .Arn = call.caller.principal_arn};
}

struct RoleName {
  std::string account;
  std::string name;  // without path
};

std::optional<RoleName> parse_role_arn(std::string_view arn) {
  const auto parts = split(arn, ':');
  if (parts.size() != 6 || parts[0] != "arn" || parts[2] != "iam" || parts[4].size() != 12) return std::nullopt;
  const auto resource = parts[5];
  if (resource.substr(0, 5) != "role/" || resource.size() == 5) return std::nullopt;
  return RoleName{std::string(parts[4]), std::string(resource.substr(resource.rfind('/') + 1))};
}

bool valid_session_name(std::string_view name) {
  return std::all_of(name.begin(), name.end(), [](char c) {
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
           std::string_view("_=,.@-+").find(c) != std::string_view::npos;
  });
}

StsCredentials credentials_of(TemporaryCredentials issued) {
  return {.AccessKeyId = issued.access_key_id,
          .SecretAccessKey = issued.secret_access_key.reveal(),
          .SessionToken = std::move(issued.session_token),
          .Expiration = issued.expiration};
}

// Trust policies are stored and shown by IAM but not enforced yet: any caller may assume a role of its own account.
Result<AssumeRoleResponse> assume_role(Call& call, const AssumeRoleRequest& request) {
  auto* registry = call.ports.quotas;
  auto checked = Validation()
                     .length("roleArn", request.RoleArn, 20, 2048)
                     .length("roleSessionName", request.RoleSessionName, 2, 64)
                     .pattern("roleSessionName", request.RoleSessionName, "[\\w+=,.@-]*", valid_session_name(request.RoleSessionName))
                     .range("durationSeconds", request.DurationSeconds, least_duration_seconds, quota_value(registry, quotas::role_session))
                     .finish(ValidationError);
  SURGE_CHECK(naming_quotas(registry, {{quotas::role_session, request.DurationSeconds}}, std::move(checked)));
  const auto role = parse_role_arn(request.RoleArn);
  if (!role) return Error{&ValidationError, request.RoleArn + " is invalid"};
  if (role->account != call.account())
    return Error{&AccessDenied,
                 "User: " + call.caller.principal_arn + " is not authorized to perform: sts:AssumeRole on resource: " + request.RoleArn};
  const auto role_id = "AROA" + call.random.from_alphabet("ABCDEFGHIJKLMNOPQRSTUVWXYZ234567", 17);
  const Principal principal{.account = role->account,
                            .arn = "arn:aws:sts::" + role->account + ":assumed-role/" + role->name + "/" + request.RoleSessionName,
                            .user_id = role_id + ":" + request.RoleSessionName,
                            .role_arn = request.RoleArn};
  const auto expiration = call.now + seconds(request.DurationSeconds.value_or(3600));
  AssumeRoleResponse response;
  response.Credentials = credentials_of(call.ports.credentials->issue(principal, expiration, call.random));
  response.AssumedRoleUser_ = {.AssumedRoleId = principal.user_id, .Arn = principal.arn};
  response.SourceIdentity = request.SourceIdentity;
  return response;
}

Result<GetSessionTokenResponse> get_session_token(Call& call, const GetSessionTokenRequest& request) {
  auto* registry = call.ports.quotas;
  auto checked =
      Validation()
          .range("durationSeconds", request.DurationSeconds, least_duration_seconds, quota_value(registry, quotas::session_token))
          .finish(ValidationError);
  SURGE_CHECK(naming_quotas(registry, {{quotas::session_token, request.DurationSeconds}}, std::move(checked)));
  const Principal principal{
      .account = call.account(), .arn = call.caller.principal_arn, .user_id = call.caller.user_id, .role_arn = call.caller.role_arn};
  const auto expiration = call.now + seconds(request.DurationSeconds.value_or(default_session_seconds));
  return GetSessionTokenResponse{credentials_of(call.ports.credentials->issue(principal, expiration, call.random))};
}

Result<GetAccessKeyInfoResponse> get_access_key_info(Call& call, const GetAccessKeyInfoRequest& request) {
  SURGE_CHECK(Validation().length("accessKeyId", request.AccessKeyId, 4, 128).finish(ValidationError));
  const bool is_account = request.AccessKeyId.size() == 12 && parse_integer(request.AccessKeyId).has_value();
  return GetAccessKeyInfoResponse{is_account ? request.AccessKeyId : call.account()};
}

constexpr Operation operations[] = {
    op<get_caller_identity>("GetCallerIdentity", Access::Read),
    op<assume_role>("AssumeRole", Access::Read),
    op<get_session_token>("GetSessionToken", Access::Read),
    op<get_access_key_info>("GetAccessKeyInfo", Access::Read),
};
constexpr Protocol protocols[] = {Protocol::Query};

}  // namespace

constinit const Service service{.name = "sts",
                                .signing_name = "sts",
                                .api_version = "2011-06-15",
                                .xml_namespace = "https://sts.amazonaws.com/doc/2011-06-15/",
                                .protocols = protocols,
                                .operations = operations,
                                .errors = {.missing_parameter = &ValidationError, .malformed = &ValidationError},
                                .title = "STS",
                                .scope = ServiceScope::Global,
                                .quotas = quotas::rows};

}  // namespace surgetank::sts
