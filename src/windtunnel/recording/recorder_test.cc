// The recorder against a system that answers from a table.
#include "windtunnel/recording/recorder.h"

#include <gtest/gtest.h>

#include <map>
#include <stdexcept>

namespace surgetank::windtunnel {
namespace {

struct TableSystem final : RunningSystem {
  std::map<std::string, std::string> answers = {
      {"traces?last=2000",
       R"({"traces":[[{"trace":"1-a","id":"s1","parent":"","kind":"gateway","name":"POST /orders","startMicroseconds":1700000000000000,)"
       R"("durationMicroseconds":5000,"status":200,"fault":"","attributes":{"api":"api1"}}]]})"},
      {"templates",
       R"({"templates":[{"stack":"shop","path":"/app/t.yaml","sha256":"","resources":[{"logicalId":"Create","type":"AWS::Lambda::Function",)"
       R"("physicalId":"","line":7,"source":"Create","code":"/app/create"}],"lines":{}}]})"},
      {"stacks", R"({"stacks":[{"name":"shop","resources":[{"logicalId":"Create","physicalId":"shop-Create"}]}]})"},
      {"quotas",
       R"({"profile":"aws-new-account","region":"eu-west-2","quotas":[{"id":"lambda.concurrent-executions","name":"n","unit":"executions","value":null,)"
       R"("profileValue":10,"peak":4,"rejections":1},{"id":"sqs.delay","name":"d","unit":"s","value":900,"profileValue":900}]})"},
      {"/2015-03-31/functions",
       R"({"Functions":[{"FunctionName":"shop-Create","FunctionArn":"arn:aws:lambda:us-east-1:0:function:shop-Create","Runtime":"nodejs22.x",)"
       R"("Role":"r","Handler":"index.handler","CodeSize":1,"Description":"","Timeout":10,"MemorySize":256,"LastModified":"","CodeSha256":"",)"
       R"("Version":"$LATEST","TracingConfig":{},"RevisionId":"","PackageType":"Zip","EphemeralStorage":{"Size":512},"SnapStart":{},)"
       R"("LoggingConfig":{},"Environment":{"Variables":{"TABLE":"secret value"}}}]})"},
      {"/2019-09-30/functions/shop-Create/concurrency", R"({"ReservedConcurrentExecutions":7})"},
      {"/2016-08-19/account-settings",
       R"({"AccountLimit":{"TotalCodeSize":1,"CodeSizeUnzipped":1,"CodeSizeZipped":1,"ConcurrentExecutions":900,)"
       R"("UnreservedConcurrentExecutions":900},"AccountUsage":{"TotalCodeSize":1,"FunctionCount":1}})"},
      {"/2015-03-31/event-source-mappings",
       R"({"EventSourceMappings":[{"UUID":"m1","BatchSize":5,"MaximumBatchingWindowInSeconds":0,"EventSourceArn":"arn:aws:sqs:us-east-1:0:orders",)"
       R"("FunctionArn":"arn:aws:lambda:us-east-1:0:function:shop-Create:live","LastModified":1,"State":"Enabled","StateTransitionReason":"",)"
       R"("ScalingConfig":{"MaximumConcurrency":9},"FunctionResponseTypes":["ReportBatchItemFailures"],"EventSourceMappingArn":""}]})"},
      {"/v2/apis", R"({"items":[{"apiId":"api1","name":"n","protocolType":"HTTP","disableExecuteApiEndpoint":false}]})"},
      {"/v2/apis/api1/stages",
       R"({"items":[{"stageName":"$default","autoDeploy":true,"apiGatewayManaged":false,"defaultRouteSettings":{"throttlingRateLimit":50,)"
       R"("throttlingBurstLimit":20}}]})"},
      {"/v2/apis/api1/integrations",
       R"({"items":[{"integrationId":"i1","integrationType":"AWS_PROXY","timeoutInMillis":9000,"apiGatewayManaged":false,)"
       R"("integrationUri":"arn:aws:lambda:us-east-1:0:function:shop-Create"}]})"},
      {"/v2/apis/api1/routes",
       R"({"items":[{"routeId":"r1","routeKey":"POST /orders","target":"integrations/i1","apiGatewayManaged":false,"apiKeyRequired":false}]})"},
      {"AmazonSQS.ListQueues", R"({"QueueUrls":["http://x/0/orders"]})"},
      {"AmazonSQS.GetQueueAttributes",
       R"({"Attributes":{"QueueArn":"arn:aws:sqs:us-east-1:0:orders","VisibilityTimeout":"60","RedrivePolicy":)"
       R"("{\"deadLetterTargetArn\":\"arn:aws:sqs:us-east-1:0:dead\",\"maxReceiveCount\":\"5\"}"}})"},
      {"GraniteServiceVersion20100801.ListMetrics", R"({"Metrics":[]})"},
      {"secretsmanager.ListSecrets", R"({"SecretList":[]})"},
      {"rds",
       "<R><DBInstances><DBInstance><DBInstanceIdentifier>db1</DBInstanceIdentifier><DBInstanceClass>db.t4g.micro</DBInstanceClass></"
       "DBInstance>"
       "</DBInstances></R>"},
      {"/app/create/index.mjs", "// a comment\nimport x from './other.mjs';\n\nexport const handler = 1;\n"},
  };
  int throttled = 0;  // so many calls are refused first
  int pauses = 0;

  Answer find(const std::string& key) {
    const auto found = answers.find(key);
    return found == answers.end() ? Answer{404, "{}"} : Answer{200, found->second};
  }
  Answer api(const ApiCall& call) override {
    if (throttled > 0) {
      --throttled;
      return {429, R"({"__type":"TooManyRequestsException"})"};
    }
    for (const auto& [name, value] : call.headers)
      if (name == "X-Amz-Target") return find(value);
    return find(call.service == "rds" ? "rds" : call.path);
  }
  Answer admin(std::string_view path) override { return find(std::string(path)); }
  void pause(Duration) override { ++pauses; }
  std::optional<std::string> file(const std::string& path, std::size_t) override {
    const auto found = answers.find(path);
    if (found == answers.end()) return std::nullopt;
    return found->second;
  }
};

TEST(Recorder, ReadsWhatIsDeployedAndWhatHappened) {
  TableSystem system;
  const auto recording = record(system, {.version = "1", .region = "us-east-1"});
  ASSERT_EQ(recording.functions.size(), 1U);
  const auto& function = recording.functions[0];
  EXPECT_EQ(function.logicalId, "Create");
  EXPECT_EQ(*function.reservedConcurrency, 7);
  EXPECT_EQ(function.codeFile, "/app/create/index.mjs");
  EXPECT_EQ(*function.codeLines, 2);
  EXPECT_TRUE(*function.importsOwnFiles);
  EXPECT_EQ(function.environmentNames, List<String>{"TABLE"});
  EXPECT_EQ(recording_to_json(recording).find("secret value"), std::string::npos) << "names only";
  ASSERT_EQ(recording.mappings.size(), 1U);
  EXPECT_EQ(recording.mappings[0].function, "shop-Create") << "without its alias";
  EXPECT_EQ(*recording.mappings[0].maximumConcurrency, 9);
  EXPECT_TRUE(recording.mappings[0].reportsBatchItemFailures);
  ASSERT_EQ(recording.routes.size(), 1U);
  EXPECT_EQ(recording.routes[0].function, "shop-Create");
  EXPECT_EQ(recording.routes[0].timeoutMilliseconds, 9000);
  EXPECT_EQ(*recording.routes[0].throttleRequestsPerSecond, 50);
  ASSERT_EQ(recording.queues.size(), 1U);
  EXPECT_EQ(recording.queues[0].deadLetterQueue, "dead");
  EXPECT_EQ(recording.queues[0].maximumReceives, 5);
  ASSERT_EQ(recording.databases.size(), 1U);
  EXPECT_EQ(recording.databases[0].maximumConnections, 81);
  EXPECT_EQ(recording.quotaProfile, "aws-new-account");
  EXPECT_EQ(recording.region, "eu-west-2");  // the server's, wherever its resources are
  ASSERT_EQ(recording.quotas.size(), 2U);
  EXPECT_FALSE(recording.quotas[0].value.has_value());
  EXPECT_EQ(recording.quotas[0].isOwn, true);
  EXPECT_EQ(recording.quotas[1].isOwn, false);
  EXPECT_EQ(recording.accountConcurrency, 900);
  ASSERT_EQ(recording.traces.size(), 1U);
  EXPECT_EQ(recording.traces[0].root, "1-a");
  EXPECT_EQ(recording.endMicroseconds - recording.startMicroseconds, 5000);
}

TEST(Recorder, AsksAgainWhatIsThrottled) {
  TableSystem system;
  system.throttled = 7;
  EXPECT_EQ(record(system, {.version = "1"}).functions.size(), 1U);
  EXPECT_EQ(system.pauses, 7);
  system.throttled = 1'000'000;
  EXPECT_THROW(record(system, {.version = "1"}), std::runtime_error);
}

TEST(Recorder, ASystemWithoutQuotasOrTemplatesIsRecordedWithoutThem) {
  TableSystem system;
  system.answers.erase("quotas");
  system.answers.erase("templates");
  const auto recording = record(system, {.version = "1"});
  EXPECT_TRUE(recording.quotas.empty());
  EXPECT_EQ(recording.functions[0].logicalId, "");
}

TEST(Recorder, ReadsWhatTheMachineUsedAndWhoseItWas) {
  TableSystem system;
  EXPECT_FALSE(record(system, {.version = "1"}).host.has_value()) << "a server that does not tell";
  const auto run = record(system, {.version = "1"});
  system.answers["host?from=" + std::to_string(run.startMicroseconds) + "&to=" + std::to_string(run.endMicroseconds)] =
      R"({"processors":2,"functionProcesses":24,"busyMicroseconds":60,"samples":[)"
      R"({"atMicroseconds":1,"serverMicroseconds":2,"databaseMicroseconds":3,"functionMicroseconds":4},)"
      R"({"atMicroseconds":11,"serverMicroseconds":22,"databaseMicroseconds":33,"functionMicroseconds":44}]})";
  const auto recording = recording_from_json(recording_to_json(record(system, {.version = "1"})));
  ASSERT_TRUE(recording.host);
  EXPECT_EQ(recording.host->busyMicroseconds, 60);
  ASSERT_EQ(recording.host->samples.size(), 2U);
  EXPECT_EQ(recording.host->samples[0].serverMicroseconds, 2);
  EXPECT_EQ(recording.host->samples[1].databaseMicroseconds, 33);
  EXPECT_EQ(recording.host->samples[1].functionMicroseconds, 44);
}

TEST(Recorder, ReadsProvisionedPollers) {
  TableSystem system;
  auto& mappings = system.answers["/2015-03-31/event-source-mappings"];
  const std::string scaling = R"("ScalingConfig":{"MaximumConcurrency":9})";
  ASSERT_NE(mappings.find(scaling), std::string::npos);
  mappings.replace(mappings.find(scaling), scaling.size(), R"("ProvisionedPollerConfig":{"MinimumPollers":3,"MaximumPollers":8})");
  const auto recording = record(system, {.version = "1"});
  EXPECT_EQ(recording.mappings[0].minimumPollers, 3);
  EXPECT_EQ(recording.mappings[0].maximumPollers, 8);
}

TEST(Recorder, TheNumberOfTracesIsBounded) {
  TableSystem system;
  EXPECT_THROW(record(system, {.version = "1", .last_traces = 0}), std::runtime_error);
  EXPECT_THROW(record(system, {.version = "1", .last_traces = max_recorded_traces + 1}), std::runtime_error);
}

}  // namespace
}  // namespace surgetank::windtunnel
