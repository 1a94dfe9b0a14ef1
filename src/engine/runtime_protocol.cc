#include "engine/runtime_protocol.h"

#include <charconv>

#include "base/assert.h"
#include "base/text.h"
#include "wire/json_writer.h"

namespace surgetank {
namespace {

using Effect = RuntimeReply::Effect;

constexpr std::string_view api = "/2018-06-01/runtime/";
// The reply to nearly every post, ready made.
constexpr std::string_view accepted_body = "{\"status\":\"OK\"}\n";
constexpr std::string_view accepted_head = "HTTP/1.1 202 Accepted\r\nContent-Type: application/json\r\nContent-Length: 16\r\n\r\n";
static_assert(accepted_body.size() == 16);
constexpr std::size_t longest_error_type = 256;

std::string error_body(std::string_view type, std::string_view message) {
  std::string body;
  JsonWriter(body).begin_object().key("errorMessage").string(message).key("errorType").string(type).end_object();
  return body;
}

RuntimeReply refuse(int status, std::string_view type, std::string_view message) {
  RuntimeReply reply;
  reply.status = status;
  reply.body = error_body(type, message);
  return reply;
}

RuntimeReply accept(Effect effect) {
  RuntimeReply reply;
  reply.effect = effect;
  reply.status = 202;
  return reply;
}

// The names that Lambda's emulator uses in its messages.
std::string_view name_of(RuntimeProtocol::State state) {
  switch (state) {
    case RuntimeProtocol::State::Starting: return "RuntimeStarted";
    case RuntimeProtocol::State::Ready: return "RuntimeReady";
    case RuntimeProtocol::State::Running: return "RuntimeRunning";
    case RuntimeProtocol::State::Responded: return "RuntimeResponseSent";
    case RuntimeProtocol::State::Refused: return "RuntimeInvocationResponse";
    case RuntimeProtocol::State::InitFailed: return "RuntimeInitError";
  }
  return "";
}

std::string error_type_of(const HttpRequest& request) {
  const auto header = request.header("Lambda-Runtime-Function-Error-Type");
  return header ? std::string(header->substr(0, longest_error_type)) : "Runtime.UnknownReason";
}

// An error object is what the caller gets: a runtime that sends none gets one made of what it said.
std::string error_payload(HttpRequest& request, std::string_view error_type) {
  return request.body.empty() ? error_body(error_type, "") : std::move(request.body);
}

RuntimeReply refuse_unknown(std::string_view path) {
  if (path.starts_with("/2020-01-01/extension")) {
    return refuse(403, "Extension.NotSupported", "Surgetank does not support the Lambda Extensions API yet");
  }
  if (path.starts_with("/2022-07-01/telemetry")) {
    return refuse(403, "Telemetry.NotSupported", "Surgetank does not support the Lambda Telemetry API yet");
  }
  if (path.starts_with("/2020-08-15/logs")) return refuse(403, "Logs.NotSupported", "Surgetank does not support the Lambda Logs API yet");
  if (path.starts_with("/2018-06-01/runtime/restore")) {
    return refuse(403, "Runtime.RestoreNotSupported", "Surgetank does not support SnapStart yet");
  }
  return refuse(404, "NotFound", "The Lambda Runtime API has no such path: " + std::string(path.substr(0, 200)));
}

std::string_view reason_phrase(int status) {
  switch (status) {
    case 200: return "OK";
    case 202: return "Accepted";
    case 400: return "Bad Request";
    case 403: return "Forbidden";
    case 404: return "Not Found";
    case 405: return "Method Not Allowed";
    case 413: return "Request Entity Too Large";
    default: return "Error";
  }
}

void append_integer(std::string& out, std::int64_t value) {
  char digits[24];
  const auto end = std::to_chars(digits, digits + sizeof digits, value);
  out.append(digits, end.ptr);
}

// A header value cannot end its line.
void append_value(std::string& out, std::string_view value) {
  constexpr std::string_view line_ends{"\r\n\0", 3};
  const auto first = out.size();
  out += value;
  if (value.find_first_of(line_ends) == std::string_view::npos) return;
  for (auto at = out.find_first_of(line_ends, first); at != std::string::npos; at = out.find_first_of(line_ends, at)) out[at] = ' ';
}

}  // namespace

RuntimeReply RuntimeProtocol::handle(HttpRequest& request) {
  std::string_view path = request.path;
  if (!path.starts_with(api)) return refuse_unknown(path);
  path.remove_prefix(api.size());
  const bool is_post = request.method == "POST";
  if (path == "invocation/next") {
    if (request.method != "GET") return refuse(405, "MethodNotAllowed", "GET is the only method of invocation/next");
    return next();
  }
  if (path.starts_with("invocation/") && is_post) return finish(request, path.substr(11));
  if (path == "init/error" && is_post) return fail_init(request);
  return refuse_unknown(request.path);
}

RuntimeReply RuntimeProtocol::next() {
  // Ready: the runtime asks once more, on another connection; its older request is void.
  if (state_ == State::Running || state_ == State::InitFailed) return refuse_transition("RuntimeReady");
  state_ = State::Ready;
  RuntimeReply reply;
  reply.effect = Effect::AskedNext;
  return reply;
}

RuntimeReply RuntimeProtocol::finish(HttpRequest& request, std::string_view id_and_verb) {
  const auto slash = id_and_verb.find('/');
  const std::string_view id = id_and_verb.substr(0, slash);
  const std::string_view verb = slash == std::string_view::npos ? std::string_view{} : id_and_verb.substr(slash + 1);
  if (verb != "response" && verb != "error") return refuse_unknown(request.path);
  if (state_ != State::Running && state_ != State::Refused) {
    return refuse_transition(verb == "response" ? "RuntimeInvocationResponse" : "RuntimeInvocationErrorResponse");
  }
  if (id != request_id_) return refuse(400, "InvalidRequestID", "Invalid request ID");
  return verb == "response" ? respond(request) : fail(request);
}

RuntimeReply RuntimeProtocol::respond(HttpRequest& request) {
  if (state_ == State::Refused) return refuse_transition("RuntimeInvocationResponse");
  const auto mode = request.header("Lambda-Runtime-Function-Response-Mode");
  if (mode && equals_ignoring_case(*mode, "streaming")) {
    RuntimeReply reply = refuse(400, "Runtime.StreamingNotSupported", "Surgetank does not support response streaming yet");
    reply.effect = Effect::Failed;
    reply.error_type = "Runtime.StreamingNotSupported";
    reply.payload = reply.body;
    state_ = State::Refused;
    return reply;
  }
  if (request.body.size() > largest_response) {
    const std::string limit = std::to_string(largest_response);
    RuntimeReply reply = refuse(413, "RequestEntityTooLarge", "Exceeded maximum allowed payload size (" + limit + " bytes).");
    reply.effect = Effect::Failed;
    reply.error_type = "Function.ResponseSizeTooLarge";
    reply.payload =
        error_body("Function.ResponseSizeTooLarge", "Response payload size exceeded maximum allowed payload size (" + limit + " bytes).");
    state_ = State::Refused;
    return reply;
  }
  state_ = State::Responded;
  return accept(Effect::Responded);
}

RuntimeReply RuntimeProtocol::fail(HttpRequest& request) {
  // After a refused response the caller has its error already; the runtime's own is accepted and dropped.
  const bool is_news = state_ == State::Running;
  state_ = State::Responded;
  if (!is_news) return accept(Effect::None);
  RuntimeReply reply = accept(Effect::Failed);
  reply.error_type = error_type_of(request);
  reply.payload = error_payload(request, reply.error_type);
  return reply;
}

RuntimeReply RuntimeProtocol::fail_init(HttpRequest& request) {
  if (state_ != State::Starting) return refuse_transition("RuntimeInitError");
  state_ = State::InitFailed;
  RuntimeReply reply = accept(Effect::InitFailed);
  reply.error_type = error_type_of(request);
  reply.payload = error_payload(request, reply.error_type);
  return reply;
}

RuntimeReply RuntimeProtocol::refuse_transition(std::string_view wanted) const {
  return refuse(403, "InvalidStateTransition",
                "State transition from " + std::string(name_of(state_)) + " to " + std::string(wanted) +
                    " failed for runtime. Error: State transition is not allowed");
}

void RuntimeProtocol::delivered(std::string_view request_id) {
  SURGE_ASSERT(state_ == State::Ready, "an event is the answer to a request for it");
  state_ = State::Running;
  request_id_ = request_id;
}

void RuntimeProtocol::append_event_head(const InvocationEvent& event, std::string& out) {
  out += "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nLambda-Runtime-Aws-Request-Id: ";
  append_value(out, event.request_id);
  out += "\r\nLambda-Runtime-Deadline-Ms: ";
  append_integer(out, event.deadline_ms);
  out += "\r\nLambda-Runtime-Invoked-Function-Arn: ";
  append_value(out, event.invoked_arn);
  out += "\r\nLambda-Runtime-Trace-Id: ";
  append_value(out, event.trace_header);
  if (!event.client_context.empty()) {
    out += "\r\nLambda-Runtime-Client-Context: ";
    append_value(out, event.client_context);
  }
  out += "\r\nContent-Length: ";
  append_integer(out, static_cast<std::int64_t>(event.payload.size()));
  out += "\r\n\r\n";
}

void RuntimeProtocol::append_reply(int status, std::string_view body, Follow follow, std::string& out) {
  if (status == 202 && body.empty() && follow == Follow::KeepAlive) {
    out += accepted_head;
    out += accepted_body;
    return;
  }
  if (status == 202 && body.empty()) body = accepted_body;
  out += "HTTP/1.1 ";
  append_integer(out, status);
  out += ' ';
  out += reason_phrase(status);
  out += "\r\nContent-Type: application/json\r\nContent-Length: ";
  append_integer(out, static_cast<std::int64_t>(body.size()));
  out += follow == Follow::Close ? "\r\nConnection: close\r\n\r\n" : "\r\n\r\n";
  out += body;
}

}  // namespace surgetank
