#pragma once
// The environment variables of a function's process. Pure.
// Source: Lambda Developer Guide, "Defined runtime environment variables". Differences from AWS, all additions: AWS_ENDPOINT_URL
// (so that the SDKs find this server; a user's own value wins), SURGETANK_RUNTIME_SOCKET and SURGETANK_LOG_FD (for the bootstraps and
// the C++ library), TMPDIR where /tmp is shared with the host.
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/log.h"
#include "kernel/function_runner.h"

namespace surgetank {

struct FunctionCredentials {
  std::string access_key_id;
  Secret<std::string> secret_access_key;
  Secret<std::string> session_token;
};

// What differs from environment to environment and from machine to machine.
struct EnvironmentPlace {
  std::string log_stream;
  std::string runtime_api;        // "127.0.0.1:9001"
  std::string runtime_socket;     // path as the process sees it
  int log_descriptor = -1;        // -1: none
  std::string task_root;          // "/var/task" or the real directory
  std::string runtime_directory;  // "/var/runtime" or the real directory
  std::string temporary_directory;  // empty: /tmp is the environment's own
  std::string program_directory;  // of an interpreter outside the usual PATH; may be empty
  std::string endpoint_url;
  std::string initialization_type = "on-demand";
};

// Names that a function's configuration cannot set; the lambda service refuses them, and here they lose.
bool is_reserved_variable(std::string_view name);

// "NAME=value", sorted by name.
std::vector<std::string> function_environment(const FunctionVersion& version, const EnvironmentPlace& place,
                                              const FunctionCredentials& credentials);

}  // namespace surgetank
