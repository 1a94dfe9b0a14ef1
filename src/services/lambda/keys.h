#pragma once
// Every storage key of Lambda.
//   lambda/function/<account><region><name>                  -> FunctionRecord ($LATEST, tags, counters)
//   lambda/version/<account><region><name><number, 8 bytes>  -> VersionRecord of a published version
//   lambda/alias/<account><region><name><alias>              -> AliasRecord
//   lambda/policy/<account><region><name><qualifier or "">   -> PolicyRecord
//   lambda/event-invoke/<account><region><name><qualifier>   -> EventInvokeRecord
//   lambda/provisioned/<account><region><name><qualifier>    -> ProvisionedRecord of a version or an alias
//   lambda/event/<account><region><name><due, 8 bytes><id, 8 bytes> -> EventRecord: an asynchronous event that waits or runs
//   lambda/event-payload/<account><region><name><id, 8 bytes>       -> its payload, as it came
#include "kernel/keys.h"

namespace surgetank::lambda::keys {

inline constexpr std::string_view all_functions = "lambda/function/";
inline constexpr std::string_view all_versions = "lambda/version/";

inline std::string functions(const Caller& caller) { return service_key("lambda", "function", caller); }
inline std::string function(const Caller& caller, std::string_view name) { return service_key("lambda", "function", caller, {name}); }
inline std::string account_versions(const Caller& caller) { return service_key("lambda", "version", caller); }
inline std::string versions(const Caller& caller, std::string_view name) { return service_key("lambda", "version", caller, {name}); }
inline std::string version(const Caller& caller, std::string_view name, std::uint64_t number) {
  auto key = versions(caller, name);
  append_key_number(key, number);
  return key;
}
inline std::string aliases(const Caller& caller, std::string_view name) { return service_key("lambda", "alias", caller, {name}); }
inline std::string alias(const Caller& caller, std::string_view name, std::string_view alias_name) {
  return service_key("lambda", "alias", caller, {name, alias_name});
}
inline std::string policies(const Caller& caller, std::string_view name) { return service_key("lambda", "policy", caller, {name}); }
inline std::string policy(const Caller& caller, std::string_view name, std::string_view qualifier) {
  return service_key("lambda", "policy", caller, {name, qualifier});
}
inline std::string event_invokes(const Caller& caller, std::string_view name) {
  return service_key("lambda", "event-invoke", caller, {name});
}
inline std::string event_invoke(const Caller& caller, std::string_view name, std::string_view qualifier) {
  return service_key("lambda", "event-invoke", caller, {name, qualifier});
}
inline constexpr std::string_view all_provisioned = "lambda/provisioned/";
inline std::string account_provisioned(const Caller& caller) { return service_key("lambda", "provisioned", caller); }
inline std::string provisioned_of(const Caller& caller, std::string_view name) {
  return service_key("lambda", "provisioned", caller, {name});
}
inline std::string provisioned(const Caller& caller, std::string_view name, std::string_view qualifier) {
  return service_key("lambda", "provisioned", caller, {name, qualifier});
}
inline constexpr std::string_view all_events = "lambda/event/";
inline std::string events(const Caller& caller, std::string_view name) { return service_key("lambda", "event", caller, {name}); }
inline std::string event(const Caller& caller, std::string_view name, Instant due, std::uint64_t id) {
  auto key = events(caller, name);
  append_key_number(key, static_cast<std::uint64_t>(due.us));
  append_key_number(key, id);
  return key;
}
inline std::string event_payload(const Caller& caller, std::string_view name, std::uint64_t id) {
  auto key = service_key("lambda", "event-payload", caller, {name});
  append_key_number(key, id);
  return key;
}

}  // namespace surgetank::lambda::keys
