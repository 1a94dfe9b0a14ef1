#include "services/lambda/test_lambda.h"

namespace surgetank::lambda {
namespace {

constexpr std::string_view environment_refused =
    "InvalidParameterValueException: Lambda was unable to configure your environment variables because the environment variables you have "
    "provided ";

// Input members and how the refusal begins.
struct Refusal {
  std::string more;
  std::string answer;
};

TEST_F(LambdaTest, ConstraintsAreWordedAsAwsWordsThem) {
  const std::string one = "ValidationException: 1 validation error detected: Value ";
  const std::vector<Refusal> refusals = {
      {R"(,"Timeout":0)", one + "'0' at 'timeout' failed to satisfy constraint: Member must have value greater than or equal to 1"},
      {R"(,"Timeout":901)", one + "'901' at 'timeout' failed to satisfy constraint: Member must have value less than or equal to 900"},
      {R"(,"MemorySize":127)",
       one + "'127' at 'memorySize' failed to satisfy constraint: Member must have value greater than or equal to 128"},
      {R"(,"MemorySize":10241)",
       one + "'10241' at 'memorySize' failed to satisfy constraint: Member must have value less than or equal to 10240"},
      {R"(,"EphemeralStorage":{"Size":511})",
       one + "'511' at 'ephemeralStorage.size' failed to satisfy constraint: Member must have value greater than or equal to 512"},
      {R"(,"Handler":"a b")",
       one + R"('a b' at 'handler' failed to satisfy constraint: Member must satisfy regular expression pattern: [^\s]+)"},
      {R"(,"TracingConfig":{"Mode":"On"})",
       one + "'On' at 'tracingConfig.mode' failed to satisfy constraint: Member must satisfy enum value set: [Active, PassThrough]"},
      {R"(,"PackageType":"Tar")",
       one + "'Tar' at 'packageType' failed to satisfy constraint: Member must satisfy enum value set: [Image, Zip]"},
      {R"(,"Architectures":["x86_64","arm64"])",
       one + "'[x86_64, arm64]' at 'architectures' failed to satisfy constraint: Member must have length less than or equal to 1"},
      {R"(,"Architectures":["mips"])",
       one + "'[mips]' at 'architectures' failed to satisfy constraint: Member must satisfy constraint: [Member must "
             "satisfy enum value set: [x86_64, arm64], Member must not be null]"},
      {R"(,"LoggingConfig":{"LogFormat":"XML"})",
       one + "'XML' at 'loggingConfig.logFormat' failed to satisfy constraint: Member must satisfy enum value set: [JSON, Text]"},
      {R"(,"KMSKeyArn":"k")", one + "'k' at 'kMSKeyArn' failed"},
      {R"(,"Timeout":0,"MemorySize":1)", "ValidationException: 2 validation errors detected: Value '0' at 'timeout'"},
  };
  for (const auto& refusal : refusals) EXPECT_EQ(create("orders", refusal.more).substr(0, refusal.answer.size()), refusal.answer);
  EXPECT_EQ(call("ListFunctions", "{}"), R"({"Functions":[]})");
}

TEST_F(LambdaTest, TheRoleMustBeTheArnOfARole) {
  EXPECT_EQ(
      call("CreateFunction", R"({"FunctionName":"orders","Runtime":"nodejs20.x","Handler":"h","Role":"r1","Code":)" + folder() + "}"),
      "ValidationException: 1 validation error detected: Value 'r1' at 'role' failed to satisfy constraint: Member must satisfy regular "
      R"(expression pattern: arn:(aws[a-zA-Z-]*)?:iam::\d{12}:role/?[a-zA-Z_0-9+=,.@\-_/]+)");
}

TEST_F(LambdaTest, ANameHasAtMost64Characters) {
  EXPECT_NE(member(create(std::string(64, 'a')), "FunctionArn"), "");
  EXPECT_EQ(create(std::string(65, 'a')),
            "ValidationException: 1 validation error detected: Value '" + std::string(65, 'a') +
                "' at 'functionName' failed to satisfy constraint: Member must have length less than or equal to 64");
  EXPECT_EQ(
      create("a b"),
      "ValidationException: 1 validation error detected: Value 'a b' at 'functionName' failed to satisfy constraint: Member must "
      "satisfy regular expression pattern: "
      R"((arn:(aws[a-zA-Z-]*)?:lambda:)?([a-z]{2}(-gov)?-[a-z]+-\d{1}:)?(\d{12}:)?(function:)?([a-zA-Z0-9-_]+)(:(\$LATEST|[a-zA-Z0-9-_]+))?)");
}

TEST_F(LambdaTest, RuntimesAreKnownUnknownOrRetired) {
  for (const auto* runtime : {"nodejs22.x", "python3.11", "provided.al2023", "java21", "dotnet8", "ruby3.4"})
    EXPECT_EQ(member(create(std::string("f-") + std::string(runtime, 4), R"(,"Runtime":")" + std::string(runtime) + "\""), "Runtime"),
              runtime);
  EXPECT_EQ(create("orders", R"(,"Runtime":"cobol85")").substr(0, 137),
            "InvalidParameterValueException: Value cobol85 at 'runtime' failed to satisfy constraint: Member must satisfy enum value set: "
            "[nodejs24.x,");
  EXPECT_EQ(create("orders", R"(,"Runtime":"go1.x")"),
            "InvalidParameterValueException: The runtime parameter of go1.x is no longer supported for creating or updating AWS Lambda "
            "functions. We "
            "recommend you use a supported runtime while creating or updating functions.");
}

TEST_F(LambdaTest, APackageNeedsRuntimeAndHandler) {
  const std::string start = R"({"FunctionName":"orders","Role":"arn:aws:iam::000000000000:role/r","Code":)" + folder();
  const std::string refusal =
      "InvalidParameterValueException: Runtime and Handler are mandatory parameters for functions created with deployment packages.";
  EXPECT_EQ(call("CreateFunction", start + R"(,"Runtime":"nodejs20.x"})"), refusal);
  EXPECT_EQ(call("CreateFunction", start + R"(,"Handler":"index.handler"})"), refusal);
}

TEST_F(LambdaTest, ReservedEnvironmentVariablesAreNamed) {
  EXPECT_EQ(create("orders", R"(,"Environment":{"Variables":{"OK":"1","AWS_REGION":"x","AWS_ACCESS_KEY_ID":"y","_HANDLER":"z"}})"),
            std::string(environment_refused) +
                "contains reserved keys that are currently not supported for modification. Reserved keys used in this request: "
                "AWS_ACCESS_KEY_ID, "
                "AWS_REGION, _HANDLER");
}

TEST_F(LambdaTest, TheEnvironmentHasFourKilobytes) {
  // {"BIG":"<value>"} is ten characters more than the value.
  EXPECT_NE(member(create("fits", R"(,"Environment":{"Variables":{"BIG":")" + std::string(4096 - 10, 'x') + R"("}})"), "FunctionArn"), "");
  const std::string value(4096 - 9, 'x');
  EXPECT_EQ(create("orders", R"(,"Environment":{"Variables":{"BIG":")" + value + R"("}})"),
            std::string(environment_refused) + R"(exceeded the 4KB limit. String measured: {"BIG":")" + value + R"("})");
}

TEST_F(LambdaTest, NamesOfEnvironmentVariablesAreCheckedAndNotShown) {
  EXPECT_EQ(create("orders", R"(,"Environment":{"Variables":{"1A":"secret"}})"),
            "ValidationException: 1 validation error detected: Value at 'environment.variables' failed to satisfy constraint: Map keys "
            "must satisfy "
            "constraint: [Member must satisfy regular expression pattern: [a-zA-Z]([a-zA-Z0-9_])+, Member must not be null]");
}

TEST_F(LambdaTest, WhatIsNotSupportedIsRefusedByName) {
  const std::vector<Refusal> refusals = {
      {R"(,"PackageType":"Image")", "A container image (PackageType Image)"},
      {R"(,"VpcConfig":{"SubnetIds":["subnet-1"],"SecurityGroupIds":[]})", "A VPC (VpcConfig)"},
      {R"(,"DeadLetterConfig":{"TargetArn":"arn:aws:sns:us-east-1:000000000000:t"})",
       "A topic of SNS as a dead letter queue (DeadLetterConfig)"},
      {R"(,"Layers":["arn:aws:lambda:us-east-1:000000000000:layer:l:1"])", "A layer (Layers)"},
      {R"(,"FileSystemConfigs":[{"Arn":"a","LocalMountPath":"/mnt/a"}])", "A file system (FileSystemConfigs)"},
      {R"(,"ImageConfig":{"Command":["a"]})", "A container image (ImageConfig)"},
      {R"(,"SnapStart":{"ApplyOn":"PublishedVersions"})", "SnapStart"},
      {R"(,"CodeSigningConfigArn":"arn:aws:lambda:us-east-1:000000000000:code-signing-config:csc-1")",
       "Code signing (CodeSigningConfigArn)"},
      {R"(,"DurableConfig":{"ExecutionTimeout":1})", "A durable function (DurableConfig)"},
      {R"(,"TenancyConfig":{"TenantIsolationMode":"PER_TENANT"})", "Tenant isolation (TenancyConfig)"},
  };
  for (const auto& refusal : refusals)
    EXPECT_EQ(create("orders", refusal.more), "InvalidParameterValueException: " + refusal.answer + " is not supported by Surgetank yet.");
  EXPECT_EQ(call("ListFunctions", "{}"), R"({"Functions":[]})");
}

TEST_F(LambdaTest, LogLevelsGoWithTheJsonFormat) {
  EXPECT_EQ(create("orders", R"(,"LoggingConfig":{"ApplicationLogLevel":"DEBUG"})").substr(0, 31), "InvalidParameterValueException:");
  create("orders", R"(,"LoggingConfig":{"LogFormat":"JSON"})");
  EXPECT_EQ(member(call("GetFunctionConfiguration", R"({"FunctionName":"orders"})"), "LoggingConfig"),
            R"({"LogFormat":"JSON","ApplicationLogLevel":"INFO","SystemLogLevel":"INFO","LogGroup":"/aws/lambda/orders"})");
  EXPECT_EQ(
      member(call("UpdateFunctionConfiguration", R"({"FunctionName":"orders","LoggingConfig":{"LogFormat":"Text"}})"), "LoggingConfig"),
      R"({"LogFormat":"Text","LogGroup":"/aws/lambda/orders"})");
}

TEST_F(LambdaTest, AnUpdateChangesWhatItNamesAndNothingElse) {
  create("orders", R"(,"Timeout":7,"Environment":{"Variables":{"AA":"1","BB":"2"}})");
  EXPECT_EQ(call("UpdateFunctionConfiguration", R"({"FunctionName":"orders","Environment":{"Variables":{"A":"1"}}})").substr(0, 19),
            "ValidationException");
  call("UpdateFunctionConfiguration", R"({"FunctionName":"orders","MemorySize":256,"Environment":{"Variables":{"CC":"3"}}})");
  const auto reply = call("GetFunctionConfiguration", R"({"FunctionName":"orders"})");
  EXPECT_EQ(member(reply, "Timeout"), "7");
  EXPECT_EQ(member(reply, "MemorySize"), "256");
  EXPECT_EQ(member(reply, "Environment"), R"({"Variables":{"CC":"3"}})");
  EXPECT_EQ(member(call("UpdateFunctionConfiguration", R"({"FunctionName":"orders","Environment":{}})"), "Environment"),
            R"({"Variables":{}})");
}

TEST_F(LambdaTest, AnUpdateChangesTheRevisionAndRetiresTheEnvironments) {
  const auto before = member(create(), "RevisionId");
  world.advance(seconds(5));
  const auto updated = call("UpdateFunctionConfiguration", R"({"FunctionName":"orders","Timeout":9,"RevisionId":")" + before + R"("})");
  EXPECT_NE(member(updated, "RevisionId"), before);
  EXPECT_EQ(member(updated, "LastModified"), "2023-11-14T22:13:25.000+0000");
  EXPECT_EQ(world.runner.retired.size(), 1U);
  EXPECT_EQ(call("UpdateFunctionConfiguration", R"({"FunctionName":"orders","Timeout":10,"RevisionId":")" + before + R"("})"),
            "PreconditionFailedException: The Revision Id provided does not match the latest Revision Id. Call the GetFunction/GetAlias "
            "API to retrieve "
            "the latest Revision Id");
  EXPECT_EQ(member(call("GetFunctionConfiguration", R"({"FunctionName":"orders"})"), "Timeout"), "9");
  EXPECT_EQ(world.runner.retired.size(), 1U);
}

TEST_F(LambdaTest, UpdatesWorkOnTheFunctionAsAWhole) {
  create("orders", R"(,"Publish":true)");
  EXPECT_EQ(call("UpdateFunctionConfiguration", R"({"FunctionName":"orders:1","Timeout":9})").substr(0, 31),
            "InvalidParameterValueException:");
  EXPECT_EQ(member(call("UpdateFunctionConfiguration", R"({"FunctionName":"orders:$LATEST","Timeout":9})"), "Timeout"), "9");
}

TEST_F(LambdaTest, AnUpdateIsCheckedLikeACreation) {
  create();
  EXPECT_EQ(call("UpdateFunctionConfiguration", R"({"FunctionName":"orders","Timeout":901})").substr(0, 20), "ValidationException:");
  EXPECT_EQ(call("UpdateFunctionConfiguration", R"({"FunctionName":"orders","Layers":["l"]})"),
            "InvalidParameterValueException: A layer (Layers) is not supported by Surgetank yet.");
  EXPECT_EQ(call("UpdateFunctionConfiguration", R"({"FunctionName":"orders","Runtime":"cobol85"})").substr(0, 45),
            "InvalidParameterValueException: Value cobol85");
}

}  // namespace
}  // namespace surgetank::lambda
