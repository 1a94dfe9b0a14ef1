#pragma once
// Every storage key of Service Quotas.
//   servicequotas/value/<quota id>                        -> ValueRecord: what a user has set; for the whole server
//   servicequotas/profile/                                -> ProfileRecord: the profile that was chosen last
//   servicequotas/request/<account><region><request id>   -> RequestedQuota
#include "kernel/keys.h"

namespace surgetank::servicequotas::keys {

inline std::string values() { return "servicequotas/value/"; }
inline std::string value(std::string_view id) { return values() + std::string(id); }
inline std::string profile() { return "servicequotas/profile/"; }
inline std::string requests(const Caller& caller) { return service_key("servicequotas", "request", caller); }
inline std::string request(const Caller& caller, std::string_view id) { return service_key("servicequotas", "request", caller, {id}); }

}  // namespace surgetank::servicequotas::keys
