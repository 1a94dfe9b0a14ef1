#pragma once
// What a function's reply says about its batch when the mapping reports batch item failures. Pure, any thread.
//
//   {"batchItemFailures": [{"itemIdentifier": "<messageId>"}]}
//
// Nothing, null, an empty reply and one without (or with a null or empty) list: everything succeeded.
// JSON of another form, an identifier that is absent, null, empty or not of the batch: everything failed.
// Source: Lambda Developer Guide, "Implementing partial batch responses", success and failure conditions.
#include <functional>
#include <set>
#include <string>
#include <string_view>

namespace surgetank::lambda {

struct BatchVerdict {
  bool is_whole_batch_failed = false;
  std::set<std::string, std::less<>> failed;  // message ids; the others succeeded
};
BatchVerdict verdict_of_reply(std::string_view reply, const std::set<std::string_view>& batch);

}  // namespace surgetank::lambda
