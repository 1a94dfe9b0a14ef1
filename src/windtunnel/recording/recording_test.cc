#include "windtunnel/recording/recording.h"

#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cstdlib>
#include <stdexcept>

namespace surgetank::windtunnel {
namespace {

Recording small_recording() {
  Recording recording;
  recording.version = "0.1.0";
  recording.region = "us-east-1";
  recording.functions.push_back({.name = "create",
                                 .arn = "arn",
                                 .logicalId = "Create",
                                 .runtime = "nodejs22.x",
                                 .handler = "index.handler",
                                 .codeFile = {},
                                 .codeLines = {},
                                 .importsOwnFiles = {},
                                 .memoryMegabytes = 256,
                                 .timeoutSeconds = 10,
                                 .reservedConcurrency = 5,
                                 .provisionedConcurrency = 0,
                                 .environmentNames = {"TABLE"}});
  recording.quotas.push_back({.id = "lambda.concurrent-executions", .name = "n", .unit = "executions", .value = {}, .peak = 3});
  RecordedSpan span{.id = "a",
                    .parent = {},
                    .kind = "invoke",
                    .name = "create",
                    .startMicroseconds = 5,
                    .durationMicroseconds = 7,
                    .status = 0,
                    .fault = {},
                    .attributes = {{"request_bytes", "12"}}};
  recording.traces.push_back({.root = "1-2-3", .spans = {span}});
  return recording;
}

std::string failure_of(const std::string& json) {
  try {
    recording_from_json(json);
    return {};
  } catch (const std::runtime_error& error) {
    return error.what();
  }
}

TEST(Recording, ReadsWhatItWrote) {
  const auto read = recording_from_json(recording_to_json(small_recording()));
  EXPECT_EQ(recording_to_json(read), recording_to_json(small_recording()));
  EXPECT_EQ(*find_function(read, "create")->reservedConcurrency, 5);
  EXPECT_FALSE(find_quota(read, "lambda.concurrent-executions")->value.has_value());
  EXPECT_EQ(integer_attribute(read.traces[0].spans[0], "request_bytes"), 12);
  EXPECT_EQ(integer_attribute(read.traces[0].spans[0], "response_bytes", -1), -1);
}

TEST(Recording, RefusesOtherThingsByName) {
  EXPECT_NE(failure_of("[]").find("no recording"), std::string::npos);
  EXPECT_NE(failure_of("{\"traces\":[]}").find("no recording"), std::string::npos);
  EXPECT_NE(failure_of("{\"format\":2}").find("format 2"), std::string::npos);
  EXPECT_NE(failure_of("{\"format\":1}").find("not readable"), std::string::npos);
}

TEST(Recording, RefusesMoreTracesThanItsLimit) {
  auto recording = small_recording();
  recording.traces.resize(max_recorded_traces + 1, {.root = "r", .spans = {}});
  EXPECT_NE(failure_of(recording_to_json(recording)).find("20000 traces"), std::string::npos);
}

TEST(Recording, RefusesNumbersThatWouldOverflow) {
  auto recording = small_recording();
  recording.traces[0].spans[0].durationMicroseconds = INT64_MAX;
  EXPECT_NE(failure_of(recording_to_json(recording)).find("too large"), std::string::npos);
  recording = small_recording();
  recording.functions[0].reservedConcurrency = INT64_MIN;
  EXPECT_NE(failure_of(recording_to_json(recording)).find("too large"), std::string::npos);
}

TEST(Recording, FilesAreReadableByTheirOwnerOnly) {
  char folder[] = "/tmp/surgetank-recording-XXXXXX";
  ASSERT_NE(::mkdtemp(folder), nullptr);
  const auto path = std::string(folder) + "/run.json";
  write_recording(path, small_recording());
  struct stat status {};
  ASSERT_EQ(::stat(path.c_str(), &status), 0);
  EXPECT_EQ(status.st_mode & 0777U, 0600U);
  EXPECT_EQ(read_recording(path).functions.size(), 1U);
  ::unlink(path.c_str());
  EXPECT_THROW(read_recording(path), std::runtime_error);
  ::rmdir(folder);
}

}  // namespace
}  // namespace surgetank::windtunnel
