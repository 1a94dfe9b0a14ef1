#pragma once
// Every storage key of a service starts alike: service, account, region, kind; then the service's own parts (its keys.h).
#include <initializer_list>
#include <string>
#include <string_view>

#include "kernel/call.h"
#include "storage/store.h"

namespace surgetank {

inline std::string service_key(std::string_view service, std::string_view kind, const Caller& caller,
                               std::initializer_list<std::string_view> parts = {}) {
  std::string key(service);
  key += '/';
  key += kind;
  key += '/';
  append_key_part(key, caller.account);
  append_key_part(key, caller.region);
  for (const auto part : parts) append_key_part(key, part);
  return key;
}

// The same for a global service: the region part is empty.
inline std::string global_service_key(std::string_view service, std::string_view kind, const Caller& caller,
                                      std::initializer_list<std::string_view> parts = {}) {
  Caller everywhere;
  everywhere.account = caller.account;
  return service_key(service, kind, everywhere, parts);
}

}  // namespace surgetank
