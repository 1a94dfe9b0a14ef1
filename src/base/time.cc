#include "base/time.h"

#include <array>
#include <cstdio>

namespace surgetank {
namespace {

constexpr std::array<const char*, 12> month_names = {"Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
constexpr std::array<const char*, 7> weekday_names = {"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"};

// Days from 1970-01-01 in the proleptic Gregorian calendar (the usual era arithmetic, years counted from March).
constexpr std::int64_t days_from_civil(std::int64_t year, int month, int day) {
  year -= month <= 2;
  const std::int64_t era = (year >= 0 ? year : year - 399) / 400;
  const std::int64_t year_of_era = year - era * 400;
  const std::int64_t day_of_year = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1;
  const std::int64_t day_of_era = year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;
  return era * 146097 + day_of_era - 719468;
}

// Reads exactly `digits` decimal digits at `at`; false if they are not there.
bool read_number(std::string_view text, std::size_t& at, std::size_t digits, int& out) {
  if (at + digits > text.size()) return false;
  int value = 0;
  for (std::size_t i = 0; i < digits; ++i) {
    const char c = text[at + i];
    if (c < '0' || c > '9') return false;
    value = value * 10 + (c - '0');
  }
  at += digits;
  out = value;
  return true;
}

bool read_character(std::string_view text, std::size_t& at, char expected) {
  if (at >= text.size() || text[at] != expected) return false;
  ++at;
  return true;
}

bool valid(const CalendarTime& c) {
  constexpr std::array<int, 12> lengths = {31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
  if (c.month < 1 || c.month > 12 || c.day < 1 || c.day > lengths[static_cast<std::size_t>(c.month - 1)]) return false;
  const bool leap = (c.year % 4 == 0 && c.year % 100 != 0) || c.year % 400 == 0;
  if (c.month == 2 && c.day == 29 && !leap) return false;
  return c.hour <= 23 && c.minute <= 59 && c.second <= 60;
}

std::optional<Instant> parse_http_date(std::string_view text) {
  // Mon, 23 Nov 2026 14:28:00 GMT
  if (text.size() != 29 || text.substr(3, 2) != ", " || text.substr(25) != " GMT") return std::nullopt;
  CalendarTime c;
  std::size_t at = 5;
  if (!read_number(text, at, 2, c.day) || !read_character(text, at, ' ')) return std::nullopt;
  for (std::size_t i = 0; i < month_names.size(); ++i)
    if (text.substr(at, 3) == month_names[i]) c.month = static_cast<int>(i) + 1;
  at += 3;
  const bool ok = read_character(text, at, ' ') && read_number(text, at, 4, c.year) && read_character(text, at, ' ') &&
                  read_number(text, at, 2, c.hour) && read_character(text, at, ':') && read_number(text, at, 2, c.minute) &&
                  read_character(text, at, ':') && read_number(text, at, 2, c.second);
  if (!ok || !valid(c)) return std::nullopt;
  return from_calendar(c);
}

// The fraction after the seconds, of any length; only microseconds are kept.
bool read_fraction(std::string_view text, std::size_t& at, int& microsecond) {
  std::size_t digits = 0;
  int scale = 100'000;
  while (at < text.size() && text[at] >= '0' && text[at] <= '9') {
    microsecond += (text[at] - '0') * scale;
    scale /= 10;
    ++at;
    ++digits;
  }
  return digits > 0;
}

}  // namespace

CalendarTime calendar(Instant t) {
  std::int64_t days_since = t.us / 86'400'000'000;
  std::int64_t rest = t.us % 86'400'000'000;
  if (rest < 0) {
    rest += 86'400'000'000;
    --days_since;
  }
  const std::int64_t z = days_since + 719468;
  const std::int64_t era = (z >= 0 ? z : z - 146096) / 146097;
  const std::int64_t day_of_era = z - era * 146097;
  const std::int64_t year_of_era = (day_of_era - day_of_era / 1460 + day_of_era / 36524 - day_of_era / 146096) / 365;
  const std::int64_t day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
  const std::int64_t month_from_march = (5 * day_of_year + 2) / 153;
  CalendarTime c;
  c.day = static_cast<int>(day_of_year - (153 * month_from_march + 2) / 5 + 1);
  c.month = static_cast<int>(month_from_march < 10 ? month_from_march + 3 : month_from_march - 9);
  c.year = static_cast<int>(year_of_era + era * 400 + (c.month <= 2 ? 1 : 0));
  c.hour = static_cast<int>(rest / 3'600'000'000);
  c.minute = static_cast<int>(rest / 60'000'000 % 60);
  c.second = static_cast<int>(rest / 1'000'000 % 60);
  c.microsecond = static_cast<int>(rest % 1'000'000);
  c.weekday = static_cast<int>(((days_since % 7) + 11) % 7);
  return c;
}

Instant from_calendar(const CalendarTime& c) {
  const std::int64_t whole = days_from_civil(c.year, c.month, c.day) * 86400 + c.hour * 3600 + c.minute * 60 + c.second;
  return {whole * 1'000'000 + c.microsecond};
}

std::string iso8601_seconds(Instant t) {
  const auto c = calendar(t);
  char text[48];
  std::snprintf(text, sizeof text, "%04d-%02d-%02dT%02d:%02d:%02dZ", c.year, c.month, c.day, c.hour, c.minute, c.second);
  return text;
}

std::string iso8601_milliseconds(Instant t) {
  const auto c = calendar(t);
  char text[48];
  std::snprintf(text, sizeof text, "%04d-%02d-%02dT%02d:%02d:%02d.%03dZ", c.year, c.month, c.day, c.hour, c.minute, c.second,
                c.microsecond / 1000);
  return text;
}

std::string http_date(Instant t) {
  const auto c = calendar(t);
  char text[48];
  std::snprintf(text, sizeof text, "%s, %02d %s %04d %02d:%02d:%02d GMT", weekday_names[static_cast<std::size_t>(c.weekday)], c.day,
                month_names[static_cast<std::size_t>(c.month - 1)], c.year, c.hour, c.minute, c.second);
  return text;
}

std::optional<Instant> parse_timestamp(std::string_view text) {
  if (text.size() > 4 && text[3] == ',') return parse_http_date(text);
  CalendarTime c;
  std::size_t at = 0;
  bool ok = read_number(text, at, 4, c.year) && read_character(text, at, '-') && read_number(text, at, 2, c.month) &&
            read_character(text, at, '-') && read_number(text, at, 2, c.day);
  if (!ok || !valid(c)) return std::nullopt;
  if (at == text.size()) return from_calendar(c);
  ok = (read_character(text, at, 'T') || read_character(text, at, ' ')) && read_number(text, at, 2, c.hour) &&
       read_character(text, at, ':') && read_number(text, at, 2, c.minute) && read_character(text, at, ':') &&
       read_number(text, at, 2, c.second);
  if (!ok || !valid(c)) return std::nullopt;
  if (read_character(text, at, '.') && !read_fraction(text, at, c.microsecond)) return std::nullopt;
  auto instant = from_calendar(c);
  if (at == text.size() || (text[at] == 'Z' && at + 1 == text.size())) return instant;
  const char sign = text[at];
  if (sign != '+' && sign != '-') return std::nullopt;
  ++at;
  int offset_hours = 0;
  int offset_minutes = 0;
  if (!read_number(text, at, 2, offset_hours)) return std::nullopt;
  read_character(text, at, ':');
  if (!read_number(text, at, 2, offset_minutes) || at != text.size()) return std::nullopt;
  const auto offset = minutes(offset_hours * 60 + offset_minutes);
  return sign == '+' ? instant - offset : instant + offset;
}

std::optional<Instant> parse_basic_timestamp(std::string_view text) {
  CalendarTime c;
  std::size_t at = 0;
  const bool ok = read_number(text, at, 4, c.year) && read_number(text, at, 2, c.month) && read_number(text, at, 2, c.day) &&
                  read_character(text, at, 'T') && read_number(text, at, 2, c.hour) && read_number(text, at, 2, c.minute) &&
                  read_number(text, at, 2, c.second) && read_character(text, at, 'Z') && at == text.size();
  if (!ok || !valid(c)) return std::nullopt;
  return from_calendar(c);
}

std::string basic_timestamp(Instant t) {
  const auto c = calendar(t);
  char text[48];
  std::snprintf(text, sizeof text, "%04d%02d%02dT%02d%02d%02dZ", c.year, c.month, c.day, c.hour, c.minute, c.second);
  return text;
}

}  // namespace surgetank
