#include "services/secretsmanager/service.h"

#include "services/secretsmanager/errors.h"
#include "services/secretsmanager/operations.h"
#include "services/secretsmanager/quotas.h"
#include "services/secretsmanager/secret.h"

namespace surgetank::secretsmanager {
namespace {

constexpr Operation operations[] = {
    op<create_secret>("CreateSecret", Access::Write, "Name"),
    op<update_secret>("UpdateSecret", Access::Write, "SecretId"),
    op<describe_secret>("DescribeSecret", Access::Read, "SecretId"),
    op<list_secrets>("ListSecrets", Access::Read),
    op<delete_secret>("DeleteSecret", Access::Write, "SecretId"),
    op<restore_secret>("RestoreSecret", Access::Write, "SecretId"),
    op<purge_secret>("PurgeSecret", Access::Internal, "SecretId"),
    op<tag_resource>("TagResource", Access::Write, "SecretId"),
    op<untag_resource>("UntagResource", Access::Write, "SecretId"),
    op<get_secret_value>("GetSecretValue", Access::Read, "SecretId"),
    op<batch_get_secret_value>("BatchGetSecretValue", Access::Read),
    op<put_secret_value>("PutSecretValue", Access::Write, "SecretId"),
    op<list_secret_version_ids>("ListSecretVersionIds", Access::Read, "SecretId"),
    op<update_secret_version_stage>("UpdateSecretVersionStage", Access::Write, "SecretId"),
    op<get_random_password>("GetRandomPassword", Access::Read),
};
constexpr Protocol protocols[] = {Protocol::Json11};

}  // namespace

constinit const Service service{.name = "secretsmanager",
                                .signing_name = "secretsmanager",
                                .target_prefix = "secretsmanager",
                                .protocols = protocols,
                                .operations = operations,
                                .errors = {.missing_parameter = &ValidationException, .malformed = nullptr},
                                .aggregate = &aggregate_key,
                                .title = "SecretsManager",
                                .quotas = quotas::rows};

}  // namespace surgetank::secretsmanager
