#pragma once
// Cross-origin resource sharing as an HTTP API configures it (AWS: "Configure CORS for HTTP APIs"): the gateway answers preflight
// requests itself and overrides what an integration says. Pure.
#include <optional>

#include "kernel/http.h"
#include "services/apigateway/model.h"

namespace surgetank::apigateway {

// The answer to a preflight request; nullopt if `request` is none.
std::optional<HttpResponse> preflight(const Cors& cors, const HttpRequest& request);
// Replaces the Access-Control-* headers of an answer by the configured ones.
void apply_cors(const Cors& cors, const HttpRequest& request, HttpResponse& response);

}  // namespace surgetank::apigateway
