#include "windtunnel/report/plot.h"

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <map>

namespace surgetank::windtunnel {
namespace {

constexpr double width = 560;
constexpr double height = 230;
constexpr double left = 58;
constexpr double right = 12;
constexpr double top = 16;
constexpr double bottom = 24;
constexpr std::size_t most_points = 500;  // of a series: more cannot be seen
constexpr std::size_t most_probes = 250;
constexpr std::size_t palette = 8;

using Points = std::vector<std::pair<double, double>>;

std::string fixed(double value) {
  char text[32];
  std::snprintf(text, sizeof text, "%.1f", value);
  return text;
}

// The colours of the palette in turn; series with a tone take none.
std::string colour(const LinePlot& plot, std::size_t index) {
  if (plot.series[index].tone == Tone::Bad) return "var(--bad)";
  if (plot.series[index].tone == Tone::Quiet) return "var(--quiet)";
  std::size_t turn = 0;
  for (std::size_t before = 0; before < index; ++before)
    if (plot.series[before].tone != Tone::Bad && plot.series[before].tone != Tone::Quiet) ++turn;
  return "var(--s" + std::to_string(turn % palette) + ")";
}

// At most most_points, each the highest of its stretch.
Points thinned(const Points& points) {
  if (points.size() <= most_points) return points;
  Points out;
  for (std::size_t index = 0; index < most_points; ++index) {
    const auto begin = points.begin() + static_cast<std::ptrdiff_t>(index * points.size() / most_points);
    const auto end = points.begin() + static_cast<std::ptrdiff_t>((index + 1) * points.size() / most_points);
    out.push_back(*std::max_element(begin, end, [](const auto& a, const auto& b) { return !(a.second >= b.second); }));
  }
  return out;
}

class Canvas {
 public:
  explicit Canvas(const LinePlot& plot) : plot_(plot) {
    for (const auto& series : plot.series)
      for (const auto& [x, y] : series.points) {
        if (!std::isfinite(x)) continue;
        x_low_ = std::min(x_low_, x);
        x_high_ = std::max(x_high_, x);
        if (std::isfinite(y)) take(y);
      }
    if (plot.limit) take(plot.limit->first);
    choose_range();
  }
  bool is_empty() const { return !(x_low_ <= x_high_) || !seen_; }

  double x(double value) const { return left + (value - x_low_) / (x_high_ - x_low_) * (width - left - right); }
  double y(double value) const {
    const double low = is_log() ? std::log10(y_low_) : y_low_;
    const double high = is_log() ? std::log10(y_high_) : y_high_;
    const double at = is_log() ? std::log10(std::max(value, y_low_)) : value;
    return height - bottom - (at - low) / (high - low) * (height - top - bottom);
  }
  bool is_log() const { return plot_.scale == LinePlot::Scale::Logarithmic; }
  std::vector<double> y_ticks() const {
    if (!is_log()) return round_ticks(y_low_, y_high_, 4);
    std::vector<double> ticks;
    const bool few = std::log10(y_high_ / y_low_) < 2.5;
    for (double decade = y_low_; decade <= y_high_ * 1.0001 && ticks.size() < 40; decade *= 10)
      for (const double factor : {1.0, 2.0, 5.0})
        if ((factor == 1.0 || few) && decade * factor <= y_high_ * 1.0001) ticks.push_back(decade * factor);
    return ticks;
  }
  std::vector<double> x_ticks() const { return round_ticks(x_low_, x_high_, 6); }

 private:
  void take(double value) {
    seen_ = true;
    y_highest_ = std::max(y_highest_, value);
    y_lowest_ = std::min(y_lowest_, value);
    if (value > 0) y_smallest_ = std::min(y_smallest_, value);
  }
  void choose_range() {
    if (x_low_ == x_high_) x_high_ = x_low_ + 1;
    if (is_log()) {
      if (!(y_smallest_ <= y_highest_)) y_smallest_ = y_highest_ = 1;
      y_low_ = std::pow(10, std::floor(std::log10(y_smallest_)));
      y_high_ = std::pow(10, std::ceil(std::log10(y_highest_ * 1.001)));
      return;
    }
    y_low_ = std::min(0.0, y_lowest_);
    y_high_ = y_highest_ > y_low_ ? y_highest_ : y_low_ + 1;
    const auto ticks = round_ticks(y_low_, y_high_, 4);
    const double step = ticks.size() > 1 ? ticks[1] - ticks[0] : 1;
    y_high_ = std::ceil(y_high_ / step - 1e-9) * step;
    y_low_ = std::floor(y_low_ / step + 1e-9) * step;
  }

  const LinePlot& plot_;
  bool seen_ = false;
  double x_low_ = HUGE_VAL;
  double x_high_ = -HUGE_VAL;
  double y_highest_ = -HUGE_VAL;
  double y_lowest_ = HUGE_VAL;
  double y_smallest_ = HUGE_VAL;
  double y_low_ = 0;
  double y_high_ = 1;
};

std::string line(double x1, double y1, double x2, double y2, std::string_view look) {
  return "<line class=\"" + std::string(look) + "\" x1=\"" + fixed(x1) + "\" y1=\"" + fixed(y1) + "\" x2=\"" + fixed(x2) + "\" y2=\"" +
         fixed(y2) + "\"/>";
}

std::string words(double x, double y, std::string_view anchor, std::string_view text, std::string_view look = "") {
  return "<text class=\"" + std::string(look) + "\" x=\"" + fixed(x) + "\" y=\"" + fixed(y) + "\" text-anchor=\"" + std::string(anchor) +
         "\">" + escape_html(text) + "</text>";
}

std::string axes(const LinePlot& plot, const Canvas& canvas) {
  std::string out;
  for (const double tick : canvas.y_ticks()) {
    out += line(left, canvas.y(tick), width - right, canvas.y(tick), "grid");
    out += words(left - 7, canvas.y(tick) + 4, "end", measure_text(tick, plot.y));
  }
  for (const double tick : canvas.x_ticks()) {
    const double at = canvas.x(tick);
    out += line(at, height - bottom, at, height - bottom + 4, "axis");
    out += words(at, height - 6, at > width - 30 ? "end" : "middle", measure_text(tick, plot.x));
  }
  return out + line(left, height - bottom, width - right, height - bottom, "axis");
}

std::string marks(const LinePlot& plot, const Canvas& canvas) {
  std::string out;
  double free_from = 0;
  for (const auto& [at, text] : plot.marks) {
    const double x = canvas.x(at);
    if (!(x >= left - 1 && x <= width - right + 1)) continue;
    out += line(x, top, x, height - bottom, "mark");
    if (x < free_from || text.empty()) continue;  // no word over another
    out += words(x + 4, top - 4, "start", text);
    free_from = x + 10 + 6.2 * static_cast<double>(text.size());
  }
  if (plot.limit) {
    const double y = canvas.y(plot.limit->first);
    out += line(left, y, width - right, y, "limit") + words(width - right - 4, y - 5, "end", plot.limit->second, "limit-text");
  }
  return out;
}

std::string path_of(const Series& series, const Points& points, const Canvas& canvas) {
  std::string path;
  bool pen_down = false;
  double last_y = 0;
  for (const auto& [x, y] : points) {
    if (!std::isfinite(x) || !std::isfinite(y)) {
      pen_down = false;
      continue;
    }
    if (pen_down && series.line == Series::Line::Steps) path += "L" + fixed(canvas.x(x)) + " " + fixed(last_y);
    last_y = canvas.y(y);
    path += (pen_down ? "L" : "M") + fixed(canvas.x(x)) + " " + fixed(last_y);
    if (!pen_down && points.size() == 1) path += "h0.1";
    pen_down = true;
  }
  return path;
}

std::string drawn(const LinePlot& plot, const Canvas& canvas) {
  std::string out;
  for (std::size_t index = 0; index < plot.series.size(); ++index) {
    const auto& series = plot.series[index];
    const auto points = thinned(series.points);
    const auto path = path_of(series, points, canvas);
    if (path.empty()) continue;
    const auto paint = colour(plot, index);
    const bool whole = std::all_of(points.begin(), points.end(), [](const auto& point) { return std::isfinite(point.second); });
    if (plot.series.size() == 1 && whole && points.size() > 1)
      out += "<path class=\"area\" fill=\"" + paint + "\" d=\"" + path + "L" + fixed(canvas.x(points.back().first)) + " " +
             fixed(height - bottom) + "L" + fixed(canvas.x(points.front().first)) + " " + fixed(height - bottom) + "Z\"/>";
    out += "<path class=\"series\" stroke=\"" + paint + "\" d=\"" + path + "\"/>";
  }
  return out;
}

// Invisible columns whose titles tell the values below the pointer.
std::string probes(const LinePlot& plot, const Canvas& canvas) {
  std::map<double, std::string> columns;
  for (const auto& series : plot.series) {
    const auto points = thinned(series.points);
    const std::size_t stride = points.size() / most_probes + 1;
    for (std::size_t index = 0; index < points.size(); index += stride) {
      const auto& [x, y] = points[index];
      if (std::isfinite(x) && std::isfinite(y)) columns[x] += "\n" + series.name + ": " + measure_text(y, plot.y);
    }
  }
  std::string out;
  for (auto column = columns.begin(); column != columns.end(); ++column) {
    const auto next = std::next(column);
    const double x = canvas.x(column->first);
    const double before = column == columns.begin() ? left : (x + canvas.x(std::prev(column)->first)) / 2;
    const double after = next == columns.end() ? width - right : (x + canvas.x(next->first)) / 2;
    out += "<rect class=\"probe\" x=\"" + fixed(before) + "\" y=\"" + fixed(top) + "\" width=\"" + fixed(after - before) + "\" height=\"" +
           fixed(height - top - bottom) + "\"><title>" + escape_html(measure_text(column->first, plot.x) + column->second) +
           "</title></rect>";
  }
  return out;
}

std::string heading(std::string_view title, std::string_view caption) {
  std::string out = "<h3>" + escape_html(title) + "</h3>\n";
  if (!caption.empty()) out += "<figcaption>" + escape_html(caption) + "</figcaption>\n";
  return out;
}

std::string legend(const LinePlot& plot) {
  if (plot.series.size() == 1 && plot.series[0].name.empty()) return {};
  std::string out = "<div class=\"legend\">";
  for (std::size_t index = 0; index < plot.series.size(); ++index)
    out += "<span><i style=\"background:" + colour(plot, index) + "\"></i>" + escape_html(plot.series[index].name) + "</span>";
  return out + "</div>\n";
}

}  // namespace

Html line_plot(const LinePlot& plot) {
  const Canvas canvas(plot);
  auto out = "<figure class=\"plot\">\n" + heading(plot.title, plot.caption);
  if (canvas.is_empty()) return {out + "<figcaption>No data.</figcaption></figure>\n"};
  out += legend(plot);
  out += "<svg viewBox=\"0 0 " + fixed(width) + " " + fixed(height) + "\" role=\"img\" aria-label=\"" + escape_html(plot.title) + "\">";
  out += axes(plot, canvas) + marks(plot, canvas) + drawn(plot, canvas) + probes(plot, canvas);
  return {out + "</svg>\n</figure>\n"};
}

Html bar_plot(const BarPlot& plot) {
  double highest = 0;
  for (const auto& bar : plot.bars)
    if (std::isfinite(bar.value)) highest = std::max(highest, bar.value);
  auto out = "<figure class=\"plot\">\n" + heading(plot.title, plot.caption);
  if (plot.bars.empty()) return {out + "<figcaption>No data.</figcaption></figure>\n"};
  out += "<div class=\"bars\">";
  for (const auto& bar : plot.bars) {
    const double share = highest > 0 && std::isfinite(bar.value) ? std::max(0.0, bar.value) / highest * 100 : 0;
    const auto paint = bar.tone == Tone::Bad       ? "--bad"
                       : bar.tone == Tone::Good    ? "--good"
                       : bar.tone == Tone::Warning ? "--warning"
                                                   : "--s0";
    out += "<span>" + escape_html(bar.name) + "</span><div class=\"track\"><div class=\"bar\" style=\"width:" + fixed(share) +
           "%;background:var(" + paint + ")\"></div></div><span class=\"amount\">" +
           escape_html(bar.text.empty() ? measure_text(bar.value, plot.measure) : bar.text) + "</span>\n";
  }
  return {out + "</div></figure>\n"};
}

}  // namespace surgetank::windtunnel
