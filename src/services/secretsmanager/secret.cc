#include "services/secretsmanager/secret.h"

#include <algorithm>

namespace surgetank::secretsmanager {
namespace {

constexpr std::string_view arn_marker = ":secret:";
constexpr std::size_t suffix_length = 7;  // "-" and six letters or digits

bool has_suffix(std::string_view text) {
  if (text.size() <= suffix_length || text[text.size() - suffix_length] != '-') return false;
  return std::all_of(text.end() - suffix_length + 1, text.end(),
                     [](char c) { return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); });
}

std::string_view without_arn_prefix(std::string_view text) {
  const auto at = text.find(arn_marker);
  return is_arn(text) && at != std::string_view::npos ? text.substr(at + arn_marker.size()) : text;
}

void drop_label(List<String>& labels, std::string_view label) {
  labels.erase(std::remove(labels.begin(), labels.end(), label), labels.end());
}

}  // namespace

std::optional<std::string> version_with_label(const SecretRecord& secret, std::string_view label) {
  for (const auto& [id, version] : secret.versions)
    if (std::find(version.stages.begin(), version.stages.end(), label) != version.stages.end()) return id;
  return std::nullopt;
}

void add_version(SecretRecord& secret, const std::string& version_id, List<String> labels, bool binary, Instant now) {
  if (!version_with_label(secret, current_label) && std::find(labels.begin(), labels.end(), current_label) == labels.end())
    labels.emplace_back(current_label);
  secret.versions[version_id] = {.created = now, .stages = {}, .binary = binary, .sequence = secret.next_sequence++};
  for (const auto& label : labels) move_label(secret, label, version_id);
  secret.changed = now;
}

void move_label(SecretRecord& secret, std::string_view label, const std::optional<std::string>& to) {
  const auto from = version_with_label(secret, label);
  if (from == to) return;
  if (from) drop_label(secret.versions[*from].stages, label);
  if (to) secret.versions[*to].stages.emplace_back(label);
  if (label == current_label && from) move_label(secret, previous_label, from);
}

std::vector<std::string> prune_versions(SecretRecord& secret, std::size_t most) {
  std::vector<std::pair<std::int64_t, std::string>> deprecated;
  for (const auto& [id, version] : secret.versions)
    if (version.stages.empty()) deprecated.emplace_back(version.sequence, id);
  std::sort(deprecated.begin(), deprecated.end());
  std::vector<std::string> pruned;
  for (const auto& [sequence, id] : deprecated) {
    if (secret.versions.size() <= most) break;
    secret.versions.erase(id);
    pruned.push_back(id);
  }
  return pruned;
}

bool is_arn(std::string_view client_name) { return client_name.substr(0, 4) == "arn:"; }

std::string aggregate_key(std::string_view client_name) {
  auto rest = without_arn_prefix(client_name);
  while (has_suffix(rest)) rest.remove_suffix(suffix_length);
  return std::string(rest);
}

std::vector<std::string> candidate_names(std::string_view client_name) {
  const auto rest = without_arn_prefix(client_name);
  std::vector<std::string> names;
  if (is_arn(client_name) && has_suffix(rest)) names.emplace_back(rest.substr(0, rest.size() - suffix_length));
  names.emplace_back(rest);
  return names;
}

}  // namespace surgetank::secretsmanager
