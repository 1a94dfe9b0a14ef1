#include "services/lambda/event_source_driver.h"

#include <algorithm>
#include <utility>

#include "base/log.h"
#include "base/text.h"
#include "kernel/record.h"
#include "services/lambda/event_source_reply.h"
#include "services/lambda/event_source_settings.h"
#include "services/lambda/event_source_store.h"
#include "services/lambda/function_store.h"
#include "services/lambda/service.h"
#include "wire/json_writer.h"

namespace surgetank::lambda {
namespace {

constexpr Duration between_questions = seconds(60);  // how long the queue's and the function's settings are taken for granted
constexpr Duration retry_pause = seconds(1);
constexpr Duration added_visibility = seconds(30);
constexpr std::size_t entries_per_call = 10;
constexpr std::size_t tries_of_deletion = 6;

// Cuts handles into calls of ten.
template <class Each>
void in_tens(const std::vector<std::string>& handles, Each each) {
  for (std::size_t at = 0; at < handles.size(); at += entries_per_call) {
    const auto end = std::min(handles.size(), at + entries_per_call);
    each(std::vector<std::string>(handles.begin() + static_cast<std::ptrdiff_t>(at), handles.begin() + static_cast<std::ptrdiff_t>(end)));
  }
}

std::vector<std::string> handles_of(const List<ReceivedMessage>& messages) {
  std::vector<std::string> handles;
  for (const auto& message : messages) handles.push_back(message.ReceiptHandle);
  return handles;
}

std::string attribute(const ReceivedMessage& message, const std::string& name) {
  const auto found = message.Attributes.find(name);
  return found == message.Attributes.end() ? std::string() : found->second;
}

Instant sent_instant(const ReceivedMessage& message) {
  constexpr std::int64_t latest_ms = 253'402'300'799'999;  // the year 9999
  const auto ms = parse_integer(attribute(message, "SentTimestamp")).value_or(0);
  return {std::clamp<std::int64_t>(ms, 0, latest_ms) * 1000};
}

}  // namespace

MappingDriver::MappingDriver(const ServiceContext& context, Lane& lane, std::string_view account, std::string_view region, std::string uuid,
                             std::function<void()> ended)
    : dispatcher_(context.dispatcher),
      ports_(context.ports),
      lane_(lane),
      caller_(service_caller(account, region, "lambda.amazonaws.com")),
      uuid_(std::move(uuid)),
      ended_(std::move(ended)),
      poller_(PollerSettings{}) {
  poller_.pause();
}

void MappingDriver::refresh() {
  dispatcher_.read(service, caller_, {}, "", [self = shared_from_this()](Call& call) {
    Known known;
    known.mapping = get_record<EventSourceMappingRecord>(call.txn, keys::mapping(call.caller, self->uuid_));
    if (known.mapping) {
      const auto version = find_version(call, {.name = known.mapping->function_name, .qualifier = known.mapping->qualifier});
      if (version.ok()) {
        known.function_timeout = seconds(version->timeout_seconds);
        known.role = version->role;
      }
    }
    self->lane_.post([self, known = std::move(known)]() mutable { self->apply(std::move(known)); });
  });
}

void MappingDriver::apply(Known known) {
  if (stopped_) return;
  mapping_ = std::move(known.mapping);
  if (!mapping_) {
    pause();
    return ended_();
  }
  function_timeout_ = known.function_timeout;
  const auto queue = queue_of(mapping_->source_arn);
  auto filters = EventFilters::compile(mapping_->filters.value_or(List<String>{}));
  if (!queue.ok() || !filters.ok()) return;  // the record was checked when it was made
  queue_.emplace(dispatcher_, ports_.base_url, *queue, function_caller(caller_, mapping_->function_name, known.role));
  filters_ = std::move(*filters);
  if (!mapping_->enabled) {
    pause();
    return settle_if_idle();
  }
  if (phase_ == Phase::Paused) phase_ = Phase::Asking;
  ask_visibility();
}

void MappingDriver::ask_visibility() {
  ask_again_ = lane_.now() + between_questions;
  queue_->visibility_timeout([self = shared_from_this()](Result<Duration> visibility) {
    self->lane_.post([self, visibility = std::move(visibility)] { self->use_visibility(visibility); });
  });
}

void MappingDriver::use_visibility(const Result<Duration>& visibility) {
  if (stopped_ || !mapping_ || phase_ == Phase::Paused) return;
  if (!visibility.ok() && phase_ == Phase::Asking) {
    settle();
    return wake_at(lane_.now() + retry_pause);
  }
  if (visibility.ok()) visibility_ = *visibility;
  const auto window = seconds(mapping_->window_seconds);
  wanted_visibility_.reset();
  if (window > Duration{} && window + function_timeout_ > visibility_) wanted_visibility_ = window + function_timeout_ + added_visibility;
  poller_.configure(settings());
  if (phase_ == Phase::Asking) {
    phase_ = Phase::Running;
    left_ = std::make_shared<std::atomic<bool>>(false);
    poller_.resume();
  }
  settle();
  pump();
}

PollerSettings MappingDriver::settings() const {
  PollerSettings settings;
  settings.batch_size = static_cast<std::size_t>(mapping_->batch_size);
  settings.window = seconds(mapping_->window_seconds);
  settings.visibility = wanted_visibility_.value_or(visibility_);
  settings.scaling.kind = mapping_->source_arn.ends_with(".fifo") ? QueueKind::Fifo : QueueKind::Standard;
  settings.scaling.maximum_concurrency = mapping_->maximum_concurrency;
  if (const auto& pollers = mapping_->provisioned)
    settings.scaling.provisioned = ScalingRule::Pollers{.minimum = pollers->minimum, .maximum = pollers->maximum};
  return settings;
}

void MappingDriver::pause() {
  phase_ = Phase::Paused;
  if (left_) *left_ = true;
  left_.reset();
  poller_.pause();
  pump();
}

void MappingDriver::stop(UniqueFunction<void()> stopped) {
  stopped_ = std::move(stopped);
  pause();
  settle_if_idle();
}

// Reports that the mapping's state has come true.
void MappingDriver::settle() {
  if (mapping_->state == "Enabled" || mapping_->state == "Disabled" || settling_ == mapping_->generation) return;
  settling_ = mapping_->generation;
  std::string input;
  JsonWriter(input).begin_object().key("UUID").string(uuid_).key("Generation").integer(mapping_->generation).end_object();
  dispatcher_.dispatch_json("lambda", "SettleEventSourceMapping", caller_, input,
                            [self = shared_from_this()](const Result<std::string>& reply) {
                              if (reply.ok()) return;
                              self->lane_.post([self] {
                                self->settling_.reset();
                                self->wake_at(self->lane_.now() + retry_pause);
                              });
                            });
}

// A mapping that is to rest does so when nothing of it is under way any more.
void MappingDriver::settle_if_idle() {
  if (phase_ != Phase::Paused || !poller_.has_no_messages() || deletions_ > 0) return;
  if (stopped_) return std::exchange(stopped_, [] {})();
  if (mapping_ && !mapping_->enabled) settle();
}

void MappingDriver::pump() {
  const auto now = lane_.now();
  auto orders = poller_.orders(now);
  if (!orders.released.empty()) release(orders.released);
  for (const auto& order : orders.receives) receive(order);
  for (const auto id : orders.invocations) invoke(id);
  wake_at(orders.wake);
  if (phase_ == Phase::Running && now >= ask_again_) {
    ask_again_ = now + between_questions;
    refresh();
  }
}

void MappingDriver::wake_at(std::optional<Instant> due) {
  if (timer_) lane_.cancel(*timer_);
  timer_.reset();
  if (!due) return;
  timer_ = lane_.at(*due, [self = shared_from_this()] {
    self->timer_.reset();
    if (self->phase_ == Phase::Running) return self->pump();
    if (!self->stopped_) self->refresh();
  });
}

void MappingDriver::receive(const PollerOrders::Receive& order) {
  queue_->receive({.count = order.count, .wait = order.wait, .visibility = wanted_visibility_, .left = left_},
                  [self = shared_from_this(), flag = left_, order](Result<ReceivedMessages> reply) mutable {
                    self->lane_.post([self, flag = std::move(flag), order, reply = std::move(reply)]() mutable {
                      self->received(flag, order, std::move(reply));
                    });
                  });
}

void MappingDriver::received(const LeaveFlag& flag, const PollerOrders::Receive& order, Result<ReceivedMessages> reply) {
  if (flag != left_) {  // of before a pause
    if (reply.ok()) release(handles_of(reply->Messages));
    return;
  }
  if (reply.ok()) {
    EventSourcePoller::Polled polled{.count = reply->Messages.size()};
    for (const auto& message : reply->Messages) polled.bytes += message.Body.size();
    count("PolledEventCount", polled.count);
    poller_.received(lane_.now(), order, polled, filtered(reply->Messages));
  } else {
    log_line(LogLevel::Warning, "lambda", "mapping " + uuid_ + " cannot receive: " + reply.error().message);
    poller_.receive_failed(lane_.now(), order);
    refresh();
  }
  pump();
}

// What the filters let through; the others are deleted.
std::vector<QueuedMessage> MappingDriver::filtered(List<ReceivedMessage>& messages) {
  std::vector<QueuedMessage> kept;
  std::vector<std::string> dropped;
  for (auto& message : messages) {
    auto record = event_record(message, mapping_->source_arn, caller_.region);
    if (!filters_.pass(record)) {
      dropped.push_back(std::move(message.ReceiptHandle));
      trace_end({.id = message.MessageId,
                 .receipt_handle = {},
                 .group = {},
                 .record = {},
                 .trace_header = attribute(message, "AWSTraceHeader"),
                 .sent = sent_instant(message)},
                "");
      continue;
    }
    const auto sent = sent_instant(message);
    kept.push_back({.id = std::move(message.MessageId),
                    .receipt_handle = std::move(message.ReceiptHandle),
                    .group = attribute(message, "MessageGroupId"),
                    .record = std::move(record),
                    .trace_header = attribute(message, "AWSTraceHeader"),
                    .sent = sent});
  }
  count("FilteredOutEventCount", dropped.size());
  erase(dropped);
  return kept;
}

void MappingDriver::release(const std::vector<std::string>& receipt_handles) const {
  in_tens(receipt_handles, [this](const std::vector<std::string>& handles) { queue_->release(handles); });
}

void MappingDriver::invoked(BatchId id, const InvocationOutcome& outcome) {
  poller_.finished(lane_.now(), id, settle_batch(id, outcome));
  pump();
  settle_if_idle();
}

bool MappingDriver::reports_failures() const { return mapping_ && !mapping_->response_types.empty(); }

// Deletes what has succeeded and says how the batch has ended.
BatchEnd MappingDriver::settle_batch(BatchId id, const InvocationOutcome& outcome) {
  const auto& messages = poller_.messages(id);
  using Kind = InvocationOutcome::Kind;
  if (outcome.kind != Kind::Success) {
    count("FailedInvokeEventCount", messages.size());
    const std::string_view fault = outcome.kind == Kind::FunctionError ? "FunctionError" : "Throttled";
    for (const auto& message : messages) trace_end(message, fault);
    if (outcome.kind != Kind::FunctionError) return BatchEnd::Throttled;
    return reports_failures() ? BatchEnd::Reported : BatchEnd::Failed;
  }
  BatchVerdict verdict;
  if (reports_failures()) {
    std::set<std::string_view> ids;
    for (const auto& message : messages) ids.insert(message.id);
    verdict = verdict_of_reply(outcome.payload, ids);
  }
  for (const auto& message : messages)
    trace_end(message, verdict.is_whole_batch_failed || verdict.failed.contains(message.id) ? "BatchItemFailure" : "");
  if (verdict.is_whole_batch_failed) return BatchEnd::Reported;
  std::vector<std::string> handles;
  for (const auto& message : messages)
    if (!verdict.failed.contains(message.id)) handles.push_back(message.receipt_handle);
  erase(handles);
  return verdict.failed.empty() ? BatchEnd::Succeeded : BatchEnd::Reported;
}

void MappingDriver::erase(const std::vector<std::string>& receipt_handles) {
  in_tens(receipt_handles, [this](std::vector<std::string> handles) {
    ++deletions_;
    erase_some(std::move(handles), 1);
  });
}

void MappingDriver::erase_some(std::vector<std::string> receipt_handles, int attempt) {
  queue_->erase(receipt_handles, [self = shared_from_this(), receipt_handles, attempt](Result<std::size_t> gone) mutable {
    self->lane_.post([self, receipt_handles = std::move(receipt_handles), attempt, gone = std::move(gone)]() mutable {
      self->erased(std::move(receipt_handles), attempt, gone);
    });
  });
}

// A failure of the server is tried again for some seconds; after that the messages come again, which a consumer has to bear.
void MappingDriver::erased(std::vector<std::string> receipt_handles, int attempt, const Result<std::size_t>& gone) {
  const bool may_pass = !gone.ok() && (gone.error().code->http_status >= 500 || gone.error().quota != nullptr);
  if (may_pass && attempt < static_cast<int>(tries_of_deletion)) {
    lane_.at(lane_.now() + milliseconds(100) * (std::int64_t{1} << attempt),
             [self = shared_from_this(), receipt_handles = std::move(receipt_handles), attempt]() mutable {
               self->erase_some(std::move(receipt_handles), attempt + 1);
             });
    return;
  }
  --deletions_;
  if (gone.ok()) {
    count("DeletedEventCount", *gone);
  } else {
    log_line(LogLevel::Warning, "lambda", "mapping " + uuid_ + " cannot delete what it has processed: " + gone.error().message);
  }
  settle_if_idle();
}

// In the message's own trace: from when it was sent until its batch settled it. A message that failed comes again and ends again.
void MappingDriver::trace_end(const QueuedMessage& message, std::string_view fault) const {
  if (ports_.telemetry == nullptr || message.trace_header.empty() || !mapping_) return;
  const auto trace = parse_trace_header(message.trace_header);
  if (!trace) return;
  const auto digits = replace_all(message.id, "-", "");
  const auto arn = std::string_view(mapping_->source_arn);
  ports_.telemetry->span({.trace_root = trace->root,
                          .id = digits.substr(0, std::min<std::size_t>(digits.size(), 16)),
                          .parent = trace->parent,
                          .kind = "message",
                          .name = std::string(arn.substr(arn.rfind(':') + 1)) + " -> " + mapping_->function_name,
                          .start = message.sent,
                          .length = lane_.now() - message.sent,
                          .status = 0,
                          .fault = std::string(fault),
                          .attributes = {{"message_id", message.id}}});
}

void MappingDriver::count(std::string_view metric, std::size_t value) const {
  if (value == 0 || !mapping_ || mapping_->metrics.empty() || ports_.telemetry == nullptr) return;
  MetricSample sample;
  sample.account = caller_.account;
  sample.region = caller_.region;
  sample.name_space = "AWS/Lambda";
  sample.name = metric;
  sample.dimensions = {{"EventSourceMappingUUID", uuid_}};
  sample.time = lane_.now();
  sample.value = static_cast<double>(value);
  sample.unit = "Count";
  ports_.telemetry->metric(std::move(sample));
}

}  // namespace surgetank::lambda
