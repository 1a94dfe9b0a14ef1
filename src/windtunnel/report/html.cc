#include "windtunnel/report/html.h"

#include <utility>

#include "windtunnel/report/style.h"

namespace surgetank::windtunnel {
namespace {

std::string_view class_of(Tone tone) {
  switch (tone) {
    case Tone::Neutral:
      return "";
    case Tone::Good:
      return "good";
    case Tone::Warning:
      return "warning";
    case Tone::Bad:
      return "bad";
    case Tone::Quiet:
      return "quiet";
  }
  return "";
}

std::string tag(std::string_view name, std::string_view class_name, std::string_view inner) {
  std::string out = "<";
  out += name;
  if (!class_name.empty()) {
    out += " class=\"";
    out += class_name;
    out += '"';
  }
  out += '>';
  out += inner;
  out += "</";
  out += name;
  out += ">\n";
  return out;
}

std::string joined(const std::vector<Html>& parts) {
  std::string out;
  for (const auto& part : parts) out += part.markup;
  return out;
}

bool is_link_target(std::string_view url) {
  const auto colon = url.find(':');
  const bool has_scheme = colon != std::string_view::npos && url.find_first_of("/?#") > colon;
  return !has_scheme || url.starts_with("http://") || url.starts_with("https://");
}

}  // namespace

std::string escape_html(std::string_view text) {
  std::string out;
  out.reserve(text.size());
  for (const char c : text) {
    switch (c) {
      case '&':
        out += "&amp;";
        break;
      case '<':
        out += "&lt;";
        break;
      case '>':
        out += "&gt;";
        break;
      case '"':
        out += "&quot;";
        break;
      case '\'':
        out += "&#39;";
        break;
      default:
        // Control characters have no place in HTML, not even escaped.
        if (static_cast<unsigned char>(c) >= 0x20 || c == '\n' || c == '\t') out += c;
    }
  }
  return out;
}

Html paragraph(std::string_view text, Tone tone) { return {tag("p", class_of(tone), escape_html(text))}; }

Html preformatted(std::string_view text) { return {tag("pre", "", escape_html(text))}; }

Html link(std::string_view url, std::string_view text) {
  if (!is_link_target(url)) return {escape_html(text)};
  return {"<a href=\"" + escape_html(url) + "\">" + escape_html(text) + "</a>"};
}

Html bullet_list(const std::vector<std::string>& items) {
  std::string inner;
  for (const auto& item : items) inner += tag("li", "", escape_html(item));
  return {tag("ul", "", inner)};
}

Html details(std::string_view summary, const std::vector<Html>& parts) {
  return {tag("details", "", tag("summary", "", escape_html(summary)) + joined(parts))};
}

Html side_by_side(const std::vector<Html>& parts) { return {tag("div", "side-by-side", joined(parts))}; }

Html section(std::string_view title, std::string_view lead, const std::vector<Html>& parts) {
  auto inner = tag("h2", "", escape_html(title));
  if (!lead.empty()) inner += tag("p", "lead", escape_html(lead));
  return {tag("section", "", inner + joined(parts))};
}

Html figures(const std::vector<Figure>& tiles) {
  std::string inner;
  for (const auto& tile : tiles) {
    auto one = tag("div", "figure-name", escape_html(tile.name)) + tag("div", "figure-value", escape_html(tile.value));
    if (!tile.detail.empty()) one += tag("div", "figure-detail", escape_html(tile.detail));
    inner += tag("div", std::string("figure ") + std::string(class_of(tile.tone)), one);
  }
  return {tag("div", "figures", inner)};
}

Html table(const Table& table) {
  const auto is_right = [&table](std::size_t index) {
    return index < table.columns.size() && table.columns[index].align == Column::Align::Right;
  };
  std::string head;
  for (std::size_t index = 0; index < table.columns.size(); ++index)
    head += tag("th", is_right(index) ? "right" : "", escape_html(table.columns[index].title));
  std::string body;
  for (const auto& row : table.rows) {
    std::string cells;
    for (std::size_t index = 0; index < row.size(); ++index) {
      std::string look(class_of(row[index].tone));
      if (is_right(index)) look += look.empty() ? "right" : " right";
      cells += tag("td", look, escape_html(row[index].text));
    }
    body += tag("tr", "", cells);
  }
  return {tag("div", "table", tag("table", "", tag("thead", "", tag("tr", "", head)) + tag("tbody", "", body)))};
}

std::string render(const Page& page) {
  std::string out = "<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n";
  out += "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n";
  out += tag("title", "", escape_html(page.title));
  out += "<style>";
  out += report_style;
  out += "</style>\n</head>\n<body>\n<main>\n<header>\n";
  out += tag("h1", "", escape_html(page.title));
  if (!page.subtitle.empty()) out += tag("p", "lead", escape_html(page.subtitle));
  out += "</header>\n" + joined(page.parts);
  if (!page.footer.empty()) out += tag("footer", "", escape_html(page.footer));
  out += "</main>\n</body>\n</html>\n";
  return out;
}

}  // namespace surgetank::windtunnel
