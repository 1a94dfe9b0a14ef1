// The surgetank binary: a server and the commands around it. Parses arguments, calls app/commands.h.
#include <CLI/CLI.hpp>
#include <cstdio>
#include <cstring>

#include "app/client.h"
#include "app/commands.h"
#include "app/version.h"
#include "base/log.h"
#include "engine/launcher_process.h"

namespace surgetank {
namespace {

constexpr int launcher_descriptor = 3;

struct Arguments {
  ServerOptions server;
  ClientOptions client;
  DeployOptions deploy;
  InvokeOptions invoke;
  LogsOptions logs;
  TracesOptions traces;
  RecordOptions record;
  SimulateOptions simulate;
  AdviseOptions advise;
  std::string authentication = "on";
  std::string sync = "on";
  std::vector<std::string> parameters;
  bool json = false;
  bool allow_reset = false;
  bool verbose = false;
  bool no_watch = false;
  bool quiet = false;
};

void add_server_options(CLI::App& command, Arguments& a) {
  command.add_option("--listen", a.server.listen, "Address and port")->capture_default_str();
  command.add_option("--auth", a.authentication, "Verify signatures: on or off")
      ->check(CLI::IsMember({"on", "off"}))
      ->capture_default_str();
  command.add_option("--sync", a.sync, "Write to disk before acknowledging: on or off")
      ->check(CLI::IsMember({"on", "off"}))
      ->capture_default_str();
  command.add_option("--account", a.server.account, "The account of the key pair test/test")->capture_default_str();
  command.add_option("--threads", a.server.threads, "Event loops; 0: one per core")->capture_default_str();
  command.add_option("--concurrent-executions", a.server.concurrent_executions, "Lambda's account limit")->capture_default_str();
  command.add_option("--function-processes", a.server.function_processes, "Function processes at the same time; 0: by the host's memory")
      ->check(CLI::NonNegativeNumber);
  command.add_option("--host", a.server.further_hosts, "Accept this Host name too (repeatable)");
  command.add_flag("--allow-reset", a.allow_reset, "Let POST /_surgetank/reset empty everything");
  command.add_flag("--verbose", a.verbose, "Log every request");
}

void add_deploy_options(CLI::App& command, Arguments& a) {
  command.add_option("template", a.deploy.template_path, "SAM or CloudFormation template (default: template.yaml here)");
  command.add_option("--stack", a.deploy.stack_name, "Stack name (default: the folder's name)");
  command.add_option("--parameter,-p", a.parameters, "Name=Value of a template parameter (repeatable)");
}

void add_simulate_options(CLI::App& command, Arguments& a) {
  auto& simulate = a.simulate;
  command.add_option("recording", simulate.recording, "A file of `surgetank record` (default: the running server)");
  command.add_option("--profile", simulate.profile, "A profile file instead of a recording");
  command.add_option("--phase", simulate.phases, "Traffic: 60s@100, 30s@50..500, 60s@100^1000/5s, 24m@20~200/24m (repeatable)");
  command.add_option("--traffic", simulate.traffic_file, "A YAML file with `traffic`");
  command.add_option("--set", simulate.changes, "Change something: lambda.concurrent-executions=3000, Queue.MaximumConcurrency=50 (repeatable)");
  command.add_option("--host", simulate.host, "Where: aws, or this machine")->check(CLI::IsMember({"aws", "this"}))->capture_default_str();
  command.add_option("--quotas", simulate.quotas, "Quotas: aws, aws-new-account or none")
      ->check(CLI::IsMember({"aws", "aws-new-account", "none"}))
      ->capture_default_str();
  command.add_option("--seed", simulate.seed, "The same seed gives the same answer");
  command.add_option("--warm-up", simulate.warm_up_seconds, "Seconds at the begin that are not in the figures")
      ->check(CLI::Range(0, 86'400))
      ->capture_default_str();
  command.add_option("--retries", simulate.client_retries, "How often clients try again after 429 and 5xx")
      ->check(CLI::Range(0, 10))
      ->capture_default_str();
  command.add_option("--find", simulate.find, "knee: the highest rate that meets the thresholds")->check(CLI::IsMember({"knee"}));
  command.add_option("--p99", simulate.p99_ms, "Threshold of --find: milliseconds")->check(CLI::PositiveNumber);
  command.add_option("--failed", simulate.failed_share, "Threshold of --find: share of requests that may fail")
      ->check(CLI::Range(0.0, 1.0))
      ->capture_default_str();
  command.add_option("--up-to", simulate.highest_rate, "Highest rate of --find")->check(CLI::Range(0.01, 1e6))->capture_default_str();
  command.add_option("--html", simulate.html, "Write a report");
  command.add_option("--write-profile", simulate.write_profile, "Write the profile that is simulated");
  command.add_flag_callback(
      "--timeline", [&a] { a.simulate.timeline = SimulateOptions::Timeline::Show; }, "Print a table over time");
}

void add_advise_options(CLI::App& command, Arguments& a) {
  command.add_option("--recording", a.advise.recording, "A file of surgetank record, instead of the running server");
  command.add_option("--last", a.advise.last_traces, "How many traces of the running server")->capture_default_str();
  command.add_option("--html", a.advise.page, "Write a page into this file");
  command.add_option("--fail-on", a.advise.fail_on, "Exit with 10 (low) to 13 (critical) from this severity on");
}

void finish(Arguments& a) {
  a.server.data_directory = a.client.data_directory;
  a.server.region = a.client.region;
  a.server.authentication = a.authentication == "off" ? AuthMode::Off : AuthMode::Verify;
  a.server.sync = a.sync == "off" ? ServerOptions::Sync::Never : ServerOptions::Sync::BeforeAcknowledging;
  a.server.reset = a.allow_reset ? ServerOptions::Reset::Allowed : ServerOptions::Reset::Refused;
  if (a.verbose) set_log_level(LogLevel::Debug);
  if (a.json) a.client.format = ClientOptions::Format::Json;
  if (a.quiet) a.invoke.tail = InvokeOptions::Tail::Hide;
  for (const auto& parameter : a.parameters) {
    const auto equals = parameter.find('=');
    if (equals == std::string::npos) throw CommandError("--parameter " + parameter + ": Name=Value is expected");
    a.deploy.parameters[parameter.substr(0, equals)] = parameter.substr(equals + 1);
  }
}

int run(int argc, char** argv) {
  Arguments a;
  a.client.data_directory = default_data_directory();
  CLI::App app("Surgetank runs AWS serverless applications on your own machine and shows what breaks at scale.", "surgetank");
  app.set_version_flag("--version", std::string(version));
  app.require_subcommand(1);
  app.fallthrough();
  app.add_option("--data", a.client.data_directory, "Data directory (or $SURGETANK_DATA)")->capture_default_str();
  app.add_option("--region", a.client.region, "AWS region")->capture_default_str();
  app.add_flag("--json", a.json, "Print JSON");

  auto* up = app.add_subcommand("up", "Start a server here, deploy a template, follow its logs; Ctrl-C stops");
  add_deploy_options(*up, a);
  add_server_options(*up, a);
  up->add_flag("--no-watch", a.no_watch, "Do not redeploy when files change");
  auto* start = app.add_subcommand("start", "Run a server in the foreground");
  add_server_options(*start, a);
  auto* stop = app.add_subcommand("stop", "Stop the running server");
  auto* deploy = app.add_subcommand("deploy", "Deploy a template to the running server");
  add_deploy_options(*deploy, a);
  auto* remove = app.add_subcommand("delete", "Delete a stack and its resources");
  remove->add_option("stack", a.deploy.stack_name, "Stack name")->required();
  auto* invoke = app.add_subcommand("invoke", "Invoke a function and print its answer");
  invoke->add_option("function", a.invoke.function, "Function name or ARN")->required();
  invoke->add_option("payload", a.invoke.payload, "JSON, @file, or - for standard input");
  invoke->add_flag("--quiet", a.quiet, "Do not show the log");
  auto* logs = app.add_subcommand("logs", "Show the logs of functions");
  logs->add_option("function", a.logs.function, "Only this function");
  logs->add_option("--filter", a.logs.filter, "CloudWatch Logs filter pattern");
  logs->add_option("--since", a.logs.since_seconds, "How many seconds back")->capture_default_str();
  logs->add_flag_callback(
      "--tail,-f", [&a] { a.logs.follow = LogsOptions::Follow::On; }, "Follow");
  auto* traces = app.add_subcommand("traces", "Show where the time of requests went");
  traces->add_option("--last", a.traces.last, "How many")->capture_default_str();
  traces->add_option("--id", a.traces.trace_id, "Only the trace with this root id");
  traces->add_flag_callback(
      "--summary", [&a] { a.traces.view = TracesOptions::View::Summary; }, "One table over all of them");
  traces->add_flag_callback(
      "--all", [&a] { a.traces.scope = TracesOptions::Scope::All; }, "Also calls that clients made on their own");
  auto* record = app.add_subcommand("record", "Write the application and its last requests into a file, for advise and simulate");
  record->add_option("-o,--output", a.record.output, "The file, or - for standard output")->capture_default_str();
  record->add_option("--last", a.record.last_traces, "How many traces")->capture_default_str();
  auto* simulate = app.add_subcommand("simulate", "Predict how the application behaves under traffic, and find its knee");
  add_simulate_options(*simulate, a);
  auto* advise = app.add_subcommand("advise", "Name the pitfalls that the last requests show, with evidence, cure and gain");
  add_advise_options(*advise, a);
  auto* env = app.add_subcommand("env", "Print the environment for AWS clients: eval $(surgetank env)");
  auto* status = app.add_subcommand("status", "What runs, where, and how functions are isolated");
  auto* reset = app.add_subcommand("reset", "Empty the running server (needs --allow-reset at its start)");

  CLI11_PARSE(app, argc, argv);
  finish(a);
  if (up->parsed()) return run_up(a.server, a.deploy, a.no_watch ? Watch::Off : Watch::On);
  if (start->parsed()) return run_start(a.server);
  if (stop->parsed()) return run_stop(a.client);
  if (deploy->parsed()) return run_deploy(a.client, a.deploy);
  if (remove->parsed()) return run_delete(a.client, a.deploy.stack_name);
  if (invoke->parsed()) return run_invoke(a.client, a.invoke);
  if (logs->parsed()) return run_logs(a.client, a.logs);
  if (traces->parsed()) return run_traces(a.client, a.traces);
  if (advise->parsed()) return run_advise(a.client, a.advise);
  if (record->parsed()) return run_record(a.client, a.record);
  if (simulate->parsed()) return run_simulate(a.client, a.simulate);
  if (env->parsed()) return run_env(a.client);
  if (status->parsed()) return run_status(a.client);
  if (reset->parsed()) return run_reset(a.client);
  return 2;
}

}  // namespace
}  // namespace surgetank

int main(int argc, char** argv) {
  // The launcher is this binary again, before anything else is set up.
  if (argc == 2 && std::strcmp(argv[1], "--launcher") == 0) return surgetank::launcher_main(surgetank::launcher_descriptor);
  try {
    return surgetank::run(argc, argv);
  } catch (const std::exception& error) {
    std::fprintf(stderr, "surgetank: %s\n", error.what());
    return 1;
  }
}
