#include "services/rds/service.h"

#include "services/rds/errors.h"
#include "services/rds/operations.h"
#include "services/rds/quotas.h"

namespace surgetank::rds {
namespace {

constexpr Operation operations[] = {
    op<create_instance>("CreateDBInstance", Access::Write, "DBInstanceIdentifier"),
    op<describe_instances>("DescribeDBInstances", Access::Read),
    op<modify_instance>("ModifyDBInstance", Access::Write, "DBInstanceIdentifier"),
    op<delete_instance>("DeleteDBInstance", Access::Write, "DBInstanceIdentifier"),
    op<start_instance>("StartDBInstance", Access::Write, "DBInstanceIdentifier"),
    op<stop_instance>("StopDBInstance", Access::Write, "DBInstanceIdentifier"),
    op<reboot_instance>("RebootDBInstance", Access::Write, "DBInstanceIdentifier"),
    op<add_tags>("AddTagsToResource", Access::Write, "ResourceName"),
    op<remove_tags>("RemoveTagsFromResource", Access::Write, "ResourceName"),
    op<list_tags>("ListTagsForResource", Access::Read, "ResourceName"),
    op<record_status>("RecordStatus", Access::Internal, "DBInstanceIdentifier"),
    op<record_stopped>("RecordStopped", Access::Internal, "DBInstanceIdentifier"),
    op<record_destroyed>("RecordDestroyed", Access::Internal, "DBInstanceIdentifier"),
    op<resume_instance>("ResumeInstance", Access::Internal, "DBInstanceIdentifier"),
};
constexpr Protocol protocols[] = {Protocol::Query};

}  // namespace

constinit const Service service{.name = "rds",
                                .signing_name = "rds",
                                .api_version = "2014-10-31",
                                .xml_namespace = "http://rds.amazonaws.com/doc/2014-10-31/",
                                .protocols = protocols,
                                .operations = operations,
                                .errors = {.missing_parameter = &MissingParameter, .malformed = &InvalidParameterValue},
                                .aggregate = &aggregate_key,
                                .start = &resume_all,
                                .title = "RDS",
                                .quotas = quotas::rows};

}  // namespace surgetank::rds
