// Commands around a server: up, start, stop, deploy, delete, reset.
#include <CLI/CLI.hpp>

#include "app/main/arguments.h"

namespace surgetank {
namespace {

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
  command.add_option("--quotas", a.server.quotas, "aws (the default), aws-new-account, none, or a file (JSON or YAML) of ids and values");
  command.add_option("--concurrent-executions", a.server.concurrent_executions, "Lambda's account limit (lambda.concurrent-executions)");
  command
      .add_option_function<std::string>(
          "--latency",
          [&a](const std::string& name) { a.server.latency = name == "aws" ? ServerOptions::Latency::Aws : ServerOptions::Latency::None; },
          "aws: calls, cold starts and connections take as long as there; none (the default)")
      ->check(CLI::IsMember({"aws", "none"}));
  command.add_option("--latency-seed", a.server.latency_seed, "One seed gives the same times")->capture_default_str();
  command.add_option("--function-processes", a.server.function_processes, "Function processes at the same time; 0: by the host's memory")
      ->check(CLI::NonNegativeNumber);
  command.add_option("--host", a.server.further_hosts, "Accept this Host name too (repeatable)")->allow_extra_args(false);
  command.add_flag("--allow-reset", a.allow_reset, "Let POST /_surgetank/reset empty everything");
  command.add_flag("--verbose", a.verbose, "Log every request");
}

void add_deploy_options(CLI::App& command, Arguments& a) {
  command.add_option("template", a.deploy.template_path, "SAM or CloudFormation template (default: template.yaml here)");
  command.add_option("--stack", a.deploy.stack_name, "Stack name (default: the folder's name)");
  command.add_option("--parameter,-p", a.parameters, "Name=Value of a template parameter (repeatable)")->allow_extra_args(false);
}

}  // namespace

void add_server_commands(CLI::App& app, Arguments& a) {
  auto* up = app.add_subcommand("up", "Start a server here, deploy a template, follow its logs; Ctrl-C stops");
  add_deploy_options(*up, a);
  add_server_options(*up, a);
  up->add_flag("--no-watch", a.no_watch, "Do not redeploy when files change");
  up->callback([&a] { a.run = [&a] { return run_up(a.server, a.deploy, a.no_watch ? Watch::Off : Watch::On); }; });
  auto* start = app.add_subcommand("start", "Run a server in the foreground");
  add_server_options(*start, a);
  start->callback([&a] { a.run = [&a] { return run_start(a.server); }; });
  auto* stop = app.add_subcommand("stop", "Stop the running server");
  stop->callback([&a] { a.run = [&a] { return run_stop(a.client); }; });
  auto* deploy = app.add_subcommand("deploy", "Deploy a template to the running server");
  add_deploy_options(*deploy, a);
  deploy->callback([&a] { a.run = [&a] { return run_deploy(a.client, a.deploy); }; });
  auto* remove = app.add_subcommand("delete", "Delete a stack and its resources");
  remove->add_option("stack", a.deploy.stack_name, "Stack name")->required();
  remove->callback([&a] { a.run = [&a] { return run_delete(a.client, a.deploy.stack_name); }; });
  auto* reset = app.add_subcommand("reset", "Empty the running server (needs --allow-reset at its start)");
  reset->callback([&a] { a.run = [&a] { return run_reset(a.client); }; });
}

}  // namespace surgetank
