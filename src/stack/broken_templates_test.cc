// Broken templates: every one is refused before anything is changed, with file, line and column of the mistake.
#include <gtest/gtest.h>

#include "stack/test_bench.h"

namespace surgetank::stack {
namespace {

struct Broken {
  const char* name;
  const char* what;  // a part of the message
  const char* text;  // with ^ before the mistake; text that is indented is the Resources section of a SAM template
};

constexpr const char* sam = "Transform: AWS::Serverless-2016-10-31\nResources:\n";

const Broken structure[] = {
    {"Empty", "the template is empty", ""},
    {"AList", "a template is a map", "^- a\n"},
    {"Text", "a template is a map", "^hello\n"},
    {"NoResources", "no Resources", "^Description: x\n"},
    {"ResourcesEmpty", "at least one resource", "Resources: ^{}\n"},
    {"ResourcesList", "at least one resource", "Resources: ^[a]\n"},
    {"UnknownSection", "unknown section `Resource`; did you mean `Resources`?",
     "^Resource: {}\nResources: {A: {Type: AWS::Logs::LogGroup}}\n"},
    {"Version", "AWSTemplateFormatVersion `2011-01-01`",
     "AWSTemplateFormatVersion: ^2011-01-01\nResources: {A: {Type: AWS::Logs::LogGroup}}\n"},
    {"Hooks", "section `Hooks` is not supported", "^Hooks: {}\nResources: {A: {Type: AWS::Logs::LogGroup}}\n"},
    {"UnknownTransform", "transform `AWS::Include` is not supported",
     "Transform: ^AWS::Include\nResources: {A: {Type: AWS::Logs::LogGroup}}\n"},
    {"TwiceTheSameKey", "key `A` is here twice", "Resources:\n  A: {Type: AWS::Logs::LogGroup}\n  ^A: {Type: AWS::Logs::LogGroup}\n"},
    {"Tabs", "indent with spaces", "Resources:\n\tA^: {Type: AWS::Logs::LogGroup}\n"},
    {"OpenBracket", "YAML", "Resources:\n  A: [1\n^"},
    {"TwoTags", "of two functions in one value", "Resources:\n  A: !Base64 ^!Sub x\n"},
    {"UnknownTag", "unknown tag `!Reff`; did you mean `Ref`?", "Resources:\n  A: ^!Reff x\n"},
    {"LogicalId", "`My-Group` is no logical id", "Resources:\n  ^My-Group: {Type: AWS::Logs::LogGroup}\n"},
    {"ResourceIsText", "must be a map with a Type", "Resources:\n  ^A: hello\n"},
    {"NoType", "resource `A` has no Type", "Resources:\n  ^A: {Properties: {}}\n"},
    {"UnsupportedType", "resource type `AWS::RDS::DBSubnetGroup` is not supported; ",
     "Resources:\n  A: {Type: ^AWS::RDS::DBSubnetGroup}\n"},
    {"MisspeltType", "did you mean `AWS::Lambda::Function`?", "Resources:\n  A: {Type: ^AWS::Lambda::Functon}\n"},
    {"SamWithoutTransform", "needs `Transform: AWS::Serverless-2016-10-31`", "Resources:\n  A: {Type: ^AWS::Serverless::Function}\n"},
    {"UnknownAttribute", "unknown resource attribute `Property`", "Resources:\n  A: {Type: AWS::Logs::LogGroup, ^Property: {}}\n"},
    {"CreationPolicy", "attribute `CreationPolicy` of `A` is not supported",
     "Resources:\n  A: {Type: AWS::Logs::LogGroup, ^CreationPolicy: {}}\n"},
    {"PropertiesList", "Properties of `A` must be a map", "Resources:\n  A: {Type: AWS::Logs::LogGroup, Properties: ^[a]}\n"},
    {"DeletionPolicy", "DeletionPolicy `Keep` is unknown", "Resources:\n  A: {Type: AWS::Logs::LogGroup, DeletionPolicy: ^Keep}\n"},
    {"DependsOn", "DependsOn names `B`", "Resources:\n  A: {Type: AWS::Logs::LogGroup, DependsOn: ^B}\n"},
    {"Circle", "circular dependency: `B` and `A`",
     "Resources:\n  A: {Type: AWS::Logs::LogGroup, DependsOn: B}\n  B: {Type: AWS::Logs::LogGroup, Properties: {LogGroupName: ^!Ref A}}\n"},
    {"NullProperty", "null is not allowed", "Resources:\n  A: {Type: AWS::Logs::LogGroup, Properties: {LogGroupName: ^~}}\n"},
};

const Broken values[] = {
    {"OnlyFalse", "`MultiAZ: true` of AWS::RDS::DBInstance is not supported",
     "Resources:\n  A: {Type: AWS::RDS::DBInstance, Properties: {DBInstanceClass: c, Engine: postgres, ^MultiAZ: true}}\n"},
    {"UnknownProperty", "AWS::Logs::LogGroup has no property `RetentionDays`; did you mean `RetentionInDays`?",
     "Resources:\n  A: {Type: AWS::Logs::LogGroup, Properties: {^RetentionDays: 1}}\n"},
    {"UnsupportedProperty", "property `DataProtectionPolicy` of AWS::Logs::LogGroup is not supported; Supported: ",
     "Resources:\n  A: {Type: AWS::Logs::LogGroup, Properties: {^DataProtectionPolicy: {}}}\n"},
    {"NotANumber", "`RetentionInDays` of AWS::Logs::LogGroup must be a whole number, not `week`",
     "Resources:\n  A: {Type: AWS::Logs::LogGroup, Properties: {RetentionInDays: ^week}}\n"},
    {"ListForText", "must be text, not a list", "Resources:\n  A: {Type: AWS::Logs::LogGroup, Properties: {LogGroupName: ^[a]}}\n"},
    {"MissingProperty", "AWS::IAM::Role needs the property `AssumeRolePolicyDocument`", "Resources:\n  ^A: {Type: AWS::IAM::Role}\n"},
    {"NestedProperty", "has no property `Environment.Variable`; did you mean `Variables`?",
     "Resources:\n  A: {Type: AWS::Lambda::Function, Properties: {Role: r, Code: {ZipFile: x}, Environment: {^Variable: {}}}}\n"},
    {"TextForMap", "`Code` of AWS::Lambda::Function must be a map, not `5`",
     "Resources:\n  A: {Type: AWS::Lambda::Function, Properties: {Role: r, Runtime: r, Code: ^5}}\n"},
    {"S3Code", "property `Code.S3Bucket` of AWS::Lambda::Function is not supported",
     "Resources:\n  A: {Type: AWS::Lambda::Function, Properties: {Role: r, Code: {^S3Bucket: b}}}\n"},
    {"MissingCode", "the code of the function cannot be read: there is no /app/none",
     "Resources:\n  A: {Type: AWS::Lambda::Function, Properties: {Role: r, Code: ^none}}\n"},
    {"UnknownReference", "`Bb` is no parameter and no resource",
     "Resources:\n  A: {Type: AWS::Logs::LogGroup, Properties: {LogGroupName: ^!Ref Bb}}\n"},
    {"UnknownAttributeOf", "`B` has no attribute `Name`; Supported: Arn",
     "Resources:\n  B: {Type: AWS::Logs::LogGroup}\n  A: {Type: AWS::Logs::LogGroup, Properties: {LogGroupName: ^!GetAtt B.Name}}\n"},
    {"SsmReference", "dynamic reference `{{resolve:ssm:/a}}` is not supported",
     "Resources:\n  A: {Type: AWS::Logs::LogGroup, Properties: {LogGroupName: ^'{{resolve:ssm:/a}}'}}\n"},
    {"Import", "no stack exports `x`", "Resources:\n  A: {Type: AWS::Logs::LogGroup, Properties: {LogGroupName: ^!ImportValue x}}\n"},
    {"SelectRange", "Fn::Select asks for item 2",
     "Resources:\n  A: {Type: AWS::Logs::LogGroup, Properties: {LogGroupName: !Select [^2, [a]]}}\n"},
    {"ConditionUnknown", "there is no condition `C`", "Resources:\n  A: {Type: AWS::Logs::LogGroup, Condition: ^C}\n"},
    {"ConditionCircle", "depends on itself", "Conditions:\n  C: ^!Not [!Condition C]\nResources: {A: {Type: AWS::Logs::LogGroup}}\n"},
    {"NotCreated", "`B` is referred to but not created",
     "Conditions: {C: !Equals [a, b]}\nResources:\n  B: {Type: AWS::Logs::LogGroup, Condition: C}\n  A: {Type: AWS::Logs::LogGroup, "
     "Properties: {LogGroupName: ^!Ref B}}\n"},
    {"ParameterMissing", "parameter `P` has no value", "Parameters:\n  ^P: {Type: String}\nResources: {A: {Type: AWS::Logs::LogGroup}}\n"},
    {"ParameterType", "parameter type `AWS::SSM::Parameter::Name` is not supported",
     "Parameters:\n  P: {Type: ^'AWS::SSM::Parameter::Name', Default: x}\nResources: {A: {Type: AWS::Logs::LogGroup}}\n"},
    {"ParameterValue", "it must be one of a, b",
     "Parameters:\n  P: {Type: String, AllowedValues: [a, b], Default: ^c}\nResources: {A: {Type: AWS::Logs::LogGroup}}\n"},
    {"Rule", "rule `R` does not hold; never",
     "Rules:\n  R: {Assertions: [^{Assert: !Equals [a, b], AssertDescription: never}]}\nResources: {A: {Type: AWS::Logs::LogGroup}}\n"},
    {"OutputWithoutValue", "output `O` has no Value", "Resources: {A: {Type: AWS::Logs::LogGroup}}\nOutputs: {^O: {Description: x}}\n"},
    {"OutputList", "output `O` must be text, not a list", "Resources: {A: {Type: AWS::Logs::LogGroup}}\nOutputs: {O: {Value: ^[a]}}\n"},
    {"OutputReference", "`B` is no parameter", "Resources: {A: {Type: AWS::Logs::LogGroup}}\nOutputs: {O: {Value: ^!Ref B}}\n"},
    {"ForEachOff", "`Fn::ForEach::L` is no logical id", "Resources:\n  ^'Fn::ForEach::L': [X, [a], {R: {Type: AWS::Logs::LogGroup}}]\n"},
};

const Broken serverless[] = {
    {"Globals", "Globals has no section `Functions`; did you mean `Function`?",
     "Transform: AWS::Serverless-2016-10-31\nGlobals: {^Functions: {}}\nResources: {A: {Type: AWS::Logs::LogGroup}}\n"},
    {"GlobalsProperty", "`Policies` cannot be in Globals.Function",
     "Transform: AWS::Serverless-2016-10-31\nGlobals: {Function: {^Policies: []}}\nResources: {A: {Type: AWS::Logs::LogGroup}}\n"},
    {"NoCode", "neither CodeUri nor InlineCode", "  ^F: {Type: AWS::Serverless::Function, Properties: {Handler: h}}\n"},
    {"ImageUri", "property `ImageUri` of AWS::Serverless::Function is not supported",
     "  F: {Type: AWS::Serverless::Function, Properties: {^ImageUri: x, InlineCode: x}}\n"},
    {"FunctionUrl", "property `FunctionUrlConfig`",
     "  F: {Type: AWS::Serverless::Function, Properties: {InlineCode: x, ^FunctionUrlConfig: {AuthType: NONE}}}\n"},
    {"EventType", "event type `Schedule` is not supported; Supported: HttpApi",
     "  F: {Type: AWS::Serverless::Function, Properties: {InlineCode: x, Events: {E: {Type: ^Schedule}}}}\n"},
    {"PathOnly", "only one of Path and Method",
     "  F: {Type: AWS::Serverless::Function, Properties: {InlineCode: x, Events: {^E: {Type: HttpApi, Properties: {Path: /a}}}}}\n"},
    {"Method", "`FETCH` is no HTTP method",
     "  F: {Type: AWS::Serverless::Function, Properties: {InlineCode: x, Events: {E: {Type: HttpApi, Properties: {Path: /a, Method: "
     "^FETCH}}}}}\n"},
    {"Path", "Path `a` must start with `/`",
     "  F: {Type: AWS::Serverless::Function, Properties: {InlineCode: x, Events: {E: {Type: HttpApi, Properties: {Path: ^a, Method: "
     "GET}}}}}\n"},
    {"ApiId", "ApiId of event `E` must refer to",
     "  F: {Type: AWS::Serverless::Function, Properties: {InlineCode: x, Events: {E: {Type: HttpApi, Properties: {ApiId: ^!Ref "
     "Nope}}}}}\n"},
    {"Auth", "property `Auth` of event type HttpApi is not supported",
     "  F: {Type: AWS::Serverless::Function, Properties: {InlineCode: x, Events: {E: {Type: HttpApi, Properties: {^Auth: {Authorizer: "
     "A}}}}}}\n"},
    {"RouteTwice", "route `$default` of `ServerlessHttpApi` is taken",
     "  F: {Type: AWS::Serverless::Function, Properties: {InlineCode: x, Events: {E: {Type: HttpApi}, ^E2: {Type: HttpApi}}}}\n"},
    {"PolicyTemplate", "there is no policy template `S3Read`",
     "  F: {Type: AWS::Serverless::Function, Properties: {InlineCode: x, Policies: [{^S3Read: {}}]}}\n"},
    {"PolicyNumber", "a policy must be a name", "  F: {Type: AWS::Serverless::Function, Properties: {InlineCode: x, Policies: [^5]}}\n"},
    {"GeneratedIdTaken", "`F` generates the resource `FRole`, which the template has already",
     "  ^F: {Type: AWS::Serverless::Function, Properties: {InlineCode: x, Handler: h, Runtime: r}}\n  FRole: {Type: "
     "AWS::Logs::LogGroup}\n"},
    {"DefinitionBody", "property `DefinitionBody` of AWS::Serverless::HttpApi is not supported",
     "  A: {Type: AWS::Serverless::HttpApi, Properties: {^DefinitionBody: {}}}\n"},
    {"RestApi", "resource type `AWS::Serverless::Api` is not supported", "  A: {Type: ^AWS::Serverless::Api}\n"},
    {"StageName", "StageName must be known before the deployment",
     "  B: {Type: AWS::Logs::LogGroup}\n  A: {Type: AWS::Serverless::HttpApi, Properties: {StageName: ^!GetAtt B.Arn}}\n"},
};

class BrokenTemplate : public testing::TestWithParam<Broken> {};

void check(const Broken& broken, std::string text) {
  const std::size_t mark = std::min(text.find('^'), text.size());
  const std::string before = text.substr(0, mark);
  const auto line = 1 + std::count(before.begin(), before.end(), '\n');
  const std::size_t column = before.size() - (before.rfind('\n') + 1) + 1;
  if (mark < text.size()) text.erase(mark, 1);
  TestBench bench;
  const DeployOutcome outcome = bench.deploy(text);
  EXPECT_EQ(outcome.kind, DeployOutcome::Kind::Invalid) << explain(outcome);
  EXPECT_TRUE(bench.cloud.calls.empty());
  EXPECT_FALSE(bench.describe());
  const std::string start = "/app/t.yaml:" + std::to_string(line) + ":" + std::to_string(column) + ": ";
  bool found = false;
  for (const std::string& told : outcome.problems) {
    found = found || (told.starts_with(start) && told.find(broken.what) != std::string::npos);
  }
  EXPECT_TRUE(found) << "expected " << start << broken.what << " in\n" << explain(outcome);
}

TEST_P(BrokenTemplate, IsRefusedWithItsPlace) {
  const std::string text = GetParam().text;
  const bool body_only = text.starts_with("  ");
  check(GetParam(), body_only ? sam + text : text);
}

std::string name_of(const testing::TestParamInfo<Broken>& info) { return info.param.name; }
INSTANTIATE_TEST_SUITE_P(Structure, BrokenTemplate, testing::ValuesIn(structure), name_of);
INSTANTIATE_TEST_SUITE_P(Values, BrokenTemplate, testing::ValuesIn(values), name_of);
INSTANTIATE_TEST_SUITE_P(Serverless, BrokenTemplate, testing::ValuesIn(serverless), name_of);

}  // namespace
}  // namespace surgetank::stack
