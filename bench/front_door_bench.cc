// What the front door costs: from serve() to the dispatcher's hand-over (parse, route, verify, decode), and from there to the
// encoded reply (operation on a memory store, encoding), on one core, without sockets; and what throttling costs a request: that passes
// its quota, and that is refused. Use the release preset.
//
//   front_door_bench [requests per row]
#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <functional>
#include <vector>

#include "kernel/admission.h"
#include "kernel/test_door.h"
#include "kernel/test_gadgets.h"
#include "wire/cbor.h"

namespace surgetank {
namespace {

using Clock = std::chrono::steady_clock;
double microseconds_since(Clock::time_point start) { return std::chrono::duration<double, std::micro>(Clock::now() - start).count(); }

struct Row {
  const char* name;
  AuthMode mode;
  std::function<HttpRequest(int number, Instant now)> make;
};

constexpr auto small_json = R"({"Name":"orders/database","Size":3,"Labels":{"team":"a"}})";
const TestSigning as_gadgets{.service = "gadgetry"};
const TestSigning as_shelves{.service = "shelves"};

HttpRequest json_request(int number, Instant now) {
  return signed_request("POST", "/",
                        {{"X-Amz-Target", "Gadgets_2020.PutGadget"},
                         {"Content-Type", "application/x-amz-json-1.0"},
                         {"User-Agent", "aws-sdk-js/3.700.0 ua/2.1 os/linux#6.1 lang/js md/nodejs#20.18.0 api/gadgets#3.700.0"},
                         {"Amz-Sdk-Invocation-Id", "0a1b2c3d-0a1b-4c3d-8a1b-" + std::to_string(100000000000 + number)},
                         {"Amz-Sdk-Request", "attempt=1; max=3"},
                         {"X-Amzn-Trace-Id", "Root=1-5759e988-bd862e3fe1be46a994272793;Parent=53995c3f42cd8ad8;Sampled=1"}},
                        small_json, as_gadgets, now);
}

HttpRequest query_request(int, Instant now) {
  return signed_request("POST", "/", {{"Content-Type", "application/x-www-form-urlencoded; charset=utf-8"}},
                        "Action=PutGadget&Version=2020-02-20&Name=orders%2Fdatabase&Size=3&Labels.entry.1.key=team&Labels.entry.1.value=a",
                        as_gadgets, now);
}

HttpRequest cbor_request(int, Instant now) {
  std::string body;
  append_cbor_map(body, 2);
  append_cbor_text(body, "Name");
  append_cbor_text(body, "orders/database");
  append_cbor_text(body, "Size");
  append_cbor_integer(body, 3);
  return signed_request("POST", "/service/Gadgets_2020/operation/PutGadget",
                        {{"smithy-protocol", "rpc-v2-cbor"}, {"Content-Type", "application/cbor"}}, body, as_gadgets, now);
}

HttpRequest rest_request(int, Instant now) {
  return signed_request("PUT", "/shelves/orders?depth=3", {{"Content-Type", "application/json"}}, R"({"Colour":"red"})", as_shelves, now);
}

void measure(const Row& row, int requests) {
  constexpr int batch = 100;
  TestWorld world({&test::gadgets, &test::shelves});
  FrontDoor door({*world.dispatcher, world.ports, world.lanes},
                 {.authentication = row.mode, .now = [&world] { return world.lanes.now(); }});
  std::vector<double> until_dispatch;
  std::vector<double> until_reply;
  int answered = 0;
  for (int done = 0; done < requests; done += batch) {
    std::vector<HttpRequest> made;
    for (int i = 0; i < batch; ++i) made.push_back(row.make(done + i, world.lanes.now()));
    const auto start = Clock::now();
    for (auto& request : made)
      door.serve(std::move(request), [&answered](const HttpResponse& response) { answered += response.status < 300 ? 1 : 0; });
    until_dispatch.push_back(microseconds_since(start) / batch);
    const auto middle = Clock::now();
    world.lanes.run_until_idle();
    until_reply.push_back(microseconds_since(middle) / batch);
  }
  if (answered < requests) std::printf("%-28s only %d of %d requests succeeded\n", row.name, answered, requests);
  const auto median = [](std::vector<double>& values) {
    std::nth_element(values.begin(), values.begin() + static_cast<std::ptrdiff_t>(values.size() / 2), values.end());
    return values[values.size() / 2];
  };
  const auto best = *std::min_element(until_dispatch.begin(), until_dispatch.end());
  std::printf("%-20s to dispatch: median %6.2f us, best %6.2f us    operation and reply: median %6.2f us\n", row.name,
              median(until_dispatch), best, median(until_reply));
}

constexpr ErrorCode slow{"ThrottlingException", 400};
constexpr QuotaRow gadget_rows[] = {{.id = "gadgets.requests",
                                     .name = "Rate of requests",
                                     .algorithm = QuotaAlgorithm::TokenBucket,
                                     .value = 1'000'000'000,
                                     .unit = "per second",
                                     .error = &slow,
                                     .message = "Rate exceeded",
                                     .operations = "*"}};

// One call at the front door of a service that has quotas, admitted or refused, and the admission alone.
void measure_throttling(int requests) {
  Service throttled = test::gadgets;
  throttled.quotas = gadget_rows;
  TestWorld world({&throttled, &test::shelves});
  FrontDoor door({*world.dispatcher, world.ports, world.lanes}, {.now = [&world] { return world.lanes.now(); }});
  for (const bool admitted : {true, false}) {
    world.quotas.set(gadget_rows[0], admitted ? 1'000'000'000 : 0);
    constexpr int batch = 100;
    std::vector<double> taken;
    for (int done = 0; done < requests; done += batch) {
      std::vector<HttpRequest> made;
      for (int i = 0; i < batch; ++i) made.push_back(json_request(done + i, world.lanes.now()));
      const auto start = Clock::now();
      for (auto& request : made) door.serve(std::move(request), [](const HttpResponse&) {});
      taken.push_back(microseconds_since(start) / batch);
      world.lanes.run_until_idle();
    }
    std::nth_element(taken.begin(), taken.begin() + static_cast<std::ptrdiff_t>(taken.size() / 2), taken.end());
    std::printf("%-20s %s: median %6.2f us\n", admitted ? "json, quota passed" : "json, throttled",
                admitted ? "to dispatch" : "to answer  ", taken[taken.size() / 2]);
  }
  world.quotas.set(gadget_rows[0], 1'000'000'000);
  const Service* services[] = {&throttled};
  const ApiAdmission admission(&world.quotas, services);
  const auto caller = service_caller("000000000000", "us-east-1", "arn:aws:iam::000000000000:root");
  constexpr int admissions = 1'000'000;
  int passed = 0;
  const auto start = Clock::now();
  for (int i = 0; i < admissions; ++i)
    passed += admission.admit(throttled.operations[0], caller, world.lanes.now() + microseconds(i)).ok() ? 1 : 0;
  std::printf("%-20s one admission: %6.3f us (%d of %d passed)\n", "quota alone", microseconds_since(start) / admissions, passed,
              admissions);
}

}  // namespace
}  // namespace surgetank

int main(int argc, char** argv) {
  using namespace surgetank;
  constexpr int default_requests = 20'000;
  const int requests = argc > 1 ? std::atoi(argv[1]) : default_requests;
  const Row rows[] = {{"json, signed", AuthMode::Verify, json_request},
                      {"json, --auth off", AuthMode::Off, json_request},
                      {"query, signed", AuthMode::Verify, query_request},
                      {"cbor, signed", AuthMode::Verify, cbor_request},
                      {"rest-json, signed", AuthMode::Verify, rest_request}};
  for (const auto& row : rows) measure(row, requests);
  measure_throttling(requests);
}
