#include "runtime_loop.h"

#include <gtest/gtest.h>
#include <pthread.h>
#include <signal.h>

#include <chrono>
#include <stdexcept>
#include <thread>

#include "fake_runtime_api.h"

namespace shop {
struct OutOfStock : std::runtime_error {
  using std::runtime_error::runtime_error;
};
}  // namespace shop

namespace surgetank::function_runtime {
namespace {

using Afterwards = FakeRuntimeApi::Afterwards;
using Delivery = FakeRuntimeApi::Delivery;
using Step = FakeRuntimeApi::Step;
using Transport = FakeRuntimeApi::Transport;

const std::string next_path = "/2018-06-01/runtime/invocation/next";

std::string response_path(const std::string& id) { return "/2018-06-01/runtime/invocation/" + id + "/response"; }
std::string error_path(const std::string& id) { return "/2018-06-01/runtime/invocation/" + id + "/error"; }

invocation_response echo(const invocation_request& request) { return invocation_response::success(request.payload); }

class RuntimeLoopOn : public testing::TestWithParam<Transport> {};

INSTANTIATE_TEST_SUITE_P(Transports, RuntimeLoopOn, testing::Values(Transport::UnixSocket, Transport::AbstractSocket, Transport::Tcp),
                         [](const auto& parameter) {
                           if (parameter.param == Transport::Tcp) return "Tcp";
                           return parameter.param == Transport::UnixSocket ? "UnixSocket" : "AbstractSocket";
                         });

TEST_P(RuntimeLoopOn, AnswersInvocationsOnOneConnectionUntilTheApiIsGone) {
  FakeRuntimeApi api(GetParam(), {FakeRuntimeApi::event("a-1", R"({"n":1})"), FakeRuntimeApi::accepted(),
                                  FakeRuntimeApi::event("a-2", "[2]"), FakeRuntimeApi::accepted()});
  EXPECT_EQ(RuntimeLoop(api.endpoint()).run(echo), EXIT_FAILURE);
  const auto& requests = api.requests();
  ASSERT_EQ(requests.size(), 4u);
  EXPECT_EQ(requests[0].method, "GET");
  EXPECT_EQ(requests[0].path, next_path);
  EXPECT_EQ(requests[0].headers.at("host"), api.endpoint().host_header);
  EXPECT_EQ(requests[1].method, "POST");
  EXPECT_EQ(requests[1].path, response_path("a-1"));
  EXPECT_EQ(requests[1].headers.at("content-type"), "application/json");
  EXPECT_EQ(requests[1].body, R"({"n":1})");
  EXPECT_EQ(requests[2].path, next_path);
  EXPECT_EQ(requests[3].path, response_path("a-2"));
  EXPECT_EQ(requests[3].body, "[2]");
  for (const auto& request : requests) EXPECT_EQ(request.connection, 0);
}

TEST_P(RuntimeLoopOn, AsksForTheNextInvocationInTheSameWriteOnAUnixSocketOnly) {
  FakeRuntimeApi api(GetParam(), {FakeRuntimeApi::event("1", "null"), FakeRuntimeApi::accepted(), FakeRuntimeApi::event("2", "null"),
                                  FakeRuntimeApi::accepted()});
  RuntimeLoop(api.endpoint()).run(echo);
  const auto& requests = api.requests();
  ASSERT_EQ(requests.size(), 4u);
  EXPECT_EQ(requests[2].path, next_path);
  EXPECT_EQ(requests[2].came_with_the_one_before, GetParam() != Transport::Tcp);
  EXPECT_FALSE(requests[1].came_with_the_one_before);
}

TEST_P(RuntimeLoopOn, ARequestCarriesWhatTheHeadersSay) {
  FakeRuntimeApi api(GetParam(), {FakeRuntimeApi::event("8476a536-e9f4-11e8-9739-2dfe598c3fcd", "{}",
                                                        "Lambda-Runtime-Deadline-Ms: 1542409706888\r\n"
                                                        "Lambda-Runtime-Invoked-Function-Arn: "
                                                        "arn:aws:lambda:us-east-1:000000000000:function:f:live\r\n"
                                                        "Lambda-Runtime-Trace-Id: Root=1-5bef4de7-ad49b0e87f6ef6c87fc2e700;Sampled=1\r\n"
                                                        "Lambda-Runtime-Client-Context: {\"client\":{}}\r\n"
                                                        "Lambda-Runtime-Cognito-Identity: {\"id\":1}\r\n"
                                                        "Lambda-Runtime-Aws-Tenant-Id: blue\r\n")});
  invocation_request seen;
  std::string trace_id_in_environment;
  RuntimeLoop(api.endpoint()).run([&](const invocation_request& request) {
    seen = request;
    trace_id_in_environment = std::getenv("_X_AMZN_TRACE_ID");
    return invocation_response::success("null");
  });
  EXPECT_EQ(seen.request_id, "8476a536-e9f4-11e8-9739-2dfe598c3fcd");
  EXPECT_EQ(seen.deadline.time_since_epoch(), std::chrono::milliseconds(1542409706888));
  EXPECT_EQ(seen.function_arn, "arn:aws:lambda:us-east-1:000000000000:function:f:live");
  EXPECT_EQ(seen.xray_trace_id, "Root=1-5bef4de7-ad49b0e87f6ef6c87fc2e700;Sampled=1");
  EXPECT_EQ(trace_id_in_environment, seen.xray_trace_id);
  EXPECT_EQ(seen.client_context, "{\"client\":{}}");
  EXPECT_EQ(seen.cognito_identity, "{\"id\":1}");
  EXPECT_EQ(seen.tenant_id, "blue");
  EXPECT_EQ(seen.get_time_remaining(), std::chrono::milliseconds::zero());  // it was in 2018
}

TEST_P(RuntimeLoopOn, TheTraceIdOfOneInvocationDoesNotLeakIntoTheNext) {
  FakeRuntimeApi api(GetParam(), {FakeRuntimeApi::event("1", "{}", "Lambda-Runtime-Trace-Id: Root=1-a-b\r\n"),
                                  FakeRuntimeApi::accepted(), FakeRuntimeApi::event("2", "{}"), FakeRuntimeApi::accepted()});
  std::vector<bool> is_set;
  RuntimeLoop(api.endpoint()).run([&](const invocation_request&) {
    is_set.push_back(std::getenv("_X_AMZN_TRACE_ID") != nullptr);
    return invocation_response::success("null");
  });
  EXPECT_EQ(is_set, (std::vector<bool>{true, false}));
}

TEST_P(RuntimeLoopOn, ADeadlineThatIsNotANumberIsNoDeadline) {
  FakeRuntimeApi api(GetParam(), {FakeRuntimeApi::event("1", "{}", "Lambda-Runtime-Deadline-Ms: soon\r\n"), FakeRuntimeApi::accepted(),
                                  FakeRuntimeApi::event("2", "{}", "Lambda-Runtime-Deadline-Ms: 9223372036854775807\r\n")});
  int calls = 0;
  RuntimeLoop(api.endpoint()).run([&](const invocation_request& request) {
    EXPECT_EQ(request.deadline.time_since_epoch().count(), 0);
    ++calls;
    return invocation_response::success("null");
  });
  EXPECT_EQ(calls, 2);
}

TEST_P(RuntimeLoopOn, AFailureAndEveryExceptionBecomeAnErrorAndTheLoopGoesOn) {
  std::deque<Step> script;
  for (const char* id : {"1", "2", "3", "4"}) {
    script.push_back(FakeRuntimeApi::event(id, "{}"));
    script.push_back(FakeRuntimeApi::accepted());
  }
  FakeRuntimeApi api(GetParam(), script);
  RuntimeLoop(api.endpoint()).run([](const invocation_request& request) -> invocation_response {
    if (request.request_id == "1") return invocation_response::failure("no\n\"tea\"", "Shop.Closed");
    if (request.request_id == "2") throw shop::OutOfStock("tea");
    if (request.request_id == "3") throw 42;
    return invocation_response::success("null");
  });
  const auto& requests = api.requests();
  ASSERT_EQ(requests.size(), 8u);
  EXPECT_EQ(requests[1].path, error_path("1"));
  EXPECT_EQ(requests[1].headers.at("lambda-runtime-function-error-type"), "Shop.Closed");
  EXPECT_EQ(requests[1].body, R"({"errorMessage":"no\n\"tea\"","errorType":"Shop.Closed","stackTrace":[]})");
  EXPECT_EQ(requests[3].path, error_path("2"));
  EXPECT_EQ(requests[3].headers.at("lambda-runtime-function-error-type"), "shop::OutOfStock");
  EXPECT_EQ(requests[3].body, R"({"errorMessage":"tea","errorType":"shop::OutOfStock","stackTrace":[]})");
  EXPECT_EQ(requests[5].path, error_path("3"));
  EXPECT_EQ(requests[5].headers.at("lambda-runtime-function-error-type"), "UnknownException");
  EXPECT_EQ(requests[7].path, response_path("4"));
}

TEST_P(RuntimeLoopOn, TextOfTheFunctionCannotAddHeaders) {
  FakeRuntimeApi api(GetParam(), {FakeRuntimeApi::event("1", "{}"), FakeRuntimeApi::accepted(), FakeRuntimeApi::event("2", "{}"),
                                  FakeRuntimeApi::accepted()});
  RuntimeLoop(api.endpoint()).run([](const invocation_request& request) {
    if (request.request_id == "1") return invocation_response::success("1", "text/plain\r\nX-Evil: 1");
    return invocation_response::failure("m", "T\r\nContent-Length: 0\r\n\r\nGET / HTTP/1.1" + std::string(1000, 'x'));
  });
  const auto& requests = api.requests();
  ASSERT_EQ(requests.size(), 4u);
  EXPECT_EQ(requests[1].headers.at("content-type"), "text/plain??X-Evil: 1");
  EXPECT_EQ(requests[1].headers.count("x-evil"), 0u);
  EXPECT_EQ(requests[3].headers.at("lambda-runtime-function-error-type").size(), 256u);
}

TEST_P(RuntimeLoopOn, RepliesMayBeChunkedAndComeByteByByte) {
  Step event;
  event.reply = "HTTP/1.1 200 OK\r\nLambda-Runtime-Aws-Request-Id: 1\r\nTransfer-Encoding: chunked\r\n\r\n3\r\n[1,\r\n2\r\n2]\r\n0\r\n\r\n";
  event.delivery = Delivery::ByteByByte;
  Step accepted = FakeRuntimeApi::accepted();
  accepted.delivery = Delivery::ByteByByte;
  FakeRuntimeApi api(GetParam(), {event, accepted, event, accepted});
  RuntimeLoop(api.endpoint()).run(echo);
  const auto& requests = api.requests();
  ASSERT_EQ(requests.size(), 4u);
  EXPECT_EQ(requests[1].body, "[1,2]");
  EXPECT_EQ(requests[3].body, "[1,2]");
}

TEST_P(RuntimeLoopOn, SixMebibytesPassInBothDirections) {
  const std::string event = "\"" + std::string(6 * 1024 * 1024 - 2, 'x') + "\"";
  FakeRuntimeApi api(GetParam(), {FakeRuntimeApi::event("1", event), FakeRuntimeApi::accepted(), FakeRuntimeApi::event("2", "{}")});
  RuntimeLoop(api.endpoint()).run(echo);
  ASSERT_GE(api.requests().size(), 2u);
  EXPECT_TRUE(api.requests()[1].body == event);
}

TEST_P(RuntimeLoopOn, ReconnectsWhenTheConnectionEndedWhileItWaited) {
  const Step hang_up{"", Afterwards::HangUp, Delivery::Whole, {}};
  FakeRuntimeApi api(GetParam(), {hang_up, FakeRuntimeApi::event("1", "{}"), FakeRuntimeApi::accepted()});
  RuntimeLoop(api.endpoint()).run(echo);
  const auto& requests = api.requests();
  ASSERT_EQ(requests.size(), 3u);
  EXPECT_EQ(requests[1].path, next_path);
  EXPECT_EQ(requests[1].connection, 1);
  EXPECT_EQ(requests[2].path, response_path("1"));
}

TEST_P(RuntimeLoopOn, RepeatsAnAnswerWhoseConnectionEndedBeforeTheReply) {
  FakeRuntimeApi api(GetParam(), {FakeRuntimeApi::event("1", "{}"), {"", Afterwards::HangUp, Delivery::Whole, {}},
                                  FakeRuntimeApi::accepted(), FakeRuntimeApi::event("2", "{}")});
  RuntimeLoop(api.endpoint()).run(echo);
  const auto& requests = api.requests();
  ASSERT_GE(requests.size(), 4u);
  EXPECT_EQ(requests[2].path, response_path("1"));
  EXPECT_EQ(requests[2].body, "{}");
  EXPECT_EQ(requests[2].connection, 1);
  EXPECT_EQ(requests[3].path, next_path);
}

TEST_P(RuntimeLoopOn, GivesUpWhenEveryConnectionEndsWithoutAReply) {
  const Step hang_up{"", Afterwards::HangUp, Delivery::Whole, {}};
  FakeRuntimeApi api(GetParam(), std::deque<Step>(RuntimeLoop::max_attempts, hang_up));
  EXPECT_EQ(RuntimeLoop(api.endpoint()).run(echo), EXIT_FAILURE);  // and no fourth attempt, which would end the server
}

TEST_P(RuntimeLoopOn, AReplyThatClosesTheConnectionIsFollowedByANewOne) {
  Step event = FakeRuntimeApi::event("1", "{}", "Connection: close\r\n");
  event.afterwards = Afterwards::HangUp;
  Step accepted;
  accepted.reply = "HTTP/1.1 202 Accepted\r\nConnection: close\r\nContent-Length: 0\r\n\r\n";
  accepted.afterwards = Afterwards::HangUp;
  FakeRuntimeApi api(GetParam(), {event, accepted, FakeRuntimeApi::event("2", "{}"), FakeRuntimeApi::accepted()});
  RuntimeLoop(api.endpoint()).run(echo);
  const auto& requests = api.requests();
  ASSERT_EQ(requests.size(), 4u);
  EXPECT_EQ(requests[1].connection, 1);
  EXPECT_EQ(requests[2].path, next_path);
  EXPECT_EQ(requests[2].connection, 2);
  EXPECT_EQ(requests[3].path, response_path("2"));
}

TEST_P(RuntimeLoopOn, AResponseThatIsTooLargeFailsTheInvocation) {
  FakeRuntimeApi api(GetParam(), {FakeRuntimeApi::event("1", "{}"), FakeRuntimeApi::refused(413, "{}"), FakeRuntimeApi::accepted(),
                                  FakeRuntimeApi::event("2", "{}"), FakeRuntimeApi::accepted()});
  RuntimeLoop(api.endpoint()).run([&](const invocation_request& request) {
    return invocation_response::success(std::string(request.request_id == "1" ? RuntimeLoop::max_response_bytes + 1 : 1, '1'));
  });
  const auto& requests = api.requests();
  ASSERT_EQ(requests.size(), 5u);
  EXPECT_EQ(requests[1].path, response_path("1"));
  EXPECT_EQ(requests[2].path, error_path("1"));
  EXPECT_EQ(requests[2].headers.at("lambda-runtime-function-error-type"), "Function.ResponseSizeTooLarge");
  EXPECT_EQ(requests[3].path, next_path);
  EXPECT_EQ(requests[4].path, response_path("2"));
}

TEST_P(RuntimeLoopOn, APlatformWithALowerLimitMayAlsoRefuseAResponse) {
  std::deque<Step> script{FakeRuntimeApi::event("1", "{}"), FakeRuntimeApi::refused(413, "{}")};
  // The request for the next invocation is already there; it cannot be had while this one is open.
  if (GetParam() != Transport::Tcp) script.push_back(FakeRuntimeApi::refused(403, R"({"errorType":"InvalidStateTransition"})"));
  script.insert(script.end(), {FakeRuntimeApi::accepted(), FakeRuntimeApi::event("2", "{}"), FakeRuntimeApi::accepted()});
  FakeRuntimeApi api(GetParam(), script);
  RuntimeLoop(api.endpoint()).run(echo);
  const auto& requests = api.requests();
  ASSERT_EQ(requests.size(), script.size());
  EXPECT_EQ(requests[requests.size() - 3].path, error_path("1"));
  EXPECT_EQ(requests[requests.size() - 2].path, next_path);
  EXPECT_EQ(requests[requests.size() - 1].path, response_path("2"));
}

TEST_P(RuntimeLoopOn, ARefusedAnswerIsNoReasonToStop) {
  FakeRuntimeApi api(GetParam(), {FakeRuntimeApi::event("1", "{}"), FakeRuntimeApi::refused(400, R"({"errorType":"InvalidRequestID"})"),
                                  FakeRuntimeApi::event("2", "{}"), FakeRuntimeApi::accepted()});
  RuntimeLoop(api.endpoint()).run(echo);
  ASSERT_EQ(api.requests().size(), 4u);
  EXPECT_EQ(api.requests()[3].path, response_path("2"));
}

TEST_P(RuntimeLoopOn, StopsWhenTheEnvironmentIsDeclaredUnusable) {
  FakeRuntimeApi api(GetParam(), {FakeRuntimeApi::event("1", "{}"), FakeRuntimeApi::refused(500, "{}"), FakeRuntimeApi::event("2", "{}")});
  int calls = 0;
  EXPECT_EQ(RuntimeLoop(api.endpoint()).run([&](const invocation_request& request) {
    ++calls;
    return echo(request);
  }), EXIT_FAILURE);
  EXPECT_EQ(calls, 1);
}

TEST_P(RuntimeLoopOn, StopsWhenTheNextInvocationIsRefusedOrUnusable) {
  for (const Step& step : {FakeRuntimeApi::refused(403, R"({"errorType":"InvalidStateTransition"})"), FakeRuntimeApi::event("", "{}"),
                           FakeRuntimeApi::event("../../evil", "{}"), FakeRuntimeApi::event(std::string(129, 'a'), "{}"),
                           Step{"SSH-2.0-OpenSSH\r\n", Afterwards::KeepOpen, Delivery::Whole, {}},
                           Step{"HTTP/1.1 200 OK\r\n", Afterwards::HangUp, Delivery::Whole, {}}}) {
    FakeRuntimeApi api(GetParam(), {step});
    EXPECT_EQ(RuntimeLoop(api.endpoint()).run([](const invocation_request&) -> invocation_response {
      ADD_FAILURE() << "called";
      return invocation_response::success("null");
    }), EXIT_FAILURE);
  }
}

TEST_P(RuntimeLoopOn, SignalsDoNotDisturbTheWait) {
  struct sigaction action {};
  struct sigaction old_action {};
  action.sa_handler = [](int) {};  // without SA_RESTART: system calls end with EINTR
  ASSERT_EQ(::sigaction(SIGUSR1, &action, &old_action), 0);
  const pthread_t loop_thread = ::pthread_self();
  Step event = FakeRuntimeApi::event("1", "{}");
  event.before_reply = [loop_thread] {
    for (int count = 0; count < 20; ++count) {
      ::pthread_kill(loop_thread, SIGUSR1);
      std::this_thread::sleep_for(std::chrono::milliseconds(1));
    }
  };
  FakeRuntimeApi api(GetParam(), {event, FakeRuntimeApi::accepted()});
  RuntimeLoop(api.endpoint()).run(echo);
  ASSERT_EQ(api.requests().size(), 2u);
  EXPECT_EQ(api.requests()[1].path, response_path("1"));
  ::sigaction(SIGUSR1, &old_action, nullptr);
}

TEST_P(RuntimeLoopOn, AnInitFailureIsPosted) {
  FakeRuntimeApi api(GetParam(), {FakeRuntimeApi::accepted()});
  EXPECT_EQ(RuntimeLoop(api.endpoint()).report_init_failure("TABLE is not set", "Config.Missing"), EXIT_FAILURE);
  FakeRuntimeApi other(GetParam(), {FakeRuntimeApi::accepted()});
  EXPECT_EQ(RuntimeLoop(other.endpoint()).run(nullptr), EXIT_FAILURE);
  // Nothing else comes, so nothing ends the servers but a request after the last step.
  for (FakeRuntimeApi* server : {&api, &other}) {
    RuntimeConnection last(server->endpoint());
    ASSERT_EQ(last.open(), RuntimeConnection::Outcome::Done);
    ASSERT_EQ(last.write("GET / HTTP/1.1\r\n\r\n"), RuntimeConnection::Outcome::Done);
    ASSERT_EQ(server->requests().size(), 1u);
    EXPECT_EQ(server->requests()[0].path, "/2018-06-01/runtime/init/error");
  }
  EXPECT_EQ(api.requests()[0].headers.at("lambda-runtime-function-error-type"), "Config.Missing");
  EXPECT_EQ(api.requests()[0].body, R"({"errorMessage":"TABLE is not set","errorType":"Config.Missing","stackTrace":[]})");
  EXPECT_EQ(other.requests()[0].headers.at("lambda-runtime-function-error-type"), "Runtime.HandlerNotFound");
}

TEST(RuntimeEndpoint, ReadsHostAndPort) {
  EXPECT_EQ(RuntimeEndpoint::tcp("127.0.0.1:9001").address, "127.0.0.1");
  EXPECT_EQ(RuntimeEndpoint::tcp("127.0.0.1:9001").port, "9001");
  EXPECT_EQ(RuntimeEndpoint::tcp("[::1]:9001").address, "::1");
  EXPECT_EQ(RuntimeEndpoint::tcp("[::1]:9001").host_header, "[::1]:9001");
  for (const char* text : {"", ":", "host", "host:", ":9001", "host:http", "host:123456", "::1:9001", "http://host:80", "ho st:80",
                           "host\r\nX:80"}) {
    EXPECT_EQ(RuntimeEndpoint::tcp(text).address, "") << text;
  }
}

TEST(RuntimeConnection, ReportsAnEndpointWhereNobodyListens) {
  RuntimeConnection missing(RuntimeEndpoint::unix_socket("/nowhere/at/all.sock"));
  EXPECT_EQ(missing.open(), RuntimeConnection::Outcome::Closed);
  EXPECT_EQ(missing.problem(), "cannot connect to the runtime socket /nowhere/at/all.sock: No such file or directory");
  RuntimeConnection too_long(RuntimeEndpoint::unix_socket("/" + std::string(200, 'x')));
  EXPECT_EQ(too_long.open(), RuntimeConnection::Outcome::Closed);
  EXPECT_NE(too_long.problem().find("too long"), std::string::npos);
}

}  // namespace
}  // namespace surgetank::function_runtime
