#include "windtunnel/advice/run.h"

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <unordered_map>

namespace surgetank::windtunnel {
namespace {

const RecordedTemplate* template_of(const Recording& recording, std::string_view logical_id, const RecordedResource*& resource) {
  for (const auto& from : recording.templates)
    for (const auto& found : from.resources)
      if (found.logicalId == logical_id) {
        resource = &found;
        return &from;
      }
  return nullptr;
}

Integer line_at(const RecordedTemplate& from, const std::string& path) {
  const auto found = from.lines.find(path);
  return found == from.lines.end() ? 0 : found->second;
}

// Where a property of a resource is written: its own, that of the event it was made of, or that of the Globals.
Integer property_line(const RecordedTemplate& from, const RecordedResource& resource, std::string_view property) {
  const auto own = "Resources." + resource.source + ".Properties.";
  if (resource.source != resource.logicalId && resource.logicalId.starts_with(resource.source)) {
    const auto event = own + "Events." + resource.logicalId.substr(resource.source.size()) + ".Properties.";
    if (const auto line = line_at(from, event + std::string(property)); line != 0) return line;
    return 0;
  }
  if (const auto line = line_at(from, own + std::string(property)); line != 0) return line;
  return resource.type == "AWS::Lambda::Function" ? line_at(from, "Globals.Function." + std::string(property)) : 0;
}

std::string scaled(double value, const char* unit) {
  char text[48];
  std::snprintf(text, sizeof text,
                value >= 100 || value == std::floor(value) ? "%.0f %s"
                : value >= 10                              ? "%.1f %s"
                                                           : "%.2f %s",
                value, unit);
  return text;
}

}  // namespace

std::size_t InvocationSeen::count(std::string_view kind) const {
  return static_cast<std::size_t>(std::count_if(children.begin(), children.end(), [&](const auto* child) { return child->kind == kind; }));
}

std::size_t InvocationSeen::count(std::string_view kind, std::string_view name) const {
  return static_cast<std::size_t>(
      std::count_if(children.begin(), children.end(), [&](const auto* child) { return child->kind == kind && child->name == name; }));
}

double InvocationSeen::milliseconds(std::string_view kind) const {
  double sum = 0;
  for (const auto* child : children)
    if (child->kind == kind) sum += static_cast<double>(child->durationMicroseconds) / 1000.0;
  return sum;
}

Run::Run(const Recording& recording) : recording_(recording) {
  for (const auto& route : recording.routes) routes_[{route.api, route.routeKey}].route = &route;
  for (const auto& trace : recording.traces) add_trace(trace);
}

void Run::add_trace(const RecordedTrace& trace) {
  std::unordered_map<std::string_view, const RecordedSpan*> by_id;
  std::unordered_map<std::string_view, std::vector<const RecordedSpan*>> by_parent;
  for (const auto& span : trace.spans) {
    if (!span.id.empty()) by_id.emplace(span.id, &span);
    if (!span.parent.empty()) by_parent[span.parent].push_back(&span);
  }
  std::unordered_map<std::string_view, const InvocationSeen*> under;  // by the span above
  for (const auto& span : trace.spans) {
    if (span.kind == "batch") {
      batches_[std::string(attribute_of(span, "mapping"))].push_back(
          {&trace, &span, integer_attribute(span, "messages"), integer_attribute(span, "receives")});
    }
    if (span.kind != "invoke") continue;
    auto& seen = invocations_[span.name].emplace_back();
    seen.trace = &trace;
    seen.span = &span;
    seen.is_cold = !attribute_of(span, "init_microseconds").empty();
    if (const auto parent = by_id.find(span.parent); parent != by_id.end()) seen.parent = parent->second;
    if (const auto children = by_parent.find(span.id); children != by_parent.end()) seen.children = children->second;
    under[span.parent] = &seen;
  }
  for (const auto& span : trace.spans) {
    if (span.kind != "gateway") continue;
    RequestSeen request{&trace, &span, nullptr, false};
    if (const auto found = under.find(span.id); found != under.end()) request.invocation = found->second;
    const auto below = by_parent.find(span.id);
    if (below != by_parent.end())
      for (const auto* child : below->second)  // an environment that was started ahead had its init before
        request.waited_for_init |= child->kind == "init" && child->startMicroseconds + child->durationMicroseconds > span.startMicroseconds;
    routes_[{std::string(attribute_of(span, "api")), span.name}].requests.push_back(request);
  }
}

const std::deque<InvocationSeen>& Run::invocations_of(std::string_view function) const {
  static const std::deque<InvocationSeen> none;
  const auto found = invocations_.find(std::string(function));
  return found == invocations_.end() ? none : found->second;
}

const std::vector<BatchSeen>& Run::batches_of(std::string_view mapping) const {
  static const std::vector<BatchSeen> none;
  const auto found = batches_.find(std::string(mapping));
  return found == batches_.end() ? none : found->second;
}

double Run::seconds() const {
  return std::max(0.001, static_cast<double>(recording_.endMicroseconds - recording_.startMicroseconds) / 1e6);
}

std::string Run::name_of(std::string_view function) const {
  const auto* found = find_function(recording_, function);
  return found == nullptr || found->logicalId.empty() ? std::string(function) : found->logicalId;
}

std::string Run::name_of(const RecordedMapping& mapping) const {
  const auto* queue = find_queue(recording_, mapping.queue);
  return (queue == nullptr ? mapping.queue : name_of(*queue)) + " -> " + name_of(mapping.function);
}

void Run::add_change(Finding& finding, std::string_view logical_id, std::string_view property, std::string suggest) const {
  const RecordedResource* resource = nullptr;
  const auto* from = logical_id.empty() ? nullptr : template_of(recording_, logical_id, resource);
  if (from == nullptr) return;
  const auto line = property.empty() ? 0 : property_line(*from, *resource, property);
  Change change{.file = from->path,
                .line = line != 0 ? line : resource->line,
                .what = line != 0 ? std::string(property) + " of " + resource->source : resource->source,
                .suggest = std::move(suggest),
                .snippet = {}};
  finding.changes.push_back(std::move(change));
}

void Run::add_code(Finding& finding, std::string_view function, const Code& suggest) const {
  const auto* found = find_function(recording_, function);
  if (found == nullptr) return;
  const bool is_node = found->runtime.starts_with("nodejs");
  auto text = is_node ? suggest.node : found->runtime.starts_with("python") ? suggest.python : std::string();
  if (found->codeFile.empty()) return add_change(finding, found->logicalId, "CodeUri", std::move(text));
  finding.changes.push_back(
      {.file = found->codeFile, .line = 0, .what = "the handler of " + name_of(function), .suggest = std::move(text), .snippet = {}});
  add_change(finding, found->logicalId, "", "");
}

Finding make_finding(const Rule& rule, std::string resource, double confidence) {
  Finding finding;
  finding.id = rule.id;
  finding.title = rule.title;
  finding.severity = severity_name(rule.severity);
  finding.confidence = confidence;
  finding.resource = std::move(resource);
  finding.page = "docs/findings/" + std::string(rule.id) + "-" + std::string(rule.slug) + ".md";
  return finding;
}

void raise(Finding& finding, Severity severity) {
  if (parse_severity(finding.severity).value_or(Severity::Low) < severity) finding.severity = severity_name(severity);
}

void add_fact(Finding& finding, std::string name, std::string value) { finding.evidence.push_back({std::move(name), std::move(value)}); }

void add_trace(Finding& finding, const RecordedTrace* trace) {
  if (trace == nullptr || finding.traces.size() >= max_example_traces) return;
  if (std::find(finding.traces.begin(), finding.traces.end(), trace->root) == finding.traces.end()) finding.traces.push_back(trace->root);
}

double percentile(std::vector<double> values, double fraction) {
  if (values.empty()) return 0;
  const auto rank = static_cast<std::size_t>(std::ceil(fraction * static_cast<double>(values.size())));
  const auto index = std::min(values.size() - 1, rank == 0 ? 0 : rank - 1);
  std::nth_element(values.begin(), values.begin() + static_cast<std::ptrdiff_t>(index), values.end());
  return values[index];
}

double mean(const std::vector<double>& values) {
  double sum = 0;
  for (const double value : values) sum += value;
  return values.empty() ? 0 : sum / static_cast<double>(values.size());
}

std::string count_text(double value) {
  char text[48];
  if (value != std::floor(value)) {
    std::snprintf(text, sizeof text, value < 10 ? "%.2f" : "%.1f", value);
    return text;
  }
  std::snprintf(text, sizeof text, "%.0f", value);
  std::string digits = text;
  for (std::size_t at = digits.size(); at > 3 && digits[at - 4] != '-'; at -= 3) digits.insert(at - 3, ",");
  return digits;
}

std::string percent_text(double share) {
  char text[32];
  std::snprintf(text, sizeof text, share < 0.1 ? "%.1f %%" : "%.0f %%", share * 100);
  return text;
}

std::string milliseconds_text(double ms) { return ms >= 1000 ? scaled(ms / 1000, "s") : scaled(ms, "ms"); }

std::string bytes_text(double bytes) {
  if (bytes >= 1024.0 * 1024.0) return scaled(bytes / (1024.0 * 1024.0), "MiB");
  return bytes >= 1024 ? scaled(bytes / 1024, "KiB") : scaled(bytes, "bytes");
}

}  // namespace surgetank::windtunnel
