#include "services/lambda/service.h"

#include "services/lambda/async_events.h"
#include "services/lambda/code_download.h"
#include "services/lambda/code_sweep.h"
#include "services/lambda/concurrency.h"
#include "services/lambda/errors.h"
#include "services/lambda/event_source_operations.h"
#include "services/lambda/event_source_pollers.h"
#include "services/lambda/event_source_store.h"
#include "services/lambda/function_cache.h"
#include "services/lambda/limits.h"
#include "services/lambda/operations.h"
#include "services/lambda/quotas.h"

namespace surgetank::lambda {
namespace {

constexpr Operation operations[] = {
    async_op<create_function>("CreateFunction", Access::Write, "FunctionName").rest("POST", "/2015-03-31/functions", 201),
    op<get_function>("GetFunction", Access::Read, "FunctionName").rest("GET", "/2015-03-31/functions/{FunctionName}"),
    op<get_function_configuration>("GetFunctionConfiguration", Access::Read, "FunctionName")
        .rest("GET", "/2015-03-31/functions/{FunctionName}/configuration"),
    op<list_functions>("ListFunctions", Access::Read).rest("GET", "/2015-03-31/functions"),
    async_op<update_function_code>("UpdateFunctionCode", Access::Write, "FunctionName")
        .rest("PUT", "/2015-03-31/functions/{FunctionName}/code"),
    op<update_function_configuration>("UpdateFunctionConfiguration", Access::Write, "FunctionName")
        .rest("PUT", "/2015-03-31/functions/{FunctionName}/configuration"),
    op<delete_function>("DeleteFunction", Access::Write, "FunctionName").rest("DELETE", "/2015-03-31/functions/{FunctionName}", 204),
    async_op<invoke>("Invoke", Access::Read, "FunctionName").rest("POST", "/2015-03-31/functions/{FunctionName}/invocations"),
    op<invoke_async>("InvokeAsync", Access::Read, "FunctionName").rest("POST", "/2014-11-13/functions/{FunctionName}/invoke-async/", 202),
    op<settle_event>("SettleEvent", Access::Internal, "FunctionName"),
    async_op<deliver_event>("DeliverEvent", Access::Internal, "FunctionName"),
    op<put_function_event_invoke_config>("PutFunctionEventInvokeConfig", Access::Write, "FunctionName")
        .rest("PUT", "/2019-09-25/functions/{FunctionName}/event-invoke-config"),
    op<update_function_event_invoke_config>("UpdateFunctionEventInvokeConfig", Access::Write, "FunctionName")
        .rest("POST", "/2019-09-25/functions/{FunctionName}/event-invoke-config"),
    op<get_function_event_invoke_config>("GetFunctionEventInvokeConfig", Access::Read, "FunctionName")
        .rest("GET", "/2019-09-25/functions/{FunctionName}/event-invoke-config"),
    op<delete_function_event_invoke_config>("DeleteFunctionEventInvokeConfig", Access::Write, "FunctionName")
        .rest("DELETE", "/2019-09-25/functions/{FunctionName}/event-invoke-config", 204),
    op<list_function_event_invoke_configs>("ListFunctionEventInvokeConfigs", Access::Read, "FunctionName")
        .rest("GET", "/2019-09-25/functions/{FunctionName}/event-invoke-config/list"),
    op<register_function>("RegisterFunction", Access::Internal, "FunctionName"),
    op<register_function_code>("RegisterFunctionCode", Access::Internal, "FunctionName"),

    op<publish_version>("PublishVersion", Access::Write, "FunctionName").rest("POST", "/2015-03-31/functions/{FunctionName}/versions", 201),
    op<list_versions_by_function>("ListVersionsByFunction", Access::Read, "FunctionName")
        .rest("GET", "/2015-03-31/functions/{FunctionName}/versions"),
    op<create_alias>("CreateAlias", Access::Write, "FunctionName").rest("POST", "/2015-03-31/functions/{FunctionName}/aliases", 201),
    op<get_alias>("GetAlias", Access::Read, "FunctionName").rest("GET", "/2015-03-31/functions/{FunctionName}/aliases/{Name}"),
    op<update_alias>("UpdateAlias", Access::Write, "FunctionName").rest("PUT", "/2015-03-31/functions/{FunctionName}/aliases/{Name}"),
    op<delete_alias>("DeleteAlias", Access::Write, "FunctionName")
        .rest("DELETE", "/2015-03-31/functions/{FunctionName}/aliases/{Name}", 204),
    op<list_aliases>("ListAliases", Access::Read, "FunctionName").rest("GET", "/2015-03-31/functions/{FunctionName}/aliases"),

    op<add_permission>("AddPermission", Access::Write, "FunctionName").rest("POST", "/2015-03-31/functions/{FunctionName}/policy", 201),
    op<remove_permission>("RemovePermission", Access::Write, "FunctionName")
        .rest("DELETE", "/2015-03-31/functions/{FunctionName}/policy/{StatementId}", 204),
    op<get_policy>("GetPolicy", Access::Read, "FunctionName").rest("GET", "/2015-03-31/functions/{FunctionName}/policy"),
    op<tag_resource>("TagResource", Access::Write, "Resource").rest("POST", "/2017-03-31/tags/{ARN}", 204),
    op<untag_resource>("UntagResource", Access::Write, "Resource").rest("DELETE", "/2017-03-31/tags/{ARN}", 204),
    op<list_tags>("ListTags", Access::Read, "Resource").rest("GET", "/2017-03-31/tags/{ARN}"),

    async_op<create_event_source_mapping>("CreateEventSourceMapping", Access::Write).rest("POST", "/2015-03-31/event-source-mappings", 202),
    op<get_event_source_mapping>("GetEventSourceMapping", Access::Read).rest("GET", "/2015-03-31/event-source-mappings/{UUID}"),
    op<list_event_source_mappings>("ListEventSourceMappings", Access::Read).rest("GET", "/2015-03-31/event-source-mappings"),
    async_op<update_event_source_mapping>("UpdateEventSourceMapping", Access::Write)
        .rest("PUT", "/2015-03-31/event-source-mappings/{UUID}", 202),
    op<delete_event_source_mapping>("DeleteEventSourceMapping", Access::Write)
        .rest("DELETE", "/2015-03-31/event-source-mappings/{UUID}", 202),
    op<register_event_source_mapping>("RegisterEventSourceMapping", Access::Internal),
    op<revise_event_source_mapping>("ReviseEventSourceMapping", Access::Internal),
    op<settle_event_source_mapping>("SettleEventSourceMapping", Access::Internal),

    op<put_function_concurrency>("PutFunctionConcurrency", Access::Write, "FunctionName")
        .rest("PUT", "/2017-10-31/functions/{FunctionName}/concurrency"),
    op<get_function_concurrency>("GetFunctionConcurrency", Access::Read, "FunctionName")
        .rest("GET", "/2019-09-30/functions/{FunctionName}/concurrency"),
    op<delete_function_concurrency>("DeleteFunctionConcurrency", Access::Write, "FunctionName")
        .rest("DELETE", "/2017-10-31/functions/{FunctionName}/concurrency", 204),
    op<put_provisioned_concurrency_config>("PutProvisionedConcurrencyConfig", Access::Write, "FunctionName")
        .rest("PUT", "/2019-09-30/functions/{FunctionName}/provisioned-concurrency", 202),
    op<get_provisioned_concurrency_config>("GetProvisionedConcurrencyConfig", Access::Read, "FunctionName")
        .rest("GET", "/2019-09-30/functions/{FunctionName}/provisioned-concurrency"),
    op<delete_provisioned_concurrency_config>("DeleteProvisionedConcurrencyConfig", Access::Write, "FunctionName")
        .rest("DELETE", "/2019-09-30/functions/{FunctionName}/provisioned-concurrency", 204),
    op<list_provisioned_concurrency_configs>("ListProvisionedConcurrencyConfigs", Access::Read, "FunctionName")
        .rest("GET", "/2019-09-30/functions/{FunctionName}/provisioned-concurrency?List=ALL"),

    op<get_account_settings>("GetAccountSettings", Access::Read).rest("GET", "/2016-08-19/account-settings"),
};
constexpr Protocol protocols[] = {Protocol::RestJson};

void start(ServiceContext& context) {
  sweep_code(context);
  tell_runner_of_all(context);
  resume_events(context);
  start_event_sources(context);
}

}  // namespace

constinit const Service service{.name = "lambda",
                                .signing_name = "lambda",
                                .api_version = "2015-03-31",
                                .protocols = protocols,
                                .operations = operations,
                                .errors = {.missing_parameter = &ValidationException, .malformed = nullptr},
                                .make_state = &make_function_cache,
                                .aggregate = &lane_key,
                                .data_plane = {.claims = &claims_code_download, .serve = &serve_code_download},
                                .start = &start,
                                .request_limit_bytes = limits::control_request_bytes,
                                .title = "Lambda",
                                .quotas = quotas::rows};

}  // namespace surgetank::lambda
