#include <algorithm>
#include <cmath>
#include <cstdio>
#include <map>
#include <utility>

#include "base/text.h"
#include "windtunnel/advice/advice_view.h"
#include "windtunnel/advice/run.h"
#include "wire/sha256.h"

namespace surgetank::windtunnel {
namespace {

constexpr std::size_t label_columns = 10;
constexpr std::size_t widest = 120;
constexpr std::size_t snippet_lines = 3;
constexpr std::size_t shown_changes = 4;
constexpr double telling_share = 0.01;
constexpr double busy_machine = 0.9;

Ink ink_of(std::string_view severity) {
  if (severity == "critical" || severity == "high") return Ink::Bad;
  return severity == "medium" ? Ink::Warning : Ink::Quiet;
}

std::string padded(std::string_view text, std::size_t columns) {
  std::string out(text);
  if (out.size() < columns) out.append(columns - out.size(), ' ');
  return out;
}

std::vector<std::string> wrapped(std::string_view text, std::size_t columns) {
  std::vector<std::string> lines;
  std::string line;
  for (const auto word : split(text, ' ')) {
    if (!line.empty() && line.size() + 1 + word.size() > columns) lines.push_back(std::exchange(line, {}));
    if (!line.empty()) line += ' ';
    line += word;
  }
  if (!line.empty()) lines.push_back(line);
  return lines;
}

// So many requests fail that silence would mislead.
bool fails(const RunSummary& run) {
  return run.failedRequests > 0 && static_cast<double>(run.failedRequests) >= telling_share * static_cast<double>(run.requests);
}

class Writer {
 public:
  Writer(const Advice& advice, const TextStyle& style)
      : advice_(advice), style_(style), width_(std::clamp<std::size_t>(style.width, 60, widest)) {}

  std::string write() {
    head();
    for (std::size_t i = 0; i < advice_.findings.size();) {
      std::size_t end = i + 1;
      while (end < advice_.findings.size() && advice_.findings[end].id == advice_.findings[i].id &&
             advice_.findings[end].severity == advice_.findings[i].severity)
        ++end;
      group(i, end);
      i = end;
    }
    return std::move(out_);
  }

 private:
  std::string paint(Ink ink, std::string_view text) const { return style_.paint ? style_.paint(ink, text) : std::string(text); }

  void head() {
    const auto& run = advice_.run;
    out_ += count_text(static_cast<double>(run.requests)) + " requests, " + count_text(static_cast<double>(run.invocations)) +
            " invocations of " + count_text(static_cast<double>(run.functions)) + " functions in " +
            count_text(std::round(run.seconds * 10) / 10) + " s\n";
    for (const auto& note : run_notes(run))
      for (const auto& line : wrapped(note, width_)) out_ += paint(Ink::Warning, line) + "\n";
    if (advice_.findings.empty()) {
      out_ += paint(fails(run) ? Ink::Plain : Ink::Good, nothing_found(run)) + "\n";
      return;
    }
    std::map<Severity, std::size_t> counts;
    for (const auto& finding : advice_.findings) ++counts[parse_severity(finding.severity).value_or(Severity::Low)];
    std::vector<std::string> parts;
    for (auto at = counts.rbegin(); at != counts.rend(); ++at)
      parts.push_back(paint(ink_of(severity_name(at->first)), std::to_string(at->second) + " " + std::string(severity_name(at->first))));
    out_ += join(parts, ", ") + "\n";
  }

  void item(std::string_view label, std::string_view text, Ink ink = Ink::Plain) {
    auto title = paint(Ink::Quiet, padded(label, label_columns));
    for (const auto& line : wrapped(text, width_ - label_columns - 2)) {
      out_ += "  " + title + paint(ink, line) + "\n";
      title = std::string(label_columns, ' ');
    }
  }

  void group(std::size_t begin, std::size_t end) {
    const auto& first = advice_.findings[begin];
    out_ += "\n" + paint(ink_of(first.severity), padded(to_upper(first.severity), label_columns)) + "  " +
            paint(Ink::Strong, first.id + "  " + first.title) + "\n";
    for (std::size_t i = begin; i < end; ++i) finding(advice_.findings[i]);
    item("cure", first.cure);
    item("page", first.page, Ink::Quiet);
  }

  void finding(const Finding& finding) {
    out_ += "  " + paint(Ink::Strong, finding.resource) + "\n";
    item("", finding.summary);
    std::vector<std::string> facts;
    for (const auto& fact : finding.evidence) facts.push_back(fact.name + " " + fact.value);
    if (!facts.empty()) item("evidence", join(facts, "; "));
    if (finding.limit) limit(*finding.limit);
    for (std::size_t i = 0; i < std::min(shown_changes, finding.changes.size()); ++i) change(finding.changes[i]);
    if (const auto gain = gain_text(finding.gain); !gain.empty()) item("gain", gain + " (" + finding.gain.basis + ")", Ink::Good);
    if (!finding.traces.empty())
      item("traces",
           join({finding.traces.begin(),
                 finding.traces.begin() + std::min<std::ptrdiff_t>(2, static_cast<std::ptrdiff_t>(finding.traces.size()))},
                "  "),
           Ink::Quiet);
    item("sure", percent_text(finding.confidence), Ink::Quiet);
  }

  void limit(const NearLimit& limit) {
    constexpr std::size_t bar_columns = 20;
    const double share = limit.limit > 0 ? limit.used / limit.limit : 0;
    const auto full = std::min(bar_columns, static_cast<std::size_t>(std::clamp(share, 0.0, 1.0) * bar_columns + 0.5));
    std::string bar;
    for (std::size_t i = 0; i < bar_columns; ++i) bar += i < full ? "█" : "░";
    out_ += "  " + paint(Ink::Quiet, padded("limit", label_columns)) + paint(share >= 0.9 ? Ink::Bad : Ink::Warning, bar) + " " +
            count_text(limit.used) + " of " + count_text(limit.limit) + " " + limit.unit + ", " + limit.name + "\n";
  }

  std::string shown_path(const std::string& file) const {
    const auto prefix = style_.folder.empty() ? std::string() : style_.folder + "/";
    return !prefix.empty() && file.starts_with(prefix) ? file.substr(prefix.size()) : file;
  }

  void change(const Change& change) {
    const auto place = shown_path(change.file) + (change.line > 0 ? ":" + std::to_string(change.line) : "");
    out_ += "  " + paint(Ink::Quiet, padded("change", label_columns)) + paint(Ink::Strong, place) + "  " + paint(Ink::Quiet, change.what) +
            "\n";
    const std::string indent(label_columns + 4, ' ');
    if (!change.snippet.empty())
      for (const auto line : split(change.snippet, '\n')) out_ += indent + paint(Ink::Quiet, line) + "\n";
    if (!change.suggest.empty())
      for (const auto line : split(change.suggest, '\n')) out_ += indent.substr(2) + paint(Ink::Good, "+ " + std::string(line)) + "\n";
  }

  const Advice& advice_;
  const TextStyle& style_;
  const std::size_t width_;
  std::string out_;
};

std::string lines_from(const std::string& text, Integer first, std::size_t count) {
  const auto lines = split(text, '\n');
  std::string out;
  for (std::size_t i = static_cast<std::size_t>(first) - 1; i < lines.size() && count > 0; ++i, --count) {
    const auto line = lines[i].ends_with('\r') ? lines[i].substr(0, lines[i].size() - 1) : lines[i];
    out += (out.empty() ? "" : "\n") + std::string(line.substr(0, 160));
  }
  return out;
}

// The one line of a handler's file that makes the call that a rule is about. Several, or none: no line is named.
void point_into_code(std::string_view rule, Change& change, const std::optional<std::string>& text) {
  struct Call {
    std::string_view rule;
    std::string_view text;
  };
  static constexpr Call calls[] = {
      {"ST-101", "new pg.Client("},         {"ST-101", "psycopg2.connect("},   {"ST-101", "psycopg.connect("},
      {"ST-111", "GetSecretValueCommand("}, {"ST-111", "get_secret_value("},   {"ST-112", "PutMetricDataCommand("},
      {"ST-112", "put_metric_data("},       {"ST-502", "SendMessageCommand("}, {"ST-502", "send_message("}};
  if (!text) return;
  const auto lines = split(*text, '\n');
  Integer found = 0;
  for (std::size_t i = 0; i < lines.size(); ++i) {
    for (const auto& call : calls) {
      if (call.rule != rule || !contains(lines[i], call.text)) continue;
      if (found != 0) return;
      found = static_cast<Integer>(i) + 1;
    }
  }
  if (found == 0) return;
  change.line = found;
  change.snippet = lines_from(*text, found, 1);
}

}  // namespace

std::string advice_text(const Advice& advice, const TextStyle& style) { return Writer(advice, style).write(); }

std::vector<std::string> run_notes(const RunSummary& run) {
  std::vector<std::string> notes;
  if (fails(run)) {
    std::vector<std::string> faults;
    for (const auto& fault : run.faults) faults.push_back(fault.name + " (" + fault.value + ")");
    notes.push_back(count_text(static_cast<double>(run.failedRequests)) + " of " + count_text(static_cast<double>(run.requests)) +
                    " requests failed (5xx)" + (faults.empty() ? "." : "; invocations ended with " + join(faults, ", ") + "."));
  }
  if (run.machineBusy && *run.machineBusy >= busy_machine)
    notes.push_back("The processors of this machine were " + percent_text(std::min(1.0, *run.machineBusy)) +
                    " busy: times say more about the machine than about the application; send less at once.");
  return notes;
}

std::string nothing_found(const RunSummary& run) {
  if (fails(run)) return "No pitfall that is known here; why requests failed is in 'surgetank logs' and 'surgetank traces'.";
  return "Nothing to improve was found.";
}

std::string gain_text(const Gain& gain) {
  std::vector<std::string> parts;
  if (gain.latencyMilliseconds && *gain.latencyMilliseconds > 0)
    parts.push_back(milliseconds_text(*gain.latencyMilliseconds) + " a request");
  if (gain.callsPerRequest && *gain.callsPerRequest > 0)
    parts.push_back(count_text(*gain.callsPerRequest) + (*gain.callsPerRequest == 1 ? " call a request" : " calls a request"));
  if (gain.connections && *gain.connections > 0) parts.push_back(count_text(std::round(*gain.connections)) + " connections");
  if (gain.dollarsPerMillion && *gain.dollarsPerMillion >= 0.005) {
    char text[48];
    std::snprintf(text, sizeof text, "about $%.2f a million requests", *gain.dollarsPerMillion);
    parts.emplace_back(text);
  }
  return parts.empty() ? std::string() : join(parts, ", ") + " less";
}

void add_snippets(Advice& advice, const Recording& recording, const std::function<std::optional<std::string>(const std::string&)>& read) {
  std::map<std::string, std::optional<std::string>> texts;
  for (const auto& from : recording.templates) {
    auto text = read(from.path);
    if (text && sha256_hex(*text) != from.sha256) text.reset();
    texts[from.path] = std::move(text);
  }
  for (auto& finding : advice.findings) {
    for (auto& change : finding.changes) {
      if (change.line == 0) {
        point_into_code(finding.id, change, read(change.file));
        continue;
      }
      const auto found = texts.find(change.file);
      const bool is_property = contains(change.what, " of ");
      if (found == texts.end() || !found->second || (!is_property && change.suggest.empty())) continue;
      change.snippet = lines_from(*found->second, change.line, is_property ? 1 : snippet_lines);
    }
  }
}

}  // namespace surgetank::windtunnel
