#pragma once
// The arguments of the command line, and who reads them: each file of this folder adds its commands to the parser and says which
// function of app/commands.h is to run. Filled by CLI11 while it parses; one thread; lives as long as main().
#include <functional>
#include <string>
#include <vector>

#include "app/commands.h"

namespace CLI {
class App;
}

namespace surgetank {

struct Arguments {
  ServerOptions server;
  ClientOptions client;
  DeployOptions deploy;
  InvokeOptions invoke;
  LogsOptions logs;
  TracesOptions traces;
  CompareOptions compare;
  RecordOptions record;
  SimulateOptions simulate;
  LoadOptions load;
  AdviseOptions advise;
  QuotasOptions quotas;
  std::string authentication = "on";
  std::string sync = "on";
  std::vector<std::string> parameters;
  bool json = false;
  bool allow_reset = false;
  bool verbose = false;
  bool no_watch = false;
  bool quiet = false;
  std::function<int()> run;  // the command that was named
};
// Adds subcommands to the parser.
void add_server_commands(CLI::App& app, Arguments& a);       // up, start, stop, deploy, delete, reset
void add_inspection_commands(CLI::App& app, Arguments& a);   // invoke, logs, traces, quotas, env, status
void add_wind_tunnel_commands(CLI::App& app, Arguments& a);  // load, record, advise, simulate, compare

}  // namespace surgetank
