#include "stack/sam.h"

#include <gtest/gtest.h>

#include <fstream>
#include <sstream>

#include "stack/sam_transformer.h"
#include "stack/template.h"

namespace surgetank::stack {
namespace {

TemplateInput input_of(std::string text, ParameterTexts parameters = {}) {
  TemplateInput input;
  input.text = std::move(text);
  input.path = "t.yaml";
  input.pseudo = {"123456789012", "eu-west-1", "shop", "arn:aws:cloudformation:eu-west-1:123456789012:stack/shop/1"};
  input.parameters = std::move(parameters);
  return input;
}

struct Loaded {
  explicit Loaded(std::string text, ParameterTexts parameters = {}) : problems("t.yaml") {
    value = load_template(input_of(std::move(text), std::move(parameters)), problems);
  }
  std::string ids() const {
    std::string all;
    for (const ResourceDeclaration& resource : value->resources) all += resource.logical_id + ":" + resource.type.substr(5) + " ";
    return all;
  }
  std::string properties(std::string_view id) const { return value->find(id) == nullptr ? "none" : to_json(value->find(id)->properties); }
  std::string lines() const {
    std::string all;
    for (const std::string& line : problems.lines()) all += line + "\n";
    return all;
  }
  Problems problems;
  std::optional<Template> value;
};

constexpr std::string_view head = "Transform: AWS::Serverless-2016-10-31\n";

TEST(Sam, FunctionWithImplicitApiGeneratesSamsLogicalIds) {
  const Loaded loaded(std::string(head) + R"(Resources:
  Get:
    Type: AWS::Serverless::Function
    Properties:
      CodeUri: get/
      Handler: app.handler
      Runtime: python3.12
      Events:
        Read: {Type: HttpApi, Properties: {Path: '/orders/{id}', Method: get}}
        Rest: {Type: HttpApi}
)");
  ASSERT_TRUE(loaded.value && loaded.problems.empty()) << loaded.lines();
  EXPECT_EQ(loaded.ids(),
            "GetRole:IAM::Role Get:Lambda::Function ServerlessHttpApi:ApiGatewayV2::Api GetReadPermission:Lambda::Permission "
            "ServerlessHttpApiGetIntegration:ApiGatewayV2::Integration ServerlessHttpApiGetOrdersIdRoute:ApiGatewayV2::Route "
            "GetRestPermission:Lambda::Permission ServerlessHttpApiDefaultRoute:ApiGatewayV2::Route "
            "ServerlessHttpApiApiGatewayDefaultStage:ApiGatewayV2::Stage ");
  EXPECT_EQ(
      loaded.properties("Get"),
      R"({"Code":{"LocalPath":"get/"},"Handler":"app.handler","Runtime":"python3.12","Tags":[{"Key":"lambda:createdBy","Value":"SAM"}],)"
      R"("Role":{"Fn::GetAtt":["GetRole","Arn"]}})");
  EXPECT_EQ(
      loaded.properties("GetRole"),
      R"({"AssumeRolePolicyDocument":{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"Service":["lambda.amazonaws.com"]},)"
      R"("Action":["sts:AssumeRole"]}]},"ManagedPolicyArns":[{"Fn::Sub":"arn:${AWS::Partition}:iam::aws:policy/service-role/)"
      R"(AWSLambdaBasicExecutionRole"}],"Tags":[{"Key":"lambda:createdBy","Value":"SAM"}]})");
  EXPECT_EQ(
      loaded.properties("GetReadPermission"),
      R"({"Action":"lambda:InvokeFunction","FunctionName":{"Ref":"Get"},"Principal":"apigateway.amazonaws.com","SourceArn":{"Fn::Sub":)"
      R"("arn:${AWS::Partition}:execute-api:${AWS::Region}:${AWS::AccountId}:${ServerlessHttpApi}/*/GET/orders/*"}})");
  EXPECT_NE(loaded.properties("GetRestPermission").find("${ServerlessHttpApi}/*/*\""), std::string::npos);
  EXPECT_EQ(
      loaded.properties("ServerlessHttpApiGetOrdersIdRoute"),
      R"({"ApiId":{"Ref":"ServerlessHttpApi"},"RouteKey":"GET /orders/{id}","Target":{"Fn::Sub":"integrations/${ServerlessHttpApiGetIntegration}"}})");
  EXPECT_EQ(loaded.properties("ServerlessHttpApi"),
            R"({"Name":{"Ref":"AWS::StackName"},"ProtocolType":"HTTP","Tags":{"httpapi:createdBy":"SAM"}})");
  EXPECT_EQ(loaded.properties("ServerlessHttpApiApiGatewayDefaultStage"),
            R"({"ApiId":{"Ref":"ServerlessHttpApi"},"StageName":"$default","AutoDeploy":true,"Tags":{"httpapi:createdBy":"SAM"}})");
}

TEST(Sam, GlobalsMergeMapsConcatenateListsAndYieldToTheResource) {
  const Loaded loaded(std::string(head) + R"(Globals:
  Function:
    Runtime: nodejs22.x
    Timeout: 5
    Architectures: [x86_64]
    Environment: {Variables: {A: global, B: global}}
    Tags: {team: orders}
  HttpApi:
    CorsConfiguration: true
Resources:
  F:
    Type: AWS::Serverless::Function
    Properties:
      InlineCode: x
      Handler: index.handler
      Timeout: !If [Off1, 1, 9]
      Environment: {Variables: {B: own, C: own}}
  G:
    Type: AWS::Serverless::Function
    IgnoreGlobals: [Timeout, Tags]
    Properties: {InlineCode: x, Handler: index.handler}
  Api: {Type: AWS::Serverless::HttpApi}
Conditions: {Off1: !Equals [a, b]}
)");
  ASSERT_TRUE(loaded.value && loaded.problems.empty()) << loaded.lines();
  EXPECT_EQ(loaded.properties("F"),
            R"({"Code":{"ZipFile":"x"},"Architectures":["x86_64"],"Environment":{"Variables":{"A":"global","B":"own","C":"own"}},)"
            R"("Handler":"index.handler","Runtime":"nodejs22.x","Timeout":{"Fn::If":["Off1",1,9]},)"
            R"("Tags":[{"Key":"lambda:createdBy","Value":"SAM"},{"Key":"team","Value":"orders"}],"Role":{"Fn::GetAtt":["FRole","Arn"]}})");
  EXPECT_EQ(loaded.properties("G").find("Timeout"), std::string::npos);
  EXPECT_EQ(loaded.properties("G").find("team"), std::string::npos);
  EXPECT_NE(loaded.properties("Api").find(R"("CorsConfiguration":{"AllowOrigins":["*"]})"), std::string::npos);
}

TEST(Sam, PoliciesBecomeTheRole) {
  const Loaded loaded(std::string(head) + R"(Parameters: {P: {Type: String, Default: AmazonS3ReadOnlyAccess}}
Conditions: {Off1: !Equals [a, b]}
Resources:
  F:
    Type: AWS::Serverless::Function
    Properties:
      InlineCode: x
      Runtime: python3.12
      Handler: index.handler
      Tracing: Active
      RolePath: /apps/
      Policies:
        - AWSLambdaSQSQueueExecutionRole
        - arn:aws:iam::aws:policy/Custom
        - !Ref P
        - !If [Off1, Never, !Ref AWS::NoValue]
        - Version: 2012-10-17
          Statement: [{Effect: Allow, Action: 's3:*', Resource: '*'}]
        - SQSSendMessagePolicy: {QueueName: !GetAtt Q.QueueName}
        - CloudWatchPutMetricPolicy: {}
        - DynamoDBCrudPolicy: {TableName: t}
)");
  ASSERT_TRUE(loaded.value && loaded.problems.empty()) << loaded.lines();
  const std::string role = loaded.properties("FRole");
  EXPECT_NE(role.find("policy/service-role/AWSLambdaBasicExecutionRole\"},{\"Fn::Sub\":\"arn:${AWS::Partition}:iam::aws:policy/"
                      "AWSXRayDaemonWriteAccess\"},"
                      "{\"Fn::Sub\":\"arn:${AWS::Partition}:iam::aws:policy/service-role/AWSLambdaSQSQueueExecutionRole\"},"
                      "\"arn:aws:iam::aws:policy/Custom\",{\"Fn::Sub\":\"arn:${AWS::Partition}:iam::aws:policy/AmazonS3ReadOnlyAccess\"}]"),
            std::string::npos)
      << role;
  EXPECT_EQ(role.find("Never"), std::string::npos);
  EXPECT_NE(
      role.find(
          R"({"PolicyName":"FRolePolicy4","PolicyDocument":{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"s3:*","Resource":"*"}]}})"),
      std::string::npos);
  EXPECT_NE(
      role.find(
          R"({"PolicyName":"FRolePolicy5","PolicyDocument":{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":["sqs:SendMessage*"],)"
          R"("Resource":{"Fn::Sub":["arn:${AWS::Partition}:sqs:${AWS::Region}:${AWS::AccountId}:${QueueName}",{"QueueName":)"
          R"({"Fn::GetAtt":["Q","QueueName"]}}]}}]}})"),
      std::string::npos)
      << role;
  EXPECT_NE(role.find(R"("Action":["cloudwatch:PutMetricData"],"Resource":"*")"), std::string::npos);
  EXPECT_NE(role.find("table/${TableName}/index/*"), std::string::npos);
  EXPECT_NE(role.find("\"Path\":\"/apps/\""), std::string::npos);
}

TEST(Sam, AQueueEventBecomesAnEventSourceMapping) {
  const Loaded loaded(std::string(head) + R"(Resources:
  Q: {Type: AWS::SQS::Queue}
  F:
    Type: AWS::Serverless::Function
    Properties:
      InlineCode: x
      Runtime: python3.12
      Handler: index.handler
      Events:
        Work:
          Type: SQS
          Properties:
            Queue: !GetAtt Q.Arn
            BatchSize: 10
            FunctionResponseTypes: [ReportBatchItemFailures]
            ScalingConfig: {MaximumConcurrency: 5}
            FilterCriteria: {Filters: [{Pattern: '{"body":{"kind":["order"]}}'}]}
)");
  ASSERT_TRUE(loaded.value && loaded.problems.empty()) << loaded.lines();
  EXPECT_EQ(loaded.properties("FWork"), R"({"EventSourceArn":{"Fn::GetAtt":["Q","Arn"]},"FunctionName":{"Ref":"F"},"BatchSize":10,)"
                                        R"("FunctionResponseTypes":["ReportBatchItemFailures"],"ScalingConfig":{"MaximumConcurrency":5},)"
                                        R"("FilterCriteria":{"Filters":[{"Pattern":"{\"body\":{\"kind\":[\"order\"]}}"}]}})");
  EXPECT_NE(loaded.properties("FRole").find("AWSLambdaSQSQueueExecutionRole"), std::string::npos);
}

TEST(Sam, ExplicitApisHaveStagesNamedAsSamNamesThem) {
  const Loaded loaded(std::string(head) + R"(Resources:
  A: {Type: AWS::Serverless::HttpApi, Properties: {StageName: prod, StageVariables: {x: y}, Tags: {k: v}}}
  B: {Type: AWS::Serverless::HttpApi, Properties: {StageName: my-stage, Name: b, RouteSettings: {'GET /x': {ThrottlingBurstLimit: 5}}}}
  C: {Type: AWS::Serverless::HttpApi, Properties: {StageName: !Ref AWS::StackName, CorsConfiguration: {AllowOrigins: ['https://a.example']}}}
  F:
    Type: AWS::Serverless::Function
    Condition: Yes1
    DeletionPolicy: Retain
    Properties:
      InlineCode: x
      Runtime: python3.12
      Handler: index.handler
      Events:
        X: {Type: HttpApi, Properties: {ApiId: !Ref B, Path: /x, Method: GET}}
        Y: {Type: HttpApi, Properties: {ApiId: !Ref B, Path: /y/, Method: any, PayloadFormatVersion: '1.0', TimeoutInMillis: 1000,
                                        RouteSettings: {ThrottlingRateLimit: 2.5}}}
Conditions: {Yes1: !Equals [a, a]}
)");
  ASSERT_TRUE(loaded.value && loaded.problems.empty()) << loaded.lines();
  EXPECT_NE(loaded.value->find("AprodStage"), nullptr) << loaded.ids();
  EXPECT_NE(loaded.value->find("BStage" + sam_hash("my-stage")), nullptr) << loaded.ids();
  EXPECT_NE(loaded.value->find("CStage"), nullptr) << loaded.ids();
  EXPECT_EQ(loaded.properties("BStage" + sam_hash("my-stage")),
            R"({"ApiId":{"Ref":"B"},"StageName":"my-stage","AutoDeploy":true,"RouteSettings":{"GET /x":{"ThrottlingBurstLimit":5},)"
            R"("ANY /y":{"ThrottlingRateLimit":2.5}},"Tags":{"httpapi:createdBy":"SAM"}})");
  EXPECT_EQ(
      loaded.properties("AprodStage"),
      R"({"ApiId":{"Ref":"A"},"StageName":"prod","AutoDeploy":true,"StageVariables":{"x":"y"},"Tags":{"httpapi:createdBy":"SAM","k":"v"}})");
  EXPECT_NE(loaded.ids().find("BFIntegration:"), std::string::npos);
  EXPECT_NE(loaded.ids().find("BAnyYRoute:"), std::string::npos);
  EXPECT_EQ(loaded.value->find("F")->deletion_policy, DeletionPolicy::Retain);
  EXPECT_EQ(loaded.value->find("FRole")->deletion_policy, DeletionPolicy::Retain);
}

TEST(Sam, TheImplicitApiExistsIfAnyOfItsFunctionsDoes) {
  const auto load = [](std::string_view one, std::string_view two) {
    const std::string function =
        "    Properties: {InlineCode: x, Runtime: python3.12, Handler: i.h, Events: {E: {Type: HttpApi, Properties: {Method: GET, Path: /";
    return Loaded(std::string(head) + "Conditions: {A: !Equals [1, " + std::string(one) + "], B: !Equals [1, " + std::string(two) +
                  "]}\nResources:\n  R: {Type: AWS::Logs::LogGroup}\n  F:\n    Type: AWS::Serverless::Function\n    Condition: A\n" +
                  function + "f}}}}\n" + "  G:\n    Type: AWS::Serverless::Function\n    Condition: B\n" + function + "g}}}}\n");
  };
  EXPECT_NE(load("1", "2").value->find("ServerlessHttpApi"), nullptr);
  EXPECT_NE(load("2", "1").value->find("ServerlessHttpApi"), nullptr);
  EXPECT_EQ(load("2", "2").value->find("ServerlessHttpApi"), nullptr);
  EXPECT_EQ(load("2", "1").value->find("FRole"), nullptr);
}

std::string problem_of(std::string_view resources) {
  const Loaded loaded(std::string(head) + "Resources:\n" + std::string(resources));
  return loaded.lines();
}

TEST(Sam, WhatIsNotSupportedIsNamedWithAllItsPlaces) {
  EXPECT_EQ(problem_of("  A: {Type: AWS::Serverless::Api, Properties: {StageName: x}}\n").substr(0, 78),
            "t.yaml:3:13: resource type `AWS::Serverless::Api` is not supported; did you me");
  const std::string lines = problem_of(
      "  F:\n    Type: AWS::Serverless::Function\n    Properties:\n      CodeUri: s3://bucket/key\n      Layers: [x]\n      Handlr: y\n    "
      "  Events:\n"
      "        Q: {Type: SNS, Properties: {Topic: t}}\n        Z: {Type: Htpapi}\n      Policies:\n        - SQSSendMessagePolcy: "
      "{QueueName: x}\n"
      "        - SQSPollerPolicy: {Queue: x}\n");
  EXPECT_NE(lines.find("t.yaml:6:16: CodeUri `s3://bucket/key` is not supported: there is no S3 here; name a local folder\n"),
            std::string::npos)
      << lines;
  EXPECT_NE(lines.find("t.yaml:7:7: property `Layers` of AWS::Serverless::Function is not supported; Supported: Architectures, "),
            std::string::npos)
      << lines;
  EXPECT_NE(lines.find("t.yaml:8:7: AWS::Serverless::Function has no property `Handlr`; did you mean `Handler`?"), std::string::npos)
      << lines;
  EXPECT_NE(lines.find("t.yaml:10:19: event type `SNS` is not supported; Supported: HttpApi, SQS\n"), std::string::npos) << lines;
  EXPECT_NE(lines.find("t.yaml:11:19: event type `Htpapi` is unknown; did you mean `HttpApi`?"), std::string::npos) << lines;
  EXPECT_NE(lines.find("t.yaml:13:11: there is no policy template `SQSSendMessagePolcy`; did you mean `SQSSendMessagePolicy`?"),
            std::string::npos)
      << lines;
  EXPECT_NE(lines.find("t.yaml:14:11: policy template `SQSPollerPolicy` needs the parameter `QueueName`"), std::string::npos) << lines;
  EXPECT_NE(lines.find("t.yaml:14:29: policy template `SQSPollerPolicy` has no parameter `Queue`; did you mean `QueueName`?"),
            std::string::npos)
      << lines;
}

TEST(Sam, TheOrdersExampleLoads) {
  std::ifstream file("examples/orders/template.yaml");
  std::stringstream text;
  text << file.rdbuf();
  const Loaded loaded(text.str());
  ASSERT_TRUE(loaded.value && loaded.problems.empty()) << loaded.lines();
  for (const char* id : {"OrdersApi", "OrdersApiApiGatewayDefaultStage", "CreateOrderFunction", "CreateOrderFunctionRole",
                         "CreateOrderFunctionCreateOrderPermission", "OrdersApiPostOrdersRoute", "OrdersApiCreateOrderFunctionIntegration",
                         "Database", "DatabaseSecret"}) {
    EXPECT_NE(loaded.value->find(id), nullptr) << id << " not in " << loaded.ids();
  }
  EXPECT_EQ(loaded.value->outputs.size(), 3U);
}

TEST(Sam, TheCuredOrdersExampleLoadsWithEachWorker) {
  std::ifstream file("examples/orders-async/template.yaml");
  std::stringstream text;
  text << file.rdbuf();
  for (const auto& [worker, function] :
       {std::pair("node", "WorkerNodeFunction"), std::pair("python", "WorkerPythonFunction"), std::pair("cpp", "WorkerCppFunction")}) {
    const Loaded loaded(text.str(), {{"Worker", worker}});
    ASSERT_TRUE(loaded.value && loaded.problems.empty()) << loaded.lines();
    for (const std::string& id : {std::string(function), std::string(function) + "Orders", std::string("OrdersQueue")})
      EXPECT_NE(loaded.value->find(id), nullptr) << id << " not in " << loaded.ids();
  }
}

TEST(Sam, EventInvokeConfigAndDeadLetterQueueBecomeResourcesAndPolicies) {
  const Loaded loaded(std::string(head) + R"(Resources:
  Q: {Type: AWS::SQS::Queue}
  F:
    Type: AWS::Serverless::Function
    Properties:
      InlineCode: x
      Runtime: python3.12
      Handler: index.handler
      DeadLetterQueue: {Type: SQS, TargetArn: !GetAtt Q.Arn}
      EventInvokeConfig:
        MaximumEventAgeInSeconds: 60
        MaximumRetryAttempts: 1
        DestinationConfig:
          OnSuccess: {Type: SQS}
          OnFailure: {Type: Lambda, Destination: 'arn:aws:lambda:eu-west-1:123456789012:function:g'}
)");
  ASSERT_TRUE(loaded.value && loaded.problems.empty()) << loaded.lines();
  for (const char* made : {"FEventInvokeConfigOnSuccessQueue:SQS::Queue ", "FEventInvokeConfig:Lambda::EventInvokeConfig "})
    EXPECT_NE(loaded.ids().find(made), std::string::npos) << loaded.ids();
  EXPECT_EQ(loaded.properties("FEventInvokeConfig"),
            R"({"FunctionName":{"Ref":"F"},"Qualifier":"$LATEST","MaximumEventAgeInSeconds":60,"MaximumRetryAttempts":1,)"
            R"("DestinationConfig":{"OnSuccess":{"Destination":{"Fn::GetAtt":["FEventInvokeConfigOnSuccessQueue","Arn"]}},)"
            R"("OnFailure":{"Destination":"arn:aws:lambda:eu-west-1:123456789012:function:g"}}})");
  EXPECT_NE(loaded.properties("F").find(R"("DeadLetterConfig":{"TargetArn":{"Fn::GetAtt":["Q","Arn"]}})"), std::string::npos);
  const std::string role = loaded.properties("FRole");
  EXPECT_NE(role.find(R"({"Action":"sqs:SendMessage","Effect":"Allow","Resource":{"Fn::GetAtt":["Q","Arn"]}})"), std::string::npos);
  EXPECT_NE(
      role.find(R"({"Action":"lambda:InvokeFunction","Effect":"Allow","Resource":"arn:aws:lambda:eu-west-1:123456789012:function:g"})"),
      std::string::npos);
}

TEST(Sam, DestinationsThatAreNotThereAreNamed) {
  const Loaded loaded(std::string(head) + R"(Resources:
  F:
    Type: AWS::Serverless::Function
    Properties:
      InlineCode: x
      Runtime: python3.12
      Handler: index.handler
      DeadLetterQueue: {Type: SNS, TargetArn: a}
      EventInvokeConfig:
        Retries: 1
        DestinationConfig:
          OnSuccess: {Type: EventBridge, Destination: a}
          OnFailure: {Type: Lambda}
)");
  EXPECT_NE(loaded.lines().find("a DeadLetterQueue of type `SNS` is not supported"), std::string::npos) << loaded.lines();
  EXPECT_NE(loaded.lines().find("a destination of type `EventBridge` is not supported"), std::string::npos);
  EXPECT_NE(loaded.lines().find("OnFailure has no Destination"), std::string::npos);
  EXPECT_NE(loaded.lines().find("EventInvokeConfig has no property `Retries`"), std::string::npos);
}

}  // namespace
}  // namespace surgetank::stack
