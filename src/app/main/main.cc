// The surgetank binary: a server and the commands around it. Parses arguments, calls app/commands.h.
#include <CLI/CLI.hpp>
#include <cstdio>
#include <cstring>

#include "app/client.h"
#include "app/main/arguments.h"
#include "app/version.h"
#include "base/log.h"
#include "engine/launcher_process.h"

namespace surgetank {
namespace {

constexpr int launcher_descriptor = 3;

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
  auto* region = app.add_option("--region", a.client.region, "AWS region")->capture_default_str();
  app.add_flag("--json", a.json, "Print JSON");
  add_server_commands(app, a);
  add_inspection_commands(app, a);
  add_wind_tunnel_commands(app, a);

  CLI11_PARSE(app, argc, argv);
  if (region->count() > 0) a.simulate.region = a.client.region;
  finish(a);
  return a.run();
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
