#pragma once
// Error codes of IAM as the AWS API reference names them.
#include "base/result.h"

namespace surgetank::iam {

inline constexpr ErrorCode NoSuchEntity{"NoSuchEntity", 404};
inline constexpr ErrorCode EntityAlreadyExists{"EntityAlreadyExists", 409};
inline constexpr ErrorCode DeleteConflict{"DeleteConflict", 409};
inline constexpr ErrorCode MalformedPolicyDocument{"MalformedPolicyDocument", 400};
inline constexpr ErrorCode LimitExceeded{"LimitExceeded", 409};
inline constexpr ErrorCode InvalidInput{"InvalidInput", 400};
inline constexpr ErrorCode ValidationError{"ValidationError", 400};

}  // namespace surgetank::iam
