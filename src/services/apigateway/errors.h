#pragma once
// Error codes of API Gateway v2 as the AWS API reference names them.
#include "base/result.h"

namespace surgetank::apigateway {

inline constexpr ErrorCode NotFoundException{"NotFoundException", 404};
inline constexpr ErrorCode BadRequestException{"BadRequestException", 400};
inline constexpr ErrorCode ConflictException{"ConflictException", 409};
inline constexpr ErrorCode TooManyRequestsException{"TooManyRequestsException", 429};

}  // namespace surgetank::apigateway
