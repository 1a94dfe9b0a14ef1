#pragma once
// Error codes of API Gateway v2 as the AWS API reference names them.
#include "base/result.h"

namespace surgetank::apigateway {

inline constexpr ErrorCode NotFoundException{"NotFoundException", 404};
inline constexpr ErrorCode BadRequestException{"BadRequestException", 400};
inline constexpr ErrorCode ConflictException{"ConflictException", 409};
inline constexpr ErrorCode TooManyRequestsException{"TooManyRequestsException", 429};
// Of the data plane, whose answers carry no code.
inline constexpr ErrorCode RequestEntityTooLarge{"RequestEntityTooLarge", 413};
inline constexpr ErrorCode RequestHeaderFieldsTooLarge{"RequestHeaderFieldsTooLarge", 431};

}  // namespace surgetank::apigateway
