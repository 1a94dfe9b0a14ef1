#include "stack/template_node.h"

#include <gtest/gtest.h>

namespace surgetank::stack {
namespace {

std::string first_line(const Problems& problems) { return problems.empty() ? "no problem" : problems.lines().front(); }

Node yaml(std::string_view text) {
  Problems problems("t.yaml");
  std::optional<Node> root = read_template(text, TemplateSyntax::Yaml, problems);
  EXPECT_TRUE(root) << first_line(problems);
  return root ? *root : Node{};
}

std::string yaml_problem(std::string_view text) {
  Problems problems("t.yaml");
  EXPECT_FALSE(read_template(text, TemplateSyntax::Yaml, problems));
  return first_line(problems);
}

std::string json_problem(std::string_view text) {
  Problems problems("t.json");
  EXPECT_FALSE(read_template(text, TemplateSyntax::Json, problems));
  return first_line(problems);
}

TEST(YamlReader, KeepsTheKindsThatCloudFormationSees) {
  EXPECT_EQ(to_json(yaml("a: 1\nb: 0.50\nc: yes\nd: 'yes'\ne: 0123\nf: 2012-10-17\ng: ~\nh:\ni: 0x1F\nj: -1e3\nk: !!str 5\n")),
            R"({"a":1,"b":0.50,"c":true,"d":"yes","e":"0123","f":"2012-10-17","g":null,"h":null,"i":"0x1F","j":-1e3,"k":"5"})");
}

TEST(YamlReader, KeepsKeysAsWritten) { EXPECT_EQ(to_json(yaml("no: 1\n80: 2\n'a b': 3\n")), R"({"no":1,"80":2,"a b":3})"); }

TEST(YamlReader, GivesShortTagsTheirLongForm) {
  EXPECT_EQ(to_json(yaml("a: !Ref X\nb: !GetAtt X.Y.Z\nc: !Sub '${A}-b'\nd: !If [C, 1, !Ref 'AWS::NoValue']\ne: !Condition Q\n")),
            R"({"a":{"Ref":"X"},"b":{"Fn::GetAtt":["X","Y.Z"]},"c":{"Fn::Sub":"${A}-b"},)"
            R"("d":{"Fn::If":["C",1,{"Ref":"AWS::NoValue"}]},"e":{"Condition":"Q"}})");
  EXPECT_EQ(to_json(yaml("a: !Base64\n  Fn::Sub: x\nb: !GetAZs ''\nc: !Equals [!Ref A, yes]\n")),
            R"({"a":{"Fn::Base64":{"Fn::Sub":"x"}},"b":{"Fn::GetAZs":""},"c":{"Fn::Equals":[{"Ref":"A"},true]}})");
}

TEST(YamlReader, KnowsWhereEveryValueIs) {
  const Node root = yaml("Resources:\n  Api:\n    Type: T\n    Name: !Ref X\n    List:\n      - one\n      - !Sub two\n");
  const Node& api = *root.find("Resources")->find("Api");
  EXPECT_EQ(api.find("Type")->position, (Position{3, 11}));
  EXPECT_EQ(api.find("Name")->position, (Position{4, 11}));
  EXPECT_EQ(api.find_member("Name")->key_position, (Position{4, 5}));
  EXPECT_EQ(api.find("List")->items[1].position, (Position{7, 9}));
}

TEST(YamlReader, ExpandsAliasesAndMergeKeys) {
  EXPECT_EQ(to_json(yaml("a: &x {p: 1, q: 2}\nb: *x\nc:\n  <<: *x\n  q: 3\n")),
            R"({"a":{"p":1,"q":2},"b":{"p":1,"q":2},"c":{"q":3,"p":1}})");
  EXPECT_EQ(to_json(yaml("a: &x {p: 1}\nb: &y {p: 2, q: 2}\nc:\n  <<: [*x, *y]\n")),
            R"({"a":{"p":1},"b":{"p":2,"q":2},"c":{"p":1,"q":2}})");
  EXPECT_EQ(to_json(yaml("'<<': 1\n")), R"({"<<":1})");
}

TEST(YamlReader, DuplicateKeysAreErrorsWithBothPlaces) {
  EXPECT_EQ(yaml_problem("a:\n  b: 1\n  c: 2\n  b: 3\n"),
            "t.yaml:4:3: key `b` is here twice, first in line 2, column 3; remove one of them");
}

TEST(YamlReader, StopsAliasBombsBeforeTheyExpand) {
  std::string bomb = "a0: &a0 [x,x,x,x,x,x,x,x,x,x]\n";
  for (int i = 1; i < 12; ++i) {
    const std::string previous = "*a" + std::to_string(i - 1);
    bomb += "a" + std::to_string(i) + ": &a" + std::to_string(i) + " [";
    for (int j = 0; j < 10; ++j) bomb += (j ? "," : "") + previous;
    bomb += "]\n";
  }
  EXPECT_EQ(yaml_problem(bomb).substr(0, 62), "t.yaml:5:38: more than 100,000 values after expanding aliases;");
  std::string wide = "a: &a '" + std::string(100'000, 'x') + "'\nb: [";
  for (int i = 0; i < 100; ++i) wide += std::string(i ? "," : "") + "*a";
  EXPECT_NE(yaml_problem(wide + "]\n").find("more than 4 MB of text"), std::string::npos);
  std::string anchors = "a: ";
  for (int i = 0; i < 50; ++i) anchors += "&n" + std::to_string(i) + " [";
  for (int i = 0; i < 5000; ++i) anchors += "x,";
  anchors += "x" + std::string(50, ']');
  EXPECT_NE(yaml_problem(anchors).find("values under anchors"), std::string::npos);
}

TEST(YamlReader, AnAliasInsideItsOwnValueIsAnError) { EXPECT_EQ(yaml_problem("a: &x [1, *x]\n").substr(0, 12), "t.yaml:1:11:"); }

TEST(YamlReader, StopsAtDepth64) {
  EXPECT_NE(yaml_problem("a: " + std::string(10'000, '[')).find("nested deeper than 64"), std::string::npos);
  const Node deep = yaml("a: " + std::string(62, '[') + "1" + std::string(62, ']'));
  EXPECT_EQ(count_nodes(deep), 64U);
  EXPECT_NE(yaml_problem("a: " + std::string(63, '[') + "1" + std::string(63, ']')).find("nested deeper"), std::string::npos);
  std::string tagged = "a: ";
  for (int i = 0; i < 40; ++i) tagged += "!Not [";
  EXPECT_NE(yaml_problem(tagged + "1" + std::string(40, ']')).find("nested deeper"), std::string::npos);
  std::string block;
  for (int i = 0; i < 200; ++i) block += std::string(static_cast<std::size_t>(i), ' ') + "a:\n";
  EXPECT_NE(yaml_problem(block).find("nested deeper"), std::string::npos);
}

TEST(YamlReader, RefusesWhatCloudFormationRefuses) {
  EXPECT_EQ(yaml_problem("a: !Reff X\n").substr(0, 53), "t.yaml:1:4: unknown tag `!Reff`; did you mean `Ref`? ");
  EXPECT_EQ(yaml_problem("a: !!binary aGk=\n").substr(0, 44), "t.yaml:1:4: unsupported YAML type `!!binary`");
  EXPECT_EQ(yaml_problem("a: !GetAtt Function\n").substr(0, 43), "t.yaml:1:4: !GetAtt needs `Resource.Attribu");
  EXPECT_EQ(yaml_problem("a: !Base64 !Sub x\n").substr(0, 17), "t.yaml:1:12: YAML");
  EXPECT_EQ(yaml_problem("a: 1\n---\nb: 2\n").substr(0, 13), "t.yaml:2:1: a");
  EXPECT_EQ(yaml_problem("a: [1\nb: 2\n").substr(0, 7), "t.yaml:");
  EXPECT_EQ(yaml_problem("").substr(0, 35), "t.yaml:1:1: the template is empty; ");
  EXPECT_EQ(yaml_problem("- a\n").substr(0, 47), "t.yaml:1:1: a template is a map with `Resources");
  EXPECT_EQ(yaml_problem("a: b: c\n").substr(0, 8), "t.yaml:1");
  EXPECT_EQ(yaml_problem("a: \x01\n"), "t.yaml:1:4: control character 1 in the template; remove it");
  EXPECT_EQ(yaml_problem("a: \xff\n").substr(0, 37), "t.yaml:1:1: the template is not UTF-8");
  EXPECT_EQ(yaml_problem("? [a]\n: b\n").substr(0, 12), "t.yaml:1:3: ");
  EXPECT_EQ(yaml_problem("a: *nowhere\n").substr(0, 9), "t.yaml:1:");
  EXPECT_NE(yaml_problem(std::string(TemplateLimits::text_bytes + 1, ' ')).find("4,194,304"), std::string::npos);
}

TEST(JsonReader, ReadsWithPlaces) {
  Problems problems("t.json");
  const std::optional<Node> root = read_template("{\n  \"a\": [1, {\"b\": \"\\u00e9\\ud83d\\ude00\\n\"}],\n\t\"c\": null, \"d\": true\n}",
                                                 TemplateSyntax::Json, problems);
  ASSERT_TRUE(root) << first_line(problems);
  EXPECT_EQ(to_json(*root), "{\"a\":[1,{\"b\":\"\u00e9\U0001F600\\n\"}],\"c\":null,\"d\":true}");
  EXPECT_EQ(root->find("a")->items[1].find("b")->position, (Position{2, 18}));
}

TEST(JsonReader, SaysWhereItIsBroken) {
  EXPECT_EQ(json_problem("{\"a\": 1,}").substr(0, 32), "t.json:1:9: expected a quoted ke");
  EXPECT_EQ(json_problem("{\"a\": 1,\n \"a\": 2}"), "t.json:2:2: key `a` is here twice, first in line 1, column 2; remove one of them");
  EXPECT_EQ(json_problem("{\"a\": 01}"), "t.json:1:7: `01` is not a JSON number");
  EXPECT_EQ(json_problem("{\"a\": \"\\ud800\"}"), "t.json:1:14: half of a surrogate pair");
  EXPECT_EQ(json_problem("{\"a\" 1}"), "t.json:1:6: expected `:` after the key `a`");
  EXPECT_EQ(json_problem("{\"a\": 1").substr(0, 27), "t.json:1:8: expected `,` or");
  EXPECT_EQ(json_problem("{\"a\": tru}").substr(0, 27), "t.json:1:7: not a JSON valu");
  EXPECT_NE(json_problem("{\"a\": " + std::string(5000, '[')).find("nested deeper than 64"), std::string::npos);
  std::string many = "{\"a\":[0";
  for (int i = 0; i < 100'000; ++i) many += ",0";
  EXPECT_NE(json_problem(many + "]}").find("100,000"), std::string::npos);
}

TEST(Node, EqualValuesHaveEqualCanonicalJson) {
  const Node a = yaml("x: 1\ny: {p: [a], q: b}\n");
  const Node b = yaml("y: {q: b, p: [a]}\nx: 1\n");
  EXPECT_TRUE(same_value(a, b));
  EXPECT_EQ(canonical_json(a), canonical_json(b));
  EXPECT_FALSE(same_value(a, yaml("x: '1'\ny: {p: [a], q: b}\n")));
}

TEST(Node, SyntaxIsGuessedFromTheNameThenTheText) {
  EXPECT_EQ(guess_syntax("t.json", "a: 1"), TemplateSyntax::Json);
  EXPECT_EQ(guess_syntax("t.YML", "{}"), TemplateSyntax::Yaml);
  EXPECT_EQ(guess_syntax("t.template", " \n{"), TemplateSyntax::Json);
  EXPECT_EQ(guess_syntax("", "a: 1"), TemplateSyntax::Yaml);
}

TEST(Problems, SortsByPlaceAndSuggestsNearNames) {
  Problems problems("t");
  problems.add({2, 1}, "b");
  problems.add({1, 9}, "a", "fix");
  problems.add({2, 1}, "b");
  EXPECT_EQ(problems.lines(), (std::vector<std::string>{"t:1:9: a; fix", "t:2:1: b"}));
  constexpr std::string_view names[] = {"Handler", "Runtime"};
  EXPECT_EQ(did_you_mean("Handlr", names), "did you mean `Handler`?");
  EXPECT_EQ(did_you_mean("Xyz", names), "");
}

}  // namespace
}  // namespace surgetank::stack
