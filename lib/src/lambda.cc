#include "surgetank/lambda.h"

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <exception>
#include <optional>
#include <utility>

#include "json_text.h"
#include "runtime_loop.h"

namespace surgetank {
namespace {

using function_runtime::RuntimeEndpoint;
using function_runtime::RuntimeLoop;

std::optional<RuntimeEndpoint> endpoint_from_environment() {
  const char* path = std::getenv("SURGETANK_RUNTIME_SOCKET");
  if (path != nullptr && *path != '\0') return RuntimeEndpoint::unix_socket(path);
  const char* host_and_port = std::getenv("AWS_LAMBDA_RUNTIME_API");
  if (host_and_port == nullptr) {
    std::fputs("surgetank-lambda: neither SURGETANK_RUNTIME_SOCKET nor AWS_LAMBDA_RUNTIME_API is set; "
               "a function is started by Lambda, not by hand\n", stderr);
    return std::nullopt;
  }
  RuntimeEndpoint endpoint = RuntimeEndpoint::tcp(host_and_port);
  if (!endpoint.address.empty()) return endpoint;
  std::fprintf(stderr, "surgetank-lambda: AWS_LAMBDA_RUNTIME_API is not host:port: %s\n", host_and_port);
  return std::nullopt;
}

// The border that no exception crosses: what is left to throw here is std::bad_alloc.
template <class Work>
int with_loop(const Work& work) {
  try {
    std::optional<RuntimeEndpoint> endpoint = endpoint_from_environment();
    if (!endpoint) return EXIT_FAILURE;
    RuntimeLoop loop(*std::move(endpoint));
    return work(loop);
  } catch (const std::exception& exception) {
    std::fprintf(stderr, "surgetank-lambda: %s\n", exception.what());
    return EXIT_FAILURE;
  }
}

}  // namespace

std::chrono::milliseconds invocation_request::get_time_remaining() const {
  const auto left = std::chrono::duration_cast<std::chrono::milliseconds>(deadline - std::chrono::system_clock::now());
  return std::max(left, std::chrono::milliseconds::zero());
}

invocation_response::invocation_response(outcome how, std::string payload, std::string content_type, std::string error_type)
    : outcome_(how), payload_(std::move(payload)), content_type_(std::move(content_type)), error_type_(std::move(error_type)) {}

invocation_response invocation_response::success(std::string payload, std::string content_type) {
  return {outcome::success, std::move(payload), std::move(content_type), ""};
}

invocation_response invocation_response::failure(std::string error_message, std::string error_type) {
  std::string document = function_runtime::error_document(error_message, error_type);
  return {outcome::failure, std::move(document), "application/json", std::move(error_type)};
}

int run_handler(const invocation_handler& handler) {
  return with_loop([&](RuntimeLoop& loop) { return loop.run(handler); });
}

int report_init_failure(const std::string& error_message, const std::string& error_type) {
  return with_loop([&](RuntimeLoop& loop) { return loop.report_init_failure(error_message, error_type); });
}

}  // namespace surgetank
