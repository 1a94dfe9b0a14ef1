#pragma once
// Profiles as files: YAML or JSON, read with the limits of templates (size, depth, aliases) and bounds of its own; everything wrong is told
// with its place and what to write instead. docs/guides/simulate.md describes the format; write_profile writes all of it.
//
//   functions:
//     CreateOrder:
//       memory_mb: 256
//       timeout: 10
//       init: {p50: 180, p99: 400}          # milliseconds: a number, {p50, p99}, {exponential: mean} or {values: [...]}
//       steps:
//         - compute: 4
//         - aws: SecretsManager.GetSecretValue
//           time: {p50: 12, p99: 100}
//         - connect: Database
//           time: 40
//   routes:
//     POST /orders: {function: CreateOrder}
#include <optional>
#include <string>
#include <string_view>

#include "windtunnel/prediction/profile.h"

namespace surgetank::prediction {

inline constexpr std::size_t most_routes = 300;
inline constexpr std::size_t most_quotas = 1'000;
inline constexpr std::size_t most_functions = 300;
inline constexpr std::size_t most_queues = 300;
inline constexpr std::size_t most_databases = 50;
inline constexpr std::size_t most_steps = 64;     // of one function
inline constexpr std::size_t most_warm_ups = 16;  // the same

// Either a profile, or text for the user: "profile.yaml:12: ...".
struct ProfileReading {
  std::optional<Profile> profile;
  std::string problem;
};
ProfileReading read_profile(std::string_view text, std::string_view file_name);

// JSON that read_profile takes.
std::string write_profile(const Profile& profile);

// Lower-case letters, digits and dashes, as eu-west-2.
bool is_region(std::string_view text);

// What is wrong with a profile however it was made: names that lead nowhere, numbers out of bounds. Empty: nothing.
std::string check_profile(const Profile& profile);

}  // namespace surgetank::prediction
