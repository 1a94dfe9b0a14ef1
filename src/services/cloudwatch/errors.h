#pragma once
// Error codes of CloudWatch as the AWS API reference names them; the second name is the older query protocol's.
#include "base/result.h"

namespace surgetank::cloudwatch {

inline constexpr ErrorCode InvalidParameterValueException{"InvalidParameterValueException", 400, "InvalidParameterValue"};
inline constexpr ErrorCode InvalidParameterCombinationException{"InvalidParameterCombinationException", 400, "InvalidParameterCombination"};
inline constexpr ErrorCode MissingRequiredParameterException{"MissingRequiredParameterException", 400, "MissingParameter"};
inline constexpr ErrorCode InvalidNextToken{"InvalidNextToken", 400};
inline constexpr ErrorCode ThrottlingException{"ThrottlingException", 400, "Throttling"};
inline constexpr ErrorCode ValidationError{"ValidationError", 400};

}  // namespace surgetank::cloudwatch
