#pragma once
// The lines that Lambda itself writes into a function's log, in both formats (LoggingConfig.LogFormat Text and JSON).
// Pure. The text forms end in "\n", and REPORT in "\t\n", as CloudWatch Logs shows them for real functions.
// Sources: Lambda Developer Guide "Viewing CloudWatch logs", "Lambda Telemetry API Event schema reference".
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/time.h"
#include "kernel/function_runner.h"

namespace surgetank {

enum class LogFormat : std::uint8_t { Text, Json };
LogFormat log_format_of(const FunctionVersion& version);

struct InvocationReport {
  std::string_view request_id;
  Duration duration;
  std::optional<Duration> init_duration = {};  // only of the first invocation after a cold start
  std::int64_t memory_mb = 0;
  std::int64_t max_memory_mb = 0;
  std::string_view status = "success";    // success | timeout | error
  std::string_view error_type = {};       // "Runtime.ExitError"; empty: none
};
// What is billed: duration and init duration together, rounded up to the next millisecond (since August 2025).
std::int64_t billed_ms(const InvocationReport& report);

std::string init_start_line(LogFormat format, Instant now, const FunctionVersion& version,
                            std::string_view initialization_type = "on-demand");
// Only written when the init phase failed: status is "timeout" or "error"; phase "init" or "invoke".
std::string init_report_line(LogFormat format, Instant now, Duration init_duration, std::string_view phase, std::string_view status,
                             std::string_view error_type, std::string_view initialization_type = "on-demand");
std::string start_line(LogFormat format, Instant now, std::string_view request_id, std::string_view version);
std::string end_line(std::string_view request_id);  // text only: JSON has no such event
std::string report_line(LogFormat format, Instant now, const InvocationReport& report);
// "Task timed out after 3.00 seconds"
std::string timeout_text(std::int64_t timeout_seconds);
std::string timeout_line(LogFormat format, Instant now, std::string_view request_id, std::int64_t timeout_seconds);
// A process that ended inside an invocation: `reason` is e.g. "Runtime exited with error: exit status 1".
std::string exit_line(LogFormat format, Instant now, std::string_view request_id, std::string_view reason, std::string_view error_type);

// "YYYY/MM/DD/[$LATEST]<32 hex>": one stream per environment.
std::string log_stream_name(Instant now, std::string_view version, std::string_view identity);

}  // namespace surgetank
