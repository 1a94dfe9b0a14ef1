#pragma once
// Every storage key of API Gateway. API ids are unique over all accounts, so that the data plane finds an API by its id alone.
//   apigateway/api/<api id>                      -> ApiRecord
//   apigateway/list/<account><region><api id>    -> (empty): which APIs an account has in a region
#include "kernel/keys.h"

namespace surgetank::apigateway::keys {

inline std::string api(std::string_view api_id) {
  std::string key = "apigateway/api/";
  append_key_part(key, api_id);
  return key;
}
inline std::string list(const Caller& caller) { return service_key("apigateway", "list", caller); }
inline std::string list(const Caller& caller, std::string_view api_id) { return service_key("apigateway", "list", caller, {api_id}); }

}  // namespace surgetank::apigateway::keys
