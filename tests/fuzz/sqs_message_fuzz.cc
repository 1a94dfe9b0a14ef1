// Fuzzes what SQS reads by hand: receipt handles, and the records of messages. Beyond not crashing: a handle that is accepted is written
// the same way again, and a body record that is accepted says the same when it is written and read again. Bodies and attributes that
// pass the checks survive their record.
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <string_view>

#include "services/sqs/body_record.h"
#include "services/sqs/deduplication.h"
#include "services/sqs/index_record.h"
#include "services/sqs/message_checks.h"
#include "services/sqs/message_digest.h"
#include "services/sqs/receipt_handle.h"

namespace {

using namespace surgetank;
using namespace surgetank::sqs;

void require(bool holds, const char* what) {
  if (holds) return;
  std::fprintf(stderr, "%s\n", what);
  std::abort();
}

const Vault& vault() {
  static const Vault instance(Secret<std::string>(std::string(32, 'f')));
  return instance;
}

void check_record(std::string_view text) {
  constexpr BodyPlace place{.storage_id = 1, .sequence = 2};
  const auto record = read_body_record(text, vault(), place);
  if (!record) return;
  const auto again =
      read_body_record(body_record(*record, {.attributes = record->attributes, .body = record->body}, nullptr, place), vault(), place);
  require(again && again->body == record->body && again->attributes.size() == record->attributes.size(), "a record says the same again");
}

void check_message(std::string_view text) {
  const auto cut = text.find('\n');
  const auto body = text.substr(0, cut);
  Map<MessageAttributeValue> attributes;
  if (cut != std::string_view::npos) {
    const auto rest = text.substr(cut + 1);
    const auto name = rest.substr(0, rest.size() / 2);
    auto& value = attributes[std::string(name)];
    value.DataType = "String";
    value.StringValue = std::string(rest.substr(rest.size() / 2));
  }
  if (!check_body(body).ok() || !check_attributes(nullptr, attributes).ok()) return;
  constexpr BodyPlace place{.storage_id = 3, .sequence = 4};
  BodyRecord frame;
  frame.body_md5 = md5(body);
  for (const auto* used : {static_cast<const Vault*>(nullptr), &vault()}) {
    const auto read = read_body_record(body_record(frame, {.attributes = attributes, .body = body}, used, place), vault(), place);
    require(read && read->body == body && md5_of_attributes(read->attributes) == md5_of_attributes(attributes), "a message survives");
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  if (const auto handle = parse_receipt_handle(text)) require(to_text(*handle) == text, "a handle is written as it was read");
  if (const auto facts = read_index_record(text, 1)) require(facts->sequence == 1, "the sequence is that of the key");
  IdHash hash{};
  SentBefore sent;
  ReceiveAttempt attempt;
  (void)read_sent_record(text, hash, sent);
  (void)read_attempt_record(text, hash, attempt);
  check_record(text);
  check_message(text);
  return 0;
}
