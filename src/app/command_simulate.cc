// surgetank simulate: predicts how an application behaves under traffic, and finds its knee.
#include <chrono>
#include <cstdio>
#include <fstream>
#include <sstream>

#include "app/client.h"
#include "app/commands.h"
#include "app/live_recording.h"
#include "app/services.h"
#include "app/terminal.h"
#include "base/text.h"
#include "stack/problems.h"
#include "windtunnel/load/traffic_file.h"
#include "windtunnel/prediction/aws_latencies.h"
#include "windtunnel/prediction/changes.h"
#include "windtunnel/prediction/outcome_output.h"
#include "windtunnel/prediction/profile_file.h"
#include "windtunnel/prediction/profile_from_recording.h"
#include "windtunnel/prediction/recorded_load.h"
#include "windtunnel/prediction/relief_search.h"

namespace surgetank {
namespace {

using prediction::Conditions;
using prediction::Place;
using prediction::Profile;
using prediction::Question;

constexpr std::size_t most_traces = 2'000;
constexpr std::size_t timeline_rows = 24;

std::string read_file(const std::string& path, std::size_t limit) {
  std::ifstream file(path, std::ios::binary);
  if (!file) throw CommandError("cannot read " + path);
  std::ostringstream text;
  text << file.rdbuf();
  auto content = std::move(text).str();
  if (content.size() > limit) throw CommandError(path + " is larger than " + std::to_string(limit >> 20) + " MiB");
  return content;
}

void write_file(const std::string& path, const std::string& text) {
  std::ofstream file(path, std::ios::binary);
  file << text;
  file.close();
  if (!file) throw CommandError("cannot write " + path);
}

// A profile file, a recording file, or a recording of the server that runs.
Profile read_input(const ClientOptions& client, const SimulateOptions& options, Terminal& terminal, std::string& name) {
  if (!options.profile.empty()) {
    name = options.profile;
    const auto reading = prediction::read_profile(read_file(options.profile, std::size_t{1} << 20), options.profile);
    if (!reading.profile) throw CommandError(reading.problem);
    return *reading.profile;
  }
  name = options.recording.empty() ? "the running server" : options.recording;
  const auto recording =
      options.recording.empty() ? record_running_server(client, most_traces) : windtunnel::read_recording(options.recording);
  auto fitting = prediction::profile_from_recording(recording);
  if (!fitting.problem.empty()) throw CommandError(name + ": " + fitting.problem);
  for (const auto& remark : fitting.remarks) terminal.note("note: " + remark);
  return std::move(fitting.profile);
}

windtunnel::Traffic read_traffic(const SimulateOptions& options, std::string& text) {
  windtunnel::Traffic traffic;
  if (!options.traffic_file.empty()) {
    stack::Problems problems(options.traffic_file);
    const auto read = windtunnel::read_traffic_file(read_file(options.traffic_file, std::size_t{1} << 20), problems);
    std::string all;
    for (const auto& line : problems.lines()) all += (all.empty() ? "" : "\n") + line;
    if (!read) throw CommandError(all);
    traffic = *read;
  }
  for (const auto& phase : options.phases) {
    const auto parsed = windtunnel::parse_phase(phase);
    if (!parsed.ok()) throw CommandError("--phase " + phase + ": " + parsed.error().message);
    traffic.phases.push_back(*parsed);
  }
  if (traffic.phases.empty()) throw CommandError("what traffic? give --phase 60s@100 (repeatable), --traffic FILE, or --find knee");
  if (options.seed) traffic.seed = *options.seed;
  if (const auto checked = windtunnel::check_traffic(traffic); !checked.ok()) throw CommandError(checked.error().message);
  for (const auto& phase : traffic.phases) text += (text.empty() ? "" : ", ") + windtunnel::phase_text(phase);
  return traffic;
}

Conditions conditions_of(const SimulateOptions& options) {
  Conditions conditions;
  conditions.place = options.host == "this" ? Place::This : Place::Aws;
  conditions.seed = options.seed.value_or(1);
  conditions.warm_up = seconds(options.warm_up_seconds);
  conditions.client_retries = options.client_retries;
  conditions.quota_profile = quota_profile(options.quotas);
  conditions.region = options.region;
  if (!options.region.empty() && !prediction::is_region(options.region))
    throw CommandError("--region " + options.region + " is no region; give one as eu-west-2");
  for (const auto* service : all_services())
    if (!service->quotas.empty()) conditions.quota_tables.push_back(service->quotas);
  return conditions;
}

// No account of AWS is without quotas, so a recording that was made without them is predicted there with those of AWS.
void limit_as_aws(const SimulateOptions& options, Place place, Profile& profile, Terminal& terminal) {
  const bool is_by_hand = !options.profile.empty();
  if (is_by_hand || place == Place::This || !options.quotas.empty() || profile.quotas.profile != QuotaProfile::None) return;
  profile.quotas.profile = QuotaProfile::Aws;
  terminal.note("note: the recording was made without quotas; those of AWS are taken, --quotas none predicts without");
}

// Quotas that are not AWS's usual ones: the reader should know.
void tell_quotas(const Profile& profile, const Conditions& conditions, Terminal& terminal) {
  if (conditions.quota_profile || profile.quotas == prediction::ProfileQuotas{}) return;
  constexpr std::size_t most_told = 5;
  std::vector<std::string> told = {"profile " + std::string(name_of(profile.quotas.profile))};
  for (const auto& [id, value] : profile.quotas.values) {
    if (told.size() > most_told) break;
    told.push_back(id + "=" + (value == Quotas::unlimited ? "unlimited" : std::to_string(value)));
  }
  if (told.size() <= profile.quotas.values.size()) told.push_back("...");
  terminal.note("note: quotas are those of the recording or profile (" + join(told, ", ") + "); --quotas aws takes those of AWS");
}

// Times that were recorded here are not those of the cloud; those of a file are what its author means.
void replace_latencies(const SimulateOptions& options, Place place, Profile& profile, Terminal& terminal) {
  const bool is_aws = options.latency.empty() ? place == Place::Aws && options.profile.empty() : options.latency == "aws";
  if (!is_aws) return;
  for (const auto& call : prediction::use_aws_latencies(profile))
    terminal.note("note: how long " + call + " takes on AWS is not known: it takes what was recorded");
}

int find_knee(const ClientOptions& client, const SimulateOptions& options, const Profile& profile, const Conditions& conditions,
              Question question, Terminal& terminal) {
  prediction::KneeSearch search;
  if (options.p99_ms) search.thresholds.p99_ms = *options.p99_ms;
  search.thresholds.failed_share = options.failed_share;
  search.highest_rate = options.highest_rate;
  search.seed = conditions.seed;
  using Reliefs = prediction::KneeSearch::Reliefs;
  search.trying = [&](const std::string& id) { terminal.progress("what relieves: " + id + " is raised"); };
  search.reliefs = options.relief == SimulateOptions::Relief::LookFor ? Reliefs::LookFor : Reliefs::LeaveOut;
  const auto knee = prediction::find_knee(profile, conditions, search,
                                          [&](const prediction::Probe& probe) { terminal.progress(prediction::probe_text(probe)); });
  if (conditions.place == Place::This && knee.rate) question.doubt = prediction::doubt_about_rate(profile, *knee.rate);
  if (!question.doubt.empty()) terminal.note("note: " + question.doubt);
  if (!options.html.empty()) write_file(options.html, prediction::knee_html(knee, search, question));
  if (client.format == ClientOptions::Format::Json) {
    std::printf("%s\n", prediction::knee_json(knee, search, question).c_str());
  } else {
    terminal.line(prediction::knee_text(knee, search, question));
  }
  return knee.rate ? 0 : 1;
}

}  // namespace

int run_simulate(const ClientOptions& client, const SimulateOptions& options) {
  Terminal terminal;
  Question question;
  auto profile = read_input(client, options, terminal, question.profile);
  auto conditions = conditions_of(options);
  if (const auto wrong = prediction::check_quota_ids(profile, conditions); !wrong.empty()) throw CommandError(wrong);
  limit_as_aws(options, conditions.place, profile, terminal);
  tell_quotas(profile, conditions, terminal);
  replace_latencies(options, conditions.place, profile, terminal);
  for (const auto& change : options.changes)
    if (const auto wrong = prediction::apply_change(change, profile, conditions); !wrong.empty()) throw CommandError(wrong);
  if (const auto wrong = prediction::check_profile(profile); !wrong.empty()) throw CommandError(wrong);
  if (conditions.place == Place::This && profile.host.processors <= 0)
    throw CommandError("--host this: the processors are not known; record anew, or give --set host.processors=N");
  if (!options.write_profile.empty()) {
    write_file(options.write_profile, prediction::write_profile(profile));
    terminal.note("wrote the profile to " + options.write_profile);
    if (options.phases.empty() && options.traffic_file.empty() && options.find.empty()) return 0;
  }
  question.changes = options.changes;
  question.place = conditions.place;
  question.region = conditions.region.empty() ? profile.region : conditions.region;
  question.seed = conditions.seed;
  if (options.find == "knee") return find_knee(client, options, profile, conditions, question, terminal);
  const auto traffic = read_traffic(options, question.traffic);
  if (conditions.place == Place::This) question.doubt = prediction::doubt_about_rate(profile, prediction::highest_rate(traffic));
  if (!question.doubt.empty()) terminal.note("note: " + question.doubt);
  if (conditions.warm_up >= traffic.length()) throw CommandError("--warm-up is as long as the traffic: nothing is left to be measured");
  conditions.progress = [&](Duration done, Duration all) {
    constexpr std::int64_t shown_every_seconds = 10;
    if ((done.us / 1'000'000) % shown_every_seconds == 0)
      terminal.progress("simulated " + windtunnel::span_text(done) + " of " + windtunnel::span_text(all));
  };
  const auto begun = std::chrono::steady_clock::now();
  auto outcome = prediction::predict(profile, traffic, conditions);
  const auto took = std::chrono::duration<double>(std::chrono::steady_clock::now() - begun).count();
  if (options.relief == SimulateOptions::Relief::LookFor) {
    const prediction::ReliefRules rules{.trying = [&](const std::string& id) { terminal.progress("what relieves: " + id + " is raised"); }};
    prediction::find_relief(profile, traffic, conditions, rules, outcome);
  }
  if (!options.html.empty()) write_file(options.html, prediction::outcome_html(outcome, question));
  if (client.format == ClientOptions::Format::Json) {
    std::printf("%s\n", prediction::outcome_json(outcome, question).c_str());
    return 0;
  }
  if (options.timeline == SimulateOptions::Timeline::Show) terminal.line(prediction::timeline_text(outcome, timeline_rows));
  terminal.line(prediction::outcome_text(outcome, question));
  char speed[96];
  std::snprintf(speed, sizeof speed, "simulated %.0f requests, %.1f million events, in %.2f s", static_cast<double>(outcome.total.requests),
                static_cast<double>(outcome.events) / 1e6, took);
  terminal.note(speed);
  return 0;
}

}  // namespace surgetank
