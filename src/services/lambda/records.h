#pragma once
// What Lambda stores. Defaults are those of a function that was created without saying more.
#include "shape/shape.h"

namespace surgetank::lambda {

struct CodeRecord {
  String sha256;           // as AWS shows it: base64
  Integer size = 0;        // of the package
  Opt<String> local_path;  // of a folder that is used where it lies; absent: an uploaded package (code_package.h)
};
SURGE_SHAPE(CodeRecord, sha256, size, local_path)

// One version of a function: $LATEST or a published one.
struct VersionRecord {
  String version = "$LATEST";
  CodeRecord code;
  String description;
  String runtime;
  String handler;
  String role;
  Integer memory_mb = 128;
  Integer timeout_seconds = 3;
  Integer ephemeral_storage_mb = 512;
  Opt<Map<String>> environment;  // absent: never given, and so not shown
  List<String> architectures;
  String tracing_mode = "PassThrough";
  Opt<String> kms_key_arn;
  String log_format = "Text";
  Opt<String> application_log_level;
  Opt<String> system_log_level;
  Opt<String> log_group;           // absent: /aws/lambda/<name>
  Opt<String> dead_letter_target;  // ARN of a queue
  Instant last_modified;
  String revision_id;     // changes with every change that a client can see
  String environment_id;  // changes only with what a running environment depends on: code and configuration
};
SURGE_SHAPE(VersionRecord, version, code, description, runtime, handler, role, memory_mb, timeout_seconds, ephemeral_storage_mb,
            environment, architectures, tracing_mode, kms_key_arn, log_format, application_log_level, system_log_level, log_group,
            dead_letter_target, last_modified, revision_id, environment_id)
SURGE_BINDINGS(VersionRecord, {.member = "environment", .sensitivity = Sensitivity::Sensitive})

struct FunctionRecord {
  String name;
  VersionRecord latest;
  Map<String> tags;
  Integer last_version = 0;         // numbers are never used twice
  String published_environment_id;  // of $LATEST when it was published last
  Opt<Integer> reserved_concurrency;
};
SURGE_SHAPE(FunctionRecord, name, latest, tags, last_version, published_environment_id, reserved_concurrency)

struct AliasRecord {
  String name;
  String function_version;
  String description;
  Map<double> weights;  // further version -> share of the calls
  String revision_id;
};
SURGE_SHAPE(AliasRecord, name, function_version, description, weights, revision_id)

// One statement of a resource policy.
struct StatementRecord {
  String sid;
  String action;
  String principal;  // "apigateway.amazonaws.com", an IAM ARN, "*"
  String resource;   // the function's ARN, with the qualifier if there is one
  Opt<String> source_arn;
  Opt<String> source_account;
  Opt<String> event_source_token;
  Opt<String> principal_org_id;
  Opt<String> function_url_auth_type;
  Opt<bool> invoked_via_function_url;
};
SURGE_SHAPE(StatementRecord, sid, action, principal, resource, source_arn, source_account, event_source_token, principal_org_id,
            function_url_auth_type, invoked_via_function_url)
struct PolicyRecord {
  List<StatementRecord> statements;
};
SURGE_SHAPE(PolicyRecord, statements)

}  // namespace surgetank::lambda
