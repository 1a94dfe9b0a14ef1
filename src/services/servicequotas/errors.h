#pragma once
// Error codes of Service Quotas as its API model names them.
#include "base/result.h"

namespace surgetank::servicequotas {

inline constexpr ErrorCode NoSuchResourceException{"NoSuchResourceException", 400};
inline constexpr ErrorCode IllegalArgumentException{"IllegalArgumentException", 400};
inline constexpr ErrorCode InvalidPaginationTokenException{"InvalidPaginationTokenException", 400};

}  // namespace surgetank::servicequotas
