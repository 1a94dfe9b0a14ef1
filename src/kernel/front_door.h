#pragma once
// Every request that enters the server: whose host it names, which page sent it, whether a data plane or the server's own
// interface takes it, which operation it means, who sends it, what it says; then the dispatcher; then the answer. In this order:
//
//   Host allow-list (else 421) -> data planes -> /_surgetank/ -> pages of other origins (403) -> routing -> authentication
//   -> throttling (Ports::quotas) -> size and decoding -> Dispatcher -> encoding on the lane -> reply when the output gate opens
//
// A call beyond a quota is answered with the quota's own error and names it in the header x-surgetank-quota. With Ports::latency an
// answer leaves no sooner than it would in the cloud.
//
// serve() is called on the connection's loop, concurrently on all loops; it neither blocks nor throws. DataPlane::claims() gets the
// host in lower case and without port. Every API call gets
// x-amzn-RequestId, a span of kind "aws" (named "SecretsManager.GetSecretValue"), and a log line at debug level; bodies, query
// strings and header values are never logged. Owner: whoever wires the process; it outlives every request.
#include <atomic>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "kernel/admin_http.h"
#include "kernel/admission.h"
#include "kernel/authenticator.h"
#include "kernel/dispatcher.h"
#include "kernel/host_policy.h"
#include "kernel/http.h"
#include "kernel/latency_profile.h"
#include "kernel/operation.h"
#include "kernel/router.h"

namespace surgetank {

struct FrontDoorOptions {
  std::uint64_t seed = 1;  // of request and trace ids
  AuthMode authentication = AuthMode::Verify;
  std::string default_region = "us-east-1";     // of requests without a scope; only with AuthMode::Off
  std::vector<std::string> further_hosts = {};  // see kernel/host_policy.h
  Secret<std::string> admin_token = {};
  std::vector<AdminRoute> admin_routes = {};  // besides health
  std::string version = "0";
  std::function<Duration()> uptime = {};
  std::function<Instant()> now = {};  // needed; any thread; for the length of spans
};

class FrontDoor {
 public:
  // `context.ports` holds credentials; telemetry may be null.
  FrontDoor(ServiceContext context, FrontDoorOptions options);
  ~FrontDoor();
  FrontDoor(const FrontDoor&) = delete;
  FrontDoor& operator=(const FrontDoor&) = delete;

  void serve(HttpRequest request, HttpReply reply);

 private:
  struct Exchange;
  using ExchangePointer = std::shared_ptr<Exchange>;

  const Service* claimed_by(const HttpRequest& request) const;
  void serve_other(const Service* data_plane, HttpRequest request, HttpReply reply);
  void serve_call(HttpRequest request, HttpReply reply);
  void process(const ExchangePointer& exchange);
  void dispatch(const ExchangePointer& exchange, Caller caller, Box input);
  HttpResponse fault_of(const Exchange& exchange, const Error& error) const;
  void refuse(Exchange& exchange, const Error& error);
  void answer(Exchange& exchange, HttpResponse response, std::string_view fault);
  void answer_in_time(const ExchangePointer& exchange, HttpResponse response, std::string_view fault);
  void record(Exchange& exchange, int status, std::string_view fault);

  ServiceContext context_;
  std::function<Instant()> now_;
  HostPolicy hosts_;
  AdminHttp admin_;
  Router router_;
  Authenticator authenticator_;
  ApiAdmission admission_;
  std::unordered_map<const Operation*, const LatencyRow*> latencies_;  // with Ports::latency
  std::vector<const Service*> data_planes_;
  std::size_t largest_request_bytes_ = 0;
  const std::uint64_t seed_;
  std::atomic<std::uint64_t> calls_{0};
};

}  // namespace surgetank
