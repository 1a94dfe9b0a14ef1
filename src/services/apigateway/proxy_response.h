#pragma once
// What a Lambda function answered, as an HTTP response (AWS: "Lambda function response for format 1.0 / 2.0"). Pure.
#include <optional>
#include <string_view>

#include "kernel/http.h"

namespace surgetank::apigateway {

// Format 2.0: without "statusCode" the whole answer is the body of a 200; format 1.0 requires it.
// nullopt: the answer has not the form that AWS accepts (the client gets a 500).
std::optional<HttpResponse> response_2_0(std::string_view function_answer);
std::optional<HttpResponse> response_1_0(std::string_view function_answer);

}  // namespace surgetank::apigateway
