#pragma once
// The Lambda Runtime API of one environment as a pure state machine: requests in, replies and effects out. No sockets, no clock.
// Source: Lambda Developer Guide, "Using the Lambda runtime API"; error bodies as the runtime interface emulator words them.
//
//   Starting --next--> Ready --deliver--> Running --response/error--> Responded --next--> Ready
//      '--init/error--> InitFailed            '--response that is too large--> Refused --error--> Responded (or --next--> Ready)
//
// A request that does not fit the state is answered 403 InvalidStateTransition, an unknown request id 400 InvalidRequestID.
// What Surgetank does not support (extensions, telemetry, SnapStart, response streaming) is answered with an error that names it.
#include <cstdint>
#include <string>
#include <string_view>

#include "kernel/http.h"

namespace surgetank {

// One invocation as the runtime gets it.
struct InvocationEvent {
  std::string request_id;
  std::int64_t deadline_ms = 0;  // epoch
  std::string invoked_arn;
  std::string trace_header;
  std::string client_context;    // JSON; empty: none
  std::string payload;
};

struct RuntimeReply {
  enum class Effect : std::uint8_t {
    None,
    AskedNext,    // no reply yet: the invocation is the reply
    Responded,    // the request's body is the result
    Failed,       // `payload` is the error object
    InitFailed,   // `payload` is the error object
  };
  Effect effect = Effect::None;
  int status = 0;          // 0: no reply yet
  std::string body;        // JSON; empty for 202, which says {"status":"OK"}
  std::string error_type;  // Failed, InitFailed: Lambda-Runtime-Function-Error-Type, or what can be told of it
  std::string payload;
};

class RuntimeProtocol {
 public:
  static constexpr std::size_t largest_response = 6'291'556;
  enum class State : std::uint8_t { Starting, Ready, Running, Responded, Refused, InitFailed };

  // Takes the body out of the request when the effect needs it.
  RuntimeReply handle(HttpRequest& request);
  // Ready -> Running.
  void delivered(std::string_view request_id);
  // Another process of the same environment starts over.
  void restart() { state_ = State::Starting; }
  State state() const { return state_; }

  // Status line, headers and empty line of the reply to `next`.
  static void append_event_head(const InvocationEvent& event, std::string& out);
  // A whole reply.
  enum class Follow : std::uint8_t { KeepAlive, Close };
  static void append_reply(int status, std::string_view body, Follow follow, std::string& out);

 private:
  RuntimeReply next();
  RuntimeReply finish(HttpRequest& request, std::string_view id_and_verb);
  RuntimeReply respond(HttpRequest& request);
  RuntimeReply fail(HttpRequest& request);
  RuntimeReply fail_init(HttpRequest& request);
  RuntimeReply refuse_transition(std::string_view wanted) const;

  State state_ = State::Starting;
  std::string request_id_;
};

}  // namespace surgetank
