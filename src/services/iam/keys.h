#pragma once
// Every storage key of IAM (global: no region).
//   iam/role/<account><><name>      -> RoleRecord (with inline and attached policies)
//   iam/policy/<account><><name>    -> PolicyRecord (customer managed)
#include "kernel/keys.h"

namespace surgetank::iam::keys {

inline std::string roles(const Caller& caller) { return global_service_key("iam", "role", caller); }
inline std::string role(const Caller& caller, std::string_view name) { return global_service_key("iam", "role", caller, {name}); }
inline std::string policies(const Caller& caller) { return global_service_key("iam", "policy", caller); }
inline std::string policy(const Caller& caller, std::string_view name) { return global_service_key("iam", "policy", caller, {name}); }

}  // namespace surgetank::iam::keys
