#pragma once
// The pieces of a self-contained HTML report: a page, sections, tables, tiles of figures. No JavaScript, nothing is fetched: the
// style is inside, light and dark. Text goes in as text and comes out escaped; what is markup already has the type Html, so that one
// cannot be taken for the other. Pure functions, any thread, nothing fails. Plots: plot.h.
//
//   Page page{.title = "Load test", .subtitle = "orders", .parts = {}};
//   page.parts.push_back(section("Latency", "From the scheduled start.", {line_plot(plot), table(rows)}));
//   write(render(page));
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace surgetank::windtunnel {

struct Html {
  std::string markup;
};

// How something is to be looked at. Good and Bad also differ by a sign, for who cannot tell their colours.
enum class Tone : std::uint8_t { Neutral, Good, Warning, Bad, Quiet };

std::string escape_html(std::string_view text);
Html paragraph(std::string_view text, Tone tone = Tone::Neutral);
Html preformatted(std::string_view text);                // code, templates, logs
Html link(std::string_view url, std::string_view text);  // only http, https, relative and # addresses become links
Html bullet_list(const std::vector<std::string>& items);
Html details(std::string_view summary, const std::vector<Html>& parts);  // folded
Html side_by_side(const std::vector<Html>& parts);                       // as many columns as fit: plots
Html section(std::string_view title, std::string_view lead, const std::vector<Html>& parts);

// One large number with its name.
struct Figure {
  std::string name;
  std::string value;
  std::string detail = {};  // a few words below
  Tone tone = Tone::Neutral;
};
Html figures(const std::vector<Figure>& tiles);

struct Cell {
  Cell(std::string words, Tone look = Tone::Neutral) : text(std::move(words)), tone(look) {}
  Cell(const char* words) : text(words) {}
  std::string text;
  Tone tone = Tone::Neutral;
};
struct Column {
  std::string title;
  enum class Align : std::uint8_t { Left, Right } align = Align::Left;
};
struct Table {
  std::vector<Column> columns;
  std::vector<std::vector<Cell>> rows;
};
Html table(const Table& table);

struct Page {
  std::string title;
  std::string subtitle = {};
  std::vector<Html> parts = {};
  std::string footer = {};
};
std::string render(const Page& page);  // a whole document

}  // namespace surgetank::windtunnel
