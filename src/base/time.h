#pragma once
// Points and spans of time, in microseconds. An Instant counts from the Unix epoch (wall time; what AWS puts on the wire).
// Nobody below engine/ reads a clock: operations get `now` in their Call, machines get it as an argument.
#include <compare>
#include <cstdint>
#include <string>
#include <string_view>

#include <optional>

namespace surgetank {

struct Duration {
  std::int64_t us = 0;
  auto operator<=>(const Duration&) const = default;
  constexpr std::int64_t ms() const { return us / 1000; }
  constexpr double seconds() const { return static_cast<double>(us) / 1e6; }
};
struct Instant {
  std::int64_t us = 0;
  auto operator<=>(const Instant&) const = default;
  constexpr std::int64_t ms() const { return us / 1000; }
  constexpr std::int64_t epoch_seconds() const { return us / 1'000'000; }
  constexpr double seconds() const { return static_cast<double>(us) / 1e6; }
};

constexpr Duration microseconds(std::int64_t n) { return {n}; }
constexpr Duration milliseconds(std::int64_t n) { return {n * 1000}; }
constexpr Duration seconds(std::int64_t n) { return {n * 1'000'000}; }
constexpr Duration minutes(std::int64_t n) { return seconds(n * 60); }
constexpr Duration hours(std::int64_t n) { return minutes(n * 60); }
constexpr Duration days(std::int64_t n) { return hours(n * 24); }
constexpr Instant operator+(Instant t, Duration d) { return {t.us + d.us}; }
constexpr Instant operator-(Instant t, Duration d) { return {t.us - d.us}; }
constexpr Duration operator-(Instant a, Instant b) { return {a.us - b.us}; }
constexpr Duration operator+(Duration a, Duration b) { return {a.us + b.us}; }
constexpr Duration operator*(Duration d, std::int64_t n) { return {d.us * n}; }
constexpr Instant from_epoch_seconds(double s) { return {static_cast<std::int64_t>(s * 1e6 + (s < 0 ? -0.5 : 0.5))}; }

// Calendar fields in UTC.
struct CalendarTime {
  int year = 1970;
  int month = 1;         // 1..12
  int day = 1;           // 1..31
  int hour = 0;
  int minute = 0;
  int second = 0;
  int microsecond = 0;
  int weekday = 4;       // 0 = Sunday
};
CalendarTime calendar(Instant t);
Instant from_calendar(const CalendarTime& c);

std::string iso8601_seconds(Instant t);       // 2026-11-23T14:28:00Z
std::string iso8601_milliseconds(Instant t);  // 2026-11-23T14:28:00.123Z
std::string http_date(Instant t);             // Mon, 23 Nov 2026 14:28:00 GMT
// Accepts 2026-11-23T14:28:00[.fff][Z|+hh:mm] and, for headers, the HTTP-date above. nullopt on anything else.
std::optional<Instant> parse_timestamp(std::string_view text);
// The SigV4 form 20261123T142800Z.
std::optional<Instant> parse_basic_timestamp(std::string_view text);
std::string basic_timestamp(Instant t);

}  // namespace surgetank
