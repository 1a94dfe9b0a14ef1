#pragma once
// Quotas of IAM (AWS: "IAM and AWS STS quotas").
#include <cstddef>
#include <cstdint>

namespace surgetank::iam::limits {

inline constexpr std::size_t roles = 1'000;
inline constexpr std::size_t policies = 1'500;  // customer managed
inline constexpr std::size_t attached_policies = 10;
inline constexpr std::size_t trust_policy_characters = 131'072;  // of the request
// Without white space:
inline constexpr std::size_t trust_policy_length = 2'048;
inline constexpr std::size_t managed_policy_length = 6'144;
inline constexpr std::size_t inline_policies_length = 10'240;  // of a role together
inline constexpr std::size_t tags = 50;
inline constexpr std::int64_t page = 100;
inline constexpr std::int64_t largest_page = 1000;
inline constexpr std::int64_t least_session_seconds = 3600;
inline constexpr std::int64_t longest_session_seconds = 43'200;

}  // namespace surgetank::iam::limits
