#include "engine/runtime_protocol.h"

#include <gtest/gtest.h>

#include "base/text.h"

namespace surgetank {
namespace {

using State = RuntimeProtocol::State;
using Effect = RuntimeReply::Effect;

RuntimeReply ask(RuntimeProtocol& protocol, const std::string& method, const std::string& path, std::string body = "",
                 const std::vector<std::pair<std::string, std::string>>& headers = {}) {
  auto all = headers;
  all.emplace_back("Host", "x");
  HttpRequest request = make_http_request(method, "/2018-06-01/runtime/" + path, all, std::move(body));
  return protocol.handle(request);
}

// Brings a fresh protocol to a state.
RuntimeProtocol in_state(State state) {
  RuntimeProtocol protocol;
  if (state == State::Starting) return protocol;
  if (state == State::InitFailed) {
    ask(protocol, "POST", "init/error", "{}");
    return protocol;
  }
  ask(protocol, "GET", "invocation/next");
  if (state == State::Ready) return protocol;
  protocol.delivered("id-1");
  if (state == State::Responded) ask(protocol, "POST", "invocation/id-1/response", "1");
  if (state == State::Refused) ask(protocol, "POST", "invocation/id-1/response", std::string(RuntimeProtocol::largest_response + 1, 'x'));
  return protocol;
}

// What every request does in every state: the whole machine as a table.
TEST(RuntimeProtocol, EveryRequestInEveryState) {
  struct Row {
    State state;
    const char* method;
    const char* path;
    int status;  // 0: parked
    Effect effect;
    State after;
  };
  const Row rows[] = {
      {State::Starting, "GET", "invocation/next", 0, Effect::AskedNext, State::Ready},
      {State::Starting, "POST", "init/error", 202, Effect::InitFailed, State::InitFailed},
      {State::Starting, "POST", "invocation/id-1/response", 403, Effect::None, State::Starting},
      {State::Starting, "POST", "invocation/id-1/error", 403, Effect::None, State::Starting},
      {State::Ready, "GET", "invocation/next", 0, Effect::AskedNext, State::Ready},
      {State::Ready, "POST", "invocation/id-1/response", 403, Effect::None, State::Ready},
      {State::Ready, "POST", "init/error", 403, Effect::None, State::Ready},
      {State::Running, "GET", "invocation/next", 403, Effect::None, State::Running},
      {State::Running, "POST", "invocation/id-1/response", 202, Effect::Responded, State::Responded},
      {State::Running, "POST", "invocation/id-1/error", 202, Effect::Failed, State::Responded},
      {State::Running, "POST", "invocation/id-2/response", 400, Effect::None, State::Running},
      {State::Running, "POST", "invocation/id-2/error", 400, Effect::None, State::Running},
      {State::Running, "POST", "init/error", 403, Effect::None, State::Running},
      {State::Running, "POST", "invocation/next", 405, Effect::None, State::Running},
      {State::Running, "POST", "invocation/id-1/other", 404, Effect::None, State::Running},
      {State::Running, "POST", "invocation/id-1", 404, Effect::None, State::Running},
      {State::Running, "GET", "restore/next", 403, Effect::None, State::Running},
      {State::Responded, "GET", "invocation/next", 0, Effect::AskedNext, State::Ready},
      {State::Responded, "POST", "invocation/id-1/response", 403, Effect::None, State::Responded},
      {State::Responded, "POST", "invocation/id-1/error", 403, Effect::None, State::Responded},
      {State::Refused, "POST", "invocation/id-1/error", 202, Effect::None, State::Responded},
      {State::Refused, "POST", "invocation/id-1/response", 403, Effect::None, State::Refused},
      {State::Refused, "GET", "invocation/next", 0, Effect::AskedNext, State::Ready},
      {State::InitFailed, "GET", "invocation/next", 403, Effect::None, State::InitFailed},
      {State::InitFailed, "POST", "init/error", 403, Effect::None, State::InitFailed},
  };
  for (const Row& row : rows) {
    SCOPED_TRACE(std::string(row.method) + " " + row.path + " in state " + std::to_string(static_cast<int>(row.state)));
    RuntimeProtocol protocol = in_state(row.state);
    ASSERT_EQ(protocol.state(), row.state);
    const RuntimeReply reply = ask(protocol, row.method, row.path, "{}");
    EXPECT_EQ(reply.status, row.status);
    EXPECT_EQ(reply.effect, row.effect);
    EXPECT_EQ(protocol.state(), row.after);
    EXPECT_EQ(contains(reply.body, "\"errorType\":"), row.status >= 400) << reply.body;
  }
}

TEST(RuntimeProtocol, ErrorsCarryTheirTypeAndObject) {
  RuntimeProtocol protocol = in_state(State::Running);
  const RuntimeReply reply =
      ask(protocol, "POST", "invocation/id-1/error", R"({"errorType":"A"})", {{"lambda-runtime-function-error-type", "My.Type"}});
  EXPECT_EQ(reply.error_type, "My.Type");
  EXPECT_EQ(reply.payload, R"({"errorType":"A"})");
}

TEST(RuntimeProtocol, TooLargeResponseFailsTheInvocationAtOnce) {
  RuntimeProtocol protocol = in_state(State::Running);
  const RuntimeReply reply = ask(protocol, "POST", "invocation/id-1/response", std::string(6'291'557, 'x'));
  EXPECT_EQ(reply.status, 413);
  EXPECT_EQ(reply.body, R"({"errorMessage":"Exceeded maximum allowed payload size (6291556 bytes).","errorType":"RequestEntityTooLarge"})");
  EXPECT_EQ(reply.effect, Effect::Failed);
  EXPECT_TRUE(contains(reply.payload, "Function.ResponseSizeTooLarge"));
}

TEST(RuntimeProtocol, EventHeadHasLambdasHeadersAndCannotBeSplit) {
  std::string out;
  RuntimeProtocol::append_event_head({.request_id = "id-1",
                                      .deadline_ms = 1'700'000'000'000,
                                      .invoked_arn = "arn:x",
                                      .trace_header = "Root=1",
                                      .client_context = "{\"a\":\r\n1}",
                                      .payload = "12345"},
                                     out);
  EXPECT_EQ(out,
            "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nLambda-Runtime-Aws-Request-Id: id-1\r\n"
            "Lambda-Runtime-Deadline-Ms: 1700000000000\r\nLambda-Runtime-Invoked-Function-Arn: arn:x\r\nLambda-Runtime-Trace-Id: Root=1\r\n"
            "Lambda-Runtime-Client-Context: {\"a\":  1}\r\nContent-Length: 5\r\n\r\n");
}

}  // namespace
}  // namespace surgetank
