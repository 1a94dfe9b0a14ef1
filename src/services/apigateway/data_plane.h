#pragma once
// The URLs of the APIs themselves: http://{apiId}.execute-api.<anything>/[stage/]path, and for clients that cannot resolve such names
// http://<server>/_surgetank/execute-api/{apiId}/[stage/]path. Called on the connection's loop; everything after runs on the API's
// lane, the function's lane and the HTTP client's loop. Failures are answers as AWS gives them (README.md, "Failure mapping").
#include <string_view>

#include "kernel/operation.h"

namespace surgetank::apigateway {

bool claims(std::string_view host, std::string_view path);
void serve(ServiceContext& context, HttpRequest request, HttpReply reply);

}  // namespace surgetank::apigateway
