#pragma once
// Every storage key of RDS.
//   rds/instance/<account><region><identifier> -> InstanceRecord
#include "kernel/keys.h"

namespace surgetank::rds::keys {

// All instances of all accounts and regions: what Service::start looks at.
inline constexpr std::string_view every_instance = "rds/instance/";
inline std::string instances(const Caller& caller) { return service_key("rds", "instance", caller); }
inline std::string instance(const Caller& caller, std::string_view identifier) {
  return service_key("rds", "instance", caller, {identifier});
}

}  // namespace surgetank::rds::keys
