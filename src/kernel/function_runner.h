#pragma once
// The port through which the lambda service runs functions; engine/ implements it with real processes, sim/ with sampled times.
//
// run() is called on the lane that owns the function; `done` is called on that same lane, once, at any later time.
// The runner keeps environments per FunctionVersion::key(): a version with another key never reuses an older environment;
// retire() shuts the environments of a key down after their current invocation. It admits and throttles by kernel/concurrency.h;
// configure() tells what a function reserves and has provisioned, whenever that changes and when the server starts.
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "base/log.h"
#include "base/time.h"
#include "base/unique_function.h"
#include "kernel/concurrency.h"
#include "kernel/lanes.h"
#include "kernel/trace_context.h"

namespace surgetank {

// Everything needed to start an environment; immutable once published.
struct FunctionVersion {
  std::string account;
  std::string region;
  std::string function_name;
  std::string version = "$LATEST";
  std::string arn;                // unqualified
  std::string revision_id;        // changes with every update of code or configuration
  std::string runtime;            // "nodejs20.x", "python3.11", "provided.al2023"
  std::string handler;
  std::string code_directory;     // absolute path of the unpacked package (LAMBDA_TASK_ROOT); read only
  std::string role_arn;
  std::int64_t memory_mb = 128;
  std::int64_t timeout_seconds = 3;
  std::int64_t ephemeral_storage_mb = 512;
  std::vector<std::pair<std::string, std::string>> environment;
  std::string log_group;
  std::string log_format = "Text";  // Text | JSON
  std::string log_level;            // JSON only; empty: default
  std::string key() const { return arn + ":" + version + "#" + revision_id; }
};

enum class LogTail : std::uint8_t { None, Wanted };

struct InvocationRequest {
  std::string request_id;
  std::string invoked_arn;     // with the qualifier used
  std::string payload;
  std::string client_context;  // decoded JSON, may be empty
  TraceContext trace;          // parent = span id of the caller
  LogTail log_tail = LogTail::None;
};

struct InvocationOutcome {
  enum class Kind : std::uint8_t {
    Success,
    FunctionError,   // the function ran and failed (payload is the error object): X-Amz-Function-Error: Unhandled
    Throttled,       // `throttle` is the reason; `failure` says more if the reason is this machine
    ServiceFailure,  // the platform could not run it (cannot start a process, ...): `failure` says why
  };
  Kind kind = Kind::Success;
  ThrottleReason throttle = ThrottleReason::AccountConcurrency;
  std::string payload{};
  std::string log_tail{};     // last 4 KB, raw, only when wanted
  std::string failure{};
  Duration duration{};        // of the handler, without init
  Duration init_duration{};   // zero when warm
};

// What a function is given of its account's concurrency; see kernel/concurrency.h.
struct FunctionConcurrencySettings {
  struct Provisioned {
    std::shared_ptr<const FunctionVersion> version;
    std::int64_t executions = 0;
  };
  std::string account;
  std::string region;
  std::string function_name;
  std::string arn;                       // unqualified
  std::optional<std::int64_t> reserved;  // 0: the function is off
  std::vector<Provisioned> provisioned;
};
// How far the environments of a version are that are started ahead.
struct ProvisionedState {
  std::int64_t available = 0;
  std::string failure;  // why there are not more: "FUNCTION_ERROR_INIT_FAILURE", or what this machine lacks; empty: they are coming
};

class FunctionRunner {
 public:
  virtual ~FunctionRunner() = default;
  virtual void run(Lane& lane, std::shared_ptr<const FunctionVersion> version, InvocationRequest request,
                   UniqueFunction<void(InvocationOutcome)> done) = 0;
  virtual void retire(Lane& lane, const std::string& version_key) = 0;
  // Replaces all that was said of the function before. On its lane, like provisioned().
  // A runner that limits nothing and starts nothing ahead leaves them as they are.
  virtual void configure(Lane&, FunctionConcurrencySettings) {}
  virtual ProvisionedState provisioned(Lane&, const std::string& /*version_key*/) { return {}; }
};

// The port through which other services invoke functions; the lambda service implements it on top of its Invoke operation.
struct FunctionCall {
  std::string account;
  std::string region;
  std::string function;   // name, partial ARN or ARN, with or without qualifier
  std::string principal;  // who calls: "apigateway.amazonaws.com"
  std::string source_arn; // for the resource policy
  std::string payload;
  TraceContext trace;
};
struct FunctionCallResult {
  // Success, FunctionError and Throttled as above; Denied: the resource policy says no; NotFound; Unavailable.
  enum class Kind : std::uint8_t { Success, FunctionError, Denied, NotFound, Throttled, Unavailable };
  Kind kind = Kind::Success;
  std::string payload;
  std::string message;
};
class FunctionInvoker {
 public:
  virtual ~FunctionInvoker() = default;
  // From any thread; `done` is called once, on an unnamed thread.
  virtual void invoke(FunctionCall call, UniqueFunction<void(FunctionCallResult)> done) = 0;
};

}  // namespace surgetank
