#pragma once
// A service is a table of operations; an operation is a plain function over described structs. The table is the service's
// table of contents and feeds routing, decoding, access logs, the operation x authentication test matrix and simulation.
//
//   constexpr Operation operations[] = {
//       op<create_secret>("CreateSecret", Access::Write, "Name"),
//       async_op<invoke>("Invoke", Access::Read, "FunctionName").rest("POST", "/2015-03-31/functions/{FunctionName}/invocations"),
//   };
//
// `partition` names the request member (String) that names the aggregate and so the lane; empty: the service's account-wide lane
// (listings and what has no key yet). A service may normalise the key (an ARN and a name must meet): Service::aggregate.
#include <memory>
#include <span>
#include <string_view>

#include "base/result.h"
#include "kernel/call.h"
#include "kernel/http.h"
#include "kernel/quota.h"
#include "shape/shape.h"
#include "wire/protocol.h"

namespace surgetank {

enum class Access : std::uint8_t {
  Read,
  Write,
  Internal,  // only for callers inside the platform
};

// Whether an operation only adds to the store. One that does is refused (ServiceUnavailable) before it runs while the disk is nearly full;
// a commit that is refused costs the lane what it has decoded.
enum class Room : std::uint8_t { NotNeeded, Needed };

// The answer of an asynchronous operation: called once, on the operation's lane.
template <class Response>
using Reply = UniqueFunction<void(Result<Response>)>;
using BoxReply = UniqueFunction<void(Result<Box>)>;

struct Operation {
  std::string_view name;
  Access access = Access::Read;
  std::string_view partition = {};
  const Shape* (*request)() = nullptr;
  const Shape* (*response)() = nullptr;
  Result<Unit> (*run)(Call&, const void* request, void* response) = nullptr;  // null for asynchronous ones
  void (*start)(Call&, const void* request, BoxReply reply) = nullptr;        // null for synchronous ones
  std::string_view method = {};                                               // rest-json only
  std::string_view uri = {};
  int success_status = 200;
  Room room = Room::NotNeeded;

  // For rest-json services: HTTP method, URI template (may end in one "?Name=value" that the query has to hold), status of success.
  constexpr Operation rest(std::string_view http_method, std::string_view uri_template, int status = 200) const {
    Operation copy = *this;
    copy.method = http_method;
    copy.uri = uri_template;
    copy.success_status = status;
    return copy;
  }
  constexpr Operation needs_room() const {
    Operation copy = *this;
    copy.room = Room::Needed;
    return copy;
  }
};

class Dispatcher;
struct ServiceContext {
  Dispatcher& dispatcher;
  Ports& ports;
  Lanes& lanes;
};

// Requests that are not API calls: the invoke URLs of an HTTP API. Called on the connection's loop.
struct DataPlane {
  bool (*claims)(std::string_view host, std::string_view path) = nullptr;
  void (*serve)(ServiceContext& context, HttpRequest request, HttpReply reply) = nullptr;
};

// How a service words the errors that the platform makes on its behalf.
struct ServiceErrors {
  const ErrorCode* missing_parameter = nullptr;  // a required member is absent; null: ValidationException
  const ErrorCode* malformed = nullptr;          // a member has the wrong type; null: SerializationException
};

// What tells aggregates of the same key apart, and so what the lane depends on besides the key.
enum class ServiceScope : std::uint8_t {
  Regional,   // account and region
  Global,     // account: IAM and STS keep one set of resources for all regions (kernel/keys.h, global_service_key)
  Worldwide,  // nothing: the keys are ids that are unique over all accounts (API ids, which requests name without credentials)
};

struct Service {
  std::string_view name;                // "secretsmanager": key of lanes, outbox and dispatch_json
  std::string_view signing_name;        // credential scope
  std::string_view target_prefix = {};  // X-Amz-Target before the dot; also the CBOR service shape
  std::string_view api_version = {};    // query protocol
  std::string_view xml_namespace = {};  // query protocol
  std::span<const Protocol> protocols;  // none: clients cannot call it; it only has quotas
  std::span<const Operation> operations;
  ServiceErrors errors = {};
  std::unique_ptr<LaneState> (*make_state)() = nullptr;
  // The lane key of an aggregate as a client may name it (name, ARN, id); null: as is.
  std::string (*aggregate)(std::string_view client_name) = nullptr;
  DataPlane data_plane = {};
  // The account that a client's name of an aggregate says it belongs to; empty if it does not say. Requests for another account's are run
  // as that account's, with Caller::home_account: every operation of the service must then see whether it may. null: callers have their
  // own.
  std::string_view (*owner)(std::string_view client_name) = nullptr;
  // Called once after the store is open and before the first request: restarts what must run (databases).
  void (*start)(ServiceContext& context) = nullptr;
  std::size_t request_limit_bytes = 8 * 1024 * 1024;  // of a request's body, without content coding; over it: 413
  std::string_view title = {};                        // in spans: "SecretsManager"; empty: the name
  ServiceScope scope = ServiceScope::Regional;
  std::string_view error_namespace = {};  // JSON protocols: "com.amazonaws.sqs" before the # of an error's __type; empty: the bare code
  // Query protocol: the String member that the request's path stands for (a queue's URL posted to), if the form does not give it.
  std::string_view path_member = {};
  std::span<const QuotaRow> quotas = {};  // what the service is limited by; see kernel/quotas.h
};

namespace detail {
template <auto F>
struct Handler;
template <class Res, class Req, Result<Res> (*F)(Call&, const Req&)>
struct Handler<F> {
  static Result<Unit> run(Call& call, const void* request, void* response) {
    Result<Res> result = F(call, *static_cast<const Req*>(request));
    if (!result.ok()) return std::move(result.error());
    *static_cast<Res*>(response) = std::move(*result);
    return Unit{};
  }
  static constexpr auto request_shape = &shape_of<Req>;
  static constexpr auto response_shape = &shape_of<Res>;
};
template <auto F>
struct AsyncHandler;
template <class Res, class Req, void (*F)(Call&, const Req&, Reply<Res>)>
struct AsyncHandler<F> {
  static void start(Call& call, const void* request, BoxReply reply) {
    F(call, *static_cast<const Req*>(request), [reply = std::move(reply)](Result<Res> result) mutable {
      if (!result.ok()) return reply(std::move(result.error()));
      Box box(*shape_of<Res>());
      *static_cast<Res*>(box.get()) = std::move(*result);
      reply(std::move(box));
    });
  }
  static constexpr auto request_shape = &shape_of<Req>;
  static constexpr auto response_shape = &shape_of<Res>;
};
}  // namespace detail

template <auto F>
constexpr Operation op(std::string_view name, Access access, std::string_view partition = {}) {
  using H = detail::Handler<F>;
  return {
      .name = name, .access = access, .partition = partition, .request = H::request_shape, .response = H::response_shape, .run = &H::run};
}
// An operation whose answer comes later. Its Call is gone when it returns; what it wrote is committed then.
// The request object stays alive until the reply is called.
template <auto F>
constexpr Operation async_op(std::string_view name, Access access, std::string_view partition = {}) {
  using H = detail::AsyncHandler<F>;
  return {.name = name,
          .access = access,
          .partition = partition,
          .request = H::request_shape,
          .response = H::response_shape,
          .start = &H::start};
}

}  // namespace surgetank
