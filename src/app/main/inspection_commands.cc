// Commands that use and look at a running server: invoke, logs, traces, quotas, env, status.
#include <CLI/CLI.hpp>

#include "app/main/arguments.h"

namespace surgetank {
namespace {

void add_quotas_command(CLI::App& app, Arguments& a) {
  using Action = QuotasOptions::Action;
  auto* quotas = app.add_subcommand("quotas", "The quotas in force, their use, and what was refused; set and reset them");
  quotas->require_subcommand(0, 1);
  quotas->callback([&a] { a.run = [&a] { return run_quotas(a.client, a.quotas); }; });
  const auto add = [&](const char* name, const char* text, Action action) {
    auto* command = quotas->add_subcommand(name, text);
    command->callback([&a, action] { a.quotas.action = action; });
    return command;
  };
  add("list", "All of them (the default)", Action::List);
  add("show", "One of them", Action::Show)->add_option("id", a.quotas.id, "For example lambda.concurrent-executions")->required();
  auto* set = add("set", "Change one of them now and for later starts", Action::Set);
  set->add_option("id", a.quotas.id, "For example lambda.concurrent-executions")->required();
  set->add_option("value", a.quotas.value, "A whole number")->required();
  add("reset", "Back to the profile's value: one, or all", Action::Reset)->add_option("id", a.quotas.id, "Only this one");
  add("profile", "Choose whose values hold", Action::Profile)
      ->add_option("name", a.quotas.profile, "aws, aws-new-account or none")
      ->required();
}

}  // namespace

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
  add_quotas_command(app, a);
  auto* env = app.add_subcommand("env", "Print the environment for AWS clients: eval $(surgetank env)");
  env->callback([&a] { a.run = [&a] { return run_env(a.client); }; });
  auto* status = app.add_subcommand("status", "What runs, where, and how functions are isolated");
  status->callback([&a] { a.run = [&a] { return run_status(a.client); }; });
}

}  // namespace surgetank
