#pragma once
// Error codes of RDS as its API model names them.
#include "base/result.h"

namespace surgetank::rds {

inline constexpr ErrorCode DBInstanceAlreadyExists{"DBInstanceAlreadyExists", 400};
inline constexpr ErrorCode DBInstanceNotFound{"DBInstanceNotFound", 404};
inline constexpr ErrorCode InstanceQuotaExceeded{"InstanceQuotaExceeded", 400};
inline constexpr ErrorCode InvalidDBInstanceState{"InvalidDBInstanceState", 400};
inline constexpr ErrorCode InvalidParameterCombination{"InvalidParameterCombination", 400};
inline constexpr ErrorCode InvalidParameterValue{"InvalidParameterValue", 400};
inline constexpr ErrorCode MissingParameter{"MissingParameter", 400};

inline Error invalid_value(std::string message) { return {&InvalidParameterValue, std::move(message)}; }
inline Error invalid_combination(std::string message) { return {&InvalidParameterCombination, std::move(message)}; }

}  // namespace surgetank::rds
