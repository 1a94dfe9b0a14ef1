#pragma once
// The operations of Lambda by noun. Those with a FunctionName or an ARN run on the lane of that function.
#include "kernel/operation.h"
#include "services/lambda/concurrency_model.h"
#include "services/lambda/event_invoke_model.h"
#include "services/lambda/model.h"
#include "services/lambda/records.h"

namespace surgetank::lambda {

// Second half of operations whose package was stored away from the lane (package_work.h): internal.
struct RegisterFunctionRequest {
  String FunctionName;
  CreateFunctionRequest Request;  // without the package
  CodeRecord Code;
};
SURGE_SHAPE(RegisterFunctionRequest, FunctionName, Request, Code)
struct RegisterFunctionCodeRequest {
  String FunctionName;
  UpdateFunctionCodeRequest Request;  // without the package
  CodeRecord Code;
};
SURGE_SHAPE(RegisterFunctionCodeRequest, FunctionName, Request, Code)

// functions.cc
void create_function(Call& call, const CreateFunctionRequest& request, Reply<FunctionConfiguration> reply);
Result<FunctionConfiguration> register_function(Call& call, const RegisterFunctionRequest& request);
Result<GetFunctionResponse> get_function(Call& call, const QualifiedFunctionRequest& request);
Result<FunctionConfiguration> get_function_configuration(Call& call, const QualifiedFunctionRequest& request);
Result<Empty> delete_function(Call& call, const DeleteFunctionRequest& request);

// listing.cc
Result<ListFunctionsResponse> list_functions(Call& call, const ListFunctionsRequest& request);
Result<ListVersionsByFunctionResponse> list_versions_by_function(Call& call, const ListVersionsByFunctionRequest& request);
Result<ListAliasesResponse> list_aliases(Call& call, const ListAliasesRequest& request);
// What the account has stored, versions with it.
AccountUse account_use(Call& call);
Result<GetAccountSettingsResponse> get_account_settings(Call& call, const Empty& request);

// updates.cc
void update_function_code(Call& call, const UpdateFunctionCodeRequest& request, Reply<FunctionConfiguration> reply);
Result<FunctionConfiguration> register_function_code(Call& call, const RegisterFunctionCodeRequest& request);
Result<FunctionConfiguration> update_function_configuration(Call& call, const UpdateFunctionConfigurationRequest& request);

// versions.cc
Result<FunctionConfiguration> publish_version(Call& call, const PublishVersionRequest& request);

// aliases.cc
Result<AliasConfiguration> create_alias(Call& call, const CreateAliasRequest& request);
Result<AliasConfiguration> get_alias(Call& call, const AliasNameRequest& request);
Result<AliasConfiguration> update_alias(Call& call, const UpdateAliasRequest& request);
Result<Empty> delete_alias(Call& call, const AliasNameRequest& request);

// invoke.cc
void invoke(Call& call, const InvokeRequest& request, Reply<InvokeResponse> reply);

Result<InvokeAsyncResponse> invoke_async(Call& call, const InvokeAsyncRequest& request);

// async_settle.cc, async_delivery.cc
Result<Empty> settle_event(Call& call, const SettleEventRequest& request);
void deliver_event(Call& call, const DeliverEventRequest& request, Reply<Empty> reply);

// event_invoke_config.cc
Result<FunctionEventInvokeConfig> put_function_event_invoke_config(Call& call, const FunctionEventInvokeConfigRequest& request);
Result<FunctionEventInvokeConfig> update_function_event_invoke_config(Call& call, const FunctionEventInvokeConfigRequest& request);
Result<FunctionEventInvokeConfig> get_function_event_invoke_config(Call& call, const QualifiedFunctionRequest& request);
Result<Empty> delete_function_event_invoke_config(Call& call, const QualifiedFunctionRequest& request);
Result<ListFunctionEventInvokeConfigsResponse> list_function_event_invoke_configs(Call& call,
                                                                                  const ListFunctionEventInvokeConfigsRequest& request);

// function_concurrency.cc
Result<FunctionConcurrencyReply> put_function_concurrency(Call& call, const PutFunctionConcurrencyRequest& request);
Result<FunctionConcurrencyReply> get_function_concurrency(Call& call, const FunctionNameRequest& request);
Result<Empty> delete_function_concurrency(Call& call, const FunctionNameRequest& request);

// provisioned_concurrency.cc
Result<ProvisionedConcurrencyConfig> put_provisioned_concurrency_config(Call& call, const PutProvisionedConcurrencyConfigRequest& request);
Result<ProvisionedConcurrencyConfig> get_provisioned_concurrency_config(Call& call, const ProvisionedConcurrencyConfigRequest& request);
Result<Empty> delete_provisioned_concurrency_config(Call& call, const ProvisionedConcurrencyConfigRequest& request);
Result<ListProvisionedConcurrencyConfigsResponse> list_provisioned_concurrency_configs(
    Call& call, const ListProvisionedConcurrencyConfigsRequest& request);

// tags.cc
Result<Empty> tag_resource(Call& call, const TagResourceRequest& request);
Result<Empty> untag_resource(Call& call, const UntagResourceRequest& request);
Result<ListTagsResponse> list_tags(Call& call, const ListTagsRequest& request);

// permissions.cc
Result<AddPermissionResponse> add_permission(Call& call, const AddPermissionRequest& request);
Result<Empty> remove_permission(Call& call, const RemovePermissionRequest& request);
Result<GetPolicyResponse> get_policy(Call& call, const QualifiedFunctionRequest& request);

// --- shared between the files above ----------------------------------------------------------------------------------

// Publishes $LATEST, unless nothing has changed since its last publication: then that version is answered again.
VersionRecord publish(Call& call, FunctionRecord& function, const Opt<String>& description);
AliasConfiguration shown_alias(const Caller& caller, const std::string& function_name, const AliasRecord& alias);
Result<Unit> check_tags(const Map<String>& tags);

}  // namespace surgetank::lambda
