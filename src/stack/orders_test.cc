// The orders example, end to end against a small cloud: created, unchanged, changed, broken, deleted.
#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>

#include "stack/local_files.h"
#include "stack/test_bench.h"

namespace surgetank::stack {
namespace {

std::string orders_template() {
  std::ifstream file("examples/orders/template.yaml");
  std::stringstream text;
  text << file.rdbuf();
  return text.str();
}

struct Orders {
  Orders() : text(orders_template()) {
    bench.files.contents["/app/functions/create-order/index.mjs"] = "export";
    bench.files.contents["/app/functions/get-order/app.py"] = "def";
    bench.files.contents["/app/.build/list-orders/bootstrap"] =
        "\x7f"
        "ELF";
  }
  std::string text;
  TestBench bench;
};

TEST(Orders, DeploysWithEverythingInPlace) {
  Orders orders;
  const DeployOutcome outcome = orders.bench.deploy(orders.text);
  ASSERT_EQ(outcome.kind, DeployOutcome::Kind::Deployed) << explain(outcome);
  const std::string create = orders.bench.cloud.last("CreateFunction");
  EXPECT_EQ(create.find("{{resolve"), std::string::npos);
  EXPECT_NE(create.find(R"("LocalPath":"/app/)"), std::string::npos) << create;
  EXPECT_NE(create.find(R"("DATABASE_HOST":"127.0.0.1","DATABASE_PORT":"5432")"), std::string::npos) << create;
  EXPECT_NE(create.find(R"("Tags":{"lambda:createdBy":"SAM"})"), std::string::npos) << create;
  EXPECT_NE(create.find(":role/shop-"), std::string::npos) << create;
  const std::string database = orders.bench.cloud.last("CreateDBInstance");
  EXPECT_NE(database.find(R"("MasterUsername":"orders","MasterUserPassword":"generated-)"), std::string::npos) << database;
  EXPECT_NE(database.find(R"("AllocatedStorage":20,)"), std::string::npos) << database;
  EXPECT_NE(database.find(R"("DBInstanceIdentifier":"shop-database-)"), std::string::npos) << database;
  EXPECT_EQ(orders.bench.cloud.last("CreateSecret").find("generated-") == std::string::npos, false);
  for (const OutputState& output : outcome.stack->outputs) EXPECT_FALSE(output.value.empty()) << output.name;
}

TEST(Orders, TheStoredStateHoldsNoSecret) {
  Orders orders;
  ASSERT_TRUE(orders.bench.deploy(orders.text).ok());
  EXPECT_EQ(orders.bench.states.load("shop")->find("generated-"), std::string::npos);
}

TEST(Orders, OnlyAChangedFunctionIsChanged) {
  Orders orders;
  ASSERT_TRUE(orders.bench.deploy(orders.text).ok());
  EXPECT_EQ(orders.bench.deploy(orders.text).kind, DeployOutcome::Kind::Unchanged);
  orders.bench.cloud.calls.clear();
  orders.bench.files.contents["/app/functions/get-order/app.py"] = "def changed";
  const DeployOutcome outcome = orders.bench.deploy(orders.text);
  ASSERT_EQ(outcome.kind, DeployOutcome::Kind::Deployed) << explain(outcome);
  EXPECT_EQ(changes_of(outcome), "update GetOrderFunction");
  EXPECT_EQ(orders.bench.cloud.operations(), (std::vector<std::string>{"UpdateFunctionCode"}));
}

TEST(Orders, AFailureLeavesNothingBehind) {
  for (const char* operation : {"CreateSecret", "CreateDBInstance", "CreateRole", "PutRolePolicy", "CreateFunction", "AddPermission",
                                "CreateApi", "CreateIntegration", "CreateRoute", "CreateStage", "GetSecretValue"}) {
    Orders orders;
    orders.bench.cloud.failures[operation] = "no";
    const DeployOutcome outcome = orders.bench.deploy(orders.text);
    EXPECT_EQ(outcome.kind, DeployOutcome::Kind::Failed) << operation;
    EXPECT_NE(outcome.reason.find("TestException: no"), std::string::npos) << outcome.reason;
    EXPECT_TRUE(orders.bench.cloud.objects.empty()) << operation << " left " << orders.bench.cloud.objects.begin()->first;
    EXPECT_EQ(outcome.stack->status, "ROLLBACK_COMPLETE");
    orders.bench.cloud.failures.clear();
    EXPECT_TRUE(orders.bench.deploy(orders.text).ok()) << operation;
  }
}

TEST(Orders, DeletionLeavesNothingBehind) {
  Orders orders;
  ASSERT_TRUE(orders.bench.deploy(orders.text).ok());
  const DeployOutcome outcome = orders.bench.remove();
  ASSERT_TRUE(outcome.ok()) << explain(outcome);
  EXPECT_TRUE(orders.bench.cloud.objects.empty()) << orders.bench.cloud.objects.begin()->first;
}

TEST(Orders, AMissingFunctionFolderIsToldWithItsPlace) {
  Orders orders;
  orders.bench.files.contents.erase("/app/.build/list-orders/bootstrap");
  const DeployOutcome outcome = orders.bench.deploy(orders.text);
  EXPECT_EQ(outcome.kind, DeployOutcome::Kind::Invalid);
  ASSERT_EQ(outcome.problems.size(), 1U);
  EXPECT_NE(outcome.problems[0].find(": the code of the function cannot be read: there is no /app/.build/list-orders; build it first"),
            std::string::npos)
      << outcome.problems[0];
}

TEST(Orders, APasswordInAnErrorIsCutOut) {
  Orders orders;
  orders.bench.cloud.failures["CreateDBInstance"] = "password generated-1 or generated-2 is too weak";
  const DeployOutcome outcome = orders.bench.deploy(orders.text);
  EXPECT_NE(outcome.reason.find("****"), std::string::npos) << outcome.reason;
  EXPECT_FALSE(outcome.reason.find("generated-1 ") != std::string::npos && outcome.reason.find("generated-2 ") != std::string::npos)
      << outcome.reason;
}

TEST(LocalFiles, HashesNamesModesLinksAndContents) {
  namespace fs = std::filesystem;
  const std::string folder = testing::TempDir() + "stack-hash-" + std::to_string(::getpid());
  fs::remove_all(folder);
  fs::create_directories(folder + "/sub");
  const auto write = [&](const std::string& name, const std::string& text) { std::ofstream(folder + "/" + name) << text; };
  const LocalFiles files;
  std::set<std::string> seen;
  const auto fresh = [&] {
    std::string failure;
    const auto hash = hash_folder(files, folder, failure);
    EXPECT_TRUE(hash) << failure;
    return seen.insert(hash->sha256).second;
  };
  EXPECT_TRUE(fresh());
  write("a", "1");
  EXPECT_TRUE(fresh());
  EXPECT_FALSE(fresh());
  write("a", "2");
  EXPECT_TRUE(fresh());
  write(".hidden", "");
  EXPECT_TRUE(fresh());
  write("sub/b", "1");
  EXPECT_TRUE(fresh());
  fs::rename(folder + "/sub/b", folder + "/sub/c");
  EXPECT_TRUE(fresh());
  fs::permissions(folder + "/sub/c", fs::perms::owner_exec, fs::perm_options::add);
  EXPECT_TRUE(fresh());
  fs::create_symlink("..", folder + "/sub/up");
  EXPECT_TRUE(fresh());
  fs::create_symlink("nowhere", folder + "/dangling");
  EXPECT_TRUE(fresh());
  std::string failure;
  EXPECT_FALSE(hash_folder(files, folder + "/none", failure));
  EXPECT_NE(failure.find("cannot read folder"), std::string::npos);
  EXPECT_EQ(files.kind(folder), FileSource::Kind::Folder);
  EXPECT_EQ(files.kind(folder + "/a"), FileSource::Kind::File);
  EXPECT_EQ(files.kind(folder + "/none"), FileSource::Kind::Missing);
  fs::remove_all(folder);
}

TEST(Paths, AreJoinedInTheText) {
  EXPECT_EQ(join_path("/app", "functions/x/"), "/app/functions/x");
  EXPECT_EQ(join_path("/app", "./../y"), "/y");
  EXPECT_EQ(join_path("/app", "/z/./w"), "/z/w");
  EXPECT_EQ(join_path(".", "a/../b"), "b");
  EXPECT_EQ(join_path(".", "."), ".");
  EXPECT_EQ(parent_folder("/a/t.yaml"), "/a");
  EXPECT_EQ(parent_folder("t.yaml"), ".");
  EXPECT_EQ(parent_folder("/t.yaml"), "/");
}

}  // namespace
}  // namespace surgetank::stack
