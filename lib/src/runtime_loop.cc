#include "runtime_loop.h"

#include <cxxabi.h>

#include <algorithm>
#include <charconv>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <exception>
#include <iostream>
#include <memory>
#include <typeinfo>

#include "json_text.h"

namespace surgetank::function_runtime {
namespace {

constexpr std::string_view api = "/2018-06-01/runtime/";
constexpr std::string_view user_agent = "surgetank-lambda-cpp/0.1";
constexpr std::size_t max_request_id_bytes = 128;
constexpr std::size_t max_header_value_bytes = 256;

std::string type_name(const std::exception& exception) {
  int status = 0;
  const std::unique_ptr<char, decltype(&std::free)> name(abi::__cxa_demangle(typeid(exception).name(), nullptr, nullptr, &status),
                                                         &std::free);
  return name ? name.get() : typeid(exception).name();
}

invocation_response call(const invocation_handler& handler, const invocation_request& request) {
  try {
    return handler(request);
  } catch (const std::exception& exception) {
    return invocation_response::failure(exception.what(), type_name(exception));
  } catch (...) {
    return invocation_response::failure("the handler threw something that is not a std::exception", "UnknownException");
  }
}

// Text from a function, made fit for a header: nothing in it can end the line or the value.
std::string header_value(std::string_view text) {
  std::string value(text.substr(0, max_header_value_bytes));
  std::replace_if(value.begin(), value.end(), [](char c) { return c < ' ' || c > '~'; }, '?');
  return value;
}

// It becomes part of a path.
bool is_request_id(std::string_view id) {
  const auto is_allowed = [](char c) {
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '-' || c == '_';
  };
  return !id.empty() && id.size() <= max_request_id_bytes && std::all_of(id.begin(), id.end(), is_allowed);
}

std::chrono::time_point<std::chrono::system_clock> read_deadline(std::string_view text) {
  std::int64_t deadline_ms = 0;
  const auto result = std::from_chars(text.data(), text.data() + text.size(), deadline_ms);
  constexpr std::int64_t latest_ms = std::int64_t{1} << 43;  // in the year 2248; more would overflow nanoseconds
  if (result.ec != std::errc() || result.ptr != text.data() + text.size() || deadline_ms < 0 || deadline_ms > latest_ms) return {};
  return std::chrono::time_point<std::chrono::system_clock>(std::chrono::milliseconds(deadline_ms));
}

void publish_trace_id(const std::string& trace_id) {
  if (trace_id.empty()) {
    ::unsetenv("_X_AMZN_TRACE_ID");
  } else {
    ::setenv("_X_AMZN_TRACE_ID", trace_id.c_str(), 1);
  }
}

// What the handler printed belongs to this invocation, and after the answer the process may be frozen.
void flush_output() {
  std::cout.flush();
  std::fflush(stdout);
}

}  // namespace

RuntimeLoop::RuntimeLoop(RuntimeEndpoint endpoint) : connection_(std::move(endpoint)) {
  next_request_.append("GET ").append(api).append("invocation/next HTTP/1.1\r\nHost: ");
  next_request_.append(connection_.endpoint().host_header).append("\r\nUser-Agent: ").append(user_agent).append("\r\n\r\n");
}

RuntimeLoop::Step RuntimeLoop::stop(const std::string& reason) {
  std::fprintf(stderr, "surgetank-lambda: %s\n", reason.c_str());
  return Step::Stop;
}

int RuntimeLoop::run(const invocation_handler& handler) {
  if (!handler) return report_init_failure("run_handler was called without a handler", "Runtime.HandlerNotFound");
  for (;;) {
    invocation_request request;
    if (fetch(request) == Step::Stop) return EXIT_FAILURE;
    publish_trace_id(request.xray_trace_id);
    const invocation_response response = call(handler, request);
    if (!response.is_success()) {
      std::fprintf(stderr, "[ERROR] RequestId: %s %s\n", request.request_id.c_str(), response.get_payload().c_str());
    }
    flush_output();
    if (answer(request.request_id, response) == Step::Stop) return EXIT_FAILURE;
  }
}

RuntimeLoop::Step RuntimeLoop::fetch(invocation_request& request) {
  for (int attempt = 0; attempt < max_attempts; ++attempt) {
    if (next_ == Next::NotAsked) {
      if (connection_.open() != RuntimeConnection::Outcome::Done) return stop(connection_.problem());
      if (connection_.write(next_request_) != RuntimeConnection::Outcome::Done) continue;
    }
    next_ = Next::NotAsked;
    Reply reply;
    const RuntimeConnection::Outcome outcome = connection_.read(reply);
    if (outcome == RuntimeConnection::Outcome::Done) return read_invocation(reply, request);
    if (outcome == RuntimeConnection::Outcome::Malformed) return stop(connection_.problem());
  }
  return stop("no reply to invocation/next: " + connection_.problem());
}

RuntimeLoop::Step RuntimeLoop::read_invocation(Reply& reply, invocation_request& request) {
  if (reply.status != 200) return stop("invocation/next was refused with status " + std::to_string(reply.status) + ": " + reply.body);
  if (!is_request_id(reply.header("lambda-runtime-aws-request-id"))) return stop("an invocation came without a usable request id");
  request.request_id = reply.header("lambda-runtime-aws-request-id");
  request.xray_trace_id = reply.header("lambda-runtime-trace-id");
  request.client_context = reply.header("lambda-runtime-client-context");
  request.cognito_identity = reply.header("lambda-runtime-cognito-identity");
  request.function_arn = reply.header("lambda-runtime-invoked-function-arn");
  request.tenant_id = reply.header("lambda-runtime-aws-tenant-id");
  request.deadline = read_deadline(reply.header("lambda-runtime-deadline-ms"));
  request.payload = std::move(reply.body);
  return Step::GoOn;
}

RuntimeLoop::Step RuntimeLoop::post(const std::string& path, const invocation_response& response, Next wanted_afterwards,
                                    Reply& reply) {
  std::string head;
  head.append("POST ").append(api).append(path).append(" HTTP/1.1\r\nHost: ").append(connection_.endpoint().host_header);
  head.append("\r\nUser-Agent: ").append(user_agent);
  head.append("\r\nContent-Type: ").append(header_value(response.get_content_type()));
  if (!response.is_success()) head.append("\r\nLambda-Runtime-Function-Error-Type: ").append(header_value(response.get_error_type()));
  head.append("\r\nContent-Length: ").append(std::to_string(response.get_payload().size())).append("\r\n\r\n");
  const std::string_view next = wanted_afterwards == Next::AlreadyAsked ? std::string_view(next_request_) : std::string_view{};

  for (int attempt = 0; attempt < max_attempts; ++attempt) {
    if (connection_.open() != RuntimeConnection::Outcome::Done) return stop(connection_.problem());
    if (connection_.write(head, response.get_payload(), next) != RuntimeConnection::Outcome::Done) continue;
    const RuntimeConnection::Outcome outcome = connection_.read(reply);
    if (outcome == RuntimeConnection::Outcome::Malformed) return stop(connection_.problem());
    if (outcome == RuntimeConnection::Outcome::Closed) continue;
    next_ = connection_.is_open() ? wanted_afterwards : Next::NotAsked;
    if (reply.status >= 500) return stop(path + " was refused with status " + std::to_string(reply.status) + ": " + reply.body);
    return Step::GoOn;
  }
  return stop("no reply to " + path + ": " + connection_.problem());
}

RuntimeLoop::Step RuntimeLoop::answer(const std::string& request_id, const invocation_response& response) {
  const bool can_be_too_large = response.get_payload().size() > max_response_bytes;
  const bool is_pipelined = connection_.endpoint().kind == RuntimeEndpoint::Kind::UnixSocket && !can_be_too_large;
  const std::string path = "invocation/" + request_id + (response.is_success() ? "/response" : "/error");
  Reply reply;
  if (post(path, response, is_pipelined ? Next::AlreadyAsked : Next::NotAsked, reply) == Step::Stop) return Step::Stop;
  if (reply.status < 300) return Step::GoOn;
  std::fprintf(stderr, "surgetank-lambda: %s was refused with status %d: %s\n", path.c_str(), reply.status, reply.body.c_str());
  if (reply.status != 413 || !response.is_success()) return Step::GoOn;

  // The invocation is still open: end it as a failure. A request for the next one that is under way goes with its connection.
  if (next_ == Next::AlreadyAsked) connection_.close();
  next_ = Next::NotAsked;
  const auto failure = invocation_response::failure(
      "Response payload size exceeded maximum allowed payload size (" + std::to_string(max_response_bytes) + " bytes).",
      "Function.ResponseSizeTooLarge");
  return post("invocation/" + request_id + "/error", failure, Next::NotAsked, reply);
}

int RuntimeLoop::report_init_failure(const std::string& error_message, const std::string& error_type) {
  const auto failure = invocation_response::failure(error_message, error_type);
  std::fprintf(stderr, "[ERROR] init %s\n", failure.get_payload().c_str());
  flush_output();
  Reply reply;
  post("init/error", failure, Next::NotAsked, reply);
  return EXIT_FAILURE;
}

}  // namespace surgetank::function_runtime
