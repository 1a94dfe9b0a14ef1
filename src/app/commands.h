#pragma once
// The commands of the surgetank binary, one function each; main.cc parses the arguments. A command returns its exit code and
// throws CommandError for what the user must be told.
#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "app/server.h"

namespace surgetank {

struct ClientOptions {
  std::string data_directory;
  std::string region = "us-east-1";
  enum class Format : unsigned char { Text, Json } format = Format::Text;
};

int run_start(ServerOptions options);

struct DeployOptions {
  std::string template_path;  // empty: template.yaml, template.yml or template.json in the working directory
  std::string stack_name;     // empty: the name of the template's folder
  std::map<std::string, std::string> parameters;
};
enum class Watch : unsigned char { Off, On };
int run_up(ServerOptions server, const DeployOptions& deploy, Watch watch);
int run_deploy(const ClientOptions& client, const DeployOptions& deploy);
int run_delete(const ClientOptions& client, const std::string& stack_name);

struct InvokeOptions {
  std::string function;
  std::string payload;  // JSON; "@file" reads a file, "-" standard input
  enum class Tail : unsigned char { Hide, Show } tail = Tail::Show;
};
int run_invoke(const ClientOptions& client, const InvokeOptions& invoke);

struct LogsOptions {
  std::string function;  // empty: all functions
  std::string filter;
  std::int64_t since_seconds = 600;
  enum class Follow : unsigned char { Off, On } follow = Follow::Off;
};
int run_logs(const ClientOptions& client, const LogsOptions& logs);

struct TracesOptions {
  std::size_t last = 10;
  std::string trace_id;  // only this one
  enum class View : unsigned char { Waterfall, Summary } view = View::Waterfall;
  enum class Scope : unsigned char { Application, All } scope = Scope::Application;  // All: also calls that clients made on their own
};
int run_traces(const ClientOptions& client, const TracesOptions& traces);

struct RecordOptions {
  std::string output = "recording.json";  // "-": standard output
  std::size_t last_traces = 2'000;
};
int run_record(const ClientOptions& client, const RecordOptions& record);

struct SimulateOptions {
  std::string recording;  // a file; empty: the running server is recorded
  std::string profile;    // a file, instead of a recording
  std::vector<std::string> phases;
  std::string traffic_file;
  std::vector<std::string> changes;
  std::string host = "aws";    // or "this"
  std::string quotas;          // profile of quotas; empty: those of the recording or profile
  std::string latency;         // "aws" or "recorded"; empty: aws for recordings on AWS, else recorded
  std::optional<std::uint64_t> seed;
  std::int64_t warm_up_seconds = 0;
  int client_retries = 0;
  std::string find;  // "knee"
  std::optional<double> p99_ms;
  double failed_share = 0.01;
  double highest_rate = 100'000;
  std::string html;
  std::string write_profile;
  enum class Timeline : unsigned char { Hide, Show } timeline = Timeline::Hide;
  enum class Relief : unsigned char { LookFor, LeaveOut } relief = Relief::LookFor;
  std::string region;  // whose quotas; empty: that of the recording or profile
};
int run_simulate(const ClientOptions& client, const SimulateOptions& simulate);

struct AdviseOptions {
  std::string recording;  // a file; empty: the running server
  std::size_t last_traces = 2'000;
  std::string page;     // HTML is written there; empty: none
  std::string fail_on;  // the severity from which on the exit code tells; empty: never
};
// 0; with fail_on, 10 (low) to 13 (critical) by the worst finding.
int run_advise(const ClientOptions& client, const AdviseOptions& advise);

// Side by side: each run is NAME=LOAD.json,RECORDING.json; the others are measured against the first.
struct CompareOptions {
  std::vector<std::string> runs;
  std::string title = "Comparison";
  std::string html;  // file; empty: none
};
int run_compare(const ClientOptions& client, const CompareOptions& options);

struct LoadOptions {
  std::string what;  // a plan (YAML) or a URL; empty with invoke or send
  std::string method;
  std::vector<std::string> headers;  // "Name: value"
  std::string body;                  // a template; "@file" reads a file
  std::string invoke;
  std::string send;
  enum class InvocationKind : unsigned char { Wait, Event } invocation = InvocationKind::Wait;
  std::vector<std::string> phases;   // short forms
  double rate = 0;                   // with duration: one constant phase
  std::string duration;
  std::string arrivals;              // "poisson" or "even"; empty: the plan's
  std::int64_t seed = 0;             // 0: the plan's
  std::string csv;
  std::vector<int> expected;
  std::string timeout;
  std::vector<std::string> thresholds;
  std::size_t connections = 0;       // 0: the plan's
  std::string follow;
  std::string trust_file;            // PEM
  enum class Certificates : unsigned char { Verified, Any } certificates = Certificates::Verified;
  std::int64_t sample_ms = 1000;
  std::string html;                  // file
  std::string json;                  // file; "-": standard output
};
inline constexpr int thresholds_missed = 99;  // exit code
int run_load(const ClientOptions& client, const LoadOptions& load);

struct QuotasOptions {
  enum class Action : unsigned char { List, Show, Set, Reset, Profile } action = Action::List;
  std::string id;     // of Show and Set; of Reset, or all
  std::string value;  // of Set: a whole number
  std::string profile;
};
int run_quotas(const ClientOptions& client, const QuotasOptions& quotas);

int run_env(const ClientOptions& client);
int run_status(const ClientOptions& client);
int run_reset(const ClientOptions& client);
int run_stop(const ClientOptions& client);

}  // namespace surgetank
