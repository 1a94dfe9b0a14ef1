#include <gtest/gtest.h>

#include "base/text.h"
#include "kernel/test_world.h"
#include "services/rds/instance_classes.h"
#include "services/rds/service.h"

namespace surgetank::rds {
namespace {

struct RdsTest : testing::Test {
  TestWorld world{{&service}};
  std::string call(std::string_view operation, const std::string& input) { return world.call("rds", operation, input); }
  // Creates an instance with further members, or with members replaced ("" leaves one out).
  std::string create(const std::string& identifier, const std::map<std::string, std::string>& changes = {}) {
    std::map<std::string, std::string> members = {{"DBInstanceIdentifier", "\"" + identifier + "\""},
                                                  {"DBInstanceClass", R"("db.t4g.micro")"},
                                                  {"Engine", R"("postgres")"},
                                                  {"DBName", R"("orders")"},
                                                  {"AllocatedStorage", "20"},
                                                  {"MasterUsername", R"("orders")"},
                                                  {"MasterUserPassword", R"("correct-horse")"}};
    for (const auto& [name, value] : changes) members[name] = value;
    std::string input;
    for (const auto& [name, value] : members)
      if (!value.empty()) input += (input.empty() ? "" : ",") + ("\"" + name + "\":" + value);
    return call("CreateDBInstance", "{" + input + "}");
  }
  std::string describe(const std::string& identifier) {
    return call("DescribeDBInstances", R"({"DBInstanceIdentifier":")" + identifier + R"("})");
  }
  std::string change(const std::string& identifier, const std::string& members) {
    return call("ModifyDBInstance", R"({"DBInstanceIdentifier":")" + identifier + R"(",)" + members + "}");
  }
  std::string erase(const std::string& identifier, const std::string& members) {
    return call("DeleteDBInstance", R"({"DBInstanceIdentifier":")" + identifier + "\"" + members + "}");
  }
  const DatabaseInstance& only() { return world.databases.running.begin()->second; }
};

bool has(const std::string& text, std::string_view part) { return contains(text, part); }

TEST(InstanceClasses, ConnectionsFollowTheMemoryThatIsLeftToTheDatabase) {
  EXPECT_EQ(max_connections(*class_memory_mib("db.t4g.micro")), 81);
  EXPECT_EQ(max_connections(*class_memory_mib("db.t3.small")), 190);
  EXPECT_NEAR(static_cast<double>(max_connections(*class_memory_mib("db.t4g.medium"))), 405, 5);
  EXPECT_NEAR(static_cast<double>(max_connections(*class_memory_mib("db.m6g.large"))), 844, 5);
  EXPECT_EQ(max_connections(*class_memory_mib("db.r6g.2xlarge")), 5000);
  EXPECT_FALSE(class_memory_mib("db.t4g.huge"));
  EXPECT_FALSE(class_memory_mib("t4g.micro"));
  EXPECT_FALSE(class_memory_mib("db.x.large"));
}

TEST(InstanceClasses, ProcessorsAreThoseThatAwsLists) {
  EXPECT_EQ(class_processors("db.t4g.micro"), 2);
  EXPECT_EQ(class_processors("db.t3.large"), 2);
  EXPECT_EQ(class_processors("db.t3.xlarge"), 4);
  EXPECT_EQ(class_processors("db.m6g.large"), 2);
  EXPECT_EQ(class_processors("db.m6g.2xlarge"), 8);
  EXPECT_EQ(class_processors("db.r6g.large"), 2);
  EXPECT_EQ(class_processors("db.r5.24xlarge"), 96);
  EXPECT_FALSE(class_processors("db.t4g.huge"));
}

TEST_F(RdsTest, CreatingAnswersCreatingAndTheRunningDatabaseIsAvailable) {
  const auto created = create("Orders-DB");
  EXPECT_TRUE(has(created, R"("DBInstanceIdentifier":"orders-db")")) << created;
  EXPECT_TRUE(has(created, R"("DBInstanceStatus":"creating")"));
  EXPECT_FALSE(has(created, "Endpoint"));
  EXPECT_FALSE(has(created, "correct-horse"));
  const auto shown = describe("orders-db");
  EXPECT_TRUE(has(shown, R"("DBInstanceStatus":"available")")) << shown;
  EXPECT_TRUE(has(shown, R"("Endpoint":{"Address":"127.0.0.1","Port":15432})"));
  EXPECT_TRUE(has(shown, R"("EngineVersion":"15.20")"));
  EXPECT_TRUE(has(shown, R"("DBInstanceArn":"arn:aws:rds:us-east-1:000000000000:db:orders-db")"));
  EXPECT_EQ(only().max_connections, 81);
  EXPECT_EQ(only().master_username, "orders");
  EXPECT_EQ(only().master_password.reveal(), "correct-horse");
  EXPECT_EQ(only().database_name, "orders");
  EXPECT_EQ(only().preferred_port, 5432);
}

TEST_F(RdsTest, ThePasswordIsSealedInTheStore) {
  create("db");
  const auto txn = world.store->begin();
  txn->scan("", "\xff", [](std::string_view, std::string_view value) {
    EXPECT_EQ(value.find("correct-horse"), std::string_view::npos);
    return true;
  });
}

TEST_F(RdsTest, IdentifiersAreUniqueInAnyCase) {
  create("db");
  EXPECT_EQ(create("DB"), "DBInstanceAlreadyExists: DB instance already exists");
  EXPECT_EQ(describe("nothing"), "DBInstanceNotFound: DBInstance nothing not found.");
}

TEST_F(RdsTest, WhatCannotBeHadIsRefusedByName) {
  EXPECT_EQ(create("a", {{"MultiAZ", "true"}}), "InvalidParameterCombination: The parameter MultiAZ=true is not supported by Surgetank.");
  EXPECT_EQ(create("a", {{"ProcessorFeatures", R"([{"Name":"coreCount","Value":"4"}])"}}),
            "InvalidParameterCombination: The parameter ProcessorFeatures is not supported by Surgetank.");
  EXPECT_EQ(create("a", {{"DBClusterIdentifier", R"("c")"}}),
            "InvalidParameterCombination: The parameter DBClusterIdentifier is not supported by Surgetank.");
  EXPECT_TRUE(has(create("a", {{"ManageMasterUserPassword", "true"}}), "ManageMasterUserPassword=true is not supported"));
  EXPECT_TRUE(has(create("a", {{"EnableIAMDatabaseAuthentication", "true"}}), "EnableIAMDatabaseAuthentication=true is not supported"));
  EXPECT_TRUE(has(create("a", {{"DBParameterGroupName", R"("mine")"}}), "DBParameterGroupName is not supported"));
  EXPECT_TRUE(has(create("a", {{"Engine", R"("mysql")"}}), "InvalidParameterValue: Invalid DB engine: mysql"));
  EXPECT_TRUE(world.databases.running.empty());
  EXPECT_TRUE(has(create("a", {{"MultiAZ", "false"}, {"EnableIAMDatabaseAuthentication", "false"}}), "creating"));
}

TEST_F(RdsTest, RequestsAreValidatedAsRdsDoes) {
  EXPECT_TRUE(has(create("1db"), "InvalidParameterValue: The parameter DBInstanceIdentifier is not a valid identifier."));
  EXPECT_TRUE(has(create("a--b"), "InvalidParameterValue"));
  EXPECT_TRUE(has(create("a-"), "InvalidParameterValue"));
  EXPECT_EQ(create("a", {{"DBInstanceClass", R"("db.t1.micro")"}}), "InvalidParameterValue: Invalid DB Instance class: db.t1.micro");
  EXPECT_EQ(create("a", {{"MasterUserPassword", R"("short")"}}),
            "InvalidParameterValue: The parameter MasterUserPassword is not a valid password because it is shorter than 8 characters.");
  EXPECT_TRUE(has(create("a", {{"MasterUserPassword", R"("with space")"}}),
                  "Only printable ASCII characters besides '/', '@', '\"', ' ' may be used."));
  EXPECT_EQ(create("a", {{"MasterUsername", R"("admin")"}}),
            "InvalidParameterValue: MasterUsername admin cannot be used as it is a reserved word used by the engine");
  EXPECT_EQ(create("a", {{"MasterUsername", ""}}),
            "MissingParameter: The parameter MasterUsername must be provided and must not be blank.");
  EXPECT_EQ(create("a", {{"DBName", R"("my-db")"}}),
            "InvalidParameterValue: DBName must begin with a letter and contain only alphanumeric characters.");
  EXPECT_EQ(create("a", {{"AllocatedStorage", "5"}}),
            "InvalidParameterValue: Invalid storage size for engine name postgres and storage type gp2: 5");
  EXPECT_TRUE(has(create("a", {{"Port", "80"}}), "InvalidParameterValue: Invalid endpoint port 80"));
  EXPECT_TRUE(has(create("a", {{"BackupRetentionPeriod", "36"}}), "InvalidParameterValue"));
}

TEST_F(RdsTest, TheEngineVersionMustBeInstalled) {
  world.databases.versions = {"13", "15"};
  EXPECT_EQ(create("a", {{"EngineVersion", R"("16.3")"}}),
            "InvalidParameterCombination: Cannot find version 16.3 for postgres. Major versions installed on this host: 13, 15.");
  EXPECT_TRUE(has(create("a", {{"EngineVersion", R"("15.x")"}}), "Cannot find version 15.x"));
  EXPECT_TRUE(has(create("a", {{"EngineVersion", R"("13.4")"}}), "creating"));
  EXPECT_EQ(only().engine_version, "13.4");
  EXPECT_TRUE(has(create("b"), R"("EngineVersion":"15")"));
  world.databases.versions = {};
  EXPECT_TRUE(has(create("c"), "apt-get install postgresql"));
}

TEST_F(RdsTest, ADatabaseThatDoesNotStartIsFailedAndSaysWhy) {
  world.databases.status = {.running = false, .failure = "install postgresql-15", .address = {}, .port = 0, .engine_version = {}};
  create("db");
  const auto shown = describe("db");
  EXPECT_TRUE(has(shown, R"("DBInstanceStatus":"failed")")) << shown;
  EXPECT_TRUE(has(shown, R"("Message":"install postgresql-15")"));
  world.databases.status = {.running = true, .failure = {}, .address = "127.0.0.1", .port = 1, .engine_version = "15.1"};
  EXPECT_TRUE(has(call("StartDBInstance", R"({"DBInstanceIdentifier":"db"})"), "starting"));
  EXPECT_TRUE(has(describe("db"), "available"));
}

TEST_F(RdsTest, DeletingWantsADecisionAboutTheFinalSnapshot) {
  create("db");
  EXPECT_EQ(erase("db", ""), "InvalidParameterCombination: FinalDBSnapshotIdentifier is required unless SkipFinalSnapshot is specified.");
  EXPECT_TRUE(has(erase("db", R"(,"FinalDBSnapshotIdentifier":"s")"), "FinalDBSnapshotIdentifier is not supported"));
  EXPECT_TRUE(has(erase("db", R"(,"SkipFinalSnapshot":true)"), R"("DBInstanceStatus":"deleting")"));
  EXPECT_EQ(describe("db"), "DBInstanceNotFound: DBInstance db not found.");
  EXPECT_TRUE(world.databases.running.empty());
}

TEST_F(RdsTest, AProtectedInstanceIsNotDeleted) {
  create("db", {{"DeletionProtection", "true"}});
  EXPECT_EQ(erase("db", R"(,"SkipFinalSnapshot":true)"),
            "InvalidParameterCombination: Cannot delete protected DB Instance, please disable deletion protection and try again.");
  EXPECT_TRUE(has(change("db", R"("DeletionProtection":false)"), R"("DeletionProtection":false)"));
  EXPECT_TRUE(has(erase("db", R"(,"SkipFinalSnapshot":true)"), "deleting"));
}

TEST_F(RdsTest, AChangedPasswordReachesTheDatabase) {
  create("db");
  EXPECT_TRUE(has(change("db", R"("MasterUserPassword":"battery-staple")"), "modifying"));
  EXPECT_EQ(only().master_password.reveal(), "battery-staple");
  EXPECT_TRUE(has(describe("db"), "available"));
  EXPECT_EQ(only().preferred_port, 15432) << "the port that functions know stays";
}

TEST_F(RdsTest, AnotherClassWaitsForTheMaintenanceWindowUnlessAppliedImmediately) {
  create("db");
  EXPECT_TRUE(has(change("db", R"("DBInstanceClass":"db.t4g.small")"), R"("PendingModifiedValues":{"DBInstanceClass":"db.t4g.small"})"));
  EXPECT_EQ(only().max_connections, 81);
  EXPECT_TRUE(has(change("db", R"("ApplyImmediately":true)"), R"("DBInstanceClass":"db.t4g.small")"));
  EXPECT_EQ(only().max_connections, 190);
  change("db", R"("DBInstanceClass":"db.t4g.medium")");
  world.crash_and_restart();
  EXPECT_TRUE(has(describe("db"), R"("DBInstanceClass":"db.t4g.medium")"));
  EXPECT_TRUE(has(change("db", R"("EngineVersion":"16.1")"), "Cannot find version"));
  EXPECT_TRUE(has(change("db", R"("NewDBInstanceIdentifier":"other")"), "NewDBInstanceIdentifier is not supported"));
}

TEST_F(RdsTest, AfterARestartOfTheServerItsDatabasesRunAgainInAllRegions) {
  create("one");
  create("two");
  world.call_as(service_caller("111122223333", "eu-west-1", "test"), "rds", "CreateDBInstance",
                R"({"DBInstanceIdentifier":"three","DBInstanceClass":"db.t3.micro","Engine":"postgres","AllocatedStorage":20,
                    "MasterUsername":"boss","MasterUserPassword":"correct-horse"})");
  call("StopDBInstance", R"({"DBInstanceIdentifier":"two"})");
  EXPECT_TRUE(has(describe("two"), "stopped"));
  world.databases.running.clear();
  world.crash_and_restart();
  ASSERT_EQ(world.databases.running.size(), 2u);
  for (const auto& [id, instance] : world.databases.running) EXPECT_EQ(instance.preferred_port, 15432);
  EXPECT_TRUE(has(describe("one"), "available"));
  EXPECT_TRUE(has(describe("two"), "stopped"));
}

TEST_F(RdsTest, AnOldAnswerOfTheHostChangesNothing) {
  create("db");
  world.call_as(service_caller("000000000000", "us-east-1", "rds"), "rds", "RecordStatus",
                R"({"DBInstanceIdentifier":"db","resource_id":"db-OLD","generation":1,"running":false,"failure":"x","address":"",
                    "port":0,"engine_version":""})");
  EXPECT_TRUE(has(describe("db"), "available"));
}

TEST_F(RdsTest, ListingIsPagedAndFiltered) {
  for (int i = 10; i < 35; ++i) create("db" + std::to_string(i));
  const auto first = call("DescribeDBInstances", R"({"MaxRecords":20})");
  EXPECT_TRUE(has(first, R"("DBInstanceIdentifier":"db29")"));
  EXPECT_FALSE(has(first, R"("DBInstanceIdentifier":"db30")"));
  ASSERT_TRUE(has(first, R"("Marker":")"));
  const auto second = call("DescribeDBInstances", R"({"MaxRecords":20,"Marker":")" + to_base64("after:db29") + R"("})");
  EXPECT_TRUE(has(second, R"("DBInstanceIdentifier":"db30")"));
  EXPECT_FALSE(has(second, "Marker"));
  EXPECT_TRUE(has(call("DescribeDBInstances", R"({"Marker":"xx"})"), "InvalidParameterValue: Invalid value for Marker"));
  EXPECT_TRUE(has(call("DescribeDBInstances", R"({"MaxRecords":5})"), "InvalidParameterValue: Invalid value 5 for MaxRecords."));
  const auto filtered = call("DescribeDBInstances", R"({"Filters":[{"Name":"db-instance-id","Values":["db12"]}]})");
  EXPECT_TRUE(has(filtered, "db12"));
  EXPECT_FALSE(has(filtered, "db13"));
  EXPECT_TRUE(has(call("DescribeDBInstances", R"({"Filters":[{"Name":"color","Values":["x"]}]})"), "Unrecognized filter name: color"));
  for (int i = 35; i < 50; ++i) create("db" + std::to_string(i));
  EXPECT_TRUE(has(create("one-too-many"), "InstanceQuotaExceeded"));
}

TEST_F(RdsTest, TagsAreKeptByArn) {
  create("db", {{"Tags", R"([{"Key":"team","Value":"a"}])"}});
  const std::string arn = R"({"ResourceName":"arn:aws:rds:us-east-1:000000000000:db:db")";
  EXPECT_EQ(call("AddTagsToResource", arn + R"(,"Tags":[{"Key":"team","Value":"b"},{"Key":"stage","Value":"test"}]})"), "{}");
  EXPECT_EQ(call("ListTagsForResource", arn + "}"), R"({"TagList":[{"Key":"team","Value":"b"},{"Key":"stage","Value":"test"}]})");
  EXPECT_EQ(call("RemoveTagsFromResource", arn + R"(,"TagKeys":["team"]})"), "{}");
  EXPECT_EQ(call("ListTagsForResource", arn + "}"), R"({"TagList":[{"Key":"stage","Value":"test"}]})");
  EXPECT_TRUE(has(call("ListTagsForResource", R"({"ResourceName":"db"})"), "InvalidParameterValue"));
  EXPECT_TRUE(has(call("ListTagsForResource", R"({"ResourceName":"arn:aws:rds:eu-west-1:000000000000:db:db"})"), "DBInstanceNotFound"));
}

}  // namespace
}  // namespace surgetank::rds
