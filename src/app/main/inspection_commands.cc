// Commands that use and look at a running server: invoke, logs, traces, env, status.
#include <CLI/CLI.hpp>

#include "app/main/arguments.h"

namespace surgetank {

void add_inspection_commands(CLI::App& app, Arguments& a) {
  auto* invoke = app.add_subcommand("invoke", "Invoke a function and print its answer");
  invoke->add_option("function", a.invoke.function, "Function name or ARN")->required();
  invoke->add_option("payload", a.invoke.payload, "JSON, @file, or - for standard input");
  invoke->add_flag("--quiet", a.quiet, "Do not show the log");
  invoke->callback([&a] { a.run = [&a] { return run_invoke(a.client, a.invoke); }; });
  auto* logs = app.add_subcommand("logs", "Show the logs of functions");
  logs->add_option("function", a.logs.function, "Only this function");
  logs->add_option("--filter", a.logs.filter, "CloudWatch Logs filter pattern");
  logs->add_option("--since", a.logs.since_seconds, "How many seconds back")->capture_default_str();
  logs->add_flag_callback(
      "--tail,-f", [&a] { a.logs.follow = LogsOptions::Follow::On; }, "Follow");
  logs->callback([&a] { a.run = [&a] { return run_logs(a.client, a.logs); }; });
  auto* traces = app.add_subcommand("traces", "Show where the time of requests went");
  traces->add_option("--last", a.traces.last, "How many")->capture_default_str();
  traces->add_option("--id", a.traces.trace_id, "Only the trace with this root id");
  traces->add_flag_callback(
      "--summary", [&a] { a.traces.view = TracesOptions::View::Summary; }, "One table over all of them");
  traces->add_flag_callback(
      "--all", [&a] { a.traces.scope = TracesOptions::Scope::All; }, "Also calls that clients made on their own");
  traces->callback([&a] { a.run = [&a] { return run_traces(a.client, a.traces); }; });
  auto* env = app.add_subcommand("env", "Print the environment for AWS clients: eval $(surgetank env)");
  env->callback([&a] { a.run = [&a] { return run_env(a.client); }; });
  auto* status = app.add_subcommand("status", "What runs, where, and how functions are isolated");
  status->callback([&a] { a.run = [&a] { return run_status(a.client); }; });
}

}  // namespace surgetank
