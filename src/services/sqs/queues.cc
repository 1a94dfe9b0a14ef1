#include <algorithm>
#include <utility>

#include "base/text.h"
#include "kernel/ports.h"
#include "kernel/quotas.h"
#include "kernel/record.h"
#include "services/sqs/access.h"
#include "services/sqs/attributes.h"
#include "services/sqs/errors.h"
#include "services/sqs/keys.h"
#include "services/sqs/limits.h"
#include "services/sqs/operations.h"
#include "services/sqs/queue_life.h"
#include "services/sqs/queue_record.h"
#include "services/sqs/quotas.h"
#include "services/sqs/settings.h"
#include "wire/json.h"

namespace surgetank::sqs {
namespace {

constexpr std::string_view fifo_suffix = ".fifo";
constexpr std::size_t queue_id_digits = 16;

bool is_name_character(char c) {
  return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '-' || c == '_';
}

bool is_queue_name(std::string_view name) {
  if (name.size() > limits::queue_name_characters) return false;
  if (is_fifo_name(name)) name.remove_suffix(fifo_suffix.size());
  return !name.empty() && std::all_of(name.begin(), name.end(), is_name_character);
}

// The name and the attribute FifoQueue must agree.
Result<QueueKind> checked_kind(const CreateQueueRequest& request) {
  const auto fifo = request.Attributes.find("FifoQueue");
  const bool wants_fifo = fifo != request.Attributes.end() && equals_ignoring_case(fifo->second, "true");
  const auto& name = request.QueueName;
  if (wants_fifo && (!is_fifo_name(name) || !is_queue_name(name))) {
    return Error{&InvalidParameterValue,
                 "The name of a FIFO queue can only include alphanumeric characters, hyphens, or underscores, must end with .fifo "
                 "suffix and be 1 to 80 in length."};
  }
  if (!wants_fifo && (is_fifo_name(name) || !is_queue_name(name)))
    return Error{&InvalidParameterValue, "Can only include alphanumeric characters, hyphens, or underscores. 1 to 80 in length"};
  return wants_fifo ? QueueKind::Fifo : QueueKind::Standard;
}

// CreateQueue for a queue that exists: fine if every attribute given has the value that the queue has.
Result<QueueUrlResponse> create_again(Call& call, const QueueRecord& known, const Map<String>& given) {
  const auto current = effective_attributes(known);
  for (const auto& [name, value] : given) {
    const auto has = current.find(name);
    if (has == current.end() ? value.empty() : same_attribute_value(name, has->second, value)) continue;
    return Error{&QueueNameExists, "A queue already exists with the same name and a different value for attribute " + name};
  }
  return QueueUrlResponse{queue_url(call, known.name)};
}

Result<Unit> check_page(const Opt<Integer>& max_results) {
  if (!max_results || (*max_results >= 1 && *max_results <= limits::list_page)) return Unit{};
  return Error{&InvalidParameterValue, "Value " + std::to_string(*max_results) +
                                           " for parameter MaxResults is invalid. Reason: Must be between 1 and 1000, if provided."};
}

// One page of queues in the order of their names; a token is the name of the last queue of the page before.
class Page {
 public:
  static Result<Page> open(const Opt<Integer>& max_results, const Opt<String>& token) {
    SURGE_CHECK(check_page(max_results));
    Page page;
    page.size_ = static_cast<std::size_t>(max_results.value_or(limits::list_page));
    page.wants_token_ = max_results.has_value();  // AWS: without MaxResults there is no NextToken
    if (!token || token->empty()) return page;
    const auto name = from_base64(*token);
    if (!name || !is_queue_name(*name)) return Error{&InvalidParameterValue, "Invalid or expired next token."};
    page.after_ = *name;
    return page;
  }
  // False: the page is full.
  bool add(const String& name) {
    if (name <= after_) return true;
    if (names_.size() == size_) {
      more_ = true;
      return false;
    }
    names_.push_back(name);
    return true;
  }
  List<String> urls(const Call& call) const {
    List<String> urls;
    for (const auto& name : names_) urls.push_back(queue_url(call, name));
    return urls;
  }
  Opt<String> next_token() const { return more_ && wants_token_ ? Opt<String>(to_base64(names_.back())) : std::nullopt; }

 private:
  std::size_t size_ = 0;
  bool wants_token_ = false;
  bool more_ = false;
  String after_;
  List<String> names_;
};

Duration name_reuse(const Call& call) {
  constexpr std::int64_t longest_seconds = 86'400;
  return seconds(std::min(quota_value(call.ports.quotas, quotas::name_reuse), longest_seconds));
}

void free_name_later(Call& call, const String& name) {
  const FreeQueueNameRequest task{name};
  std::string input;
  write_json(*shape_of<FreeQueueNameRequest>(), &task, input);
  call.outbox.at(call.now + name_reuse(call),
                 {.service = "sqs", .operation = "FreeQueueName", .account = call.account(), .region = call.region(), .input = input});
}

bool is_name_free(Call& call, std::string_view name) {
  const auto deletion = get_record<DeletionRecord>(call.txn, keys::deletion(call.caller, name));
  return !deletion || call.now - deletion->deleted >= name_reuse(call);
}

}  // namespace

Result<QueueUrlResponse> create_queue(Call& call, const CreateQueueRequest& request) {
  SURGE_TRY(kind, checked_kind(request));
  SURGE_TRY(given, canonical_attributes(request.Attributes, kind, call.ports.quotas));
  if (const auto known = find_queue_by_name(call, request.QueueName)) return create_again(call, *known, given);
  if (!is_name_free(call, request.QueueName)) {
    if (call.ports.quotas != nullptr) call.ports.quotas->rejected(quotas::name_reuse);
    return Quotas::error(quotas::name_reuse, quota_value(call.ports.quotas, quotas::name_reuse), 0);
  }
  QueueRecord record;
  record.name = request.QueueName;
  record.id = call.random.hex(queue_id_digits);
  record.tags = request.tags;
  record.created = record.modified = call.now;
  SURGE_CHECK(apply_attributes(record.attributes, given, kind));
  SURGE_CHECK(check_redrive_target(call, record));
  SURGE_CHECK(check_tags(call, record));
  call.txn.erase(keys::deletion(call.caller, record.name));
  save_queue(call, record);
  return QueueUrlResponse{queue_url(call, record.name)};
}

namespace {
// The record of another account is read as it was committed last; its lane is not this one.
Result<QueueUrlResponse> url_of_foreign_queue(Call& call, const GetQueueUrlRequest& request) {
  Caller foreign = call.caller;
  foreign.home_account = std::exchange(foreign.account, *request.QueueOwnerAWSAccountId);
  const auto record = get_record<QueueRecord>(call.txn, keys::queue(foreign, request.QueueName));
  if (!record || !check_access(foreign, call.now, record->name, policy_of(*record).get(), permissions::get_url).ok())
    return queue_does_not_exist();
  return QueueUrlResponse{call.ports.base_url + "/" + foreign.account + "/" + request.QueueName};
}
}  // namespace

Result<QueueUrlResponse> get_queue_url(Call& call, const GetQueueUrlRequest& request) {
  const bool own = !request.QueueOwnerAWSAccountId || *request.QueueOwnerAWSAccountId == call.account();
  if (!own) return url_of_foreign_queue(call, request);
  const auto record = find_queue_by_name(call, request.QueueName);
  if (!record) return queue_does_not_exist();
  SURGE_CHECK(check_access(call, record->name, policy_of(*record).get(), permissions::get_url));
  return QueueUrlResponse{queue_url(call, request.QueueName)};
}

Result<ListQueuesResponse> list_queues(Call& call, const ListQueuesRequest& request) {
  SURGE_TRY(page, Page::open(request.MaxResults, request.NextToken));
  const auto prefix = request.QueueNamePrefix.value_or("");
  scan_records<QueueRecord>(call.txn, keys::queues(call.caller),
                            [&](const QueueRecord& record) { return !record.name.starts_with(prefix) || page.add(record.name); });
  return ListQueuesResponse{.QueueUrls = page.urls(call), .NextToken = page.next_token()};
}

Result<ListDeadLetterSourceQueuesResponse> list_dead_letter_source_queues(Call& call, const ListDeadLetterSourceQueuesRequest& request) {
  SURGE_TRY(target, find_queue(call, request.QueueUrl, permissions::list_sources));
  SURGE_TRY(page, Page::open(request.MaxResults, request.NextToken));
  const auto arn = queue_arn(call.caller, target.name);
  scan_records<QueueRecord>(call.txn, keys::queues(call.caller), [&](const QueueRecord& record) {
    const auto settings = decode_settings(record, call.caller);
    return !settings.redrive || settings.redrive->target_arn != arn || page.add(record.name);
  });
  return ListDeadLetterSourceQueuesResponse{.queueUrls = page.urls(call), .NextToken = page.next_token()};
}

Result<Empty> delete_queue(Call& call, const QueueUrlRequest& request) {
  SURGE_TRY(record, find_queue(call, request.QueueUrl, permissions::delete_queue));
  call.txn.erase(keys::queue(call.caller, record.name));
  put_record(call.txn, keys::deletion(call.caller, record.name), DeletionRecord{call.now});
  free_name_later(call, record.name);
  queue_deleted(call, record);
  return Empty{};
}

// The outbox task of DeleteQueue; a name that was taken and given up again meanwhile has a later deletion with a task of its own.
Result<Empty> free_queue_name(Call& call, const FreeQueueNameRequest& request) {
  if (is_name_free(call, request.QueueName)) call.txn.erase(keys::deletion(call.caller, request.QueueName));
  return Empty{};
}

}  // namespace surgetank::sqs
