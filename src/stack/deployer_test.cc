#include "stack/deployer.h"

#include <gtest/gtest.h>

#include "stack/test_bench.h"

namespace surgetank::stack {
namespace {

std::string group(std::string_view id, std::string_view properties = "{}") {
  return "  " + std::string(id) + ": {Type: AWS::Logs::LogGroup, Properties: " + std::string(properties) + "}\n";
}

TEST(Deployer, CreatesInDependencyOrderAndTellsProgress) {
  TestBench bench;
  const DeployOutcome outcome = bench.deploy("Resources:\n" + group("B", "{LogGroupName: !Sub '${A}-b'}") + group("A") +
                                             "Outputs: {Name: {Value: !GetAtt B.Arn, Description: d}}\n");
  ASSERT_EQ(outcome.kind, DeployOutcome::Kind::Deployed) << explain(outcome);
  EXPECT_EQ(bench.events, (std::vector<std::string>{"shop CREATE_IN_PROGRESS", "A CREATE_IN_PROGRESS", "A CREATE_COMPLETE",
                                                    "B CREATE_IN_PROGRESS", "B CREATE_COMPLETE", "shop CREATE_COMPLETE"}));
  const std::string a = outcome.stack->find("A")->physical_id;
  EXPECT_EQ(a.substr(0, 7), "shop-A-");
  EXPECT_EQ(a.size(), 19U);
  EXPECT_EQ(outcome.stack->find("B")->physical_id, a + "-b");
  ASSERT_EQ(outcome.stack->outputs.size(), 1U);
  EXPECT_EQ(outcome.stack->outputs[0].value, "arn:aws:logs:us-east-1:000000000000:log-group:" + a + "-b:*");
  EXPECT_EQ(outcome.stack->status, "CREATE_COMPLETE");
  EXPECT_EQ(outcome.stack->id.substr(0, 59), "arn:aws:cloudformation:us-east-1:000000000000:stack/shop/" + outcome.stack->id.substr(57, 2));
}

TEST(Deployer, NothingChangedMeansNothingIsDone) {
  TestBench bench;
  const std::string text = "Resources:\n" + group("A", "{RetentionInDays: 7}");
  bench.deploy(text);
  bench.cloud.calls.clear();
  const DeployOutcome again = bench.deploy(text);
  EXPECT_EQ(again.kind, DeployOutcome::Kind::Unchanged);
  EXPECT_EQ(again.reason, "No updates are to be performed.");
  EXPECT_TRUE(again.ok());
  EXPECT_TRUE(bench.cloud.calls.empty());
  EXPECT_TRUE(bench.events.empty());
}

TEST(Deployer, ARedeploymentChangesOnlyWhatChanged) {
  TestBench bench;
  bench.deploy("Resources:\n" + group("A", "{RetentionInDays: 7}") + group("B"));
  bench.cloud.calls.clear();
  const DeployOutcome outcome = bench.deploy("Resources:\n" + group("A", "{RetentionInDays: '14'}") + group("B"));
  ASSERT_EQ(outcome.kind, DeployOutcome::Kind::Deployed) << explain(outcome);
  EXPECT_EQ(changes_of(outcome), "update A");
  EXPECT_EQ(bench.cloud.operations(), (std::vector<std::string>{"PutRetentionPolicy"}));
  EXPECT_EQ(outcome.stack->status, "UPDATE_COMPLETE");
  bench.deploy("Resources:\n" + group("A") + group("B"));
  EXPECT_EQ(bench.cloud.operations(), (std::vector<std::string>{"DeleteRetentionPolicy"}));
}

TEST(Deployer, ReplacementCreatesTheNewOneBeforeItDeletesTheOld) {
  TestBench bench;
  bench.deploy("Resources:\n" + group("A", "{LogGroupName: one}") + group("B", "{LogGroupName: !Sub '${A}/b'}"));
  bench.cloud.calls.clear();
  const DeployOutcome outcome =
      bench.deploy("Resources:\n" + group("A", "{LogGroupName: two}") + group("B", "{LogGroupName: !Sub '${A}/b'}"));
  ASSERT_EQ(outcome.kind, DeployOutcome::Kind::Deployed) << explain(outcome);
  EXPECT_EQ(changes_of(outcome), "replace A, replace B");
  EXPECT_EQ(bench.cloud.calls,
            (std::vector<std::string>{R"(CreateLogGroup {"logGroupName":"two"})", R"(CreateLogGroup {"logGroupName":"two/b"})",
                                      R"(DeleteLogGroup {"logGroupName":"one/b"})", R"(DeleteLogGroup {"logGroupName":"one"})"}));
  EXPECT_EQ(outcome.stack->find("B")->physical_id, "two/b");
  EXPECT_TRUE(outcome.stack->leftovers.empty());
}

TEST(Deployer, UpdateReplacePolicyKeepsTheOldOne) {
  TestBench bench;
  const auto text = [](const char* name) {
    return "Resources:\n  A: {Type: AWS::Logs::LogGroup, UpdateReplacePolicy: Retain, Properties: {LogGroupName: " + std::string(name) +
           "}}\n";
  };
  bench.deploy(text("one"));
  const DeployOutcome outcome = bench.deploy(text("two"));
  EXPECT_EQ(outcome.kind, DeployOutcome::Kind::Deployed) << explain(outcome);
  EXPECT_TRUE(bench.cloud.objects.contains("group/one"));
  EXPECT_NE(std::find(bench.events.begin(), bench.events.end(), "A DELETE_SKIPPED"), bench.events.end());
}

TEST(Deployer, ANamedResourceThatMustBeReplacedIsRefusedBeforeAnythingChanges) {
  TestBench bench;
  bench.deploy("Resources:\n" + group("A", "{LogGroupName: one, LogGroupClass: STANDARD}"));
  bench.cloud.calls.clear();
  const DeployOutcome outcome = bench.deploy("Resources:\n" + group("A", "{LogGroupName: one, LogGroupClass: INFREQUENT_ACCESS}"));
  EXPECT_EQ(outcome.kind, DeployOutcome::Kind::Invalid);
  EXPECT_EQ(outcome.problems,
            (std::vector<std::string>{"/app/t.yaml:2:3: `A` has to be replaced (LogGroupClass changed), but its LogGroupName is fixed; "
                                      "rename `one` and deploy again"}));
  EXPECT_TRUE(bench.cloud.calls.empty());
}

TEST(Deployer, WhatLeavesTheTemplateIsDeletedLast) {
  TestBench bench;
  bench.deploy("Resources:\n" + group("A", "{LogGroupName: a}") + group("B", "{LogGroupName: !Sub '${A}-b'}") +
               group("C", "{LogGroupName: c}"));
  bench.cloud.calls.clear();
  const DeployOutcome outcome = bench.deploy("Resources:\n" + group("C", "{LogGroupName: c, RetentionInDays: 1}"));
  EXPECT_EQ(outcome.kind, DeployOutcome::Kind::Deployed) << explain(outcome);
  EXPECT_EQ(changes_of(outcome), "update C, delete B, delete A");
  EXPECT_EQ(bench.cloud.operations(), (std::vector<std::string>{"PutRetentionPolicy", "DeleteLogGroup", "DeleteLogGroup"}));
  EXPECT_EQ(bench.events[3], "shop UPDATE_COMPLETE_CLEANUP_IN_PROGRESS");
  EXPECT_EQ(bench.cloud.objects.size(), 1U);
}

TEST(Deployer, AFailedCreationIsRolledBackAndTheNextDeploymentStartsAfresh) {
  TestBench bench;
  const std::string text =
      "Resources:\n" + group("A", "{LogGroupName: a}") + group("B", "{LogGroupName: !Sub '${A}-b', RetentionInDays: 3}");
  bench.cloud.failures["PutRetentionPolicy"] = "no such retention";
  const DeployOutcome failed = bench.deploy(text);
  EXPECT_EQ(failed.kind, DeployOutcome::Kind::Failed);
  EXPECT_EQ(failed.reason, "B: PutRetentionPolicy: TestException: no such retention");
  EXPECT_EQ(failed.problems, (std::vector<std::string>{"/app/t.yaml:3:3: " + failed.reason}));
  EXPECT_EQ(failed.stack->status, "ROLLBACK_COMPLETE");
  EXPECT_TRUE(bench.cloud.objects.empty()) << "the group was created before its retention failed, and must go";
  EXPECT_EQ(bench.events,
            (std::vector<std::string>{"shop CREATE_IN_PROGRESS", "A CREATE_IN_PROGRESS", "A CREATE_COMPLETE", "B CREATE_IN_PROGRESS",
                                      "B CREATE_FAILED", "shop ROLLBACK_IN_PROGRESS", "B DELETE_IN_PROGRESS", "B DELETE_COMPLETE",
                                      "A DELETE_IN_PROGRESS", "A DELETE_COMPLETE", "shop ROLLBACK_COMPLETE"}));
  bench.cloud.failures.clear();
  const DeployOutcome again = bench.deploy(text);
  EXPECT_EQ(again.kind, DeployOutcome::Kind::Deployed) << explain(again);
  EXPECT_EQ(again.stack->status, "CREATE_COMPLETE");
}

TEST(Deployer, WhatExistedBeforeIsNotDeletedByARollback) {
  TestBench bench;
  bench.cloud.objects["group/taken"] = make_map();
  const DeployOutcome failed = bench.deploy("Resources:\n" + group("A", "{LogGroupName: taken}"));
  EXPECT_EQ(failed.kind, DeployOutcome::Kind::Failed);
  EXPECT_TRUE(bench.cloud.objects.contains("group/taken"));
}

TEST(Deployer, AFailedUpdateGoesBackToWhatWas) {
  TestBench bench;
  bench.deploy("Resources:\n" + group("A", "{LogGroupName: a, RetentionInDays: 1}") + group("B", "{LogGroupName: b}") +
               group("D", "{LogGroupName: d}"));
  const std::string before = encode_state(bench.stored());
  bench.cloud.calls.clear();
  bench.cloud.failures[R"(CreateLogGroup "bad")"] = "bad name";
  const DeployOutcome failed =
      bench.deploy("Resources:\n" + group("A", "{LogGroupName: a, RetentionInDays: 5}") + group("B", "{LogGroupName: b2}") +
                   group("New", "{LogGroupName: fresh}") + group("Z", "{LogGroupName: bad}"));
  EXPECT_EQ(failed.kind, DeployOutcome::Kind::Failed);
  EXPECT_EQ(failed.stack->status, "UPDATE_ROLLBACK_COMPLETE");
  EXPECT_EQ(failed.stack->reason, "Z: CreateLogGroup: TestException: bad name");
  EXPECT_EQ(bench.cloud.last("PutRetentionPolicy"), R"({"logGroupName":"a","retentionInDays":1})");
  EXPECT_TRUE(bench.cloud.objects.contains("group/b"));
  EXPECT_TRUE(bench.cloud.objects.contains("group/d")) << "removed resources go only after success";
  EXPECT_EQ(bench.cloud.objects.size(), 3U);
  const StackState after = bench.stored();
  const StackState was = *decode_state(before);
  ASSERT_EQ(after.resources.size(), was.resources.size());
  for (std::size_t i = 0; i < was.resources.size(); ++i) {
    EXPECT_EQ(after.resources[i].physical_id, was.resources[i].physical_id);
    EXPECT_TRUE(same_value(after.resources[i].properties, was.resources[i].properties));
  }
  EXPECT_TRUE(after.leftovers.empty());
}

TEST(Deployer, ARollbackThatFailsSaysSoAndTheNextDeploymentRepairs) {
  TestBench bench;
  const std::string good = "Resources:\n" + group("A", "{LogGroupName: a, RetentionInDays: 1}");
  bench.deploy(good);
  bench.cloud.failures["PutRetentionPolicy"] = "broken";
  const DeployOutcome failed = bench.deploy("Resources:\n" + group("A", "{LogGroupName: a, RetentionInDays: 5}"));
  EXPECT_EQ(failed.stack->status, "UPDATE_ROLLBACK_FAILED");
  EXPECT_EQ(failed.stack->find("A")->status, "UPDATE_FAILED");
  bench.cloud.failures.clear();
  bench.cloud.calls.clear();
  const DeployOutcome repaired = bench.deploy(good);
  EXPECT_EQ(repaired.kind, DeployOutcome::Kind::Deployed) << explain(repaired);
  EXPECT_EQ(bench.cloud.last("PutRetentionPolicy"), R"({"logGroupName":"a","retentionInDays":1})");
  EXPECT_EQ(repaired.stack->status, "UPDATE_COMPLETE");
}

TEST(Deployer, KeepingWhatFailedLetsTheNextDeploymentContinue) {
  TestBench bench;
  const std::string text = "Resources:\n" + group("A", "{LogGroupName: a}") + group("B", "{LogGroupName: !Sub '${A}-b'}");
  bench.cloud.failures[R"(CreateLogGroup "a-b")"] = "later";
  const DeployOutcome failed = bench.deploy(text, {}, OnFailure::Keep);
  EXPECT_EQ(failed.stack->status, "CREATE_FAILED");
  EXPECT_EQ(bench.cloud.objects.size(), 1U);
  bench.cloud.failures.clear();
  bench.cloud.calls.clear();
  const DeployOutcome outcome = bench.deploy(text);
  EXPECT_EQ(outcome.kind, DeployOutcome::Kind::Deployed) << explain(outcome);
  EXPECT_EQ(bench.cloud.operations(), (std::vector<std::string>{"CreateLogGroup"}));
}

TEST(Deployer, ACrashInTheMiddleIsContinued) {
  const std::string text = "Resources:\n" + group("A", "{LogGroupName: a}") + group("B") + group("C", "{LogGroupName: !Sub '${B}-c'}");
  // The state as it was saved at every moment of a deployment: a new process continues from each of them.
  class Recorder final : public StackStateStore {
   public:
    std::optional<std::string> load(const std::string& stack) override { return inner.load(stack); }
    void save(const std::string& stack, const std::string& json) override {
      moments.push_back({json, cloud->objects});
      inner.save(stack, json);
    }
    void erase(const std::string& stack) override { inner.erase(stack); }
    std::vector<std::string> list() override { return inner.list(); }
    MemoryStackStateStore inner;
    TestCloud* cloud = nullptr;
    std::vector<std::pair<std::string, std::map<std::string, Node>>> moments;
  };
  TestLane lane;
  TestCloud cloud;
  TestFiles files;
  Recorder recorder;
  recorder.cloud = &cloud;
  Deployer deployer(lane, cloud, recorder, files, Random(1), {});
  deployer.deploy({"shop", text, "/app/t.yaml", {}, OnFailure::RollBack}, {}, [](DeployOutcome outcome) { EXPECT_TRUE(outcome.ok()); });
  lane.run();
  ASSERT_GE(recorder.moments.size(), 8U);
  for (const auto& [json, objects] : recorder.moments) {
    TestBench bench;
    bench.states.save("shop", json);
    bench.cloud.objects = objects;
    const DeployOutcome outcome = bench.deploy(text);
    EXPECT_TRUE(outcome.ok()) << explain(outcome) << json;
    EXPECT_EQ(bench.cloud.objects.size(), 3U) << json;
    EXPECT_TRUE(bench.remove().ok());
    EXPECT_TRUE(bench.cloud.objects.empty());
  }
}

TEST(Deployer, DeletesInReverseOrderAndHonoursPolicies) {
  TestBench bench;
  bench.deploy("Resources:\n" + group("A", "{LogGroupName: a}") + group("B", "{LogGroupName: !Sub '${A}-b'}") +
               "  Kept: {Type: AWS::Logs::LogGroup, DeletionPolicy: Retain, Properties: {LogGroupName: kept}}\n"
               "  Snap: {Type: AWS::Logs::LogGroup, DeletionPolicy: Snapshot, Properties: {LogGroupName: snap}}\n");
  const DeployOutcome outcome = bench.remove();
  EXPECT_EQ(outcome.kind, DeployOutcome::Kind::Deployed);
  EXPECT_EQ(bench.events,
            (std::vector<std::string>{"shop DELETE_IN_PROGRESS", "Snap DELETE_SKIPPED", "Kept DELETE_SKIPPED", "B DELETE_IN_PROGRESS",
                                      "B DELETE_COMPLETE", "A DELETE_IN_PROGRESS", "A DELETE_COMPLETE", "shop DELETE_COMPLETE"}));
  EXPECT_EQ(bench.cloud.objects.size(), 2U);
  EXPECT_FALSE(bench.describe());
  EXPECT_EQ(bench.remove().reason, "there is no stack shop");
}

TEST(Deployer, ADeletionThatFailsKeepsWhatIsLeft) {
  TestBench bench;
  bench.deploy("Resources:\n" + group("A", "{LogGroupName: a}") + group("B", "{LogGroupName: b}"));
  bench.cloud.failures[R"(DeleteLogGroup "a")"] = "in use";
  const DeployOutcome failed = bench.remove();
  EXPECT_EQ(failed.kind, DeployOutcome::Kind::Failed);
  EXPECT_EQ(failed.stack->status, "DELETE_FAILED");
  EXPECT_EQ(failed.stack->resources.size(), 1U);
  bench.cloud.failures.clear();
  EXPECT_TRUE(bench.remove().ok());
  EXPECT_TRUE(bench.cloud.objects.empty());
}

TEST(Deployer, ExportsAreSharedAndProtected) {
  TestBench bench;
  const std::string network =
      "Resources:\n" + group("A", "{LogGroupName: net}") + "Outputs: {N: {Value: !Ref A, Export: {Name: !Sub '${AWS::StackName}-name'}}}\n";
  ASSERT_TRUE(bench.deploy(network, {}, OnFailure::RollBack, "net").ok());
  const DeployOutcome user = bench.deploy("Resources:\n" + group("U", "{LogGroupName: !Sub ['${X}-user', {X: !ImportValue net-name}]}"));
  ASSERT_TRUE(user.ok()) << explain(user);
  EXPECT_TRUE(bench.cloud.objects.contains("group/net-user"));
  EXPECT_EQ(bench.remove("net").reason, "stack shop imports an export of net; delete that stack first");
  const DeployOutcome dropped = bench.deploy("Resources:\n" + group("A", "{LogGroupName: net}"), {}, OnFailure::RollBack, "net");
  EXPECT_EQ(dropped.kind, DeployOutcome::Kind::Invalid);
  const DeployOutcome twice =
      bench.deploy("Resources:\n" + group("A") + "Outputs: {N: {Value: x, Export: {Name: net-name}}}\n", {}, OnFailure::RollBack, "other");
  EXPECT_EQ(twice.problems,
            (std::vector<std::string>{"/app/t.yaml:3:40: another stack exports `net-name` already; choose another export name"}));
}

TEST(Deployer, ParametersKeepTheirValuesAndHiddenOnesStayHidden) {
  TestBench bench;
  const std::string text = "Parameters:\n  P: {Type: String, NoEcho: true}\n  D: {Type: String, Default: d1}\nResources:\n" +
                           group("A", "{LogGroupName: !Sub '${P}-${D}'}");
  const DeployOutcome first = bench.deploy(text, {{"P", "hunter2"}, {"D", "d2"}});
  ASSERT_TRUE(first.ok()) << explain(first);
  EXPECT_EQ(first.stack->parameters[1].value, "****");
  EXPECT_EQ(bench.deploy(text).kind, DeployOutcome::Kind::Unchanged) << "both keep the values of the last deployment";
  bench.cloud.failures["CreateLogGroup"] = "hunter3-d2 is no name";
  const DeployOutcome failed = bench.deploy(text, {{"P", "hunter3"}});
  EXPECT_EQ(failed.reason, "A: CreateLogGroup: TestException: ****-d2 is no name");
  for (const StackEvent& event : bench.full_events) EXPECT_EQ(event.reason.find("hunter3"), std::string::npos) << event.reason;
}

TEST(Deployer, InvalidTemplatesChangeNothingAndTellEverything) {
  TestBench bench;
  const DeployOutcome outcome =
      bench.deploy("Resources:\n  A: {Type: AWS::EC2::VPC}\n  B: {Type: AWS::Logs::LogGroup, Properties: {Retention: 7}}\n" +
                   group("C", "{LogGroupName: !Ref Nope}"));
  EXPECT_EQ(outcome.kind, DeployOutcome::Kind::Invalid);
  EXPECT_EQ(outcome.reason, "3 problems in the template");
  ASSERT_EQ(outcome.problems.size(), 3U);
  EXPECT_EQ(outcome.problems[0].substr(0, 68), "/app/t.yaml:2:13: resource type `AWS::EC2::VPC` is not supported; Su");
  EXPECT_EQ(outcome.problems[1].substr(0, 62), "/app/t.yaml:3:47: AWS::Logs::LogGroup has no property `Retenti");
  EXPECT_EQ(outcome.problems[2].substr(0, 60), "/app/t.yaml:4:61: `Nope` is no parameter and no resource of ");
  EXPECT_TRUE(bench.cloud.calls.empty());
  EXPECT_FALSE(bench.describe());
}

TEST(Deployer, OneOperationAtATimePerStack) {
  TestBench bench;
  std::vector<std::string> kinds;
  const std::string text = "Resources:\n" + group("A");
  for (int i = 0; i < 2; ++i) {
    bench.deployer.deploy({"shop", text, "t.yaml", {}, OnFailure::RollBack}, {},
                          [&kinds](DeployOutcome outcome) { kinds.push_back(outcome.ok() ? "done" : outcome.reason); });
  }
  bench.lane.run();
  EXPECT_EQ(kinds, (std::vector<std::string>{"stack shop is being changed already; wait until that is done", "done"}));
}

TEST(Deployer, ACancelledDeploymentRollsBack) {
  TestBench bench;
  DeployOutcome result;
  bench.deployer.deploy(
      {"shop", "Resources:\n" + group("A") + group("B"), "t.yaml", {}, OnFailure::RollBack},
      [&bench](const StackEvent& event) {
        if (event.logical_id == "A" && event.status == "CREATE_IN_PROGRESS") bench.deployer.cancel("shop");
      },
      [&result](DeployOutcome outcome) { result = std::move(outcome); });
  bench.lane.run();
  EXPECT_EQ(result.reason, "cancelled");
  EXPECT_TRUE(bench.cloud.objects.empty());
}

TEST(Deployer, StackNamesAreChecked) {
  TestBench bench;
  EXPECT_EQ(bench.deploy("Resources:\n" + group("A"), {}, OnFailure::RollBack, "1x").kind, DeployOutcome::Kind::Refused);
  bench.states.save("shop", "rubbish");
  EXPECT_EQ(bench.deploy("Resources:\n" + group("A")).reason, "the stored state of stack shop is damaged");
}

TEST(Deployer, PlansWithoutDoing) {
  TestBench bench;
  bench.deploy("Resources:\n" + group("A", "{LogGroupName: a}") + group("B", "{LogGroupName: b}"));
  bench.cloud.calls.clear();
  const DeployOutcome plan = bench.plan("Resources:\n" + group("A", "{LogGroupName: a2}") + group("C", "{LogGroupName: !Ref A}"));
  EXPECT_EQ(plan.kind, DeployOutcome::Kind::Planned);
  EXPECT_EQ(changes_of(plan), "replace A, create C, delete B");
  EXPECT_EQ(plan.changes[0].reason, "LogGroupName changed");
  EXPECT_TRUE(bench.cloud.calls.empty());
}

}  // namespace
}  // namespace surgetank::stack
