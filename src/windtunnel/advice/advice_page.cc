#include <algorithm>
#include <map>

#include "base/text.h"
#include "windtunnel/advice/advice_view.h"
#include "windtunnel/advice/run.h"
#include "windtunnel/report/html.h"
#include "windtunnel/report/plot.h"

namespace surgetank::windtunnel {
namespace {

Tone tone_of(std::string_view severity) {
  if (severity == "critical" || severity == "high") return Tone::Bad;
  return severity == "medium" ? Tone::Warning : Tone::Quiet;
}

Html overview(const Advice& advice) {
  Table rows{.columns = {{"severity"}, {"pitfall"}, {"where"}, {"gain"}, {"sure", Column::Align::Right}}, .rows = {}};
  for (const auto& finding : advice.findings)
    rows.rows.push_back({Cell(finding.severity, tone_of(finding.severity)), Cell(finding.title + " (" + finding.id + ")"),
                         Cell(finding.resource), Cell(gain_text(finding.gain)), Cell(percent_text(finding.confidence))});
  return table(rows);
}

std::string place_of(const Change& change) { return change.file + (change.line > 0 ? ":" + std::to_string(change.line) : ""); }

std::vector<Html> finding_parts(const Finding& finding) {
  std::vector<Html> parts;
  parts.push_back(paragraph(finding.resource + ": " + finding.summary));
  std::vector<std::string> facts;
  for (const auto& fact : finding.evidence) facts.push_back(fact.name + ": " + fact.value);
  if (!facts.empty()) parts.push_back(bullet_list(facts));
  if (finding.limit)
    parts.push_back(bar_plot({.title = finding.limit->name,
                              .caption = "in " + finding.limit->unit,
                              .bars = {{.name = "used", .value = finding.limit->used, .tone = Tone::Bad},
                                       {.name = "limit", .value = finding.limit->limit, .tone = Tone::Quiet}}}));
  for (const auto& change : finding.changes) {
    parts.push_back(paragraph(place_of(change) + "  " + change.what, Tone::Quiet));
    std::string text = change.snippet;
    if (!change.suggest.empty()) text += (text.empty() ? "+ " : "\n+ ") + replace_all(change.suggest, "\n", "\n+ ");
    if (!text.empty()) parts.push_back(preformatted(text));
  }
  if (const auto gain = gain_text(finding.gain); !gain.empty())
    parts.push_back(paragraph(gain + " (" + finding.gain.basis + ")", Tone::Good));
  if (!finding.traces.empty())
    parts.push_back(
        details("Example requests", {preformatted("surgetank traces --id " + join(finding.traces, "\nsurgetank traces --id "))}));
  return parts;
}

}  // namespace

std::string advice_page(const Advice& advice) {
  Page page{.title = "Advice", .subtitle = {}, .parts = {}, .footer = {}};
  page.subtitle = count_text(static_cast<double>(advice.run.requests)) + " requests and " +
                  count_text(static_cast<double>(advice.run.invocations)) + " invocations of " +
                  count_text(static_cast<double>(advice.run.functions)) + " functions";
  page.footer = "Prices: list prices of us-east-1, table of " + advice.run.pricesOf + ". Times are those of the machine of the run.";
  std::map<Severity, std::size_t> counts;
  for (const auto& finding : advice.findings) ++counts[parse_severity(finding.severity).value_or(Severity::Low)];
  std::vector<Figure> tiles;
  for (const auto severity : {Severity::Critical, Severity::High, Severity::Medium, Severity::Low})
    tiles.push_back({.name = std::string(severity_name(severity)),
                     .value = std::to_string(counts[severity]),
                     .tone = counts[severity] == 0 ? Tone::Good : tone_of(severity_name(severity))});
  page.parts.push_back(figures(tiles));
  for (const auto& note : run_notes(advice.run)) page.parts.push_back(paragraph(note, Tone::Warning));
  if (advice.findings.empty()) page.parts.push_back(paragraph(nothing_found(advice.run)));
  if (!advice.findings.empty()) page.parts.push_back(overview(advice));
  for (std::size_t i = 0; i < advice.findings.size();) {
    const auto& first = advice.findings[i];
    std::vector<Html> parts;
    std::size_t end = i;
    for (; end < advice.findings.size() && advice.findings[end].id == first.id && advice.findings[end].severity == first.severity; ++end)
      for (auto& part : finding_parts(advice.findings[end])) parts.push_back(std::move(part));
    parts.push_back(paragraph("Cure: " + first.cure));
    parts.push_back(paragraph(first.page, Tone::Quiet));
    page.parts.push_back(section(first.id + "  " + first.title, first.severity, parts));
    i = end;
  }
  return render(page);
}

}  // namespace surgetank::windtunnel
