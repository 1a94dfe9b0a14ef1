#include "windtunnel/prediction/recorded_invocations.h"

#include <algorithm>
#include <string_view>
#include <unordered_map>

namespace surgetank::prediction {
namespace {

using windtunnel::RecordedSpan;
using windtunnel::RecordedTrace;

using Children = std::unordered_map<std::string_view, std::vector<const RecordedSpan*>>;

std::int64_t end_of(const RecordedSpan& span) { return span.startMicroseconds + span.durationMicroseconds; }

bool is_act(const RecordedSpan& span) { return span.kind == "aws" || span.kind == "db-connect" || span.kind == "db-statement"; }

const std::vector<const RecordedSpan*>& children_of(const Children& children, std::string_view id) {
  static const std::vector<const RecordedSpan*> no_children;
  const auto found = children.find(id);
  return found == children.end() ? no_children : found->second;
}

const RecordedSpan* of_kind(const std::vector<const RecordedSpan*>& spans, std::string_view kind) {
  for (const auto* span : spans)
    if (span->kind == kind) return span;
  return nullptr;
}

std::optional<Duration> processor_time_of(const RecordedSpan& span) {
  const auto used_us = windtunnel::integer_attribute(span, "processor_microseconds", -1);
  return used_us < 0 ? std::nullopt : std::optional(microseconds(used_us));
}

RecordedInvocation read_invocation(const RecordedSpan& span, const Children& children) {
  RecordedInvocation invocation{.span = &span, .acts = {}};
  std::vector<const RecordedSpan*> spans;
  for (const auto* child : children_of(children, span.id))
    if (is_act(*child)) spans.push_back(child);
  std::stable_sort(spans.begin(), spans.end(),
                   [](const RecordedSpan* a, const RecordedSpan* b) { return a->startMicroseconds < b->startMicroseconds; });
  std::int64_t reached = span.startMicroseconds;
  for (const auto* child : spans) {
    RecordedAct act{.span = child};
    act.invoked = of_kind(children_of(children, child->id), "invoke");
    act.gap = microseconds(std::max<std::int64_t>(0, child->startMicroseconds - reached));
    const auto begin = std::max(reached, child->startMicroseconds);
    const auto end = std::min(std::max(end_of(*child), begin), std::max(end_of(span), begin));
    act.time = microseconds(end - begin);
    reached = end;
    invocation.has_failed_act = invocation.has_failed_act || !child->fault.empty();
    invocation.acts.push_back(act);
  }
  invocation.rest = microseconds(std::max<std::int64_t>(0, end_of(span) - reached));
  if (const auto* init = of_kind(children_of(children, span.parent), "init")) {
    invocation.is_cold = true;
    invocation.init = microseconds(init->durationMicroseconds);
    invocation.init_processor_time = processor_time_of(*init);
  }
  invocation.processor_time = processor_time_of(span);
  return invocation;
}

void read_trace(const RecordedTrace& trace, RecordedWork& work) {
  Children children;
  for (const auto& span : trace.spans)
    if (!span.parent.empty()) children[span.parent].push_back(&span);
  for (const auto& span : trace.spans) {
    if (span.kind == "invoke") work.invocations[span.name].push_back(read_invocation(span, children));
    if (span.kind != "gateway") continue;
    RecordedRequest request{.gateway = &span};
    auto overhead = span.durationMicroseconds;
    for (const auto* child : children_of(children, span.id)) {
      if (child->kind == "invoke") request.invoked = child;
      if (child->kind == "invoke" || child->kind == "init" || child->kind == "queue") overhead -= child->durationMicroseconds;
    }
    request.overhead = microseconds(std::max<std::int64_t>(0, overhead));
    work.requests[span.name].push_back(request);
  }
}

// Compilers have mostly done their work by then. Later ones get cheaper only because they are those of the environment that is used most.
constexpr std::int64_t latest_steady = 32;
constexpr std::int64_t earliest_steady = 4;
constexpr std::ptrdiff_t enough_steady = 40;

void number_by_environment(std::vector<RecordedInvocation>& invocations) {
  std::map<std::string_view, std::vector<RecordedInvocation*>> environments;
  for (auto& invocation : invocations) {
    const auto environment = windtunnel::attribute_of(*invocation.span, "environment");
    if (!environment.empty()) environments[environment].push_back(&invocation);
  }
  for (auto& [environment, all] : environments) {
    std::stable_sort(all.begin(), all.end(), [](const RecordedInvocation* a, const RecordedInvocation* b) {
      return a->span->startMicroseconds < b->span->startMicroseconds;
    });
    if (!all.front()->is_cold) continue;
    std::int64_t ordinal = 0;
    for (auto* invocation : all) invocation->ordinal = ++ordinal;
  }
}

}  // namespace

std::int64_t steady_ordinal(const std::vector<RecordedInvocation>& invocations) {
  for (auto from = latest_steady; from >= earliest_steady; from /= 2) {
    const auto count = std::count_if(invocations.begin(), invocations.end(), [&](const auto& one) { return is_steady(one, from); });
    if (count >= enough_steady) return from;
  }
  return 1;
}

RecordedWork recorded_work(const windtunnel::Recording& recording) {
  RecordedWork work;
  for (const auto& trace : recording.traces) read_trace(trace, work);
  for (auto& [name, invocations] : work.invocations) number_by_environment(invocations);
  return work;
}

}  // namespace surgetank::prediction
