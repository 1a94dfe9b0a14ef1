#pragma once
// Every storage key of Secrets Manager.
//   secretsmanager/secret/<account><region><name>            -> SecretRecord
//   secretsmanager/value/<account><region><name><version id> -> the value, sealed by the vault for its ARN and version
#include "kernel/keys.h"

namespace surgetank::secretsmanager::keys {

inline std::string secrets(const Caller& caller) { return service_key("secretsmanager", "secret", caller); }
inline std::string secret(const Caller& caller, std::string_view name) { return service_key("secretsmanager", "secret", caller, {name}); }
inline std::string values(const Caller& caller, std::string_view name) { return service_key("secretsmanager", "value", caller, {name}); }
inline std::string value(const Caller& caller, std::string_view name, std::string_view version_id) {
  return service_key("secretsmanager", "value", caller, {name, version_id});
}

}  // namespace surgetank::secretsmanager::keys
