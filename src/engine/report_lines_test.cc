#include "engine/report_lines.h"

#include <gtest/gtest.h>

namespace surgetank {
namespace {

const Instant now{1'700'000'000'123'456};

TEST(ReportLines, TextIsThatOfLambda) {
  EXPECT_EQ(start_line(LogFormat::Text, now, "id-1", "$LATEST"), "START RequestId: id-1 Version: $LATEST\n");
  EXPECT_EQ(end_line("id-1"), "END RequestId: id-1\n");
  InvocationReport report{.request_id = "id-1", .duration = microseconds(79'666), .memory_mb = 128, .max_memory_mb = 73};
  EXPECT_EQ(report_line(LogFormat::Text, now, report),
            "REPORT RequestId: id-1\tDuration: 79.67 ms\tBilled Duration: 80 ms\tMemory Size: 128 MB\tMax Memory Used: 73 MB\t\n");
  report.init_duration = microseconds(111'230);
  report.status = "error";
  report.error_type = "Runtime.ExitError";
  EXPECT_EQ(report_line(LogFormat::Text, now, report),
            "REPORT RequestId: id-1\tDuration: 79.67 ms\tBilled Duration: 191 ms\tMemory Size: 128 MB\tMax Memory Used: 73 MB\t"
            "Init Duration: 111.23 ms\tStatus: error\tError Type: Runtime.ExitError\t\n");
}

TEST(ReportLines, BilledDurationIsRoundedUp) {
  EXPECT_EQ(billed_ms({.request_id = "", .duration = microseconds(1)}), 1);
  EXPECT_EQ(billed_ms({.request_id = "", .duration = milliseconds(5)}), 5);
  EXPECT_EQ(billed_ms({.request_id = "", .duration = microseconds(133'610), .init_duration = milliseconds(80)}), 214);
}

TEST(ReportLines, JsonIsOneEventPerLine) {
  EXPECT_EQ(start_line(LogFormat::Json, now, "id-1", "7"),
            "{\"time\":\"2023-11-14T22:13:20.123Z\",\"type\":\"platform.start\",\"record\":{\"requestId\":\"id-1\",\"version\":\"7\"}}\n");
  const InvocationReport report{.request_id = "id-1", .duration = microseconds(1'500), .memory_mb = 128, .max_memory_mb = 40};
  EXPECT_EQ(report_line(LogFormat::Json, now, report),
            "{\"time\":\"2023-11-14T22:13:20.123Z\",\"type\":\"platform.report\",\"record\":{\"requestId\":\"id-1\",\"metrics\":"
            "{\"durationMs\":1.500,\"billedDurationMs\":2,\"memorySizeMB\":128,\"maxMemoryUsedMB\":40},\"status\":\"success\"}}\n");
}

TEST(ReportLines, FailuresOfInitAndTimeouts) {
  EXPECT_EQ(init_report_line(LogFormat::Text, now, seconds(10), "init", "timeout", ""),
            "INIT_REPORT Init Duration: 10000.00 ms\tPhase: init\tStatus: timeout\n");
  EXPECT_EQ(init_report_line(LogFormat::Text, now, milliseconds(5), "invoke", "error", "Runtime.ImportModuleError"),
            "INIT_REPORT Init Duration: 5.00 ms\tPhase: invoke\tStatus: error\tError Type: Runtime.ImportModuleError\n");
  EXPECT_EQ(timeout_line(LogFormat::Text, now, "id-1", 3), "2023-11-14T22:13:20.123Z id-1 Task timed out after 3.00 seconds\n\n");
}

TEST(ReportLines, RuntimeVersionNamesLanguageAndVersion) {
  FunctionVersion version;
  version.region = "eu-west-1";
  for (const auto& [runtime, name] : std::vector<std::pair<std::string, std::string>>{
           {"nodejs20.x", "nodejs:20.v1"}, {"python3.13", "python:3.13.v1"}, {"provided.al2023", "provided:al2023.v1"}}) {
    version.runtime = runtime;
    EXPECT_TRUE(init_start_line(LogFormat::Text, now, version).starts_with("INIT_START Runtime Version: " + name + "\tRuntime Version ARN: arn:"))
        << runtime;
  }
}

TEST(ReportLines, StreamIsNamedByDayVersionAndEnvironment) {
  EXPECT_EQ(log_stream_name(now, "$LATEST", "0123456789abcdef0123456789abcdef"), "2023/11/14/[$LATEST]0123456789abcdef0123456789abcdef");
}

}  // namespace
}  // namespace surgetank
