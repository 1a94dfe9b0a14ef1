#include <algorithm>
#include <array>
#include <cmath>
#include <cstdio>

#include "windtunnel/report/plot.h"

namespace surgetank::windtunnel {
namespace {

// Three digits that count, no trailing zeros after the point.
std::string digits(double value) {
  char text[48];
  const double size = std::abs(value);
  const int places = size >= 100 || value == 0 ? 0
                     : size >= 10              ? 1
                     : size >= 1               ? 2
                                               : std::min(6, 2 - static_cast<int>(std::floor(std::log10(size))));
  std::snprintf(text, sizeof text, "%.*f", places, value);
  std::string out(text);
  if (out.find('.') != std::string::npos) {
    out.erase(out.find_last_not_of('0') + 1);
    if (out.back() == '.') out.pop_back();
  }
  const auto point = std::min(out.find('.'), out.size());
  const std::size_t first = out[0] == '-' ? 1 : 0;
  for (std::size_t at = point; at > first + 3; at -= 3) out.insert(at - 3, ",");
  return out;
}

std::string bytes_text(double value) {
  static constexpr std::array<const char*, 5> units = {" B", " kB", " MB", " GB", " TB"};
  std::size_t unit = 0;
  while (std::abs(value) >= 1000 && unit + 1 < units.size()) {
    value /= 1000;
    ++unit;
  }
  return digits(value) + units[unit];
}

std::string milliseconds_text(double value) {
  const double size = std::abs(value);
  if (size >= 120'000) return digits(value / 60'000) + " min";
  if (size >= 1000) return digits(value / 1000) + " s";
  if (size < 1 && size > 0) return digits(value * 1000) + " µs";
  return digits(value) + " ms";
}

}  // namespace

std::string measure_text(double value, Measure measure) {
  if (!std::isfinite(value)) return "-";
  switch (measure) {
    case Measure::Number:
      return digits(value);
    case Measure::Milliseconds:
      return milliseconds_text(value);
    case Measure::Seconds:
      return std::abs(value) >= 120 ? digits(value / 60) + " min" : digits(value) + " s";
    case Measure::PerSecond:
      return digits(value) + "/s";
    case Measure::Share:
      return digits(value * 100) + " %";
    case Measure::Bytes:
      return bytes_text(value);
    case Measure::Dollars:
      return "$" + digits(value);
  }
  return {};
}

std::vector<double> round_ticks(double low, double high, int count) {
  const double raw = (high - low) / std::max(1, count);
  const double power = std::pow(10, std::floor(std::log10(raw)));
  const double step = power * (raw / power <= 1 ? 1 : raw / power <= 2 ? 2 : raw / power <= 5 ? 5 : 10);
  std::vector<double> ticks;
  for (double index = std::ceil(low / step - 1e-9); index * step <= high + step * 1e-9 && ticks.size() < 100; ++index)
    ticks.push_back(index * step + 0.0);  // never -0
  return ticks;
}

}  // namespace surgetank::windtunnel
