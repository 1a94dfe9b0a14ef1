#include "kernel/ports.h"
#include "services/lambda/code_package.h"
#include "services/lambda/configuration.h"
#include "services/lambda/errors.h"
#include "services/lambda/function_store.h"
#include "services/lambda/operations.h"
#include "services/lambda/package_work.h"

namespace surgetank::lambda {
namespace {

constexpr std::string_view revision_source = "GetFunction/GetAlias";

Result<FunctionRecord> function_for_code(Call& call, const UpdateFunctionCodeRequest& request) {
  SURGE_TRY(target, resolve_unqualified(call, "lambda:UpdateFunctionCode", NameForm::FunctionName, request.FunctionName));
  SURGE_CHECK(check_architectures(request.Architectures));
  if (request.PublishTo) return unsupported("Publishing to a capacity provider (PublishTo)");
  SURGE_TRY(function, find_function(call, target));
  SURGE_CHECK(check_revision(request.RevisionId, function.latest.revision_id, revision_source));
  return std::move(function);
}

Result<FunctionConfiguration> save_code(Call& call, FunctionRecord function, const UpdateFunctionCodeRequest& request,
                                        const CodeRecord& code) {
  const auto before = function.latest;
  function.latest.code = code;
  if (!request.Architectures.empty()) function.latest.architectures = request.Architectures;
  mark_changed(call, function.latest);
  if (request.DryRun.value_or(false)) return configuration_of(call.caller, function.name, function.latest, {});
  retire_after_commit(call, function.name, before);
  if (request.Publish.value_or(false)) {
    const auto version = publish(call, function, std::nullopt);
    save_function(call, function);
    return configuration_of(call.caller, function.name, version, version.version);
  }
  save_function(call, function);
  return configuration_of(call.caller, function.name, function.latest, {});
}

Box registration(const UpdateFunctionCodeRequest& request, CodeRecord code) {
  Box box(*shape_of<RegisterFunctionCodeRequest>());
  auto& second_half = *static_cast<RegisterFunctionCodeRequest*>(box.get());
  second_half.FunctionName = request.FunctionName;
  second_half.Code = std::move(code);
  second_half.Request.FunctionName = request.FunctionName;
  second_half.Request.Publish = request.Publish;
  second_half.Request.DryRun = request.DryRun;
  second_half.Request.RevisionId = request.RevisionId;
  second_half.Request.Architectures = request.Architectures;
  return box;
}

}  // namespace

void update_function_code(Call& call, const UpdateFunctionCodeRequest& request, Reply<FunctionConfiguration> reply) {
  auto function = function_for_code(call, request);
  if (!function.ok()) return reply(std::move(function.error()));
  const auto source = code_source(call, code_members(request));
  if (!source.ok()) return reply(source.error());
  if (source->local) return reply(save_code(call, std::move(*function), request, *source->local));
  store_package_then(
      call, source->zip, "RegisterFunctionCode", [&request](CodeRecord code) { return registration(request, std::move(code)); },
      std::move(reply));
}

Result<FunctionConfiguration> register_function_code(Call& call, const RegisterFunctionCodeRequest& request) {
  SURGE_TRY(function, function_for_code(call, request.Request));
  return save_code(call, std::move(function), request.Request, request.Code);
}

Result<FunctionConfiguration> update_function_configuration(Call& call, const UpdateFunctionConfigurationRequest& request) {
  SURGE_TRY(target, resolve_unqualified(call, "lambda:UpdateFunctionConfiguration", NameForm::FunctionName, request.FunctionName));
  const auto settings = settings_of(request);
  SURGE_CHECK(check_settings(call.ports.quotas, settings));
  SURGE_TRY(function, find_function(call, target));
  SURGE_CHECK(check_revision(request.RevisionId, function.latest.revision_id, revision_source));
  const auto before = function.latest;
  SURGE_CHECK(apply_settings(settings, function.latest));
  mark_changed(call, function.latest);
  retire_after_commit(call, function.name, before);
  save_function(call, function);
  return configuration_of(call.caller, function.name, function.latest, {});
}

}  // namespace surgetank::lambda
