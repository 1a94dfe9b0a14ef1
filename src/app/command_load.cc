// surgetank load: puts an application under load and tells what came of it.
#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <memory>
#include <utility>

#include "app/client.h"
#include "app/clock.h"
#include "app/commands.h"
#include "app/load_input.h"
#include "app/signals.h"
#include "app/terminal.h"
#include "net/http_url.h"
#include "windtunnel/load/load_engine.h"
#include "windtunnel/load/load_report.h"
#include "windtunnel/load/load_summary.h"
#include "windtunnel/load/server_watch.h"
#include "windtunnel/load/traffic_file.h"
#include "windtunnel/report/plot.h"

namespace surgetank {
namespace {

using namespace windtunnel;

constexpr Duration plain_line_interval = seconds(5);
constexpr Duration follow_interval = milliseconds(100);

Colour colour_of(Tone tone) {
  switch (tone) {
    case Tone::Good:
      return Colour::Green;
    case Tone::Warning:
      return Colour::Yellow;
    case Tone::Bad:
      return Colour::Red;
    case Tone::Quiet:
      return Colour::Dim;
    case Tone::Neutral:
      break;
  }
  return Colour::Plain;
}

std::string clock_text(Duration span) {
  char text[32];
  std::snprintf(text, sizeof text, "%02lld:%02lld", static_cast<long long>(span.us / 60'000'000),
                static_cast<long long>(span.us / 1'000'000 % 60));
  return text;
}

// Shows how a run goes on: one line that is redrawn on a terminal, a line every few seconds elsewhere.
class ProgressView {
 public:
  ProgressView(Terminal& terminal, ClientOptions::Format format) : terminal_(terminal), quiet_(format == ClientOptions::Format::Json) {}

  void running(const LoadProgress& progress, const AsyncTracker* tracker) {
    if (!is_due(progress.since_begin)) return;
    const double share = std::clamp(progress.since_begin.seconds() / std::max(1e-6, progress.length.seconds()), 0.0, 1.0);
    auto text = bar(share) + " " + clock_text(progress.since_begin) + "/" + clock_text(progress.length);
    const auto& seconds_so_far = progress.results.seconds;
    if (!seconds_so_far.empty()) {
      const auto& last = seconds_so_far.back();
      text += "  " + measure_text(static_cast<double>(last.succeeded + last.failed), Measure::PerSecond);
      if (last.p50_ms) text += "  med " + measure_text(*last.p50_ms, Measure::Milliseconds);
      if (last.p99_ms) text += "  p99 " + measure_text(*last.p99_ms, Measure::Milliseconds);
    }
    const auto& total = progress.results.total;
    text += "  in flight " + std::to_string(progress.standing.in_flight + progress.standing.waiting);
    if (total.failed > 0) text += "  failed " + terminal_.paint(Colour::Red, measure_text(total.failed_share(), Measure::Share));
    if (tracker != nullptr && tracker->accepted() > 0)
      text += "  done " + std::to_string(tracker->done()) + "/" + std::to_string(tracker->accepted());
    show(text);
  }
  void following(Duration since, Duration most, const AsyncTracker& tracker) {
    if (!is_due(since)) return;
    show("waiting for asynchronous work: " + std::to_string(tracker.done()) + " of " + std::to_string(tracker.accepted()) + " done  " +
         clock_text(since) + "/" + clock_text(most));
  }
  void next_part() { next_ = {}; }

 private:
  bool is_due(Duration now) {
    if (quiet_ || now < next_) return false;
    next_ = now + (terminal_.interactive() ? Duration{} : plain_line_interval);
    return true;
  }
  std::string bar(double share) const {
    if (!terminal_.interactive()) return "load";
    constexpr std::size_t cells = 20;
    const auto full = static_cast<std::size_t>(share * cells);
    return "[" + std::string(full, '=') + (full < cells ? ">" : "") + std::string(full < cells ? cells - full - 1 : 0, ' ') + "]";
  }
  void show(const std::string& text) {
    if (terminal_.interactive()) {
      terminal_.progress(text);
    } else {
      terminal_.note(text);
    }
  }

  Terminal& terminal_;
  const bool quiet_;
  Duration next_;
};

// The server of the data directory, if it is the one that the load goes to.
std::unique_ptr<ServerWatch> watch_target(const ClientOptions& client, const std::vector<RequestMaker>& makers, std::int64_t sample_ms) {
  auto server = find_running_server(client.data_directory);
  if (!server) return nullptr;
  const auto url = parse_http_url(server->url);
  if (!url.ok()) return nullptr;
  const bool is_target = std::any_of(makers.begin(), makers.end(), [&](const RequestMaker& maker) {
    const auto& host = maker.url().host;
    const bool is_here = host == url->host || host == "localhost" || host.ends_with(".localhost") || host.starts_with("127.");
    return is_here && maker.url().port == url->port;
  });
  if (!is_target) return nullptr;
  return std::make_unique<ServerWatch>(WatchedServer{
      .url = server->url, .token = server->token, .sample_interval = milliseconds(std::clamp<std::int64_t>(sample_ms, 50, 60'000))});
}

void take_ended(ServerWatch& watch, LoadEngine& engine) {
  for (const auto& ended : watch.take_ended())
    if (const auto n = engine.traces().number_of(ended.trace_root))
      engine.tracker().completed(*n, ended.end, ended.has_failed ? AsyncTracker::Ending::Failed : AsyncTracker::Ending::Done);
}

// Waits until all asynchronous work is done, or `most` has passed, or the user has enough of it.
void follow(ServerWatch& watch, LoadEngine& engine, Duration most, StopSignals& signals, ProgressView& view) {
  view.next_part();
  const auto begin = system_now();
  for (;;) {
    take_ended(watch, engine);
    const auto since = system_now() - begin;
    if (engine.tracker().open() == 0 || since >= most) return;
    view.following(since, most, engine.tracker());
    if (signals.wait(follow_interval)) return;
  }
}

LoadEngine::Ticker ticker_of(ServerWatch* watch, LoadEngine& engine, StopSignals& signals, ProgressView& view) {
  return [watch, &engine, &signals, &view, stops = 0](const LoadProgress& progress) mutable {
    if (watch != nullptr) take_ended(*watch, engine);
    view.running(progress, watch != nullptr && watch->follows() ? &engine.tracker() : nullptr);
    if (signals.wait(Duration{})) ++stops;
    return stops == 0 ? LoadEngine::Proceed::On : stops == 1 ? LoadEngine::Proceed::NoMoreArrivals : LoadEngine::Proceed::StopNow;
  };
}

std::string subtitle_of(const LoadPlan& plan) {
  std::string out;
  for (const auto& request : plan.requests) {
    if (!out.empty()) out += ", ";
    out += request.target.empty() ? request.method + " " + request.url : request.name;
  }
  return out.substr(0, 300);
}

void write_outputs(const LoadOptions& options, const LoadReport& report, Terminal& terminal) {
  if (!options.html.empty()) {
    write_text_file(options.html, load_report(report));
    if (options.json != "-") terminal.note("The report is in " + options.html);
  }
  if (options.json.empty()) return;
  const auto json = results_json(report.results, report.verdicts);
  if (options.json == "-") return terminal.line(json);
  write_text_file(options.json, json + "\n");
}

}  // namespace

int run_load(const ClientOptions& client, const LoadOptions& given) {
  auto options = given;
  if (client.format == ClientOptions::Format::Json && options.json.empty()) options.json = "-";
  StopSignals signals;
  Terminal terminal;
  ProgressView view(terminal, options.json == "-" ? ClientOptions::Format::Json : ClientOptions::Format::Text);
  const auto plan = load_plan_of(client, options);
  auto makers = make_requests(plan);
  if (!makers.ok()) throw CommandError(makers.error().message);
  auto watch = watch_target(client, *makers, options.sample_ms);
  LoadEngine engine(plan, std::move(*makers));
  auto results = engine.run(ticker_of(watch.get(), engine, signals, view));
  if (watch != nullptr) {
    if (watch->follows() && plan.follow > Duration{}) {
      follow(*watch, engine, plan.follow, signals, view);
      results.async = engine.tracker().results();
    }
    results.server = watch->samples(results.begin);
    if (watch->missed() > 0)
      terminal.note("The server has forgotten " + std::to_string(watch->missed()) + " completions before they were read.");
  }
  const auto verdicts = judge(plan.thresholds, [&results](const Threshold& threshold) { return measured(results, threshold); });
  if (options.json != "-")
    for (const auto& line : summary_lines(results, verdicts)) terminal.line(terminal.paint(colour_of(line.tone), line.text));
  write_outputs(options, {.plan = plan, .results = results, .verdicts = verdicts, .subtitle = subtitle_of(plan)}, terminal);
  const bool all_met = std::all_of(verdicts.begin(), verdicts.end(), [](const Verdict& verdict) { return verdict.is_met; });
  return all_met ? 0 : thresholds_missed;
}

}  // namespace surgetank
