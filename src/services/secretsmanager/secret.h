#pragma once
// The secret as a state machine: versions and their staging labels. No storage, no clock, no JSON.
// AWSCURRENT is on exactly one version once there is a value; the version it leaves gets AWSPREVIOUS; AWSPENDING and own labels
// are on at most one version each. A version without labels is deprecated and may be pruned.
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "services/secretsmanager/model.h"

namespace surgetank::secretsmanager {

inline constexpr std::string_view current_label = "AWSCURRENT";
inline constexpr std::string_view previous_label = "AWSPREVIOUS";

// The version that carries `label`; nullopt if none.
std::optional<std::string> version_with_label(const SecretRecord& secret, std::string_view label);

// Adds a version and moves `labels` to it (AWSCURRENT if it is the first).
void add_version(SecretRecord& secret, const std::string& version_id, List<String> labels, bool binary, Instant now);

// Moves one label to a version, or takes it away from all (nullopt). Moving AWSCURRENT moves AWSPREVIOUS along.
void move_label(SecretRecord& secret, std::string_view label, const std::optional<std::string>& to);

// Takes the oldest deprecated versions out until at most `most` versions are left; returns their ids.
std::vector<std::string> prune_versions(SecretRecord& secret, std::size_t most);

// --- names -----------------------------------------------------------------------------------------------------------

// The lane key that a name, an ARN and a partial ARN of one secret share: the text without any trailing "-xxxxxx" parts,
// because only the stored record can tell an ARN's random suffix from the end of a name.
std::string aggregate_key(std::string_view client_name);
// The names that `client_name` may mean, likeliest first.
std::vector<std::string> candidate_names(std::string_view client_name);
bool is_arn(std::string_view client_name);

}  // namespace surgetank::secretsmanager
