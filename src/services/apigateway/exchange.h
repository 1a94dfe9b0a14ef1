#pragma once
// One request on its way through the data plane: the request, what it matched, and what both mean for events and mappings.
// Owned by the one handler that serves it; moved from thread to thread, never shared.
#include <memory>
#include <string>
#include <string_view>

#include "kernel/http.h"
#include "kernel/trace_context.h"
#include "services/apigateway/compiled_api.h"

namespace surgetank::apigateway {

struct Exchange {
  HttpRequest request;
  HttpReply reply;
  std::shared_ptr<const CompiledApi> api;
  const CompiledStage* stage = nullptr;
  RouteMatch match;
  std::string path;         // as sent, with the stage, without the path form's prefix
  std::string_view query;   // as sent
  std::string domain_name;  // Host without port
  std::string request_id;   // as AWS's extended id: 15 characters and "="
  Instant started;
  TraceContext trace;  // of the request; parent is the gateway's span
  std::string span_id;
  std::string outer_parent;  // span id of the client, if it sent one

  const Integration& integration() const { return *match.route->integration; }
  bool invokes_function() const {
    return match.route != nullptr && match.route->integration && match.route->integration->integrationType == "AWS_PROXY";
  }
};

// Decoded query parameters in order of appearance.
std::vector<std::pair<std::string, std::string>> query_parameters(std::string_view query);
// The value of a "$context." variable; empty if there is none of that name.
std::string context_variable(const Exchange& exchange, std::string_view name);

}  // namespace surgetank::apigateway
