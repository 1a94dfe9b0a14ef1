#include "app/waterfall.h"

#include <algorithm>
#include <cstdio>
#include <map>
#include <set>

#include "base/text.h"
#include "wire/json_value.h"
#include "wire/json_writer.h"

namespace surgetank {
namespace {

constexpr std::size_t kind_columns = 14;
constexpr std::size_t name_columns = 34;
constexpr std::size_t deepest = 12;

std::string padded(std::string text, std::size_t columns) {
  if (text.size() > columns) text = text.substr(0, columns - 2) + "..";
  text.append(columns - text.size(), ' ');
  return text;
}

std::string milliseconds_text(Duration length) {
  char text[32];
  std::snprintf(text, sizeof text, "%9.2f ms", static_cast<double>(length.us) / 1000.0);
  return text;
}

std::string bar(const Span& span, Instant start, Duration total, std::size_t columns) {
  if (total.us <= 0 || columns == 0) return {};
  const auto scale = static_cast<double>(columns) / static_cast<double>(total.us);
  const auto first = std::min(columns - 1, static_cast<std::size_t>(std::max(0.0, static_cast<double>((span.start - start).us) * scale)));
  const auto length =
      std::clamp<std::size_t>(static_cast<std::size_t>(static_cast<double>(span.length.us) * scale + 0.5), 1, columns - first);
  std::string out(first, ' ');
  for (std::size_t i = 0; i < length; ++i) out += "█";
  return out;
}

struct Frame {
  Instant start;
  Duration total;
  std::size_t bar_columns;
};

void append_span(std::string& out, const Trace& trace, const Span& span, std::size_t depth, const Frame& frame) {
  out += padded(std::string(depth * 2, ' ') + span.kind, kind_columns + 6);
  out += padded(span.name, name_columns);
  out += milliseconds_text(span.length);
  out += "  ";
  out += bar(span, frame.start, frame.total, frame.bar_columns);
  if (!span.fault.empty()) out += "  ! " + span.fault;
  out += '\n';
  if (depth >= deepest) return;
  for (const auto& child : trace)
    if (!span.id.empty() && child.parent == span.id) append_span(out, trace, child, depth + 1, frame);
}

// A span whose parent is not among the trace's spans stands at the top: the parent is the client's or was forgotten.
std::vector<const Span*> roots(const Trace& trace) {
  std::set<std::string_view> ids;
  for (const auto& span : trace) ids.insert(span.id);
  std::vector<const Span*> out;
  for (const auto& span : trace)
    if (!ids.contains(span.parent)) out.push_back(&span);
  return out;
}

Instant end_of(const Trace& trace) {
  Instant end{};
  for (const auto& span : trace) end = std::max(end, span.start + span.length);
  return end;
}

double percentile(const std::vector<double>& sorted, double fraction) {
  if (sorted.empty()) return 0;
  const auto index = static_cast<std::size_t>(fraction * static_cast<double>(sorted.size() - 1) + 0.5);
  return sorted[index];
}

void write_span(JsonWriter& json, const Span& span) {
  json.begin_object().key("trace").string(span.trace_root).key("id").string(span.id).key("parent").string(span.parent);
  json.key("kind").string(span.kind).key("name").string(span.name);
  json.key("startMicroseconds").integer(span.start.us).key("durationMicroseconds").integer(span.length.us);
  json.key("status").integer(span.status).key("fault").string(span.fault).key("attributes").begin_object();
  for (const auto& [name, value] : span.attributes) json.key(name).string(value);
  json.end_object().end_object();
}

std::string text_member(const JsonValue& value, std::string_view name) {
  const auto* text = value.find_string(name);
  return text == nullptr ? std::string() : *text;
}

std::int64_t integer_member(const JsonValue& value, std::string_view name) {
  const auto* number = value.find(name);
  return number == nullptr ? 0 : number->as_integer().value_or(0);
}

Span read_span(const JsonValue& value) {
  Span span{.trace_root = text_member(value, "trace"),
            .id = text_member(value, "id"),
            .parent = text_member(value, "parent"),
            .kind = text_member(value, "kind"),
            .name = text_member(value, "name"),
            .start = Instant{integer_member(value, "startMicroseconds")},
            .length = microseconds(integer_member(value, "durationMicroseconds")),
            .status = static_cast<int>(integer_member(value, "status")),
            .fault = text_member(value, "fault"),
            .attributes = {}};
  if (const auto* attributes = value.find("attributes"); attributes != nullptr && attributes->is_object())
    for (const auto& field : *attributes->as_object())
      if (const auto* text = field.value.as_string()) span.attributes.emplace_back(field.name, *text);
  return span;
}

}  // namespace

std::string waterfall(const Trace& trace, std::size_t width) {
  if (trace.empty()) return {};
  const auto tops = roots(trace);
  const auto start = trace.front().start;
  const auto total = end_of(trace) - start;
  const auto& first = tops.empty() ? trace.front() : *tops.front();
  std::string out = trace.front().trace_root + "  " + first.name;
  if (first.status != 0) out += "  " + std::to_string(first.status);
  out += "  " + std::string(trim(milliseconds_text(total))) + "\n";
  const std::size_t text_columns = kind_columns + 6 + name_columns + 14;
  const Frame frame{start, total, width > text_columns + 8 ? width - text_columns : 8};
  for (const auto* top : tops) append_span(out, trace, *top, 0, frame);
  return out;
}

std::vector<TimeShare> where_the_time_went(const std::vector<Trace>& traces) {
  std::map<std::pair<std::string, std::string>, std::vector<double>> lengths;
  double total_ms = 0;
  for (const auto& trace : traces) {
    for (const auto* top : roots(trace)) total_ms += static_cast<double>(top->length.us) / 1000.0;
    for (const auto& span : trace) lengths[{span.kind, span.name}].push_back(static_cast<double>(span.length.us) / 1000.0);
  }
  std::vector<TimeShare> shares;
  for (auto& [key, values] : lengths) {
    std::sort(values.begin(), values.end());
    double sum = 0;
    for (const double value : values) sum += value;
    shares.push_back({.kind = key.first,
                      .name = key.second,
                      .count = values.size(),
                      .per_request = static_cast<double>(values.size()) / static_cast<double>(traces.size()),
                      .mean_ms = sum / static_cast<double>(values.size()),
                      .p50_ms = percentile(values, 0.5),
                      .p99_ms = percentile(values, 0.99),
                      .share_of_total = total_ms > 0 ? sum / total_ms : 0});
  }
  std::stable_sort(shares.begin(), shares.end(), [](const auto& a, const auto& b) { return a.share_of_total > b.share_of_total; });
  return shares;
}

std::string time_table(const std::vector<TimeShare>& shares) {
  std::string out =
      padded("where", kind_columns) + padded("what", name_columns) + "    count  a request   mean ms    p50 ms    p99 ms   share\n";
  for (const auto& share : shares) {
    char row[128];
    std::snprintf(row, sizeof row, "%9zu %10.2f %9.2f %9.2f %9.2f %6.1f%%\n", share.count, share.per_request, share.mean_ms, share.p50_ms,
                  share.p99_ms, share.share_of_total * 100);
    out += padded(share.kind, kind_columns) + padded(share.name, name_columns) + row;
  }
  return out;
}

std::string traces_to_json(const std::vector<Trace>& traces) {
  std::string out;
  JsonWriter json(out);
  json.begin_object().key("traces").begin_array();
  for (const auto& trace : traces) {
    json.begin_array();
    for (const auto& span : trace) write_span(json, span);
    json.end_array();
  }
  json.end_array().end_object();
  return out;
}

std::vector<Trace> traces_from_json(std::string_view text) {
  std::vector<Trace> out;
  const auto document = parse_json(text);
  if (!document.ok()) return out;
  const auto* traces = document->find("traces");
  if (traces == nullptr || !traces->is_array()) return out;
  for (const auto& trace : *traces->as_array()) {
    auto& spans = out.emplace_back();
    if (!trace.is_array()) continue;
    for (const auto& span : *trace.as_array()) spans.push_back(read_span(span));
  }
  return out;
}

}  // namespace surgetank
