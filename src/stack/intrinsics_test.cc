#include "stack/intrinsics.h"

#include <gtest/gtest.h>

#include "stack/dynamic_references.h"
#include "stack/language_extensions.h"

namespace surgetank::stack {
namespace {

class FakeResources final : public ResourceValues {
 public:
  Answer ref(std::string_view id) const override {
    if (id == "Bucket") return {Answer::Kind::Value, make_string("bucket-1")};
    if (id == "New") return {Answer::Kind::Value, make_unknown("New")};
    if (id == "Off") return {Answer::Kind::NotCreated};
    return {};
  }
  Answer attribute(std::string_view id, std::string_view name) const override {
    if (id == "New") return {Answer::Kind::Value, make_unknown("New.Arn")};
    if (id != "Bucket") return {};
    if (name == "Arn") return {Answer::Kind::Value, make_string("arn:bucket-1")};
    if (name == "Endpoint.Port") return {Answer::Kind::Value, make_string("5432")};
    return {Answer::Kind::NoSuchAttribute, {}, {"Arn", "Endpoint.Port"}};
  }
  std::vector<std::string_view> names() const override { return {"Bucket", "New", "Off"}; }
};

constexpr std::string_view world = R"(Parameters:
  Stage: {Type: String, Default: dev}
  Count: {Type: Number, Default: 3}
  Names: {Type: CommaDelimitedList, Default: "a, b,c"}
  Empty: {Type: CommaDelimitedList, Default: ""}
Mappings:
  Sizes:
    dev: {memory: 128, zones: [x, y]}
Conditions:
  Production: !Equals [!Ref Stage, production]
  Development: !Not [!Condition Production]
  Both: !And [!Condition Development, !Equals [!Ref Count, '3']]
  Either: !Or [!Condition Production, !Condition Both]
  HasNames: !Not [!Equals [!Join ['', !Ref Names], '']]
  Truth: !Equals [true, 'true']
)";

struct Fixture {
  explicit Fixture(std::string_view text, LanguageExtensions extensions = LanguageExtensions::Off) : problems("t.yaml") {
    std::optional<Node> read = read_template(text, TemplateSyntax::Yaml, problems);
    if (read) root = *read;
    context.pseudo = {"123456789012", "eu-west-1", "shop", "arn:aws:cloudformation:eu-west-1:123456789012:stack/shop/1"};
    context.mappings = root.find("Mappings");
    context.conditions = root.find("Conditions");
    context.extensions = extensions;
    context.exports = {{"net-vpc", "vpc-1"}};
    context.resources = &resources;
    context.parameters = resolve_parameters(root, {}, {}, problems);
  }
  Node root;
  Problems problems;
  FakeResources resources;
  EvaluationContext context;
};

// The value of `V: <text>` as JSON; the first problem (without file) if there is one.
std::string value_of(std::string_view text, LanguageExtensions extensions = LanguageExtensions::Off) {
  Fixture fixture(std::string(world) + "V: " + std::string(text) + "\n", extensions);
  if (!fixture.problems.empty()) return fixture.problems.lines().front();
  Evaluator evaluator(fixture.context, fixture.problems);
  const Node value = evaluator.evaluate(*fixture.root.find("V"));
  if (!fixture.problems.empty()) return fixture.problems.lines().front();
  if (has_unknown(value)) return "unknown";
  return is_no_value(value) ? "nothing" : to_json(value);
}

TEST(Intrinsics, RefGivesParametersPseudoParametersAndResources) {
  EXPECT_EQ(value_of("!Ref Stage"), "\"dev\"");
  EXPECT_EQ(value_of("!Ref Count"), "\"3\"");
  EXPECT_EQ(value_of("!Ref Names"), R"(["a","b","c"])");
  EXPECT_EQ(value_of("!Ref Empty"), "[]");
  EXPECT_EQ(value_of("!Ref Bucket"), "\"bucket-1\"");
  EXPECT_EQ(value_of("!Ref New"), "unknown");
  EXPECT_EQ(
      value_of("[!Ref 'AWS::AccountId', !Ref 'AWS::Region', !Ref 'AWS::Partition', !Ref 'AWS::URLSuffix', !Ref 'AWS::StackName', !Ref "
               "'AWS::StackId', !Ref 'AWS::NotificationARNs']"),
      R"(["123456789012","eu-west-1","aws","amazonaws.com","shop","arn:aws:cloudformation:eu-west-1:123456789012:stack/shop/1",[]])");
  EXPECT_EQ(value_of("!Ref Bukket"), "t.yaml:16:4: `Bukket` is no parameter and no resource of this template; did you mean `Bucket`?");
  EXPECT_EQ(value_of("!Ref Off").substr(0, 54), "t.yaml:16:4: `Off` is referred to but not created: its");
}

TEST(Intrinsics, NoValueRemovesWhatHoldsIt) {
  EXPECT_EQ(value_of("{a: !Ref 'AWS::NoValue', b: [1, !Ref 'AWS::NoValue', 2]}"), R"({"b":[1,2]})");
  EXPECT_EQ(value_of("!Ref 'AWS::NoValue'"), "nothing");
  EXPECT_EQ(value_of("{a: !If [Production, 1, !Ref 'AWS::NoValue']}"), "{}");
}

TEST(Intrinsics, GetAttTakesBothForms) {
  EXPECT_EQ(value_of("!GetAtt Bucket.Arn"), "\"arn:bucket-1\"");
  EXPECT_EQ(value_of("!GetAtt Bucket.Endpoint.Port"), "\"5432\"");
  EXPECT_EQ(value_of("{'Fn::GetAtt': [Bucket, Arn]}"), "\"arn:bucket-1\"");
  EXPECT_EQ(value_of("{'Fn::GetAtt': Bucket.Arn}"), "\"arn:bucket-1\"");
  EXPECT_EQ(value_of("!GetAtt Bucket.Arm"),
            "t.yaml:16:4: `Bucket` has no attribute `Arm`; did you mean `Arn`? Supported: Arn, Endpoint.Port");
  EXPECT_EQ(value_of("!GetAtt [Bucket]").substr(0, 54), "t.yaml:16:4: Fn::GetAtt needs a resource and an attrib");
}

TEST(Intrinsics, SubReplacesVariablesAndKeepsLiterals) {
  EXPECT_EQ(value_of("!Sub 'a-${Stage}-${AWS::Region}-${Bucket}-${Bucket.Arn}-${!Literal}-$5'"),
            "\"a-dev-eu-west-1-bucket-1-arn:bucket-1-${Literal}-$5\"");
  EXPECT_EQ(value_of("!Sub ['${X}/${Stage}', {X: !Ref Bucket}]"), "\"bucket-1/dev\"");
  EXPECT_EQ(value_of("!Sub '${New.Arn}x'"), "unknown");
  EXPECT_EQ(value_of("!Sub '${Names}'"),
            "t.yaml:16:4: Fn::Sub of `${Names}` needs text here, not a list; use `!Join` or `!Select` on the list");
  EXPECT_EQ(value_of("!Sub '${Stagee}'"), "t.yaml:16:4: `Stagee` is no parameter and no resource of this template; did you mean `Stage`?");
  EXPECT_EQ(value_of("!Sub '${Stage'").substr(0, 43), "t.yaml:16:4: Fn::Sub: a `${` is not closed;");
  EXPECT_EQ(value_of("!Sub [a]").substr(0, 40), "t.yaml:16:4: Fn::Sub takes text, or a li");
}

TEST(Intrinsics, JoinSelectSplit) {
  EXPECT_EQ(value_of("!Join ['-', [a, 1, true, !Ref Stage]]"), "\"a-1-true-dev\"");
  EXPECT_EQ(value_of("!Join [',', !Ref Names]"), "\"a,b,c\"");
  EXPECT_EQ(value_of("!Join ['', []]"), "\"\"");
  EXPECT_EQ(value_of("!Select [1, !Ref Names]"), "\"b\"");
  EXPECT_EQ(value_of("!Select ['2', !Split ['.', 'x.y.z']]"), "\"z\"");
  EXPECT_EQ(value_of("!Split ['::', 'a::b::']"), R"(["a","b",""])");
  EXPECT_EQ(value_of("!Select [0, !Split ['/', !Ref New]]"), "unknown");
  EXPECT_EQ(value_of("!Select [3, !Ref Names]"), "t.yaml:16:13: Fn::Select asks for item 3 of a list of 3; items count from 0");
  EXPECT_EQ(value_of("!Select [x, !Ref Names]").substr(0, 50), "t.yaml:16:13: the first argument of Fn::Select mus");
  EXPECT_EQ(value_of("!Join [',', a]").substr(0, 45), "t.yaml:16:16: the second argument of Fn::Join");
  EXPECT_EQ(value_of("!Join [',', [[a]]]").substr(0, 45), "t.yaml:16:17: Fn::Join needs text here, not a");
  EXPECT_EQ(value_of("!Join [',']"), "t.yaml:16:4: Fn::Join takes a list of 2, not a list of 1; write `[...]`");
  EXPECT_EQ(value_of("!Split ['', a]").substr(0, 40), "t.yaml:16:12: the separator of Fn::Split");
}

TEST(Intrinsics, IfChoosesByCondition) {
  EXPECT_EQ(value_of("!If [Production, a, b]"), "\"b\"");
  EXPECT_EQ(value_of("!If [Both, a, b]"), "\"a\"");
  EXPECT_EQ(value_of("!If [Either, a, b]"), "\"a\"");
  EXPECT_EQ(value_of("!If [HasNames, a, b]"), "\"a\"");
  EXPECT_EQ(value_of("!If [Truth, a, b]"), "\"a\"");
  EXPECT_EQ(value_of("!If [Production, !Ref Nowhere, b]"), "\"b\"");
  EXPECT_EQ(value_of("!If [Prodution, a, b]").substr(0, 79),
            "t.yaml:16:9: there is no condition `Prodution`; did you mean `Production`? Supp");
  EXPECT_EQ(value_of("!If [!Ref Stage, a, b]").substr(0, 50), "t.yaml:16:9: the first argument of Fn::If is the n");
  EXPECT_EQ(value_of("!Equals [a, b]").substr(0, 50), "t.yaml:16:4: a condition function is not a value; ");
}

TEST(Intrinsics, FindInMap) {
  EXPECT_EQ(value_of("!FindInMap [Sizes, !Ref Stage, memory]"), "128");
  EXPECT_EQ(value_of("!Select [1, !FindInMap [Sizes, dev, zones]]"), "\"y\"");
  EXPECT_EQ(value_of("!FindInMap [Sizes, prod, memory]"), "t.yaml:16:23: Fn::FindInMap: no `prod` in `Sizes`; Supported: dev");
  EXPECT_EQ(value_of("!FindInMap [Sizs, dev, memory]"),
            "t.yaml:16:16: Fn::FindInMap: no `Sizs` in Mappings; did you mean `Sizes`? Supported: Sizes");
  EXPECT_EQ(value_of("!FindInMap [Sizes, prod, memory, {DefaultValue: 9}]", LanguageExtensions::On), "9");
  EXPECT_EQ(value_of("!FindInMap [Sizes, dev, memory, {DefaultValue: 9}]", LanguageExtensions::On), "128");
  EXPECT_EQ(value_of("!FindInMap [Sizes, prod, memory, {DefaultValue: 9}]").substr(0, 42), "t.yaml:16:37: the fourth argument of Fn::F");
}

TEST(Intrinsics, MappingsHoldNoFunctions) {
  Fixture fixture("Mappings: {M: {a: {b: !FindInMap [M, a, b]}}}\nV: !FindInMap [M, a, b]\n");
  Evaluator evaluator(fixture.context, fixture.problems);
  evaluator.evaluate(*fixture.root.find("V"));
  ASSERT_EQ(fixture.problems.size(), 1U);
  EXPECT_NE(fixture.problems.lines()[0].find("is a map"), std::string::npos) << fixture.problems.lines()[0];
  Fixture list("Mappings: {M: {a: {b: [!Ref X]}}}\nV: !FindInMap [M, a, b]\n");
  Evaluator second(list.context, list.problems);
  second.evaluate(*list.root.find("V"));
  EXPECT_NE(list.problems.lines().at(0).find("t.yaml:1:23: a mapping holds text"), std::string::npos) << list.problems.lines()[0];
}

TEST(Intrinsics, ImportBase64AzsAndTransform) {
  EXPECT_EQ(value_of("!ImportValue net-vpc"), "\"vpc-1\"");
  EXPECT_EQ(value_of("!ImportValue net-vpv"), "t.yaml:16:4: no stack exports `net-vpv`; did you mean `net-vpc`? Supported: net-vpc");
  EXPECT_EQ(value_of("!Base64 hello"), "\"aGVsbG8=\"");
  EXPECT_EQ(value_of("!GetAZs ''"), R"(["eu-west-1a","eu-west-1b","eu-west-1c"])");
  EXPECT_EQ(value_of("!GetAZs us-east-1"), R"(["us-east-1a","us-east-1b","us-east-1c"])");
  EXPECT_EQ(value_of("!Transform {Name: M}").substr(0, 47), "t.yaml:16:4: Fn::Transform is not supported: th");
  EXPECT_EQ(value_of("{a: 1, 'Fn::Transform': {Name: 'AWS::Include'}}").substr(0, 41), "t.yaml:16:11: Fn::Transform is not suppor");
}

TEST(Intrinsics, CidrDividesNetworks) {
  EXPECT_EQ(value_of("!Cidr [10.0.0.0/16, 3, 8]"), R"(["10.0.0.0/24","10.0.1.0/24","10.0.2.0/24"])");
  EXPECT_EQ(value_of("!Cidr [192.168.0.0/24, 6, 5]"),
            R"(["192.168.0.0/27","192.168.0.32/27","192.168.0.64/27","192.168.0.96/27","192.168.0.128/27","192.168.0.160/27"])");
  EXPECT_EQ(value_of("!Cidr ['2001:db8::/56', 2, 64]"), R"(["2001:db8::/64","2001:db8:0:1::/64"])");
  EXPECT_EQ(value_of("!Cidr [10.0.255.0/23, 2, 8]"), R"(["10.0.254.0/24","10.0.255.0/24"])");
  EXPECT_EQ(value_of("!Cidr [10.0.0.0/24, 3, 7]").substr(0, 60), "t.yaml:16:4: Fn::Cidr: 10.0.0.0/24 has room for 2 such block");
  EXPECT_EQ(value_of("!Cidr [10.0.0/24, 3, 7]").substr(0, 45), "t.yaml:16:11: Fn::Cidr: `10.0.0/24` is no net");
  EXPECT_EQ(value_of("!Cidr [10.0.0.0/24, 0, 7]").substr(0, 35), "t.yaml:16:24: the count of Fn::Cidr");
  EXPECT_EQ(value_of("!Cidr [10.0.0.0/24, 1, 9]").substr(0, 40), "t.yaml:16:27: the cidrBits of Fn::Cidr m");
}

TEST(Intrinsics, LanguageExtensionsAreOffUnlessDeclared) {
  EXPECT_EQ(value_of("!Length [a, b]", LanguageExtensions::On), "2");
  EXPECT_EQ(value_of("!ToJsonString {a: !Ref Stage, b: [1]}", LanguageExtensions::On), R"("{\"a\":\"dev\",\"b\":[1]}")");
  EXPECT_EQ(value_of("!Length [a, b]").substr(0, 40), "t.yaml:16:4: Fn::Length needs the AWS::L");
  EXPECT_EQ(value_of("{'Fn::ForEach::X': [a, [b], {}]}").substr(0, 40), "t.yaml:16:5: Fn::ForEach needs the AWS::");
}

TEST(Intrinsics, MistakesAreToldWhereTheyAre) {
  EXPECT_EQ(value_of("{'Fn::Foin': [a]}").substr(0, 66), "t.yaml:16:5: unknown function `Fn::Foin`; did you mean `Fn::Join`?");
  EXPECT_EQ(value_of("{'Fn::Join': [a, []], x: 1}").substr(0, 50), "t.yaml:16:5: `Fn::Join` must be alone in its map; ");
  EXPECT_EQ(value_of("{a: }"), "t.yaml:16:8: null is not allowed in a template; remove the key, or write `!Ref AWS::NoValue`");
}

TEST(Intrinsics, WhatATemplateEvaluatesToIsBounded) {
  std::string text = "Parameters: {P: {Type: String, Default: '" + std::string(4'000, 'x') + "'}}\nV: [";
  for (int i = 0; i < 2'200; ++i) text += "!Ref P, ";
  Fixture fixture(text + "x]\n");
  Evaluator evaluator(fixture.context, fixture.problems);
  evaluator.evaluate(*fixture.root.find("V"));
  ASSERT_EQ(fixture.problems.size(), 1U);
  EXPECT_NE(fixture.problems.lines().front().find("more than 8 MB"), std::string::npos);
}

std::string condition_problem(std::string_view text) {
  Fixture fixture(text);
  Evaluator evaluator(fixture.context, fixture.problems);
  evaluator.check_conditions();
  evaluator.check_rules(fixture.root.find("Rules"));
  return fixture.problems.empty() ? "fine" : fixture.problems.lines().front();
}

TEST(Conditions, MistakesAreFound) {
  EXPECT_EQ(condition_problem("Conditions:\n  A: !Condition B\n  B: !Not [!Condition A]\n").substr(0, 42),
            "t.yaml:2:6: condition `A` depends on itsel");
  EXPECT_EQ(condition_problem("Conditions:\n  A: !Equals [!Ref Bucket, x]\n").substr(0, 40), "t.yaml:2:15: `Bucket` is no parameter of");
  EXPECT_EQ(condition_problem("Conditions:\n  A: !And [!Equals [a, a]]\n"),
            "t.yaml:2:6: Fn::And takes a list of 2 to 10, not a list of 1; write `[...]`");
  EXPECT_EQ(condition_problem("Conditions:\n  A: true\n").substr(0, 40), "t.yaml:2:6: a condition must be a condit");
  EXPECT_EQ(condition_problem("Conditions:\n  A: !Join ['', []]\n").substr(0, 45), "t.yaml:2:6: `Fn::Join` is no condition functi");
  EXPECT_EQ(condition_problem("Conditions:\n  A: !Condition Zz\n").substr(0, 43), "t.yaml:2:6: there is no condition `Zz`; Sup");
  std::string chain = "Conditions:\n  C0: !Equals [a, a]\n";
  for (int i = 1; i < 5000; ++i) chain += "  C" + std::to_string(i) + ": !Not [!Condition C" + std::to_string(i - 1) + "]\n";
  EXPECT_EQ(condition_problem(chain), "fine");
  std::string backwards = "Conditions:\n";
  for (int i = 0; i < 5000; ++i) backwards += "  C" + std::to_string(i) + ": !Not [!Condition C" + std::to_string(i + 1) + "]\n";
  EXPECT_NE(condition_problem(backwards + "  C5000: !Equals [a, a]\n").find("more than 30 deep"), std::string::npos);
}

TEST(Rules, AssertionsAreChecked) {
  constexpr std::string_view head =
      "Parameters:\n  S: {Type: String, Default: dev}\n  L: {Type: CommaDelimitedList, Default: 'a,b'}\nRules:\n  R:\n";
  const auto rule = [&](std::string_view text) { return condition_problem(std::string(head) + std::string(text)); };
  EXPECT_EQ(rule("    Assertions:\n      - Assert: {'Fn::Contains': [[dev, prod], !Ref S]}\n"), "fine");
  EXPECT_EQ(rule("    Assertions:\n      - Assert: {'Fn::Contains': [[prod], !Ref S]}\n        AssertDescription: only prod\n"),
            "t.yaml:7:9: rule `R` does not hold; only prod");
  EXPECT_EQ(rule("    RuleCondition: !Equals [!Ref S, prod]\n    Assertions:\n      - Assert: {'Fn::Contains': [[prod], !Ref S]}\n"),
            "fine");
  EXPECT_EQ(rule("    Assertions:\n      - Assert: {'Fn::EachMemberIn': [!Ref L, [a, b, c]]}\n"), "fine");
  EXPECT_EQ(rule("    Assertions:\n      - Assert: {'Fn::EachMemberEquals': [!Ref L, a]}\n").substr(0, 34),
            "t.yaml:7:9: rule `R` does not hold");
  EXPECT_EQ(rule("    Assertions:\n      - Assert: {'Fn::Equals': [{'Fn::RefAll': 'AWS::EC2::VPC::Id'}, a]}\n").substr(0, 12),
            "t.yaml:7:33:");
}

std::string loop(std::string_view text) {
  Fixture fixture(text, LanguageExtensions::On);
  expand_loops(fixture.root, fixture.context, fixture.problems);
  return fixture.problems.empty() ? to_json(*fixture.root.find("Resources")) : fixture.problems.lines().front();
}

TEST(ForEach, WritesLoopsOut) {
  EXPECT_EQ(loop("Parameters: {N: {Type: CommaDelimitedList, Default: 'A,B'}}\nResources:\n  'Fn::ForEach::Loop':\n    - X\n    - !Ref N\n "
                 "   - 'Topic${X}':\n        "
                 "Type: T\n        Name: !Sub 'n-${X}-${AWS::Region}'\n        Plain: !Ref X\n"),
            R"({"TopicA":{"Type":"T","Name":{"Fn::Sub":"n-A-${AWS::Region}"},"Plain":"A"},)"
            R"("TopicB":{"Type":"T","Name":{"Fn::Sub":"n-B-${AWS::Region}"},"Plain":"B"}})");
  EXPECT_EQ(loop("Resources:\n  'Fn::ForEach::A':\n    - X\n    - ['1.a']\n    - 'Fn::ForEach::B':\n        - Y\n        - [p, q]\n        "
                 "- 'R&{X}${Y}': {Type: '${X}'}\n"),
            R"({"R1ap":{"Type":"1.a"},"R1aq":{"Type":"1.a"}})");
  EXPECT_EQ(loop("Resources:\n  R: {Type: T, Properties: {'Fn::ForEach::P': [K, [a, b], {'${K}x': 1}]}}\n"),
            R"({"R":{"Type":"T","Properties":{"ax":1,"bx":1}}})");
}

TEST(ForEach, IsBounded) {
  EXPECT_EQ(loop("Resources:\n  'Fn::ForEach::A': [X, [a, b], {R: 1}]\n").substr(0, 52),
            "t.yaml:2:34: Fn::ForEach makes the key `R` twice; us");
  EXPECT_EQ(loop("Resources:\n  'Fn::ForEach': [X, [a, b], {R: 1}]\n").substr(0, 30), "t.yaml:2:3: a loop is named: `");
  std::string list = "[x0";
  for (int i = 1; i < 100; ++i) list += ", x" + std::to_string(i);
  list += "]";
  const std::string nested = "Resources:\n  'Fn::ForEach::A': [X, " + list + ", {'Fn::ForEach::B': [Y, " + list +
                             ", {'Fn::ForEach::C': [Z, " + list + ", {'${X}${Y}${Z}': 1}]}]}]\n";
  EXPECT_NE(loop(nested).find("more than 100,000 values"), std::string::npos);
  std::string variables;
  for (int i = 0; i < 100'000; ++i) variables += "${X}";
  EXPECT_NE(loop("Resources:\n  'Fn::ForEach::A': [X, [" + std::string(100'000, 'v') + "], {R: '" + variables + "'}]\n").find("4 MB"),
            std::string::npos);
}

std::string parameter(std::string_view declaration, const ParameterTexts& given = {}) {
  Problems problems("t.yaml");
  const std::optional<Node> root = read_yaml("Parameters:\n  P:\n    " + std::string(declaration) + "\n", problems);
  const ParameterValues values = root ? resolve_parameters(*root, given, {}, problems) : ParameterValues{};
  return problems.empty() ? to_json(values.at("P").value) : problems.lines().front();
}

TEST(Parameters, ConstraintsAreChecked) {
  EXPECT_EQ(parameter("{Type: String, Default: x}", {{"P", "y"}}), "\"y\"");
  EXPECT_EQ(parameter("{Type: List<Number>, Default: '1, 2.5'}"), R"(["1","2.5"])");
  EXPECT_EQ(parameter("{Type: AWS::EC2::VPC::Id, Default: vpc-1}"), "\"vpc-1\"");
  EXPECT_EQ(parameter("{Type: 'List<AWS::EC2::Subnet::Id>', Default: 'a,b'}"), R"(["a","b"])");
  EXPECT_EQ(parameter("{Type: String}"), "t.yaml:2:3: parameter `P` has no value; pass one, or give it a Default");
  EXPECT_EQ(parameter("{Type: String, AllowedValues: [a, b]}", {{"P", "c"}}),
            "t.yaml:2:3: parameter `P` is `c`: it must be one of a, b; give another value");
  EXPECT_EQ(parameter("{Type: Number, MinValue: 2, Default: 1}"),
            "t.yaml:3:42: parameter `P` is `1`: it must be at least 2; give another value");
  EXPECT_EQ(parameter("{Type: Number, MaxValue: 2, Default: 2}"), "\"2\"");
  EXPECT_EQ(parameter("{Type: Number, Default: x}"), "t.yaml:3:29: parameter `P` is `x`: it is not a number; give another value");
  EXPECT_EQ(parameter("{Type: String, MinLength: 3, Default: ab, ConstraintDescription: three or more}"),
            "t.yaml:3:43: parameter `P` is `ab`: its length must be at least 3; three or more");
  EXPECT_EQ(parameter("{Type: String, MaxLength: 1, Default: ab}").substr(0, 70),
            "t.yaml:3:43: parameter `P` is `ab`: its length must be at most 1; give");
  EXPECT_EQ(parameter("{Type: String, AllowedPattern: '[a-z]+', Default: ab1}").substr(0, 62),
            "t.yaml:3:55: parameter `P` is `ab1`: it must match `[a-z]+`; g");
  EXPECT_EQ(parameter("{Type: String, AllowedPattern: '(?=a)', Default: ab1}").substr(0, 44),
            "t.yaml:3:36: AllowedPattern is not usable: i");
  EXPECT_EQ(parameter("{Type: 'AWS::SSM::Parameter::Value<String>', Default: /a}"),
            "t.yaml:3:12: parameter type `AWS::SSM::Parameter::Value<String>` is not supported; there is no SSM Parameter Store here: "
            "declare a String "
            "and pass its value");
  EXPECT_EQ(parameter("{Type: Sting, Default: a}").substr(0, 80),
            "t.yaml:3:12: parameter type `Sting` is not supported; did you mean `String`? Sup");
  EXPECT_EQ(parameter("{Default: a}").substr(0, 40), "t.yaml:2:3: parameter `P` has no Type; w");
  EXPECT_EQ(parameter("{Type: String, Default: [a]}").substr(0, 40), "t.yaml:3:29: the Default of parameter `P");
  EXPECT_EQ(parameter("{Type: String, Defualt: a}").substr(0, 80),
            "t.yaml:2:3: parameter `P` has no value; pass one, or give it a Default");
  EXPECT_EQ(parameter("{Type: String, Default: a}", {{"Q", "1"}}),
            "t.yaml:2:3: a value was given for `Q`, which is no parameter of this template");
}

TEST(Parameters, HiddenValuesAreNotPrinted) {
  const std::string line = parameter("{Type: String, NoEcho: true, MinLength: 20}", {{"P", "hunter2"}});
  EXPECT_EQ(line, "t.yaml:2:3: parameter `P` has a value that is refused: its length must be at least 20; give another value");
}

std::vector<SecretReference> secrets(std::string_view text, std::string* problem = nullptr) {
  Problems problems("t.yaml");
  const auto found = secret_references(make_string(text, {4, 2}), problems);
  if (problem != nullptr) *problem = problems.empty() ? "" : problems.lines().front();
  return found;
}

TEST(DynamicReferences, AreParsedWithArnsAndVariables) {
  const auto arn =
      secrets("x{{resolve:secretsmanager:arn:aws:secretsmanager:eu-west-1:1:secret:db-AbCdEf:SecretString:password:AWSPREVIOUS}}y");
  ASSERT_EQ(arn.size(), 1U);
  EXPECT_EQ(arn[0].secret_id, "arn:aws:secretsmanager:eu-west-1:1:secret:db-AbCdEf");
  EXPECT_EQ(arn[0].json_key, "password");
  EXPECT_EQ(arn[0].version_stage, "AWSPREVIOUS");
  const auto named = secrets("{{resolve:secretsmanager:db}}{{resolve:secretsmanager:db:SecretString:user}}");
  ASSERT_EQ(named.size(), 2U);
  EXPECT_EQ(named[1].text, "{{resolve:secretsmanager:db:SecretString:user}}");
  const auto variable = secrets("{{resolve:secretsmanager:${Secret}:SecretString:password}}");
  ASSERT_EQ(variable.size(), 1U);
  EXPECT_EQ(variable[0].secret_id, "${Secret}");
  EXPECT_EQ(variable[0].json_key, "password");
  EXPECT_EQ(secrets("{{resolve:secretsmanager:${Secret}}}").at(0).secret_id, "${Secret}");
}

TEST(DynamicReferences, UnsupportedOnesAreErrors) {
  std::string problem;
  secrets("{{resolve:ssm:/a:1}}", &problem);
  EXPECT_EQ(problem.substr(0, 72), "t.yaml:4:2: dynamic reference `{{resolve:ssm:/a:1}}` is not supported: t");
  secrets("{{resolve:vault:a}}", &problem);
  EXPECT_NE(problem.find("unknown service"), std::string::npos);
  secrets("{{resolve:secretsmanager:a:SecretBinary}}", &problem);
  EXPECT_NE(problem.find("only SecretString"), std::string::npos);
  secrets("{{resolve:secretsmanager:a", &problem);
  EXPECT_NE(problem.find("not closed"), std::string::npos);
}

TEST(DynamicReferences, AreReplacedInText) {
  SecretValues values;
  values.emplace("{{resolve:secretsmanager:a}}", Secret<std::string>("s3"));
  Node node = make_map();
  node.set("x", make_list()).items.push_back(make_string("<{{resolve:secretsmanager:a}}>{{resolve:secretsmanager:b}}"));
  EXPECT_EQ(to_json(with_secrets(node, values)), R"({"x":["<s3>{{resolve:secretsmanager:b}}"]})");
  const Secret<std::string> json(R"({"user":"u","port":5432})");
  EXPECT_EQ(secret_member(json, "user")->reveal(), "u");
  EXPECT_EQ(secret_member(json, "port")->reveal(), "5432");
  EXPECT_FALSE(secret_member(json, "none"));
  EXPECT_FALSE(secret_member(Secret<std::string>("plain"), "none"));
  EXPECT_EQ(secret_member(Secret<std::string>("plain"), "")->reveal(), "plain");
}

TEST(References, AreFoundInEveryForm) {
  Problems problems("t");
  const Node node = *read_yaml(
      "a: !Ref A\nb: !GetAtt B.X.Y\nc: !Sub ['${C.Z}-${L}-${D}-${!E}', {L: !Ref F}]\nd: !If [Q, !Ref G, {'Fn::GetAtt': H.I}]\n", problems);
  std::string names;
  for (const Reference& reference : references_in(node)) names += reference.name + "(" + reference.attribute + ") ";
  EXPECT_EQ(names, "A() B(X.Y) F() C(Z) D() G() H(I) ");
}

}  // namespace
}  // namespace surgetank::stack
