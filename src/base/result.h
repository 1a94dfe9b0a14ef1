#pragma once
// A fault that the client is told about, as a value. Nothing here throws or allocates on the success path.
// ErrorCode constants live in each service's errors.h and outlive every Error (static storage).
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

namespace surgetank {

// `name` is the AWS error code; `http_status` < 500 means the sender is at fault.
// `query_name` is the older code that awsQueryCompatible services report (empty: same as name).
struct ErrorCode {
  std::string_view name;
  int http_status = 400;
  std::string_view query_name = {};
};

struct QuotaRow;  // kernel/quota.h

struct Error {
  const ErrorCode* code = nullptr;
  std::string message;
  std::vector<std::pair<std::string, std::string>> members = {};  // further string members of the error shape ("Reason", "Type")
  const QuotaRow* quota = nullptr;                                // beyond which this is; null: another reason
};

struct Unit {};

// Either a T or an Error. `ok()` must be checked before `*`.
template <class T = Unit>
class [[nodiscard]] Result {
 public:
  Result(T value) : state_(std::in_place_index<0>, std::move(value)) {}
  Result(Error error) : state_(std::in_place_index<1>, std::move(error)) {}
  bool ok() const { return state_.index() == 0; }
  T& operator*() { return *std::get_if<0>(&state_); }
  const T& operator*() const { return *std::get_if<0>(&state_); }
  T* operator->() { return std::get_if<0>(&state_); }
  const T* operator->() const { return std::get_if<0>(&state_); }
  const Error& error() const { return *std::get_if<1>(&state_); }
  Error& error() { return *std::get_if<1>(&state_); }

 private:
  std::variant<T, Error> state_;
};

// SURGE_TRY(queue, find_queue(...)): declares `queue` (a reference to the value) or returns the error from the enclosing function.
#define SURGE_TRY(name, expression)                                           \
  auto name##_result = (expression);                                          \
  if (!name##_result.ok()) return std::move(name##_result.error());           \
  [[maybe_unused]] auto& name = *name##_result
// The same for a Result<Unit>.
#define SURGE_CHECK(expression)                                                            \
  do {                                                                                     \
    if (auto surge_check = (expression); !surge_check.ok()) return std::move(surge_check.error()); \
  } while (false)

}  // namespace surgetank
