#include "engine/runtime_command.h"

#include <gtest/gtest.h>

#include "engine/function_environment.h"

#include <sys/stat.h>

#include <filesystem>
#include <fstream>

#include "base/text.h"

namespace surgetank {
namespace {

using Problem = RuntimeCommand::Problem;

FunctionVersion version_of(const std::string& runtime) {
  FunctionVersion version;
  version.function_name = "f";
  version.region = "eu-west-1";
  version.runtime = runtime;
  version.code_directory = "/nowhere";
  version.log_group = "/aws/lambda/f";
  return version;
}

TEST(RuntimeCommands, RuntimesOfOtherLanguagesAreRefusedByName) {
  RuntimeCommands commands("");
  for (const std::string runtime : {"java21", "dotnet8", "ruby3.3", "python2.7", ""}) {
    const RuntimeCommand command = commands.choose(version_of(runtime));
    EXPECT_EQ(command.problem, Problem::NotSupported) << runtime;
    EXPECT_TRUE(contains(command.explanation, runtime)) << command.explanation;
  }
}

TEST(RuntimeCommands, ProvidedRuntimesNeedABootstrap) {
  char path[] = "/tmp/surge-XXXXXX";
  ASSERT_NE(::mkdtemp(path), nullptr);
  RuntimeCommands commands("");
  FunctionVersion version = version_of("provided.al2023");
  version.code_directory = path;
  EXPECT_EQ(commands.choose(version).problem, Problem::InvalidEntrypoint);
  const std::string bootstrap = std::string(path) + "/bootstrap";
  std::ofstream(bootstrap) << "x";
  ::chmod(bootstrap.c_str(), 0644);
  EXPECT_EQ(commands.choose(version).explanation, "fork/exec /var/task/bootstrap: permission denied");
  ::chmod(bootstrap.c_str(), 0755);
  EXPECT_EQ(commands.choose(version).program, "{task}/bootstrap");
  std::filesystem::remove_all(path);
}

TEST(RuntimeCommands, AnotherVersionOfTheInterpreterIsTakenWithAWarning) {
  RuntimeCommands commands("");
  const RuntimeCommand command = commands.choose(version_of("python3.99"));
  if (command.problem == Problem::NotInstalled) GTEST_SKIP() << "no python3 here";
  EXPECT_EQ(command.bootstrap_folder, "python");
  EXPECT_TRUE(contains(command.warning, "python3.99 runs on")) << command.warning;
  EXPECT_EQ(command.arguments, std::vector<std::string>{"{runtime}/bootstrap.py"});
}

EnvironmentPlace place() {
  EnvironmentPlace place;
  place.task_root = "/var/task";
  place.runtime_directory = "/var/runtime";
  place.runtime_api = "127.0.0.1:9";
  place.endpoint_url = "http://127.0.0.1:4566";
  return place;
}

std::string joined(const FunctionVersion& version) {
  return "\n" + join(function_environment(version, place(), {"AKIA", Secret<std::string>("s"), Secret<std::string>("t")}), "\n") + "\n";
}

TEST(FunctionEnvironment, ReservedNamesCannotBeTakenByTheUser) {
  FunctionVersion version = version_of("nodejs20.x");
  version.environment = {{"_HANDLER", "evil"}, {"AWS_SECRET_ACCESS_KEY", "evil"}, {"SURGETANK_ZYGOTE_FD", "9"}, {"LANG", "C"}, {"OWN", "1=2"}};
  const std::string all = joined(version);
  EXPECT_FALSE(contains(all, "evil")) << all;
  EXPECT_FALSE(contains(all, "ZYGOTE")) << all;
  EXPECT_TRUE(contains(all, "\nLANG=C\n")) << all;
  EXPECT_TRUE(contains(all, "\nOWN=1=2\n")) << all;
  EXPECT_TRUE(contains(all, "\nAWS_EXECUTION_ENV=AWS_Lambda_nodejs20.x\n")) << all;
  EXPECT_TRUE(contains(all, "\nNODE_PATH=/opt/nodejs/node20/node_modules:/opt/nodejs/node_modules:/var/runtime/node_modules:")) << all;
}

TEST(FunctionEnvironment, NamesThatNoProcessCanHaveAreLeftOut) {
  FunctionVersion version = version_of("provided.al2023");
  version.environment = {{"A=B", "x"}, {std::string("N\0UL", 4), "x"}, {"NUL", std::string("a\0b", 3)}, {"", "x"}};
  const std::string all = joined(version);
  EXPECT_FALSE(contains(all, "\nA=B")) << all;
  EXPECT_FALSE(contains(all, "NUL")) << all;
}

TEST(FunctionEnvironment, LogFormatIsToldWhenItIsJson) {
  FunctionVersion version = version_of("provided.al2023");
  EXPECT_FALSE(contains(joined(version), "AWS_LAMBDA_LOG_FORMAT"));
  version.log_format = "JSON";
  version.log_level = "WARN";
  EXPECT_TRUE(contains(joined(version), "\nAWS_LAMBDA_LOG_FORMAT=JSON\nAWS_LAMBDA_LOG_GROUP_NAME=/aws/lambda/f\nAWS_LAMBDA_LOG_LEVEL=WARN\n"));
}

}  // namespace
}  // namespace surgetank
