#pragma once
// A TestWorld behind its front door: tests send it HTTP requests, signed as a client would sign them. Not linked into the server.
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "kernel/front_door.h"
#include "kernel/test_world.h"

namespace surgetank {

using HeaderPairs = std::vector<std::pair<std::string, std::string>>;

// How a test signs: what it claims and with which secret.
struct TestSigning {
  std::string service;
  std::string access_key_id = "test";
  std::string secret_access_key = "test";
  std::string session_token = {};
  std::string region = "us-east-1";
  Duration clock_error{};  // of the client
};

// An unsigned request as net/ would hand it over at `now`. Host: localhost:4566 is added unless given.
HttpRequest plain_request(std::string_view method, std::string_view target, HeaderPairs headers, std::string body, Instant now);
HttpRequest signed_request(std::string_view method, std::string_view target, HeaderPairs headers, std::string body,
                           const TestSigning& signing, Instant now);
// The target with its query signed.
std::string presigned_target(std::string_view method, std::string_view target, const TestSigning& signing, Duration valid_for, Instant now);

class TestDoor {
 public:
  explicit TestDoor(std::vector<const Service*> services, FrontDoorOptions options = {});

  // Waits in virtual time for the answer; status -1 if there is none.
  HttpResponse send(HttpRequest request);
  HttpResponse send_signed(std::string_view method, std::string_view target, HeaderPairs headers, std::string body,
                           const TestSigning& signing);
  // The server loses what is not durable and starts again.
  void crash_and_restart();
  Instant now() const { return world.lanes.now(); }

  TestWorld world;

 private:
  void open();
  FrontDoorOptions options_;
  std::unique_ptr<FrontDoor> door_;
};

// The first header of that name; "" if absent.
std::string header_of(const HttpResponse& response, std::string_view name);

}  // namespace surgetank
