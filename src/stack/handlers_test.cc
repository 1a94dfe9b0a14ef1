// What each resource type asks of its service when it is created, changed and deleted.
#include <gtest/gtest.h>

#include "stack/inline_code.h"
#include "stack/test_bench.h"

namespace surgetank::stack {
namespace {

// Deploys `before`, then `after`; the calls of the second deployment.
std::vector<std::string> calls_of_update(TestBench& bench, const std::string& before, const std::string& after) {
  const DeployOutcome first = bench.deploy("Resources:\n" + before);
  EXPECT_TRUE(first.ok()) << explain(first);
  bench.cloud.calls.clear();
  const DeployOutcome second = bench.deploy("Resources:\n" + after);
  EXPECT_TRUE(second.ok()) << explain(second);
  return bench.cloud.calls;
}

std::vector<std::string> calls_of_update(const std::string& before, const std::string& after) {
  TestBench bench;
  return calls_of_update(bench, before, after);
}

std::string resource(std::string_view type, std::string_view properties) {
  return "  R: {Type: '" + std::string(type) + "', Properties: {" + std::string(properties) + "}}\n";
}

using Calls = std::vector<std::string>;

std::string function(std::string_view more) {
  return resource(
      "AWS::Lambda::Function",
      "FunctionName: f, Role: 'arn:aws:iam::1:role/r', Runtime: python3.12, Handler: index.h, Code: {ZipFile: x}" + std::string(more));
}

TEST(FunctionHandler, ChangesOfSettingsResetWhatWasRemoved) {
  EXPECT_EQ(
      calls_of_update(function(", Timeout: 9, Environment: {Variables: {A: 1}}, TracingConfig: {Mode: Active}"),
                      function(", MemorySize: '512'")),
      (Calls{R"(UpdateFunctionConfiguration {"Role":"arn:aws:iam::1:role/r","Handler":"index.h","Runtime":"python3.12","MemorySize":512,)"
             R"("FunctionName":"f","Timeout":3,"Environment":{"Variables":{}},"TracingConfig":{"Mode":"PassThrough"}})"}));
}

TEST(FunctionHandler, ADeadLetterQueueIsSetAndTakenAway) {
  constexpr const char* queue = "arn:aws:sqs:us-east-1:000000000000:dead";
  const std::string with = ", DeadLetterConfig: {TargetArn: '" + std::string(queue) + "'}";
  EXPECT_NE(calls_of_update(function(""), function(with))[0].find(R"("DeadLetterConfig":{"TargetArn":")" + std::string(queue)),
            std::string::npos);
  EXPECT_NE(calls_of_update(function(with), function(""))[0].find(R"("DeadLetterConfig":{"TargetArn":""})"), std::string::npos);
}

TEST(EventInvokeConfigHandler, PutsTheWholeConfiguration) {
  const auto config = [](std::string_view more) {
    return resource("AWS::Lambda::EventInvokeConfig", "FunctionName: f, Qualifier: '$LATEST'" + std::string(more));
  };
  EXPECT_EQ(calls_of_update(config(", MaximumRetryAttempts: 1"), config(", MaximumEventAgeInSeconds: '60'")),
            (Calls{R"(PutFunctionEventInvokeConfig {"FunctionName":"f","Qualifier":"$LATEST","MaximumEventAgeInSeconds":60})"}));
  EXPECT_EQ(calls_of_update(config(", MaximumRetryAttempts: 1"), config("")),
            (Calls{R"(PutFunctionEventInvokeConfig {"FunctionName":"f","Qualifier":"$LATEST","DestinationConfig":{}})"}));
}

TEST(FunctionHandler, TagsAreSetAndRemoved) {
  EXPECT_EQ(calls_of_update(function(", Tags: [{Key: a, Value: 1}, {Key: b, Value: 2}]"), function(", Tags: [{Key: b, Value: 3}]")),
            (Calls{R"(UntagResource {"Resource":"arn:aws:lambda:us-east-1:000000000000:function:f","TagKeys":["a"]})",
                   R"(TagResource {"Resource":"arn:aws:lambda:us-east-1:000000000000:function:f","Tags":{"b":"3"}})"}));
}

TEST(FunctionHandler, ANewNameIsANewFunctionAndItsPermissionFollows) {
  const auto text = [](const char* name) {
    return "  F: {Type: AWS::Lambda::Function, Properties: {FunctionName: " + std::string(name) +
           ", Role: 'arn:aws:iam::1:role/r', Runtime: r, Handler: h, Code: {ZipFile: x}}}\n"
           "  P: {Type: AWS::Lambda::Permission, Properties: {FunctionName: !Ref F, Action: 'lambda:InvokeFunction', Principal: p}}\n";
  };
  TestBench bench;
  calls_of_update(bench, text("one"), text("two"));
  EXPECT_EQ(bench.cloud.operations(), (Calls{"CreateFunction", "AddPermission", "RemovePermission", "DeleteFunction"}));
  EXPECT_FALSE(bench.cloud.objects.contains("function/one"));
}

TEST(FunctionHandler, APackageFileIsSentAsItsBytes) {
  TestBench bench;
  bench.files.contents["/app/f.zip"] = "PKbytes";
  const auto text =
      resource("AWS::Lambda::Function", "FunctionName: f, Role: 'arn:aws:iam::1:role/r', Runtime: r, Handler: h, Code: f.zip");
  ASSERT_TRUE(bench.deploy("Resources:\n" + text).ok());
  EXPECT_NE(bench.cloud.last("CreateFunction").find(R"("Code":{"ZipFile":"UEtieXRlcw=="})"), std::string::npos)
      << bench.cloud.last("CreateFunction");
  EXPECT_EQ(bench.states.load("shop")->find("UEtieXRlcw"), std::string::npos) << "the state keeps the hash, not the bytes";
}

TEST(InlineCode, IsAZipArchiveWithOneFile) {
  const std::string zip = inline_code_archive("nodejs22.x", "exports.handler = 1");
  EXPECT_EQ(zip.substr(0, 4), std::string("PK\x03\x04"));
  EXPECT_NE(zip.find("index.jsexports.handler = 1PK\x01\x02"), std::string::npos);
  EXPECT_EQ(zip.size(), 30 + 8 + 19 + 46 + 8 + 22U);
  EXPECT_NE(inline_code_archive("python3.12", "x").find("index.py"), std::string::npos);
  EXPECT_EQ(zip, inline_code_archive("nodejs20.x", "exports.handler = 1"));
}

TEST(RoleHandler, DiffsPoliciesAndTags) {
  const auto role = [](std::string_view more) {
    return resource("AWS::IAM::Role", "RoleName: r, AssumeRolePolicyDocument: {Statement: []}, " + std::string(more));
  };
  EXPECT_EQ(
      calls_of_update(
          role("ManagedPolicyArns: [a, b], Description: d, Policies: [{PolicyName: p, PolicyDocument: {Statement: []}}, "
               "{PolicyName: q, PolicyDocument: {Statement: []}}]"),
          role("ManagedPolicyArns: [b, c], Policies: [{PolicyName: q, PolicyDocument: {Statement: [1]}}], Tags: [{Key: k, Value: v}]")),
      (Calls{R"(UpdateRole {"RoleName":"r","Description":"","MaxSessionDuration":3600})",
             R"(DetachRolePolicy {"RoleName":"r","PolicyArn":"a"})", R"(AttachRolePolicy {"RoleName":"r","PolicyArn":"c"})",
             R"(DeleteRolePolicy {"RoleName":"r","PolicyName":"p"})",
             R"(PutRolePolicy {"RoleName":"r","PolicyName":"q","PolicyDocument":"{\"Statement\":[1]}"})",
             R"(TagRole {"RoleName":"r","Tags":[{"Key":"k","Value":"v"}]})", R"(GetRole {"RoleName":"r"})"}));
}

TEST(PolicyHandlers, PoliciesFollowTheirRoles) {
  const std::string role = "  Role: {Type: AWS::IAM::Role, Properties: {RoleName: r, AssumeRolePolicyDocument: '{\"Statement\":[]}'}}\n";
  const auto policy = [&](const char* name) {
    return role + "  P: {Type: AWS::IAM::Policy, Properties: {PolicyName: " + name +
           ", PolicyDocument: {Statement: []}, Roles: [!Ref Role]}}\n" +
           "  M: {Type: AWS::IAM::ManagedPolicy, Properties: {PolicyDocument: {Statement: []}, Roles: [!Ref Role]}}\n";
  };
  TestBench bench;
  EXPECT_EQ(calls_of_update(bench, policy("one"), policy("two")),
            (Calls{R"(PutRolePolicy {"RoleName":"r","PolicyName":"two","PolicyDocument":"{\"Statement\":[]}"})",
                   R"(DeleteRolePolicy {"RoleName":"r","PolicyName":"one"})"}));
  const DeployOutcome removed = bench.remove();
  EXPECT_TRUE(removed.ok()) << explain(removed);
  EXPECT_TRUE(bench.cloud.objects.empty()) << bench.cloud.objects.begin()->first;
}

TEST(ApiHandlers, RequestsAreInLowerCamelCaseAndDataKeysStay) {
  TestBench bench;
  const std::string api =
      "  Api: {Type: AWS::ApiGatewayV2::Api, Properties: {Name: n, ProtocolType: HTTP, CorsConfiguration: {AllowOrigins: ['*'], MaxAge: "
      "'5'}, "
      "Tags: {Team: x}}}\n";
  const auto stage = [&](std::string_view more) {
    return api + "  S: {Type: AWS::ApiGatewayV2::Stage, Properties: {ApiId: !Ref Api, StageName: s, " + std::string(more) + "}}\n";
  };
  const Calls calls = calls_of_update(
      bench, stage("StageVariables: {Old: 1, Keep: 2}, RouteSettings: {'GET /X': {ThrottlingRateLimit: 1.5}}, Tags: {A: 1}"),
      stage("StageVariables: {Keep: 2, New: 3}, Description: d"));
  EXPECT_EQ(calls,
            (Calls{R"(UpdateStage {"apiId":"api1","stageName":"s","stageVariables":{"Keep":"2","New":"3","Old":""},"description":"d"})",
                   R"(UntagResource {"resourceArn":"arn:aws:apigateway:us-east-1::/apis/api1/stages/s","tagKeys":["A"]})"}));
  EXPECT_EQ(to_json(bench.cloud.objects["api/api1"]),
            R"({"name":"n","protocolType":"HTTP","corsConfiguration":{"allowOrigins":["*"],"maxAge":5},"tags":{"Team":"x"}})");
  EXPECT_NE(to_json(bench.cloud.objects["stage/api1/s"]).find(R"("routeSettings":{"GET /X":{"throttlingRateLimit":1.5}})"),
            std::string::npos);
}

TEST(ApiHandlers, RemovedCorsIsDeleted) {
  const auto api = [](std::string_view more) {
    return resource("AWS::ApiGatewayV2::Api", "Name: n, ProtocolType: HTTP" + std::string(more));
  };
  EXPECT_EQ(calls_of_update(api(", Description: d, CorsConfiguration: {AllowOrigins: ['*']}"), api("")),
            (Calls{R"(UpdateApi {"name":"n","apiId":"api1","description":""})", R"(DeleteCorsConfiguration {"apiId":"api1"})"}));
}

TEST(ApiHandlers, ARouteMovesToAnotherFunctionInPlace) {
  const auto route = [](const char* target) {
    return "  Api: {Type: AWS::ApiGatewayV2::Api, Properties: {Name: n, ProtocolType: HTTP}}\n"
           "  I: {Type: AWS::ApiGatewayV2::Integration, Properties: {ApiId: !Ref Api, IntegrationType: AWS_PROXY, IntegrationUri: arn}}\n"
           "  J: {Type: AWS::ApiGatewayV2::Integration, Properties: {ApiId: !Ref Api, IntegrationType: AWS_PROXY, IntegrationUri: arn}}\n"
           "  R: {Type: AWS::ApiGatewayV2::Route, Properties: {ApiId: !Ref Api, RouteKey: 'GET /', Target: !Sub 'integrations/${" +
           std::string(target) + "}'}}\n";
  };
  EXPECT_EQ(calls_of_update(route("I"), route("J")),
            (Calls{R"(UpdateRoute {"apiId":"api1","routeKey":"GET /","target":"integrations/part3","routeId":"part4"})"}));
}

TEST(SecretHandler, ValuesAreGeneratedOnceAndOnlyAgainIfAskedTo) {
  TestBench bench;
  const auto secret = [](std::string_view more) {
    return resource("AWS::SecretsManager::Secret",
                    "Name: s, GenerateSecretString: {SecretStringTemplate: '{\"user\":\"u\"}', GenerateStringKey: pw, "
                    "PasswordLength: '20'}" +
                        std::string(more));
  };
  calls_of_update(bench, secret(""), secret(", Description: d"));
  EXPECT_EQ(bench.cloud.operations(), (Calls{"UpdateSecret"}));
  const std::string arn = "arn:aws:secretsmanager:us-east-1:000000000000:secret:s-AbCdEf";
  EXPECT_EQ(bench.cloud.objects["secret/" + arn].text_of("SecretString"), R"({"user":"u","pw":"generated-1"})");
  EXPECT_EQ(bench.deploy("Resources:\n" + resource("AWS::SecretsManager::Secret", "Name: s, SecretString: fixed")).ok(), true);
  EXPECT_EQ(bench.cloud.objects["secret/" + arn].text_of("SecretString"), "fixed");
}

TEST(SecretHandler, BothKindsOfValueAreRefused) {
  TestBench bench;
  const DeployOutcome outcome =
      bench.deploy("Resources:\n" + resource("AWS::SecretsManager::Secret", "SecretString: x, GenerateSecretString: {}"));
  EXPECT_EQ(outcome.reason, "R: a secret has either SecretString or GenerateSecretString, not both");
}

std::string database(std::string_view more) {
  return resource("AWS::RDS::DBInstance",
                  "DBInstanceIdentifier: Main, Engine: postgres, DBInstanceClass: db.t4g.micro, AllocatedStorage: '20', "
                  "MasterUsername: u, MasterUserPassword: p" +
                      std::string(more));
}

TEST(DatabaseHandler, WaitsUntilItIsAvailable) {
  TestBench bench;
  const Instant began = bench.lane.now();
  const DeployOutcome outcome = bench.deploy("Resources:\n" + database(""));
  ASSERT_TRUE(outcome.ok()) << explain(outcome);
  EXPECT_EQ(bench.cloud.operations(),
            (Calls{"CreateDBInstance", "DescribeDBInstances", "DescribeDBInstances", "DescribeDBInstances", "DescribeDBInstances"}));
  EXPECT_EQ((bench.lane.now() - began).us, (poll_interval * 3).us);
  EXPECT_EQ(outcome.stack->find("R")->physical_id, "main");
  EXPECT_EQ(outcome.stack->find("R")->attributes.text_of("Endpoint.Port"), "5432");
}

TEST(DatabaseHandler, GivesUpAfterTwentyMinutesAndCleansUp) {
  TestBench bench;
  bench.cloud.polls_until_available = 1'000'000;
  const Instant began = bench.lane.now();
  const DeployOutcome outcome = bench.deploy("Resources:\n" + database(""));
  EXPECT_EQ(outcome.reason, "R: still not ready after 20 minutes");
  EXPECT_GE((bench.lane.now() - began).us, minutes(20).us);
  EXPECT_TRUE(bench.cloud.objects.empty());
}

TEST(DatabaseHandler, ModifiesInPlace) {
  TestBench bench;
  const Calls calls = calls_of_update(bench, database(""), database(", BackupRetentionPeriod: 3, Tags: [{Key: k, Value: v}]"));
  EXPECT_EQ(calls[0], R"(ModifyDBInstance {"BackupRetentionPeriod":3,"DBInstanceIdentifier":"main","ApplyImmediately":true})");
  EXPECT_EQ(calls[1],
            R"(AddTagsToResource {"ResourceName":"arn:aws:rds:us-east-1:000000000000:db:main","Tags":[{"Key":"k","Value":"v"}]})");
  EXPECT_EQ(calls[2].substr(0, 19), "DescribeDBInstances");
  TestBench exports;
  EXPECT_EQ(calls_of_update(exports, database(", EnableCloudwatchLogsExports: [upgrade, old]"),
                            database(", EnableCloudwatchLogsExports: [postgresql, upgrade]"))[0],
            R"(ModifyDBInstance {"CloudwatchLogsExportConfiguration":{"EnableLogTypes":["postgresql"],"DisableLogTypes":["old"]},)"
            R"("DBInstanceIdentifier":"main","ApplyImmediately":true})");
}

TEST(AttachmentHandler, WritesTheConnectionIntoTheSecret) {
  TestBench bench;
  const DeployOutcome outcome =
      bench.deploy("Resources:\n" + database("") +
                   "  S: {Type: AWS::SecretsManager::Secret, Properties: {Name: s, SecretString: '{\"username\":\"u\"}'}}\n"
                   "  A: {Type: AWS::SecretsManager::SecretTargetAttachment, Properties: {SecretId: !Ref S, TargetId: !Ref R, "
                   "TargetType: AWS::RDS::DBInstance}}\n");
  ASSERT_TRUE(outcome.ok()) << explain(outcome);
  EXPECT_EQ(bench.cloud.objects["secret/" + outcome.stack->find("S")->physical_id].text_of("SecretString"),
            R"({"username":"u","engine":"postgres","dbInstanceIdentifier":"main","host":"127.0.0.1","port":5432})");
}

TEST(QueueHandler, CreatesWithAttributesAsTextsAndGivesItsUrl) {
  TestBench bench;
  const DeployOutcome outcome = bench.deploy(
      "Resources:\n"
      "  D: {Type: AWS::SQS::Queue, Properties: {QueueName: dead}}\n"
      "  R: {Type: AWS::SQS::Queue, Properties: {QueueName: work, VisibilityTimeout: '60', SqsManagedSseEnabled: false, FifoQueue: false, "
      "Tags: [{Key: a, Value: 1}], RedrivePolicy: {deadLetterTargetArn: !GetAtt D.Arn, maxReceiveCount: 3}}}\n"
      "Outputs: {Url: {Value: !Ref R}, Name: {Value: !GetAtt R.QueueName}}\n");
  ASSERT_TRUE(outcome.ok()) << explain(outcome);
  EXPECT_EQ(outcome.stack->find("R")->physical_id, "http://127.0.0.1:4566/000000000000/work");
  EXPECT_EQ(bench.cloud.last("CreateQueue"),
            R"({"QueueName":"work","Attributes":{"RedrivePolicy":"{\"deadLetterTargetArn\":\"arn:aws:sqs:us-east-1:000000000000:dead\",)"
            R"(\"maxReceiveCount\":3}","SqsManagedSseEnabled":"false","VisibilityTimeout":"60"},"tags":{"a":"1"}})");
}

TEST(QueueHandler, AFifoQueueWithoutANameGetsTheSuffix) {
  TestBench bench;
  const DeployOutcome outcome =
      bench.deploy("Resources:\n" + resource("AWS::SQS::Queue", "FifoQueue: true, ContentBasedDeduplication: true"));
  ASSERT_TRUE(outcome.ok()) << explain(outcome);
  EXPECT_TRUE(outcome.stack->find("R")->physical_id.ends_with(".fifo")) << outcome.stack->find("R")->physical_id;
  EXPECT_TRUE(bench.cloud.last("CreateQueue").ends_with(R"("Attributes":{"FifoQueue":"true","ContentBasedDeduplication":"true"}})"));
}

TEST(QueueHandler, WhatWasRemovedGetsItsDefault) {
  const std::string url = R"("QueueUrl":"http://127.0.0.1:4566/000000000000/q")";
  EXPECT_EQ(
      calls_of_update(resource("AWS::SQS::Queue", "QueueName: q, DelaySeconds: 5, KmsMasterKeyId: alias/k, Tags: [{Key: a, Value: 1}]"),
                      resource("AWS::SQS::Queue", "QueueName: q, VisibilityTimeout: 90")),
      (Calls{"SetQueueAttributes {" + url + R"(,"Attributes":{"DelaySeconds":"0","KmsMasterKeyId":"","VisibilityTimeout":"90"}})",
             "UntagQueue {" + url + R"(,"TagKeys":["a"]})"}));
}

TEST(QueueHandler, AQueueOfAnotherOwnerIsNotTakenOver) {
  TestBench bench;
  bench.cloud.objects["queue/http://127.0.0.1:4566/000000000000/q"] = make_map();
  const DeployOutcome outcome = bench.deploy("Resources:\n" + resource("AWS::SQS::Queue", "QueueName: q"));
  EXPECT_FALSE(outcome.ok());
  EXPECT_TRUE(bench.cloud.objects.contains("queue/http://127.0.0.1:4566/000000000000/q"));
}

TEST(QueuePolicyHandler, PolicyFollowsItsQueues) {
  const auto text = [](const char* queue) {
    return "  Q: {Type: AWS::SQS::Queue, Properties: {QueueName: q}}\n  P: {Type: AWS::SQS::Queue, Properties: {QueueName: p}}\n"
           "  R: {Type: AWS::SQS::QueuePolicy, Properties: {Queues: [!Ref " +
           std::string(queue) + "], PolicyDocument: {Statement: []}}}\n";
  };
  EXPECT_EQ(
      calls_of_update(text("Q"), text("P")),
      (Calls{R"(SetQueueAttributes {"QueueUrl":"http://127.0.0.1:4566/000000000000/q","Attributes":{"Policy":""}})",
             R"(SetQueueAttributes {"QueueUrl":"http://127.0.0.1:4566/000000000000/p","Attributes":{"Policy":"{\"Statement\":[]}"}})"}));
}

TEST(PhysicalNames, FitAndKeepBothParts) {
  const ResourceHandler* handler = find_resource_handler("AWS::Lambda::Function");
  EXPECT_EQ(physical_name(*handler, "shop", "Function", "ABCDEFGHIJKL"), "shop-Function-ABCDEFGHIJKL");
  const std::string longest = physical_name(*handler, std::string(100, 's'), std::string(100, 'F'), "ABCDEFGHIJKL");
  EXPECT_EQ(longest, std::string(25, 's') + "-" + std::string(25, 'F') + "-ABCDEFGHIJKL");
  EXPECT_EQ(longest.size(), 64U);
  EXPECT_EQ(physical_name(*find_resource_handler("AWS::RDS::DBInstance"), "Shop", "Db", "ABCDEFGHIJKL"), "shop-db-abcdefghijkl");
}

TEST(ResourceTables, EveryTypeHasASchemaAndAHandler) {
  for (std::string_view type : supported_resource_types()) {
    if (type.starts_with("AWS::Serverless::")) continue;
    ASSERT_NE(find_resource_schema(type), nullptr) << type;
    const ResourceHandler* handler = find_resource_handler(type);
    ASSERT_NE(handler, nullptr) << type;
    EXPECT_TRUE(handler->create != nullptr && handler->remove != nullptr) << type;
    for (const PropertySchema& property : find_resource_schema(type)->properties) {
      const bool changeable = property.support == Support::Yes && property.change == Change::InPlace;
      EXPECT_TRUE(!changeable || handler->update != nullptr) << type << " " << property.name;
    }
  }
}

}  // namespace
}  // namespace surgetank::stack
