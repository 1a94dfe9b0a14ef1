#pragma once
// The event that a Lambda function gets for a request: payload formats 2.0 and 1.0 of HTTP APIs
// (AWS: "Create AWS Lambda proxy integrations for HTTP APIs"; the project's facts, "Event payloads", 1.1 and 1.2). Pure.
#include <string>

#include "services/apigateway/exchange.h"

namespace surgetank::apigateway {

std::string event_2_0(const Exchange& exchange);
std::string event_1_0(const Exchange& exchange);
// Whether a body of that media type goes into the event as text; everything else goes in base64.
bool is_text(std::string_view content_type);

}  // namespace surgetank::apigateway
