#include "surgetank/lambda.h"

#include <gtest/gtest.h>

#include <cstdlib>

#include "fake_runtime_api.h"

namespace surgetank {
namespace {

using function_runtime::FakeRuntimeApi;

class RunHandler : public testing::Test {
 protected:
  void SetUp() override { TearDown(); }
  void TearDown() override {
    ::unsetenv("SURGETANK_RUNTIME_SOCKET");
    ::unsetenv("AWS_LAMBDA_RUNTIME_API");
  }
  static FakeRuntimeApi::Step event() { return FakeRuntimeApi::event("1", R"({"n":1})"); }
  static int run(int& calls) {
    return run_handler([&](const invocation_request& request) {
      ++calls;
      EXPECT_EQ(request.payload, R"({"n":1})");
      return invocation_response::success("null");
    });
  }
};

TEST_F(RunHandler, UsesTheRuntimeApiAddressOfAws) {
  FakeRuntimeApi api(FakeRuntimeApi::Transport::Tcp, {event(), FakeRuntimeApi::accepted()});
  ::setenv("AWS_LAMBDA_RUNTIME_API", api.endpoint().host_header.c_str(), 1);
  ::setenv("SURGETANK_RUNTIME_SOCKET", "", 1);
  int calls = 0;
  EXPECT_EQ(run(calls), EXIT_FAILURE);
  EXPECT_EQ(calls, 1);
}

TEST_F(RunHandler, PrefersTheUnixSocket) {
  FakeRuntimeApi api(FakeRuntimeApi::Transport::UnixSocket, {event(), FakeRuntimeApi::accepted()});
  ::setenv("AWS_LAMBDA_RUNTIME_API", "not an address", 1);
  ::setenv("SURGETANK_RUNTIME_SOCKET", api.endpoint().address.c_str(), 1);
  int calls = 0;
  EXPECT_EQ(run(calls), EXIT_FAILURE);
  EXPECT_EQ(calls, 1);
}

TEST_F(RunHandler, SaysWhatIsMissingWhenStartedByHand) {
  int calls = 0;
  testing::internal::CaptureStderr();
  EXPECT_EQ(run(calls), EXIT_FAILURE);
  EXPECT_NE(testing::internal::GetCapturedStderr().find("AWS_LAMBDA_RUNTIME_API is set"), std::string::npos);
  ::setenv("AWS_LAMBDA_RUNTIME_API", "localhost", 1);
  testing::internal::CaptureStderr();
  EXPECT_EQ(report_init_failure("message", "Type"), EXIT_FAILURE);
  EXPECT_NE(testing::internal::GetCapturedStderr().find("is not host:port: localhost"), std::string::npos);
}

TEST(InvocationRequest, TheTimeRemainingRunsAgainstTheDeadlineAndStopsAtZero) {
  invocation_request request;
  EXPECT_EQ(request.get_time_remaining().count(), 0);
  request.deadline = std::chrono::system_clock::now() + std::chrono::minutes(10);
  EXPECT_GT(request.get_time_remaining(), std::chrono::minutes(9));
  EXPECT_LE(request.get_time_remaining(), std::chrono::minutes(10));
}

TEST(InvocationResponse, KeepsWhatItWasMadeOf) {
  const auto success = invocation_response::success("<p/>", "text/html");
  EXPECT_TRUE(success.is_success());
  EXPECT_EQ(success.get_payload(), "<p/>");
  EXPECT_EQ(success.get_content_type(), "text/html");
  const auto failure = invocation_response::failure("why", "Kind");
  EXPECT_FALSE(failure.is_success());
  EXPECT_EQ(failure.get_error_type(), "Kind");
  EXPECT_EQ(failure.get_content_type(), "application/json");
}

}  // namespace
}  // namespace surgetank
