#include "base/log.h"

#include <unistd.h>

#include <atomic>
#include <string>

namespace surgetank {
namespace {
std::atomic<LogLevel> least_level{LogLevel::Info};
constexpr const char* names[] = {"debug", "info", "warning", "error"};
}  // namespace

void set_log_level(LogLevel least) { least_level = least; }

bool log_enabled(LogLevel level) { return level >= least_level.load(std::memory_order_relaxed); }

void log_line(LogLevel level, std::string_view component, std::string_view text) {
  if (!log_enabled(level)) return;
  std::string line = names[static_cast<int>(level)];
  line += ' ';
  line += component;
  line += ": ";
  for (const char c : text) line += c == '\n' ? ' ' : c;
  line += '\n';
  // One write keeps lines of several threads whole; there is nobody to tell if standard error is gone.
  [[maybe_unused]] const auto written = ::write(STDERR_FILENO, line.data(), line.size());
}

}  // namespace surgetank
