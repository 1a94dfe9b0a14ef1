#include "engine/report_lines.h"

#include <cstdio>

#include "base/random.h"
#include "base/text.h"
#include "wire/json_writer.h"

namespace surgetank {
namespace {

// Milliseconds with two or three digits after the point.
enum class Digits : std::uint8_t { Two, Three };
void append_milliseconds(std::string& out, Duration time, Digits digits) {
  const bool two = digits == Digits::Two;
  const std::int64_t scaled = two ? (time.us + 5) / 10 : time.us;
  const std::int64_t unit = two ? 100 : 1000;
  out += std::to_string(scaled / unit);
  const std::string fraction = std::to_string(unit + scaled % unit);  // "1" and the digits
  out += '.';
  out.append(fraction, 1);
}

// {"time":...,"type":...,"record":{<body>}} in one line.
std::string event(Instant now, std::string_view type, std::string_view body) {
  std::string out = R"({"time":")";
  out += iso8601_milliseconds(now);
  out += R"(","type":"platform.)";
  out += type;
  out += R"(","record":{)";
  out += body;
  out += "}}\n";
  return out;
}

std::string field(std::string_view name, std::string_view value) {
  std::string out;
  append_json_string(out, name);
  out += ':';
  append_json_string(out, value);
  return out;
}

// "nodejs20.x" -> "nodejs:20", "python3.11" -> "python:3.11", "provided.al2023" -> "provided:al2023"
std::string runtime_version(const std::string& runtime) {
  std::string name = runtime;
  if (name.ends_with(".x")) name.resize(name.size() - 2);
  if (name.starts_with("provided.")) return "provided:" + name.substr(9) + ".v1";
  const auto digit = name.find_first_of("0123456789");
  if (digit == std::string::npos || digit == 0) return name + ".v1";
  return name.substr(0, digit) + ":" + name.substr(digit) + ".v1";
}

// Stable for a runtime, as AWS's is for a version of one.
std::string runtime_version_arn(const FunctionVersion& version) {
  std::uint64_t seed = 14695981039346656037ULL;
  for (const char c : version.runtime) seed = (seed ^ static_cast<unsigned char>(c)) * 1099511628211ULL;
  return "arn:aws:lambda:" + version.region + "::runtime:" + Random(seed).hex(64);
}

void append_metrics(std::string& out, const InvocationReport& report) {
  out += R"("metrics":{"durationMs":)";
  append_milliseconds(out, report.duration, Digits::Three);
  out += R"(,"billedDurationMs":)" + std::to_string(billed_ms(report));
  out += R"(,"memorySizeMB":)" + std::to_string(report.memory_mb);
  out += R"(,"maxMemoryUsedMB":)" + std::to_string(report.max_memory_mb);
  if (report.init_duration) {
    out += R"(,"initDurationMs":)";
    append_milliseconds(out, *report.init_duration, Digits::Three);
  }
  out += '}';
}

std::string json_report(Instant now, const InvocationReport& report) {
  std::string body = field("requestId", report.request_id) + ",";
  append_metrics(body, report);
  body += "," + field("status", report.status);
  if (!report.error_type.empty()) body += "," + field("errorType", report.error_type);
  return event(now, "report", body);
}

// A line of the runtime itself rather than a platform event: {"timestamp":...,"level":"ERROR","requestId":...,"message":...}
std::string json_message(Instant now, std::string_view request_id, std::string_view message) {
  return "{" + field("timestamp", iso8601_milliseconds(now)) + "," + field("level", "ERROR") + "," + field("requestId", request_id) + "," +
         field("message", message) + "}\n";
}

}  // namespace

LogFormat log_format_of(const FunctionVersion& version) {
  return equals_ignoring_case(version.log_format, "JSON") ? LogFormat::Json : LogFormat::Text;
}

std::int64_t billed_ms(const InvocationReport& report) {
  const std::int64_t us = report.duration.us + (report.init_duration ? report.init_duration->us : 0);
  return (us + 999) / 1000;
}

std::string init_start_line(LogFormat format, Instant now, const FunctionVersion& version, std::string_view initialization_type) {
  const std::string name = runtime_version(version.runtime);
  const std::string arn = runtime_version_arn(version);
  if (format == LogFormat::Text) return "INIT_START Runtime Version: " + name + "\tRuntime Version ARN: " + arn + "\n";
  return event(now, "initStart",
               field("initializationType", initialization_type) + "," + field("phase", "init") + "," + field("runtimeVersion", name) + "," +
                   field("runtimeVersionArn", arn) + "," + field("functionName", version.function_name) + "," +
                   field("functionVersion", version.version));
}

std::string init_report_line(LogFormat format, Instant now, Duration init_duration, std::string_view phase, std::string_view status,
                             std::string_view error_type, std::string_view initialization_type) {
  std::string out;
  if (format == LogFormat::Json) {
    out = field("initializationType", initialization_type) + "," + field("phase", phase) + "," + field("status", status);
    if (!error_type.empty()) out += "," + field("errorType", error_type);
    out += R"(,"metrics":{"durationMs":)";
    append_milliseconds(out, init_duration, Digits::Three);
    return event(now, "initReport", out + "}");
  }
  out = "INIT_REPORT Init Duration: ";
  append_milliseconds(out, init_duration, Digits::Two);
  out += " ms\tPhase: ";
  out += phase;
  out += "\tStatus: ";
  out += status;
  if (!error_type.empty()) out += "\tError Type: " + std::string(error_type);
  return out + "\n";
}

std::string start_line(LogFormat format, Instant now, std::string_view request_id, std::string_view version) {
  if (format == LogFormat::Json) return event(now, "start", field("requestId", request_id) + "," + field("version", version));
  std::string out;
  out.reserve(80);
  out += "START RequestId: ";
  out += request_id;
  out += " Version: ";
  out += version;
  out += '\n';
  return out;
}

std::string end_line(std::string_view request_id) {
  std::string out;
  out.reserve(56);
  out += "END RequestId: ";
  out += request_id;
  out += '\n';
  return out;
}

std::string report_line(LogFormat format, Instant now, const InvocationReport& report) {
  if (format == LogFormat::Json) return json_report(now, report);
  std::string out;
  out.reserve(256);
  out += "REPORT RequestId: ";
  out += report.request_id;
  out += "\tDuration: ";
  append_milliseconds(out, report.duration, Digits::Two);
  out += " ms\tBilled Duration: " + std::to_string(billed_ms(report));
  out += " ms\tMemory Size: " + std::to_string(report.memory_mb);
  out += " MB\tMax Memory Used: " + std::to_string(report.max_memory_mb) + " MB\t";
  if (report.init_duration) {
    out += "Init Duration: ";
    append_milliseconds(out, *report.init_duration, Digits::Two);
    out += " ms\t";
  }
  if (report.status != "success") {
    out += "Status: ";
    out += report.status;
    out += '\t';
  }
  if (!report.error_type.empty()) {
    out += "Error Type: ";
    out += report.error_type;
    out += '\t';
  }
  out += '\n';
  return out;
}

std::string timeout_text(std::int64_t timeout_seconds) { return "Task timed out after " + std::to_string(timeout_seconds) + ".00 seconds"; }

std::string timeout_line(LogFormat format, Instant now, std::string_view request_id, std::int64_t timeout_seconds) {
  if (format == LogFormat::Json) return json_message(now, request_id, timeout_text(timeout_seconds));
  return iso8601_milliseconds(now) + " " + std::string(request_id) + " " + timeout_text(timeout_seconds) + "\n\n";
}

std::string exit_line(LogFormat format, Instant now, std::string_view request_id, std::string_view reason, std::string_view error_type) {
  const std::string text = "RequestId: " + std::string(request_id) + " Error: " + std::string(reason) + "\n" + std::string(error_type) + "\n";
  return format == LogFormat::Json ? json_message(now, request_id, text) : text;
}

std::string log_stream_name(Instant now, std::string_view version, std::string_view identity) {
  const CalendarTime date = calendar(now);
  char day[16];
  std::snprintf(day, sizeof day, "%04d/%02d/%02d/[", date.year % 10000, date.month, date.day);
  return std::string(day) + std::string(version) + "]" + std::string(identity);
}

}  // namespace surgetank
