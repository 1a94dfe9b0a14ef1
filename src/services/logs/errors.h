#pragma once
// Error codes of CloudWatch Logs as the AWS API reference names them.
#include "base/result.h"

namespace surgetank::logs {

inline constexpr ErrorCode ResourceNotFoundException{"ResourceNotFoundException", 400};
inline constexpr ErrorCode ResourceAlreadyExistsException{"ResourceAlreadyExistsException", 400};
inline constexpr ErrorCode InvalidParameterException{"InvalidParameterException", 400};
inline constexpr ErrorCode LimitExceededException{"LimitExceededException", 400};
inline constexpr ErrorCode ThrottlingException{"ThrottlingException", 400};
inline constexpr ErrorCode ValidationException{"ValidationException", 400};

}  // namespace surgetank::logs
