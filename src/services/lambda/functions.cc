#include "kernel/ports.h"
#include "kernel/validation.h"
#include "services/lambda/code_download.h"
#include "services/lambda/code_package.h"
#include "services/lambda/concurrency.h"
#include "services/lambda/configuration.h"
#include "services/lambda/errors.h"
#include "services/lambda/function_name.h"
#include "services/lambda/function_store.h"
#include "services/lambda/limits.h"
#include "services/lambda/operations.h"
#include "services/lambda/package_work.h"

namespace surgetank::lambda {
namespace {

Result<Unit> check_unsupported(const CreateFunctionRequest& request) {
  if (request.PackageType == "Image" || !request.Code.ImageUri.value_or("").empty())
    return unsupported("A container image (PackageType Image)");
  if (!request.CodeSigningConfigArn.value_or("").empty()) return unsupported("Code signing (CodeSigningConfigArn)");
  if (request.TenancyConfig) return unsupported("Tenant isolation (TenancyConfig)");
  if (request.PublishTo) return unsupported("Publishing to a capacity provider (PublishTo)");
  return Unit{};
}

// Everything but the code. Both halves of the operation ask, since the world may change in between.
Result<Target> check_creation(Call& call, const CreateFunctionRequest& request) {
  SURGE_TRY(target, resolve_unqualified(call, "lambda:CreateFunction", NameForm::FunctionName, request.FunctionName));
  SURGE_CHECK(Validation()
                  .length("functionName", target.name, 1, limits::function_name_characters)
                  .one_of("packageType", request.PackageType, {"Image", "Zip"})
                  .finish(ValidationException));
  SURGE_CHECK(check_architectures(request.Architectures));
  SURGE_CHECK(check_unsupported(request));
  SURGE_CHECK(check_settings(call.ports.quotas, settings_of(request)));
  if (!request.Runtime || !request.Handler)
    return invalid_parameter("Runtime and Handler are mandatory parameters for functions created with deployment packages.");
  SURGE_CHECK(check_tags(request.Tags));
  if (find_function(call, target).ok()) return fault(ResourceConflictException, "Function already exist: " + target.name);
  return std::move(target);
}

Result<FunctionConfiguration> save_new_function(Call& call, const Target& target, const CreateFunctionRequest& request,
                                                const CodeRecord& code) {
  FunctionRecord function;
  function.name = target.name;
  function.tags = request.Tags;
  function.latest.code = code;
  function.latest.architectures = request.Architectures.empty() ? List<String>{"x86_64"} : request.Architectures;
  SURGE_CHECK(apply_settings(settings_of(request), function.latest));
  mark_changed(call, function.latest);
  if (request.Publish.value_or(false)) {
    const auto version = publish(call, function, std::nullopt);
    save_function(call, function);
    return configuration_of(call.caller, function.name, version, version.version);
  }
  save_function(call, function);
  return configuration_of(call.caller, function.name, function.latest, {});
}

Box registration(const CreateFunctionRequest& request, CodeRecord code) {
  Box box(*shape_of<RegisterFunctionRequest>());
  auto& second_half = *static_cast<RegisterFunctionRequest*>(box.get());
  second_half.FunctionName = request.FunctionName;
  second_half.Code = std::move(code);
  auto& copy = second_half.Request;
  copy = request;
  copy.Code = {};
  return box;
}

}  // namespace

void create_function(Call& call, const CreateFunctionRequest& request, Reply<FunctionConfiguration> reply) {
  const auto target = check_creation(call, request);
  if (!target.ok()) return reply(target.error());
  const auto source = code_source(call, code_members(request.Code));
  if (!source.ok()) return reply(source.error());
  if (source->local) return reply(save_new_function(call, *target, request, *source->local));
  store_package_then(
      call, source->zip, "RegisterFunction", [&request](CodeRecord code) { return registration(request, std::move(code)); },
      std::move(reply));
}

Result<FunctionConfiguration> register_function(Call& call, const RegisterFunctionRequest& request) {
  SURGE_TRY(target, check_creation(call, request.Request));
  return save_new_function(call, target, request.Request, request.Code);
}

namespace {

Opt<FunctionConcurrencyReply> concurrency_of(const FunctionRecord& function) {
  if (!function.reserved_concurrency) return std::nullopt;
  return FunctionConcurrencyReply{.ReservedConcurrentExecutions = function.reserved_concurrency};
}

}  // namespace

Result<GetFunctionResponse> get_function(Call& call, const QualifiedFunctionRequest& request) {
  SURGE_TRY(target, resolve(call, "lambda:GetFunction", NameForm::NamespacedFunctionName, request.FunctionName, request.Qualifier));
  SURGE_TRY(version, find_version(call, target));
  SURGE_TRY(function, find_function(call, target));
  return GetFunctionResponse{.Configuration = configuration_of(call.caller, target.name, version, target.qualifier),
                             .Code = code_location(call, version.code),
                             .Tags = function.tags,
                             .Concurrency = concurrency_of(function)};
}

Result<FunctionConfiguration> get_function_configuration(Call& call, const QualifiedFunctionRequest& request) {
  SURGE_TRY(target,
            resolve(call, "lambda:GetFunctionConfiguration", NameForm::NamespacedFunctionName, request.FunctionName, request.Qualifier));
  SURGE_TRY(version, find_version(call, target));
  return configuration_of(call.caller, target.name, version, target.qualifier);
}

Result<Empty> delete_function(Call& call, const DeleteFunctionRequest& request) {
  SURGE_TRY(target, resolve(call, "lambda:DeleteFunction", NameForm::FunctionName, request.FunctionName, request.Qualifier));
  if (target.qualifier == latest_version) return invalid_parameter("$LATEST version cannot be deleted without deleting the function.");
  if (is_alias_name(target.qualifier)) return invalid_parameter("Deletion of aliases is not currently supported.");
  SURGE_TRY(function, find_function(call, {.name = target.name, .qualifier = {}}));
  if (target.qualifier.empty()) {
    retire_after_commit(call, target.name, function.latest);
    for (const auto& version : published_versions(call, target.name)) retire_after_commit(call, target.name, version);
    erase_function(call, target.name);
    tell_runner_after_commit(call, target.name);
    return Empty{};
  }
  const auto version = find_published(call, target.name, target.qualifier);
  if (!version) return Empty{};
  for (const auto& alias : aliases_of(call, target.name))
    if (alias.function_version == target.qualifier || alias.weights.contains(target.qualifier))
      return fault(ResourceConflictException, "Unable to delete version because the following aliases reference it: [" + alias.name + "]");
  retire_after_commit(call, target.name, *version);
  erase_version(call, target.name, target.qualifier);
  tell_runner_after_commit(call, target.name);
  return Empty{};
}

}  // namespace surgetank::lambda
