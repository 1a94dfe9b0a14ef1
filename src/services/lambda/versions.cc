#include "kernel/validation.h"
#include "services/lambda/configuration.h"
#include "services/lambda/errors.h"
#include "services/lambda/function_store.h"
#include "services/lambda/limits.h"
#include "services/lambda/operations.h"

namespace surgetank::lambda {

VersionRecord publish(Call& call, FunctionRecord& function, const Opt<String>& description) {
  if (function.published_environment_id == function.latest.environment_id)
    if (auto last = find_published(call, function.name, std::to_string(function.last_version))) return std::move(*last);
  auto version = function.latest;
  version.version = std::to_string(++function.last_version);
  version.description = description.value_or(version.description);
  version.revision_id = call.random.uuid();
  function.published_environment_id = function.latest.environment_id;
  save_version(call, function.name, version);
  return version;
}

Result<FunctionConfiguration> publish_version(Call& call, const PublishVersionRequest& request) {
  SURGE_TRY(target, resolve_unqualified(call, "lambda:PublishVersion", NameForm::FunctionName, request.FunctionName));
  SURGE_CHECK(Validation().length("description", request.Description, 0, limits::description_characters).finish(ValidationException));
  if (request.PublishTo) return unsupported("Publishing to a capacity provider (PublishTo)");
  SURGE_TRY(function, find_function(call, target));
  SURGE_CHECK(check_revision(request.RevisionId, function.latest.revision_id, "GetFunction/GetAlias"));
  const auto& current = function.latest.code.sha256;
  if (!request.CodeSha256.value_or("").empty() && *request.CodeSha256 != current)
    return invalid_parameter("CodeSHA256 (" + *request.CodeSha256 + ") is different from current CodeSHA256 in $LATEST (" + current +
                             "). Please try again with the CodeSHA256 in $LATEST.");
  const auto version = publish(call, function, request.Description);
  save_function(call, function);
  return configuration_of(call.caller, function.name, version, version.version);
}

}  // namespace surgetank::lambda
