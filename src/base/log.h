#pragma once
// The server's own log: one line per event on standard error, `<level> <component>: <text>`. Thread safe.
// Never pass a secret: wrap it in Secret<T>, which has no way to become text by accident.
#include <cstdint>
#include <string_view>
#include <utility>

namespace surgetank {

enum class LogLevel : std::uint8_t { Debug, Info, Warning, Error };
void set_log_level(LogLevel least);
// Whether such a line would be written: ask first where making the text costs something.
bool log_enabled(LogLevel level);
void log_line(LogLevel level, std::string_view component, std::string_view text);

// A value that must not be logged, printed or put into an error message. reveal() is the only way out; grep for it.
template <class T>
class Secret {
 public:
  Secret() = default;
  explicit Secret(T value) : value_(std::move(value)) {}
  const T& reveal() const { return value_; }

 private:
  T value_{};
};

}  // namespace surgetank
