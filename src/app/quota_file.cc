#include "app/quota_file.h"

#include <yaml-cpp/yaml.h>

#include <fstream>
#include <sstream>

#include "app/client.h"
#include "base/text.h"

namespace surgetank {
namespace {

constexpr std::size_t largest_file = 1024 * 1024;

bool is_known(std::string_view id, std::span<const Service* const> services) {
  for (const auto* service : services)
    for (const auto& row : service->quotas)
      if (row.id == id) return true;
  return false;
}

std::string read_file(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  if (!file) throw CommandError("--quotas " + path + ": neither a profile (aws, aws-new-account, none) nor a file that can be read");
  std::string text(largest_file + 1, '\0');
  file.read(text.data(), static_cast<std::streamsize>(text.size()));
  text.resize(static_cast<std::size_t>(file.gcount()));
  if (text.size() > largest_file) throw CommandError("--quotas " + path + ": the file is larger than 1 MiB");
  return text;
}

}  // namespace

QuotaDefaults parse_quota_file(std::string_view text, std::string_view source, std::span<const Service* const> services) {
  const std::string where(source);
  YAML::Node root;
  try {
    root = YAML::Load(std::string(text));
  } catch (const YAML::Exception& error) {
    throw CommandError(where + ": " + error.what());
  }
  if (!root.IsMap()) throw CommandError(where + ": a map of quota ids and values is expected");
  QuotaDefaults defaults{.origin = QuotaDefaults::Origin::User};
  for (const auto& entry : root) {
    if (!entry.first.IsScalar() || !entry.second.IsScalar()) throw CommandError(where + ": every quota is a name and one value");
    const auto& id = entry.first.Scalar();
    const auto& value = entry.second.Scalar();
    if (id == "profile") {
      const auto profile = quota_profile(value);
      if (!profile) throw CommandError(where + ": profile " + value + ": one of aws, aws-new-account, none is expected");
      defaults.profile = *profile;
      continue;
    }
    if (!is_known(id, services)) throw CommandError(where + ": there is no quota " + id + "; surgetank quotas list shows them");
    const auto number = parse_integer(value);
    if (!number || *number < 0) throw CommandError(where + ": " + id + ": " + value + " is not a whole number of at least 0");
    defaults.values[id] = *number;
  }
  return defaults;
}

QuotaDefaults quota_defaults(const std::string& name_or_path, std::span<const Service* const> services) {
  if (name_or_path.empty()) return {};
  if (const auto profile = quota_profile(name_or_path)) return {.origin = QuotaDefaults::Origin::User, .profile = *profile, .values = {}};
  return parse_quota_file(read_file(name_or_path), name_or_path, services);
}

}  // namespace surgetank
