#pragma once
// Plots as inline SVG for the reports of html.h: lines over an axis of time or numbers with a legend, and horizontal bars. Hovering
// shows the values (SVG titles, no script). Long series are thinned to what can be seen; peaks stay. Pure functions; nothing fails:
// what is not finite leaves a gap, a plot without points says so.
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "windtunnel/report/html.h"

namespace surgetank::windtunnel {

// What the numbers of an axis are.
enum class Measure : std::uint8_t { Number, Milliseconds, Seconds, PerSecond, Share, Bytes, Dollars };
// "1,234", "12.3 ms", "2.5 s", "340/s", "0.31 %", "1.2 MB", "$0.12": three digits that count.
std::string measure_text(double value, Measure measure);

struct Series {
  std::string name;
  std::vector<std::pair<double, double>> points;  // in order of x
  Tone tone = Tone::Neutral;                      // Bad: drawn as such; else the next colour of the palette
  enum class Line : std::uint8_t { Straight, Steps } line = Line::Straight;
};

struct LinePlot {
  std::string title;
  std::string caption = {};
  Measure y = Measure::Number;
  Measure x = Measure::Seconds;
  enum class Scale : std::uint8_t { Linear, Logarithmic } scale = Scale::Linear;
  std::vector<Series> series = {};
  std::vector<std::pair<double, std::string>> marks = {};    // vertical lines with a word: phases
  std::optional<std::pair<double, std::string>> limit = {};  // a horizontal line: a quota, a threshold
};
Html line_plot(const LinePlot& plot);

struct Bar {
  std::string name;
  double value = 0;
  std::string text = {};  // instead of the measure's
  Tone tone = Tone::Neutral;
};
struct BarPlot {
  std::string title;
  std::string caption = {};
  Measure measure = Measure::Number;
  std::vector<Bar> bars = {};
};
Html bar_plot(const BarPlot& plot);

// Round numbers that divide [low, high] into about `count` parts; low < high.
std::vector<double> round_ticks(double low, double high, int count);

}  // namespace surgetank::windtunnel
