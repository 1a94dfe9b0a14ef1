#pragma once
// Error codes of Secrets Manager as the AWS API reference names them.
#include "base/result.h"

namespace surgetank::secretsmanager {

inline constexpr ErrorCode ResourceNotFoundException{"ResourceNotFoundException", 400};
inline constexpr ErrorCode ResourceExistsException{"ResourceExistsException", 400};
inline constexpr ErrorCode InvalidRequestException{"InvalidRequestException", 400};
inline constexpr ErrorCode InvalidParameterException{"InvalidParameterException", 400};
inline constexpr ErrorCode LimitExceededException{"LimitExceededException", 400};
inline constexpr ErrorCode InvalidNextTokenException{"InvalidNextTokenException", 400};
inline constexpr ErrorCode ThrottlingException{"ThrottlingException", 400};
inline constexpr ErrorCode DecryptionFailure{"DecryptionFailure", 400};
inline constexpr ErrorCode ValidationException{"ValidationException", 400};

}  // namespace surgetank::secretsmanager
