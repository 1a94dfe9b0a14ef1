#pragma once
// Parameter mapping of HTTP_PROXY integrations (AWS: "Transform API requests and responses for HTTP APIs"): what goes to the
// backend and what comes back. Keys are "append|overwrite|remove:header.<name>", "...:querystring.<name>", "overwrite:path" and, for
// responses, "overwrite:statuscode"; values are text with $request., $response., $context. and $stageVariables. variables. Pure.
#include <string>
#include <utility>
#include <vector>

#include "base/result.h"
#include "services/apigateway/exchange.h"

namespace surgetank::apigateway {

// What an HTTP proxy integration sends.
struct ProxyRequest {
  std::string method;
  std::string url;  // without query
  std::vector<std::pair<std::string, std::string>> query;
  std::vector<std::pair<std::string, std::string>> headers;
};

// Errors: BadRequestException for malformed keys, reserved headers and unknown variables.
Result<Unit> check_mappings(const Integration& integration);
ProxyRequest proxy_request(const Exchange& exchange);
// Changes the backend's answer by the mapping of its status code.
void map_response(const Exchange& exchange, HttpResponse& response);

}  // namespace surgetank::apigateway
