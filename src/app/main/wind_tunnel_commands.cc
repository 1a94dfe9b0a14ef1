// Commands of the wind tunnel: load, record, advise, simulate, compare.
#include <CLI/CLI.hpp>

#include "app/main/arguments.h"

namespace surgetank {
namespace {

void add_simulate_options(CLI::App& command, Arguments& a) {
  auto& simulate = a.simulate;
  command.add_option("recording", simulate.recording, "A file of `surgetank record` (default: the running server)");
  command.add_option("--profile", simulate.profile, "A profile file instead of a recording");
  command.add_option("--phase", simulate.phases, "Traffic: 60s@100, 30s@50..500, 60s@100^1000/5s, 24m@20~200/24m (repeatable)")
      ->allow_extra_args(false);
  command.add_option("--traffic", simulate.traffic_file, "A YAML file with `traffic`");
  command.add_option("--set", simulate.changes,
                     "Change something: lambda.concurrent-executions=3000, Queue.MaximumConcurrency=50 (repeatable)")
      ->allow_extra_args(false);
  command.add_option("--host", simulate.host, "Where: aws, or this machine")->check(CLI::IsMember({"aws", "this"}))->capture_default_str();
  command.add_option("--quotas", simulate.quotas, "Quotas: aws, aws-new-account or none (default: as recorded)")
      ->check(CLI::IsMember({"aws", "aws-new-account", "none"}));
  command.add_option("--latency", simulate.latency, "Times of calls: aws (published) or recorded (default: aws for recordings on AWS)")
      ->check(CLI::IsMember({"aws", "recorded"}));
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
      "--no-relief", [&a] { a.simulate.relief = SimulateOptions::Relief::LeaveOut; }, "Do not try which limits relieve when they are raised");
  command.add_flag_callback(
      "--timeline", [&a] { a.simulate.timeline = SimulateOptions::Timeline::Show; }, "Print a table over time");
}

void add_load_options(CLI::App& command, Arguments& a) {
  auto& load = a.load;
  command.add_option("what", load.what, "A load plan (.yaml) or a URL (http, https, ws, wss); ${ApiUrl} is a stack's output");
  command.add_option("--method,-X", load.method, "HTTP method (default: GET, with a body POST)");
  command.add_option("--header,-H", load.headers, "Name: value (repeatable)")->allow_extra_args(false);
  command.add_option("--body,-d", load.body, "Body, payload or message: a template, or @file");
  command.add_option("--expect", load.expected, "Statuses that are successes (repeatable; default: below 400)")->allow_extra_args(false);
  command.add_option("--invoke", load.invoke, "Invoke this function instead of a URL");
  command.add_flag_callback(
      "--event", [&load] { load.invocation = LoadOptions::InvocationKind::Event; }, "Invoke asynchronously");
  command.add_option("--send", load.send, "Send messages to this queue instead of a URL");
  command.add_option("--rate", load.rate, "Arrivals a second, for --duration (default 30s)");
  command.add_option("--duration", load.duration, "Of --rate");
  command.add_option("--phase", load.phases, "30s@50, 30s@50..500 (ramp), 60s@100^1000/5s (spike), 10m@20~200/10m (wave); repeatable")
      ->allow_extra_args(false);
  command.add_option("--arrivals", load.arrivals, "poisson or even (default poisson)")->check(CLI::IsMember({"poisson", "even"}));
  command.add_option("--seed", load.seed, "Of arrivals and payloads");
  command.add_option("--csv", load.csv, "Rows for {{csv.column}}");
  command.add_option("--timeout", load.timeout, "Of one request (default 60s)");
  command.add_option("--threshold,-t", load.thresholds, "As in 'p99 < 500ms' or 'failed < 1%'; a miss ends with exit code 99 (repeatable)")
      ->allow_extra_args(false);
  command.add_option("--connections", load.connections, "Most connections at once (default 4096)")->check(CLI::Range(1, 60'000));
  command.add_option("--follow", load.follow, "Wait so long for asynchronous work to be done (default 60s)");
  command.add_option("--cacert", load.trust_file, "Certificates to trust beside the system's, for https and wss (PEM file)");
  command.add_flag_callback(
      "--insecure,-k", [&load] { load.certificates = LoadOptions::Certificates::Any; }, "Take any certificate, for https and wss");
  command.add_option("--sample-ms", load.sample_ms, "How often the server's gauges are read")->capture_default_str();
  command.add_option("--html", load.html, "Write a report to this file");
  command.add_option("--json", load.json, "Write the results as JSON to this file; without one to standard output")
      ->expected(0, 1)
      ->default_str("-");
}

void add_advise_options(CLI::App& command, Arguments& a) {
  command.add_option("--recording", a.advise.recording, "A file of surgetank record, instead of the running server");
  command.add_option("--last", a.advise.last_traces, "How many traces of the running server")->capture_default_str();
  command.add_option("--html", a.advise.page, "Write a page into this file");
  command.add_option("--fail-on", a.advise.fail_on, "Exit with 10 (low) to 13 (critical) from this severity on");
}

void add_compare_options(CLI::App& command, Arguments& a) {
  command.add_option("runs", a.compare.runs, "NAME=LOAD.json,RECORDING.json, of `load --json` and `record -o`")->required();
  command.add_option("--title", a.compare.title, "Of the report")->capture_default_str();
  command.add_option("--html", a.compare.html, "Write a report with pictures");
}

}  // namespace

void add_wind_tunnel_commands(CLI::App& app, Arguments& a) {
  auto* record = app.add_subcommand("record", "Write the application and its last requests into a file, for advise and simulate");
  record->add_option("-o,--output", a.record.output, "The file, or - for standard output")->capture_default_str();
  record->add_option("--last", a.record.last_traces, "How many traces")->capture_default_str();
  record->callback([&a] { a.run = [&a] { return run_record(a.client, a.record); }; });
  auto* load = app.add_subcommand("load", "Put an application under load: open model, phases, thresholds, report");
  add_load_options(*load, a);
  load->callback([&a] { a.run = [&a] { return run_load(a.client, a.load); }; });
  auto* simulate = app.add_subcommand("simulate", "Predict how the application behaves under traffic, and find its knee");
  add_simulate_options(*simulate, a);
  simulate->callback([&a] { a.run = [&a] { return run_simulate(a.client, a.simulate); }; });
  auto* advise = app.add_subcommand("advise", "Name the pitfalls that the last requests show, with evidence, cure and gain");
  add_advise_options(*advise, a);
  advise->callback([&a] { a.run = [&a] { return run_advise(a.client, a.advise); }; });
  auto* compare =
      app.add_subcommand("compare", "Runs under the same load, side by side; the first is what the others are measured against");
  add_compare_options(*compare, a);
  compare->callback([&a] { a.run = [&a] { return run_compare(a.client, a.compare); }; });
}

}  // namespace surgetank
