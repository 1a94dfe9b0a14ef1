#include "services/sqs/queue_record.h"

#include "base/text.h"
#include "kernel/ports.h"
#include "kernel/record.h"
#include "services/sqs/access.h"
#include "services/sqs/errors.h"
#include "services/sqs/keys.h"
#include "services/sqs/limits.h"
#include "wire/json_value.h"

namespace surgetank::sqs {
namespace {

constexpr std::string_view task_handle_start = "{\"taskId\":";
constexpr std::string_view encoded_start = "eyJ0YXNrSWQi";  // its first nine bytes in base64
constexpr std::size_t longest_task_handle = 1024;

std::string_view after_last(std::string_view text, char separator) {
  const auto at = text.rfind(separator);
  return at == std::string_view::npos ? text : text.substr(at + 1);
}

// The source ARN of a move task handle; nullopt if `text` is none.
std::optional<std::string> source_arn_of_handle(std::string_view text) {
  // A shorter one could be the name of a queue.
  if (text.size() <= limits::queue_name_characters || text.size() > longest_task_handle) return std::nullopt;
  if (!text.starts_with(encoded_start)) return std::nullopt;
  const auto decoded = from_base64(text);
  if (!decoded || !decoded->starts_with(task_handle_start)) return std::nullopt;
  const auto json = parse_json(*decoded);
  const auto* arn = json.ok() ? json->find_string("sourceArn") : nullptr;
  return arn == nullptr ? std::nullopt : std::optional(*arn);
}

// The path of a URL, without query: "/000000000000/orders".
std::string_view path_of(std::string_view url) {
  url = url.substr(0, url.find_first_of("?#"));
  const auto scheme = url.find("://");
  if (scheme == std::string_view::npos) return url;
  const auto path = url.find('/', scheme + 3);
  return path == std::string_view::npos ? std::string_view{} : url.substr(path);
}

struct NamedQueue {
  std::string_view account;
  std::string_view name;
};
std::optional<NamedQueue> address_in(std::string_view queue_url) {
  auto path = path_of(queue_url);
  if (!path.empty() && path.back() == '/') path.remove_suffix(1);
  const auto name_at = path.rfind('/');
  if (name_at == std::string_view::npos || name_at + 1 == path.size()) return std::nullopt;
  const auto account = after_last(path.substr(0, name_at), '/');
  constexpr std::size_t account_digits = 12;
  if (account.size() != account_digits || account.find_first_not_of("0123456789") != std::string_view::npos) return std::nullopt;
  return NamedQueue{.account = account, .name = path.substr(name_at + 1)};
}

Error denied(std::string_view queue_url) { return {&AccessDenied, "Access to the resource " + std::string(queue_url) + " is denied."}; }

}  // namespace

std::string queue_name_of(std::string_view client_name) {
  if (const auto arn = source_arn_of_handle(client_name)) return std::string(after_last(*arn, ':'));
  if (contains(client_name, "/")) {  // before ARNs: whatever parse_queue_url takes must give the same name here
    auto path = path_of(client_name);
    if (!path.empty() && path.back() == '/') path.remove_suffix(1);
    return std::string(after_last(path, '/'));
  }
  if (client_name.starts_with("arn:")) return std::string(after_last(client_name, ':'));
  return std::string(client_name);
}

std::string queue_arn(const Caller& caller, std::string_view name) {
  return "arn:aws:sqs:" + caller.region + ":" + caller.account + ":" + std::string(name);
}

std::string queue_url(const Call& call, std::string_view name) {
  return call.ports.base_url + "/" + call.account() + "/" + std::string(name);
}

Result<QueueAddress> parse_queue_url(const Caller& caller, std::string_view queue_url) {
  const auto named = address_in(queue_url);
  if (!named) return Error{&InvalidAddress, "The address " + std::string(queue_url) + " is not valid for this endpoint."};
  if (named->account != caller.account) return denied(queue_url);
  return QueueAddress{.account = std::string(named->account), .name = std::string(named->name)};
}

std::string_view owner_of_queue_url(std::string_view queue_url) {
  if (!contains(queue_url, "/") || queue_url.starts_with("arn:") || queue_url.starts_with(encoded_start)) return {};
  const auto named = address_in(queue_url);
  return named ? named->account : std::string_view{};
}

Error queue_does_not_exist() { return {&QueueDoesNotExist, "The specified queue does not exist."}; }

Error no_such_queue(const Caller& caller, std::string_view queue_url) {
  return caller.is_foreign() ? denied(queue_url) : queue_does_not_exist();
}

Result<QueueRecord> find_queue(Call& call, std::string_view queue_url, const QueuePermission& permission) {
  SURGE_TRY(address, parse_queue_url(call.caller, queue_url));
  auto record = find_queue_by_name(call, address.name);
  if (!record) return no_such_queue(call.caller, queue_url);
  SURGE_CHECK(check_access(call, record->name, policy_of(*record).get(), permission));
  return std::move(*record);
}

Opt<QueueRecord> find_queue_by_name(Call& call, std::string_view name) {
  return get_record<QueueRecord>(call.txn, keys::queue(call.caller, name));
}

Opt<QueueRecord> find_queue_by_arn(Call& call, std::string_view arn) {
  const auto name = after_last(arn, ':');
  if (arn != queue_arn(call.caller, name)) return std::nullopt;
  return find_queue_by_name(call, name);
}

void save_queue(Call& call, const QueueRecord& record) { put_record(call.txn, keys::queue(call.caller, record.name), record); }

}  // namespace surgetank::sqs
