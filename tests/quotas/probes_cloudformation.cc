// CloudFormation: templates and stacks of the deployer, which has no API; its "{}" is a deployment that may begin.
#include <gtest/gtest.h>

#include "probe_check.h"
#include "stack/quotas.h"
#include "stack/test_bench.h"

namespace surgetank {
namespace {

namespace quotas = stack::quotas;

constexpr std::string_view smallest = "Resources:\n  G: {Type: AWS::Logs::LogGroup}\n";

// What is wrong with the template, without its place and advice.
std::string load(ProbeBench& bench, std::string text, stack::ParameterTexts parameters = {}) {
  stack::Problems problems("t.yaml");
  stack::TemplateInput input;
  input.text = std::move(text);
  input.path = "t.yaml";
  input.pseudo = {"000000000000", "us-east-1", "shop", ""};
  input.parameters = std::move(parameters);
  input.quotas = &bench.world.quotas;
  stack::load_template(input, problems);
  return problems.empty() ? "{}" : problems.all().front().what;
}

// "Section:\n  N1: item\n  N2: item\n"
std::string section(std::string_view name, std::int64_t count, std::string_view item, std::string_view indent = "  ") {
  std::string text = std::string(name) + ":\n";
  for (std::int64_t i = 1; i <= count; ++i) text += std::string(indent) + "N" + std::to_string(i) + ": " + std::string(item) + "\n";
  return text;
}

std::string deploy(stack::TestBench& stacks, const std::string& name) {
  const auto outcome = stacks.deploy(std::string(smallest), {}, stack::OnFailure::RollBack, name);
  return outcome.ok() ? "{}" : outcome.reason;
}

void stack_count(const QuotaRow& row) {
  ProbeBench bench;
  bench.set(row, 2);
  stack::TestBench stacks(&bench.world.quotas);
  EXPECT_EQ(deploy(stacks, "a"), "{}");
  EXPECT_EQ(deploy(stacks, "b"), "{}");
  EXPECT_EQ(bench.rejections(row), 0);
  EXPECT_EQ(deploy(stacks, "c"),
            "Limit for stack has been exceeded; raise the quota here (`surgetank quotas set cloudformation.stacks 3`)");
  EXPECT_EQ(bench.rejections(row), 1);
  // Those that exist may still be changed, and one that goes makes room.
  EXPECT_EQ(deploy(stacks, "b"), "{}");
  stacks.remove("a");
  EXPECT_EQ(deploy(stacks, "c"), "{}");
}

void stack_name(const QuotaRow& row) {
  sized(
      row, row.value,
      [](ProbeBench& bench, std::int64_t amount) {
        stack::TestBench stacks(&bench.world.quotas);
        return deploy(stacks, times(amount, "s", ""));
      },
      "1 validation error detected: Value at 'stackName' failed to satisfy constraint: Member must have length less than or equal to 128; "
      "raise the quota here (`surgetank quotas set cloudformation.stack-name 129`)");
}

void template_size(const QuotaRow& row) {
  sized(
      row, row.value,
      [](ProbeBench& bench, std::int64_t amount) {
        const auto padding = amount - static_cast<std::int64_t>(smallest.size()) - 2;
        return load(bench, std::string(smallest) + "#" + times(padding, "x", "") + "\n");
      },
      "Template may not exceed 1000000 bytes in size.");
}

void resources(const QuotaRow& row) {
  sized(
      row, row.value,
      [](ProbeBench& bench, std::int64_t amount) { return load(bench, section("Resources", amount, "{Type: AWS::Logs::LogGroup}")); },
      "Template format error: Number of resources, 501, is greater than maximum allowed, 500");
}

void parameters(const QuotaRow& row) {
  sized(
      row, row.value,
      [](ProbeBench& bench, std::int64_t amount) {
        return load(bench, section("Parameters", amount, "{Type: String, Default: a}") + std::string(smallest));
      },
      "Template format error: Parameter count 201 is greater than max allowed 200");
}

void parameter_value(const QuotaRow& row) {
  const std::string declared = "Parameters:\n  P: {Type: String, Default: a}\n" + std::string(smallest);
  sized(
      row, row.value,
      [](ProbeBench& bench, std::int64_t amount) {
        return load(bench, "Parameters:\n  P: {Type: String, Default: " + times(amount, "x", "") + "}\n" + std::string(smallest));
      },
      "Template format error: Parameter 'P' default value '[****]' length is greater than 4096.");
  sized(
      row, row.value,
      [&](ProbeBench& bench, std::int64_t amount) {
        return load(bench, declared, {{"P", times(amount, "x", "")}});
      },
      "Template format error: Parameter 'P' value '[****]' length is greater than 4096.");
}

void mappings(const QuotaRow& row) {
  sized(
      row, row.value,
      [](ProbeBench& bench, std::int64_t amount) {
        return load(bench, section("Mappings", amount, "{K: {V: a}}") + std::string(smallest));
      },
      "Template format error: Mappings count 201 is greater than max allowed 200");
}

void mapping_attributes(const QuotaRow& row) {
  sized(
      row, row.value,
      [](ProbeBench& bench, std::int64_t amount) {
        return load(bench, "Mappings:\n  M:\n" + section("    K", amount, "a", "      ") + std::string(smallest));
      },
      "Template format error: Mapping attributes count 201 is greater than max allowed 200");
}

void outputs(const QuotaRow& row) {
  sized(
      row, row.value,
      [](ProbeBench& bench, std::int64_t amount) { return load(bench, section("Outputs", amount, "{Value: a}") + std::string(smallest)); },
      "Template format error: Outputs count 201 is greater than max allowed 200");
}

// The services of a bench, as the deployer calls them.
class BenchApi final : public stack::ResourceApi {
 public:
  explicit BenchApi(ProbeBench& bench) : bench_(bench) {}
  void call(std::string_view service, std::string_view operation, std::string input,
            UniqueFunction<void(Result<std::string>)> done) override {
    bench_.world.dispatcher->dispatch_json(service, operation, service_caller("000000000000", "us-east-1", "cloudformation.amazonaws.com"),
                                           input, std::move(done));
    bench_.world.advance(seconds(1));  // the deployer asks until a mapping is there, which takes the poller a moment
  }

 private:
  ProbeBench& bench_;
};

constexpr Probe probes[] = {
    {"cloudformation.stacks", stack_count},
    {"cloudformation.stack-name", stack_name},
    {"cloudformation.template-size", template_size},
    {"cloudformation.resources", resources},
    {"cloudformation.parameters", parameters},
    {"cloudformation.parameter-value", parameter_value},
    {"cloudformation.mappings", mappings},
    {"cloudformation.mapping-attributes", mapping_attributes},
    {"cloudformation.outputs", outputs},
};
static_assert(each_has_a_probe(quotas::rows, probes), "a quota of CloudFormation has no probe");

}  // namespace

// What holds for an API call holds for the resource of a template that makes it.
TEST(QuotasOfTemplates, FiltersOfASamEventAreThoseOfTheMapping) {
  ProbeBench bench;
  BenchApi api(bench);
  stack::TestLane lane;
  stack::TestFiles files;
  files.contents["/app/src/i.js"] = "exports.h = async () => {}";
  stack::MemoryStackStateStore states;
  stack::Deployer deployer(lane, api, states, files, Random(7), {.quotas = &bench.world.quotas});
  std::string filters;
  for (int i = 0; i < 6; ++i) filters += "                - Pattern: '{\"body\": [\"a\"]}'\n";
  const auto deploy = [&] {
    stack::DeployRequest request;
    request.stack_name = "shop";
    request.template_path = "/app/t.yaml";
    request.template_text =
        "Transform: AWS::Serverless-2016-10-31\n"
        "Resources:\n"
        "  Q: {Type: AWS::SQS::Queue}\n"
        "  F:\n"
        "    Type: AWS::Serverless::Function\n"
        "    Properties:\n"
        "      CodeUri: src\n"
        "      Handler: i.h\n"
        "      Runtime: nodejs20.x\n"
        "      Events:\n"
        "        Q:\n"
        "          Type: SQS\n"
        "          Properties:\n"
        "            Queue: !GetAtt Q.Arn\n"
        "            FilterCriteria:\n"
        "              Filters:\n" +
        filters;
    stack::DeployOutcome outcome;
    deployer.deploy(std::move(request), {}, [&](stack::DeployOutcome done) { outcome = std::move(done); });
    lane.run();
    return outcome;
  };
  const auto refused = deploy();
  EXPECT_FALSE(refused.ok());
  EXPECT_NE(stack::explain(refused).find("Number of filters exceeds the limit of 5."), std::string::npos) << stack::explain(refused);
  const auto* row = bench.world.quotas.find("lambda.event-source-filters");
  ASSERT_NE(row, nullptr);
  bench.set(*row, 10);
  const auto deployed = deploy();
  EXPECT_TRUE(deployed.ok()) << stack::explain(deployed);
}

std::span<const Probe> cloudformation_probes() { return probes; }

}  // namespace surgetank
