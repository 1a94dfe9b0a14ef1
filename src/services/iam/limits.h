#pragma once
// Quotas of IAM (AWS: "IAM and AWS STS quotas").
#include <cstddef>
#include <cstdint>

namespace surgetank::iam::limits {

inline constexpr std::size_t attached_policies = 10;
inline constexpr std::size_t trust_policy_characters = 131'072;  // of the request; the stored quota is 2,048 without white space
inline constexpr std::size_t tags = 50;
inline constexpr std::int64_t page = 100;
inline constexpr std::int64_t largest_page = 1000;
inline constexpr std::int64_t least_session_seconds = 3600;
inline constexpr std::int64_t longest_session_seconds = 43'200;

}  // namespace surgetank::iam::limits
