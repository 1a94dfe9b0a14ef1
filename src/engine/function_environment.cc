#include "engine/function_environment.h"

#include <algorithm>
#include <map>

#include "base/text.h"

namespace surgetank {
namespace {

constexpr std::string_view reserved_names[] = {
    "_HANDLER",
    "_X_AMZN_TRACE_ID",
    "AWS_ACCESS_KEY",
    "AWS_ACCESS_KEY_ID",
    "AWS_DEFAULT_REGION",
    "AWS_EXECUTION_ENV",
    "AWS_LAMBDA_FUNCTION_MEMORY_SIZE",
    "AWS_LAMBDA_FUNCTION_NAME",
    "AWS_LAMBDA_FUNCTION_VERSION",
    "AWS_LAMBDA_INITIALIZATION_TYPE",
    "AWS_LAMBDA_LOG_GROUP_NAME",
    "AWS_LAMBDA_LOG_STREAM_NAME",
    "AWS_LAMBDA_RUNTIME_API",
    "AWS_REGION",
    "AWS_SECRET_ACCESS_KEY",
    "AWS_SESSION_TOKEN",
    "LAMBDA_RUNTIME_DIR",
    "LAMBDA_TASK_ROOT",
    "SURGETANK_LOG_FD",
    "SURGETANK_RUNTIME_SOCKET",
    "SURGETANK_ZYGOTE_FD",
};

using Variables = std::map<std::string, std::string, std::less<>>;

bool is_node(const FunctionVersion& version) { return version.runtime.starts_with("nodejs"); }
bool is_provided(const FunctionVersion& version) { return version.runtime.starts_with("provided") || version.runtime == "go1.x"; }

// "nodejs20.x" -> "20"
std::string major_of(const std::string& runtime) {
  const auto digit = runtime.find_first_of("0123456789");
  return digit == std::string::npos ? "" : runtime.substr(digit, runtime.find('.') - digit);
}

// A user's configuration may replace these.
void set_defaults(Variables& variables, const FunctionVersion& version, const EnvironmentPlace& place) {
  variables["LANG"] = "en_US.UTF-8";
  variables["TZ"] = ":UTC";
  variables["PATH"] = (place.program_directory.empty() ? "" : place.program_directory + ":") + "/usr/local/bin:/usr/bin/:/bin:/opt/bin";
  variables["LD_LIBRARY_PATH"] = "/var/lang/lib:/lib64:/usr/lib64:" + place.runtime_directory + ":" + place.runtime_directory + "/lib:" +
                                 place.task_root + ":" + place.task_root + "/lib:/opt/lib";
  variables["AWS_XRAY_CONTEXT_MISSING"] = "LOG_ERROR";
  variables["AWS_XRAY_DAEMON_ADDRESS"] = "127.0.0.1:2000";
  variables["AWS_ENDPOINT_URL"] = place.endpoint_url;
  variables["PWD"] = place.task_root;
  if (is_node(version)) {
    variables["NODE_PATH"] = "/opt/nodejs/node" + major_of(version.runtime) + "/node_modules:/opt/nodejs/node_modules:" +
                             place.runtime_directory + "/node_modules:" + place.runtime_directory + ":" + place.task_root;
  }
  if (!place.temporary_directory.empty()) variables["TMPDIR"] = place.temporary_directory;
}

void set_fixed(Variables& variables, const FunctionVersion& version, const EnvironmentPlace& place, const FunctionCredentials& credentials) {
  variables["_HANDLER"] = version.handler;
  variables["AWS_REGION"] = version.region;
  variables["AWS_DEFAULT_REGION"] = version.region;
  if (!is_provided(version)) variables["AWS_EXECUTION_ENV"] = "AWS_Lambda_" + version.runtime;
  variables["AWS_LAMBDA_FUNCTION_NAME"] = version.function_name;
  variables["AWS_LAMBDA_FUNCTION_MEMORY_SIZE"] = std::to_string(version.memory_mb);
  variables["AWS_LAMBDA_FUNCTION_VERSION"] = version.version;
  variables["AWS_LAMBDA_INITIALIZATION_TYPE"] = place.initialization_type;
  variables["AWS_LAMBDA_LOG_GROUP_NAME"] = version.log_group;
  variables["AWS_LAMBDA_LOG_STREAM_NAME"] = place.log_stream;
  variables["AWS_LAMBDA_RUNTIME_API"] = place.runtime_api;
  variables["AWS_ACCESS_KEY_ID"] = credentials.access_key_id;
  variables["AWS_SECRET_ACCESS_KEY"] = credentials.secret_access_key.reveal();
  if (!credentials.session_token.reveal().empty()) variables["AWS_SESSION_TOKEN"] = credentials.session_token.reveal();
  variables["LAMBDA_TASK_ROOT"] = place.task_root;
  variables["LAMBDA_RUNTIME_DIR"] = place.runtime_directory;
  if (equals_ignoring_case(version.log_format, "JSON")) {
    variables["AWS_LAMBDA_LOG_FORMAT"] = "JSON";
    if (!version.log_level.empty()) variables["AWS_LAMBDA_LOG_LEVEL"] = version.log_level;
  }
  if (!place.runtime_socket.empty()) variables["SURGETANK_RUNTIME_SOCKET"] = place.runtime_socket;
  if (place.log_descriptor >= 0) variables["SURGETANK_LOG_FD"] = std::to_string(place.log_descriptor);
}

}  // namespace

bool is_reserved_variable(std::string_view name) {
  return std::find(std::begin(reserved_names), std::end(reserved_names), name) != std::end(reserved_names);
}

std::vector<std::string> function_environment(const FunctionVersion& version, const EnvironmentPlace& place,
                                              const FunctionCredentials& credentials) {
  Variables variables;
  set_defaults(variables, version, place);
  for (const auto& [name, value] : version.environment) {
    if (!name.empty() && !is_reserved_variable(name)) variables[name] = value;
  }
  set_fixed(variables, version, place, credentials);
  std::vector<std::string> list;
  for (const auto& [name, value] : variables) {
    if (!contains(name, "=") && name.find('\0') == std::string::npos && value.find('\0') == std::string::npos) list.push_back(name + "=" + value);
  }
  return list;
}

}  // namespace surgetank
