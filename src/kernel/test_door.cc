#include "kernel/test_door.h"

#include "base/text.h"
#include "kernel/authenticator.h"
#include "wire/sigv4.h"

namespace surgetank {
namespace {

constexpr auto test_host = "localhost:4566";

SigningCredentials credentials_of(const TestSigning& signing) {
  return {.access_key_id = signing.access_key_id,
          .secret_access_key = Secret<std::string>(signing.secret_access_key),
          .session_token = signing.session_token};
}

SigningTarget target_of(const TestSigning& signing, Instant now) {
  return {.region = signing.region, .service = signing.service, .now = now + signing.clock_error};
}

}  // namespace

HttpRequest plain_request(std::string_view method, std::string_view target, HeaderPairs headers, std::string body, Instant now) {
  bool has_host = false;
  for (const auto& header : headers) has_host = has_host || equals_ignoring_case(header.first, "host");
  if (!has_host) headers.emplace(headers.begin(), "Host", test_host);
  auto request = make_http_request(method, target, headers, std::move(body));
  request.received = now;
  request.peer_address = "127.0.0.1";
  return request;
}

HttpRequest signed_request(std::string_view method, std::string_view target, HeaderPairs headers, std::string body,
                           const TestSigning& signing, Instant now) {
  const auto unsigned_request = plain_request(method, target, headers, body, now);
  for (auto& header : sign_request(signed_request(unsigned_request), credentials_of(signing), target_of(signing, now)))
    headers.push_back(std::move(header));
  return plain_request(method, target, std::move(headers), std::move(body), now);
}

std::string presigned_target(std::string_view method, std::string_view target, const TestSigning& signing, Duration valid_for,
                             Instant now) {
  const auto request = plain_request(method, target, {}, {}, now);
  return std::string(request.path) + "?" +
         presign_query(signed_request(request), credentials_of(signing), target_of(signing, now), valid_for);
}

TestDoor::TestDoor(std::vector<const Service*> services, FrontDoorOptions options)
    : world(std::move(services)), options_(std::move(options)) {
  if (!options_.now) options_.now = [this] { return world.lanes.now(); };
  open();
}

void TestDoor::open() { door_ = std::make_unique<FrontDoor>(ServiceContext{*world.dispatcher, world.ports, world.lanes}, options_); }

HttpResponse TestDoor::send(HttpRequest request) {
  constexpr int most_timers = 1000;
  const auto answer = std::make_shared<std::optional<HttpResponse>>();  // may come after we gave up
  door_->serve(std::move(request), [answer](HttpResponse response) { *answer = std::move(response); });
  world.lanes.run_until_idle();
  for (int i = 0; i < most_timers && !*answer && world.lanes.next_timer(); ++i)
    world.lanes.advance(*world.lanes.next_timer() - world.lanes.now());
  return answer->value_or(HttpResponse{.status = -1});
}

HttpResponse TestDoor::send_signed(std::string_view method, std::string_view target, HeaderPairs headers, std::string body,
                                   const TestSigning& signing) {
  return send(signed_request(method, target, std::move(headers), std::move(body), signing, now()));
}

void TestDoor::crash_and_restart() {
  door_.reset();
  world.crash_and_restart();
  open();
}

std::string header_of(const HttpResponse& response, std::string_view name) {
  for (const auto& [key, value] : response.headers)
    if (equals_ignoring_case(key, name)) return value;
  return {};
}

}  // namespace surgetank
