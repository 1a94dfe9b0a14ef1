#pragma once
// Surgetank's C++ function library: write an AWS Lambda function as one C++ callable.
//
//   #include <surgetank/lambda.h>
//   int main() {
//     return surgetank::run_handler([](const surgetank::invocation_request& request) {
//       return surgetank::invocation_response::success("{\"got\":" + request.payload + "}");
//     });
//   }
//
// What it is   A client of the Lambda Runtime API (AWS Lambda developer guide, "Lambda runtime API"), for executables
//              named `bootstrap` on the runtimes provided.al2023 and provided.al2. Names and shape follow
//              awslabs/aws-lambda-cpp, so a function written for that library needs another #include and namespace.
//              It depends on the C and C++ standard libraries and POSIX sockets only.
//
// Where        The same binary runs in two places, chosen by the environment:
//                SURGETANK_RUNTIME_SOCKET  path of a unix stream socket, or `@name` for one in Linux's abstract
//                                          namespace: the fast road on Surgetank. The answer to one invocation and the
//                                          request for the next leave in one write (HTTP/1.1 pipelining).
//                AWS_LAMBDA_RUNTIME_API    `host:port`: AWS Lambda itself and every other implementation. One request
//                                          at a time over one kept-alive connection.
//
// Threads      run_handler uses the thread that calls it and calls the handler on it, one invocation at a time. The
//              library starts no threads, installs no signal handlers and has no global state.
//
// Environment  Before each call of the handler `_X_AMZN_TRACE_ID` is set to the trace header of that invocation (removed
//              if it has none), as AWS's own runtimes do. That is setenv(3): a handler that keeps threads of its own
//              running between invocations must not let them read the environment.
//
// Failure      A handler fails an invocation by returning invocation_response::failure or by throwing; both are reported
//              to the caller as a function error (errorMessage, errorType) and the process lives on for the next one.
//              No exception leaves this library. The process should end when run_handler returns.
//
// Limits       A reply of the Runtime API may have 64 KiB of head in 100 header lines, and 32 MiB of body. A response above
//              6 MiB is refused by Lambda: the invocation then fails with Function.ResponseSizeTooLarge.
#include <chrono>
#include <functional>
#include <string>

namespace surgetank {

// One event to handle. A field whose header was not sent is empty.
struct invocation_request {
  std::string payload;           // the event: any JSON text, for example what API Gateway sends
  std::string request_id;        // Lambda-Runtime-Aws-Request-Id
  std::string xray_trace_id;     // Lambda-Runtime-Trace-Id: "Root=1-..;Parent=..;Sampled=.."
  std::string client_context;    // Lambda-Runtime-Client-Context: JSON about a mobile client
  std::string cognito_identity;  // Lambda-Runtime-Cognito-Identity: JSON
  std::string function_arn;      // Lambda-Runtime-Invoked-Function-Arn: with the qualifier that was called
  std::string tenant_id;         // Lambda-Runtime-Aws-Tenant-Id: functions with tenant isolation only

  // Lambda-Runtime-Deadline-Ms: when the platform ends this process if no response has come.
  std::chrono::time_point<std::chrono::system_clock> deadline{};

  // What is left until the deadline by the wall clock; never negative, zero if there is no deadline.
  std::chrono::milliseconds get_time_remaining() const;
};

// The outcome of one invocation: made by success() or failure(), then immutable.
class invocation_response {
 public:
  // `payload` is passed on as it is. Lambda expects JSON text: `null`, a string in quotes, an object.
  static invocation_response success(std::string payload, std::string content_type = "application/json");

  // Reported as {"errorMessage":..., "errorType":..., "stackTrace":[]}. Bytes that are not UTF-8 are replaced.
  static invocation_response failure(std::string error_message, std::string error_type);

  bool is_success() const { return outcome_ == outcome::success; }
  const std::string& get_payload() const { return payload_; }            // for a failure: the JSON document above
  const std::string& get_content_type() const { return content_type_; }
  const std::string& get_error_type() const { return error_type_; }      // empty for a success

 private:
  enum class outcome { success, failure };
  invocation_response(outcome how, std::string payload, std::string content_type, std::string error_type);

  outcome outcome_;
  std::string payload_;
  std::string content_type_;
  std::string error_type_;
};

using invocation_handler = std::function<invocation_response(const invocation_request&)>;

// Fetches invocations and answers them until the Runtime API goes away. It returns, for main to return, 1 and has said
// why in one line on stderr: the runtime endpoint is missing or cannot be reached any more, it broke HTTP, it refused
// to hand out the next invocation, or it declared this environment unusable (status 500 and above).
// An empty `handler` is an init failure of type Runtime.HandlerNotFound.
int run_handler(const invocation_handler& handler);

// Reports that the function cannot start (POST /runtime/init/error) and returns 1, for main to return:
//   if (table.empty()) return surgetank::report_init_failure("TABLE is not set", "Config.Missing");
// Call it instead of run_handler, not after it.
int report_init_failure(const std::string& error_message, const std::string& error_type);

}  // namespace surgetank
