#pragma once
// The configuration of a function: what a client may ask for, and how a version is shown. No storage, no clock.
// Texts are those of AWS; what AWS has and this server has not is refused by name.
#include <string_view>

#include "base/result.h"
#include "kernel/call.h"
#include "kernel/quotas.h"
#include "services/lambda/model.h"
#include "services/lambda/records.h"

namespace surgetank::lambda {

// The members that CreateFunction and UpdateFunctionConfiguration share. Absent: as it is.
struct FunctionSettings {
  Opt<String> Role;
  Opt<String> Handler;
  Opt<String> Description;
  Opt<Integer> Timeout;
  Opt<Integer> MemorySize;
  Opt<VpcSettings> VpcConfig;
  Opt<EnvironmentSettings> Environment;
  Opt<String> Runtime;
  Opt<DeadLetterSettings> DeadLetterConfig;
  Opt<String> KMSKeyArn;
  Opt<TracingSettings> TracingConfig;
  List<String> Layers;
  List<Document> FileSystemConfigs;
  Opt<Document> ImageConfig;
  Opt<EphemeralStorageSettings> EphemeralStorage;
  Opt<SnapStartSettings> SnapStart;
  Opt<LoggingSettings> LoggingConfig;
  Opt<Document> DurableConfig;
  Opt<Document> CapacityProviderConfig;
};
template <class Request>
FunctionSettings settings_of(const Request& request) {
  return {.Role = request.Role,
          .Handler = request.Handler,
          .Description = request.Description,
          .Timeout = request.Timeout,
          .MemorySize = request.MemorySize,
          .VpcConfig = request.VpcConfig,
          .Environment = request.Environment,
          .Runtime = request.Runtime,
          .DeadLetterConfig = request.DeadLetterConfig,
          .KMSKeyArn = request.KMSKeyArn,
          .TracingConfig = request.TracingConfig,
          .Layers = request.Layers,
          .FileSystemConfigs = request.FileSystemConfigs,
          .ImageConfig = request.ImageConfig,
          .EphemeralStorage = request.EphemeralStorage,
          .SnapStart = request.SnapStart,
          .LoggingConfig = request.LoggingConfig,
          .DurableConfig = request.DurableConfig,
          .CapacityProviderConfig = request.CapacityProviderConfig};
}

// Everything that can be said without knowing the function: constraints first, all at once, then what AWS checks after them.
Result<Unit> check_settings(Quotas* registry, const FunctionSettings& settings);
Result<Unit> check_architectures(const List<String>& architectures);
// Applies settings that passed check_settings(); refuses combinations that only the result shows.
Result<Unit> apply_settings(const FunctionSettings& settings, VersionRecord& version);

std::string log_group_of(const std::string& function_name, const VersionRecord& version);

// How a version is shown. `shown_qualifier` ends its ARN: a version, an alias, or nothing.
FunctionConfiguration configuration_of(const Caller& caller, const std::string& name, const VersionRecord& version,
                                       std::string_view shown_qualifier);
// The same in a listing, where AWS leaves the states out.
FunctionConfiguration listed_configuration_of(const Caller& caller, const std::string& name, const VersionRecord& version,
                                              std::string_view shown_qualifier);

}  // namespace surgetank::lambda
