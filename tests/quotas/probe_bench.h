#pragma once
// What probes of quotas share: a server in the test process with all services, and the questions that every quota must answer: what is
// within it passes, what is beyond it gets the exact error, and the refusal is counted. One probe, one bench.
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <string_view>

#include "app/services.h"
#include "kernel/test_door.h"
#include "services/apigateway/service.h"

namespace surgetank {

struct Probe {
  std::string_view id;
  void (*run)(const QuotaRow& row);
};
// One list for each file of probes.
std::span<const Probe> lambda_probes();
std::span<const Probe> apigateway_probes();
std::span<const Probe> sqs_probes();
std::span<const Probe> cloudformation_probes();
std::span<const Probe> identity_probes();
std::span<const Probe> other_probes();

class ProbeBench {
 public:
  TestDoor door{all_services()};
  TestWorld& world = door.world;

  std::string call(std::string_view service, std::string_view operation, const std::string& input) {
    return world.call(service, operation, input);
  }
  // The same, and it must succeed.
  std::string make(std::string_view service, std::string_view operation, const std::string& input);
  void set(const QuotaRow& row, std::int64_t value) { world.quotas.set(row, value); }
  std::int64_t rejections(const QuotaRow& row);

  // An HTTP API with one route, "GET /", on a function that answers "null"; its id. `stage` are further members of CreateStage.
  std::string make_api(const std::string& stage = "");
  HttpResponse get(const std::string& api_id, HeaderPairs headers = {}, std::string body = {});
  // A function named "f", and what CreateFunction takes for one.
  void make_function();
  static std::string function(const std::string& name, const std::string& more = "");
};

std::string text_member(const std::string& json, std::string_view name);
std::string times(std::int64_t count, std::string_view item, std::string_view separator);  // "x,x,x"

// `ask` asks for so much: `value` passes, one more is refused with `error`, "Code: message". Each on a fresh bench.
void sized(const QuotaRow& row, std::int64_t value, const std::function<std::string(ProbeBench&, std::int64_t amount)>& ask,
           const std::string& error);
// `make` makes another one: `value` of them pass, and one more is refused.
void counted(const QuotaRow& row, std::int64_t value, const std::function<void(ProbeBench&)>& prepare,
             const std::function<std::string(ProbeBench&, std::int64_t number)>& make, const std::string& error);
// An account-wide rate by operation, at the front door: signed requests.
void rate_of_operations(const QuotaRow& row);

}  // namespace surgetank
