#include <algorithm>

#include "base/text.h"
#include "kernel/record.h"
#include "kernel/validation.h"
#include "services/secretsmanager/errors.h"
#include "services/secretsmanager/keys.h"
#include "services/secretsmanager/limits.h"
#include "services/secretsmanager/operations.h"

namespace surgetank::secretsmanager {
namespace {

// AWS compares filter values as case-insensitive prefixes of words; the first letter '!' negates. Names are split into words at
// the characters below.
constexpr std::string_view word_breaks = " /_+=.@-";

bool starts_with_ignoring_case(std::string_view text, std::string_view prefix) {
  return text.size() >= prefix.size() && equals_ignoring_case(text.substr(0, prefix.size()), prefix);
}

bool matches_text(std::string_view text, std::string_view value) {
  if (starts_with_ignoring_case(text, value)) return true;
  for (std::size_t i = 1; i < text.size(); ++i)
    if (word_breaks.find(text[i - 1]) != std::string_view::npos && starts_with_ignoring_case(text.substr(i), value)) return true;
  return false;
}

bool matches_value(const SecretRecord& secret, std::string_view key, std::string_view value) {
  const auto any_tag = [&](auto matches) { return std::any_of(secret.tags.begin(), secret.tags.end(), matches); };
  if (key == "name") return starts_with_ignoring_case(secret.name, value);
  if (key == "description") return secret.description && matches_text(*secret.description, value);
  if (key == "tag-key") return any_tag([&](const Tag& tag) { return starts_with_ignoring_case(tag.Key, value); });
  if (key == "tag-value") return any_tag([&](const Tag& tag) { return starts_with_ignoring_case(tag.Value.value_or(""), value); });
  if (key == "all") {
    return matches_text(secret.name, value) || matches_value(secret, "description", value) || matches_value(secret, "tag-key", value) ||
           matches_value(secret, "tag-value", value);
  }
  return false;  // "primary-region" and "owning-service": no secret here is a replica or owned by a service
}

SecretListEntry entry_of(const SecretRecord& secret) {
  SecretListEntry entry{.ARN = secret.arn,
                        .Name = secret.name,
                        .Description = secret.description,
                        .KmsKeyId = secret.kms_key_id,
                        .LastChangedDate = secret.changed,
                        .LastAccessedDate = secret.accessed,
                        .DeletedDate = secret.deleted,
                        .CreatedDate = secret.created,
                        .Tags = secret.tags,
                        .SecretVersionsToStages = {}};
  for (const auto& [id, version] : secret.versions)
    if (!version.stages.empty()) entry.SecretVersionsToStages[id] = version.stages;
  return entry;
}

}  // namespace

bool matches_filters(const SecretRecord& secret, const List<Filter>& filters) {
  return std::all_of(filters.begin(), filters.end(), [&](const Filter& filter) {
    return std::any_of(filter.Values.begin(), filter.Values.end(), [&](std::string_view value) {
      if (!value.empty() && value.front() == '!') return !matches_value(secret, filter.Key, value.substr(1));
      return matches_value(secret, filter.Key, value);
    });
  });
}

Result<ListSecretsResponse> list_secrets(Call& call, const ListSecretsRequest& request) {
  Validation validation;
  validation.range("maxResults", request.MaxResults, 1, limits::list_page).one_of("sortOrder", request.SortOrder, {"asc", "desc"});
  for (const auto& filter : request.Filters)
    validation.one_of("filters.member.key", filter.Key,
                      {"description", "name", "tag-key", "tag-value", "primary-region", "owning-service", "all"});
  SURGE_CHECK(validation.finish(ValidationException));

  std::vector<SecretRecord> secrets;
  scan_records<SecretRecord>(call.txn, keys::secrets(call.caller), [&](SecretRecord secret) {
    if (!secret.deleted || request.IncludePlannedDeletion.value_or(false)) secrets.push_back(std::move(secret));
    return true;
  });
  std::erase_if(secrets, [&](const SecretRecord& secret) { return !matches_filters(secret, request.Filters); });
  const bool ascending = request.SortOrder == "asc";
  std::stable_sort(secrets.begin(), secrets.end(),
                   [&](const SecretRecord& a, const SecretRecord& b) { return ascending ? a.created < b.created : b.created < a.created; });

  std::size_t first = 0;
  if (request.NextToken) {
    const auto name = from_base64(*request.NextToken);
    const auto at = std::find_if(secrets.begin(), secrets.end(), [&](const SecretRecord& secret) { return name && secret.name == *name; });
    if (at == secrets.end()) return Error{&InvalidNextTokenException, "The NextToken value is invalid."};
    first = static_cast<std::size_t>(at - secrets.begin());
  }
  ListSecretsResponse response;
  auto& list = response.SecretList.emplace();
  const auto page = static_cast<std::size_t>(request.MaxResults.value_or(limits::list_page));
  for (std::size_t i = first; i < secrets.size() && list.size() < page; ++i) list.push_back(entry_of(secrets[i]));
  if (first + list.size() < secrets.size()) response.NextToken = to_base64(secrets[first + list.size()].name);
  return response;
}

}  // namespace surgetank::secretsmanager
