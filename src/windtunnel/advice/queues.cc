// Queues and their mappings: batches, partial failures, visibility, concurrency.
#include <algorithm>

#include "windtunnel/advice/run.h"
#include "windtunnel/recording/prices.h"

namespace surgetank::windtunnel {
namespace {

constexpr std::size_t min_batches = 50;
constexpr double busy_per_second = 5;  // messages; below that a batch of one costs nothing worth a word
constexpr Integer small_batch = 5;
constexpr double full_share = 0.8;  // of the batches are full
constexpr std::size_t min_failed = 3;
constexpr Integer visibility_factor = 6;  // Lambda Developer Guide, "Configuring a queue"
constexpr Integer batch_to_suggest = 10;
constexpr Integer largest_concurrency = 1000;  // that a mapping takes

void small_batches(const Run& run, const RecordedMapping& mapping, Findings& out) {
  const auto* queue = find_queue(run.recording(), mapping.queue);
  const auto& batches = run.batches_of(mapping.uuid);
  if (queue == nullptr || queue->fifo || batches.size() < min_batches || mapping.batchSizeMessages > small_batch) return;
  double messages = 0;
  std::size_t full = 0;
  auto finding = make_finding(rules::small_batches, run.name_of(mapping), 0.85);
  for (const auto& batch : batches) {
    messages += static_cast<double>(batch.messages);
    if (batch.messages < mapping.batchSizeMessages) continue;
    ++full;
    add_trace(finding, batch.trace);
  }
  const auto first = batches.front().span->startMicroseconds;
  const auto last = batches.back().span->startMicroseconds + batches.back().span->durationMicroseconds;
  const double rate = messages / std::max(0.001, static_cast<double>(last - first) / 1e6);
  if (rate < busy_per_second || static_cast<double>(full) < full_share * static_cast<double>(batches.size())) return;
  finding.summary = "BatchSize is " + std::to_string(mapping.batchSizeMessages) + ", and " + count_text(static_cast<double>(full)) +
                    " of " + count_text(static_cast<double>(batches.size())) + " batches were full, at " + count_text(rate) +
                    " messages a second: each invocation could have taken more.";
  add_fact(finding, "messages a batch (mean)", count_text(messages / static_cast<double>(batches.size())));
  finding.cure =
      "A larger BatchSize (10; beyond it with a batching window), one statement for the whole batch, and ReportBatchItemFailures so that "
      "one "
      "message does not repeat the others.";
  run.add_change(finding, mapping.logicalId, "BatchSize",
                 "BatchSize: " + std::to_string(batch_to_suggest) + "\nFunctionResponseTypes: [ReportBatchItemFailures]");
  std::vector<double> milliseconds;
  for (const auto& invocation : run.invocations_of(mapping.function)) milliseconds.push_back(invocation.milliseconds());
  if (const auto* function = find_function(run.recording(), mapping.function); function != nullptr && !milliseconds.empty()) {
    const double fewer = 1.0 / static_cast<double>(mapping.batchSizeMessages) - 1.0 / static_cast<double>(batch_to_suggest);
    finding.gain.callsPerRequest = fewer;
    finding.gain.dollarsPerMillion = 1e6 * fewer * invocation_dollars(function->memoryMegabytes, mean(milliseconds));
    finding.gain.basis = "invocations saved for each message, if a batch takes no longer than one does now";
  }
  out.push_back(std::move(finding));
}

void whole_batch_retries(const Run& run, const RecordedMapping& mapping, Findings& out) {
  if (mapping.reportsBatchItemFailures || mapping.batchSizeMessages < 2) return;
  const auto& batches = run.batches_of(mapping.uuid);
  std::size_t failed = 0;
  double messages = 0;
  auto finding = make_finding(rules::whole_batch_retries, run.name_of(mapping), 0.9);
  for (const auto& batch : batches) {
    if (batch.span->fault != "FunctionError" || batch.messages < 2) continue;
    ++failed;
    messages += static_cast<double>(batch.messages);
    add_trace(finding, batch.trace);
  }
  if (failed < min_failed) return;
  finding.summary = count_text(static_cast<double>(failed)) + " of " + count_text(static_cast<double>(batches.size())) +
                    " batches failed as a whole: all their " + count_text(messages) + " messages come again, also those that were done.";
  add_fact(finding, "messages that came again", count_text(messages));
  finding.cure =
      "Set FunctionResponseTypes: [ReportBatchItemFailures] and answer {\"batchItemFailures\": [{\"itemIdentifier\": messageId}]} for "
      "those that "
      "failed, instead of throwing. Only they come again.";
  run.add_change(finding, mapping.logicalId, "FunctionResponseTypes", "FunctionResponseTypes:\n  - ReportBatchItemFailures");
  run.add_code(finding, mapping.function,
               {.node = "return { batchItemFailures: failed.map((itemIdentifier) => ({ itemIdentifier })) };",
                .python = "return {\"batchItemFailures\": [{\"itemIdentifier\": id} for id in failed]}"});
  out.push_back(std::move(finding));
}

void short_visibility(const Run& run, const RecordedMapping& mapping, Findings& out) {
  const auto* queue = find_queue(run.recording(), mapping.queue);
  const auto* function = find_function(run.recording(), mapping.function);
  if (queue == nullptr || function == nullptr) return;
  const Integer wanted = visibility_factor * function->timeoutSeconds + mapping.batchWindowSeconds;
  if (queue->visibilityTimeoutSeconds >= visibility_factor * function->timeoutSeconds) return;
  auto finding = make_finding(rules::short_visibility, Run::name_of(*queue), 0.9);
  if (queue->visibilityTimeoutSeconds < function->timeoutSeconds) raise(finding, Severity::High);
  finding.summary = "Messages of " + Run::name_of(*queue) + " become visible again after " +
                    std::to_string(queue->visibilityTimeoutSeconds) + " s, while " + run.name_of(function->name) + " may work for " +
                    std::to_string(function->timeoutSeconds) +
                    " s: when it is throttled or slow, messages are delivered twice and counted towards the dead-letter queue.";
  add_fact(finding, "visibility timeout", std::to_string(queue->visibilityTimeoutSeconds) + " s");
  add_fact(finding, "six times the function's timeout", std::to_string(visibility_factor * function->timeoutSeconds) + " s");
  finding.cure =
      "Set VisibilityTimeout of the queue to at least six times the function's timeout plus the batching window, as AWS advises; or "
      "shorten "
      "the function's timeout to what it really needs.";
  run.add_change(finding, queue->logicalId, "VisibilityTimeout", "VisibilityTimeout: " + std::to_string(wanted));
  run.add_change(finding, function->logicalId, "Timeout", "");
  out.push_back(std::move(finding));
}

void reserved_below_mapping(const Run& run, const RecordedFunction& function, Findings& out) {
  if (!function.reservedConcurrency || *function.reservedConcurrency <= 0) return;
  Integer wanted = 0;
  bool unbounded = false;
  bool has_dead_letters = false;
  const RecordedMapping* first = nullptr;
  for (const auto& mapping : run.recording().mappings) {
    if (mapping.function != function.name || !mapping.enabled) continue;
    if (first == nullptr) first = &mapping;
    unbounded = unbounded || !mapping.maximumConcurrency;
    wanted += std::min(mapping.maximumConcurrency.value_or(0), largest_concurrency);
    const auto* queue = find_queue(run.recording(), mapping.queue);
    has_dead_letters = has_dead_letters || (queue != nullptr && !queue->deadLetterQueue.empty());
  }
  if (first == nullptr || (!unbounded && wanted <= *function.reservedConcurrency)) return;
  auto finding = make_finding(rules::reserved_below_mapping, run.name_of(function.name), unbounded ? 0.8 : 0.95);
  const auto reserved = std::to_string(*function.reservedConcurrency);
  finding.summary = run.name_of(function.name) + " has a reserved concurrency of " + reserved + ", and its mapping " +
                    (unbounded ? "has no MaximumConcurrency" : "runs up to " + std::to_string(wanted) + " batches at once") +
                    ": the pollers take messages, are throttled, and each time counts as a receive" +
                    (has_dead_letters ? "; good messages end in the dead-letter queue." : ".");
  add_fact(finding, "reserved concurrency", reserved);
  add_fact(finding, "MaximumConcurrency", unbounded ? "none" : std::to_string(wanted));
  finding.limit = NearLimit{.name = "reserved concurrency of " + run.name_of(function.name),
                            .limit = static_cast<double>(*function.reservedConcurrency),
                            .used = static_cast<double>(wanted),
                            .unit = "executions"};
  const auto suggested = std::max<Integer>(2, *function.reservedConcurrency);
  finding.cure =
      "Bound the mapping, not the function: MaximumConcurrency (2 to 1,000) at or below the reserved concurrency. Then pollers take only "
      "what "
      "can run.";
  run.add_change(finding, first->logicalId, first->maximumConcurrency ? "ScalingConfig.MaximumConcurrency" : "",
                 "ScalingConfig:\n  MaximumConcurrency: " + std::to_string(suggested));
  run.add_change(finding, function.logicalId, "ReservedConcurrentExecutions", "");
  out.push_back(std::move(finding));
}

}  // namespace

void advise_on_queues(const Run& run, Findings& out) {
  for (const auto& mapping : run.recording().mappings) {
    if (!mapping.enabled) continue;
    small_batches(run, mapping, out);
    whole_batch_retries(run, mapping, out);
    short_visibility(run, mapping, out);
  }
  for (const auto& function : run.recording().functions) reserved_below_mapping(run, function, out);
}

}  // namespace surgetank::windtunnel
