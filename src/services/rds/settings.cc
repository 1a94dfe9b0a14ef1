#include "services/rds/settings.h"

#include <algorithm>

#include "base/text.h"
#include "kernel/ports.h"
#include "kernel/quotas.h"
#include "services/rds/errors.h"
#include "services/rds/instance_classes.h"
#include "services/rds/limits.h"
#include "services/rds/quotas.h"

namespace surgetank::rds {
namespace {

bool is_letter(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); }
bool is_digit(char c) { return c >= '0' && c <= '9'; }
bool is_word(std::string_view text) {
  return std::all_of(text.begin(), text.end(), [](char c) { return is_letter(c) || is_digit(c) || c == '_'; });
}

// How a member must look to be refused.
enum class When : std::uint8_t { Given, True };
struct Refused {
  std::string_view member;
  When when;
};
constexpr Refused refused_members[] = {
    {"MultiAZ", When::True},
    {"EnableIAMDatabaseAuthentication", When::True},
    {"ManageMasterUserPassword", When::True},
    {"RotateMasterUserPassword", When::True},
    {"MasterUserSecretKmsKeyId", When::Given},
    {"DBClusterIdentifier", When::Given},
    {"DBSecurityGroups", When::Given},
    {"CharacterSetName", When::Given},
    {"NcharCharacterSetName", When::Given},
    {"TdeCredentialArn", When::Given},
    {"TdeCredentialPassword", When::Given},
    {"Domain", When::Given},
    {"DomainFqdn", When::Given},
    {"DomainOu", When::Given},
    {"DomainAuthSecretArn", When::Given},
    {"DomainDnsIps", When::Given},
    {"DomainIAMRoleName", When::Given},
    {"Timezone", When::Given},
    {"ProcessorFeatures", When::Given},
    {"EnableCustomerOwnedIp", When::True},
    {"CustomIamInstanceProfile", When::Given},
    {"DBSystemId", When::Given},
    {"DedicatedLogVolume", When::True},
    {"MultiTenant", When::True},
    {"NewDBInstanceIdentifier", When::Given},
    {"ReplicaMode", When::Given},
    {"AutomationMode", When::Given},
};

// Whether the member is there (and, for When::True, true), through the shape: the two requests share one table.
bool is_asked_for(const Shape& shape, const void* request, const Refused& refused) {
  const auto* member = find_member(shape, refused.member);
  if (member == nullptr) return false;
  struct Seen {
    const Refused& refused;
    const Type& element;
    bool asked = false;
  } seen{refused, *member->type->element};
  member->type->each(static_cast<const char*>(request) + member->offset, &seen, [](void* context, std::string_view, const void* element) {
    auto& found = *static_cast<Seen*>(context);
    const bool is_false = found.element.kind == Type::Kind::Boolean && !*static_cast<const bool*>(element);
    if (found.refused.when == When::Given || !is_false) found.asked = true;
  });
  return seen.asked;
}

Result<Unit> refuse_members(const Shape& shape, const void* request) {
  for (const auto& refused : refused_members)
    if (is_asked_for(shape, request, refused))
      return invalid_combination("The parameter " + std::string(refused.member) + (refused.when == When::True ? "=true" : "") +
                                 " is not supported by Surgetank.");
  return Unit{};
}

Result<Unit> refuse_groups(const Opt<String>& parameter_group, const Opt<String>& option_group) {
  if (parameter_group && !parameter_group->starts_with("default."))
    return invalid_combination(
        "The parameter DBParameterGroupName is not supported by Surgetank: there are only default parameter groups (" + *parameter_group +
        ").");
  if (option_group && !option_group->starts_with("default:"))
    return invalid_combination("The parameter OptionGroupName is not supported by Surgetank: there are only default option groups (" +
                               *option_group + ").");
  return Unit{};
}

Result<Unit> check_class(const std::string& instance_class) {
  if (!class_memory_mib(instance_class)) return invalid_value("Invalid DB Instance class: " + instance_class);
  return Unit{};
}

Result<Unit> check_storage(std::int64_t gib, std::string_view type) {
  const auto least = type == "standard" ? limits::least_magnetic_storage_gib : limits::least_storage_gib;
  if (gib < least || gib > limits::greatest_storage_gib)
    return invalid_value("Invalid storage size for engine name postgres and storage type " + std::string(type) + ": " +
                         std::to_string(gib));
  return Unit{};
}

Result<Unit> check_storage_type(const Opt<String>& type) {
  constexpr std::string_view types[] = {"standard", "gp2", "gp3", "io1", "io2"};
  if (type && std::find(std::begin(types), std::end(types), *type) == std::end(types))
    return invalid_value("Invalid storage type: " + *type);
  return Unit{};
}

Result<Unit> check_port(const Opt<Integer>& port) {
  if (port && (*port < limits::least_port || *port > limits::greatest_port))
    return invalid_value("Invalid endpoint port " + std::to_string(*port) +
                         ", valid port must be greater than or equal to 1150 and less than or equal to 65535.");
  return Unit{};
}

Result<Unit> check_backups(const Opt<Integer>& days) {
  if (days && (*days < 0 || *days > limits::greatest_backup_retention_days))
    return invalid_value("Invalid backup retention period: " + std::to_string(*days) + ". Must be between 0 and 35.");
  return Unit{};
}

Result<Unit> check_password(std::string_view password) {
  const auto allowed = [](char c) { return c > ' ' && c <= '~' && c != '/' && c != '@' && c != '"'; };
  if (!std::all_of(password.begin(), password.end(), allowed))
    return invalid_value(
        "The parameter MasterUserPassword is not a valid password. Only printable ASCII characters besides '/', '@', '\"', ' ' may be "
        "used.");
  if (password.size() < limits::shortest_password)
    return invalid_value("The parameter MasterUserPassword is not a valid password because it is shorter than 8 characters.");
  if (password.size() > limits::longest_password)
    return invalid_value("The parameter MasterUserPassword is not a valid password because it is longer than 128 characters.");
  return Unit{};
}

Result<Unit> check_master_username(std::string_view name) {
  constexpr std::string_view reserved[] = {"admin",         "public",          "none",         "user",   "rdsadmin",
                                           "rds_superuser", "rds_replication", "rds_password", "rds_iam"};
  if (name.empty() || name.size() > limits::name_characters || !is_letter(name[0]) || !is_word(name))
    return invalid_value(
        "The parameter MasterUsername is not a valid identifier. It must begin with a letter, contain only letters, digits and "
        "underscores, and have 1 to 63 characters.");
  const auto lower = to_lower(name);
  if (lower.starts_with("pg_") || std::find(std::begin(reserved), std::end(reserved), lower) != std::end(reserved))
    return invalid_value("MasterUsername " + std::string(name) + " cannot be used as it is a reserved word used by the engine");
  return Unit{};
}

Result<Unit> check_database_name(std::string_view name) {
  constexpr std::string_view reserved[] = {"rdsadmin", "template0", "template1"};
  if (name.empty() || !is_letter(name[0]) || !is_word(name))
    return invalid_value("DBName must begin with a letter and contain only alphanumeric characters.");
  if (name.size() > limits::name_characters) return invalid_value("DBName must have at most 63 characters.");
  const auto lower = to_lower(name);
  if (std::find(std::begin(reserved), std::end(reserved), lower) != std::end(reserved))
    return invalid_value("DBName " + std::string(name) + " cannot be used. It is a reserved word for this engine");
  return Unit{};
}

// Characters of UTF-8: every byte that continues none.
std::size_t character_count(std::string_view text) {
  return static_cast<std::size_t>(
      std::count_if(text.begin(), text.end(), [](char c) { return (static_cast<unsigned char>(c) & 0xc0) != 0x80; }));
}

Error missing(std::string_view member) {
  return {&MissingParameter, "The parameter " + std::string(member) + " must be provided and must not be blank."};
}

}  // namespace

Result<Unit> refuse_unsupported(const CreateDBInstanceMessage& request) {
  SURGE_CHECK(refuse_members(*shape_of<CreateDBInstanceMessage>(), &request));
  return refuse_groups(request.DBParameterGroupName, request.OptionGroupName);
}

Result<Unit> refuse_unsupported(const ModifyDBInstanceMessage& request) {
  SURGE_CHECK(refuse_members(*shape_of<ModifyDBInstanceMessage>(), &request));
  return refuse_groups(request.DBParameterGroupName, request.OptionGroupName);
}

Result<Unit> check_identifier(std::string_view identifier) {
  const bool plain = std::all_of(identifier.begin(), identifier.end(), [](char c) { return is_letter(c) || is_digit(c) || c == '-'; });
  if (!plain || identifier.empty() || !is_letter(identifier[0]) || identifier.back() == '-' || contains(identifier, "--") ||
      identifier.size() > limits::identifier_characters)
    return invalid_value(
        "The parameter DBInstanceIdentifier is not a valid identifier. Identifiers must begin with a letter; must contain only ASCII "
        "letters, digits, and hyphens; and must not end with a hyphen or contain two consecutive hyphens.");
  return Unit{};
}

Result<Unit> check_create(Call& call, const CreateDBInstanceMessage& request) {
  SURGE_CHECK(check_identifier(request.DBInstanceIdentifier));
  if (request.Engine != "postgres")
    return invalid_value("Invalid DB engine: " + request.Engine + " is not supported by Surgetank; supported: postgres.");
  SURGE_CHECK(refuse_unsupported(request));
  SURGE_CHECK(check_class(request.DBInstanceClass));
  if (!request.MasterUsername || request.MasterUsername->empty()) return missing("MasterUsername");
  if (!request.MasterUserPassword || request.MasterUserPassword->empty()) return missing("MasterUserPassword");
  if (!request.AllocatedStorage) return missing("AllocatedStorage");
  SURGE_CHECK(check_master_username(*request.MasterUsername));
  SURGE_CHECK(check_password(*request.MasterUserPassword));
  if (request.DBName && !request.DBName->empty()) SURGE_CHECK(check_database_name(*request.DBName));
  SURGE_CHECK(check_storage_type(request.StorageType));
  SURGE_CHECK(check_storage(*request.AllocatedStorage, request.StorageType.value_or("gp2")));
  SURGE_CHECK(check_port(request.Port));
  SURGE_CHECK(check_backups(request.BackupRetentionPeriod));
  return check_tags(call, request.Tags);
}

Result<Unit> check_modify(const ModifyDBInstanceMessage& request) {
  SURGE_CHECK(refuse_unsupported(request));
  if (request.DBInstanceClass) SURGE_CHECK(check_class(*request.DBInstanceClass));
  if (request.MasterUserPassword) SURGE_CHECK(check_password(*request.MasterUserPassword));
  SURGE_CHECK(check_storage_type(request.StorageType));
  if (request.AllocatedStorage) SURGE_CHECK(check_storage(*request.AllocatedStorage, request.StorageType.value_or("gp2")));
  SURGE_CHECK(check_port(request.DBPortNumber));
  return check_backups(request.BackupRetentionPeriod);
}

Result<Unit> check_tags(Call& call, const List<Tag>& tags) {
  SURGE_CHECK(check_quota(call.ports.quotas, quotas::tags, tags.size()));
  for (const auto& tag : tags) {
    const auto characters = character_count(tag.Key.value_or(""));
    if (characters == 0 || characters > limits::tag_key_characters || tag.Key->starts_with("aws:"))
      return invalid_value("A tag key must have 1 to 128 characters and not begin with aws: (" + tag.Key.value_or("") + ").");
    if (character_count(tag.Value.value_or("")) > limits::tag_value_characters)
      return invalid_value("A tag value must have at most 256 characters.");
  }
  return Unit{};
}

std::string_view major_version(std::string_view version) { return version.substr(0, version.find('.')); }

Result<String> check_engine_version(const Opt<String>& version, const std::vector<std::string>& installed) {
  const auto shown = installed.empty() ? std::string("none (apt-get install postgresql)") : join(installed, ", ");
  if (!version || version->empty()) {
    if (installed.empty()) return invalid_combination("Cannot find a version for postgres. Installed on this host: " + shown + ".");
    const auto newer = [](const std::string& a, const std::string& b) {
      return parse_integer(a).value_or(0) < parse_integer(b).value_or(0);
    };
    return *std::max_element(installed.begin(), installed.end(), newer);
  }
  const auto parts = split(*version, '.');
  const auto is_number = [](std::string_view part) { return parse_integer(part).value_or(-1) >= 0; };
  const bool well_formed = parts.size() <= 2 && std::all_of(parts.begin(), parts.end(), is_number);
  if (!well_formed || std::find(installed.begin(), installed.end(), parts[0]) == installed.end())
    return invalid_combination("Cannot find version " + *version + " for postgres. Major versions installed on this host: " + shown + ".");
  return *version;
}

}  // namespace surgetank::rds
