// advise: what a run teaches. Records the running server, or reads a recording; prints, writes a page, ends with a code by severity.
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <sstream>

#include "app/client.h"
#include "app/commands.h"
#include "app/live_recording.h"
#include "app/terminal.h"
#include "windtunnel/advice/advice_view.h"

namespace surgetank {
namespace {

using windtunnel::Ink;
using windtunnel::Severity;

constexpr std::uintmax_t largest_template = 2U << 20;
constexpr int first_severity_code = 10;  // low; then medium, high, critical

std::optional<std::string> read_file(const std::string& path) {
  std::error_code error;
  const auto size = std::filesystem::file_size(path, error);
  if (error || size > largest_template) return std::nullopt;
  std::ifstream file(path, std::ios::binary);
  std::ostringstream text;
  if (!file || !(text << file.rdbuf())) return std::nullopt;
  return text.str();
}

Colour colour_of(Ink ink) {
  switch (ink) {
    case Ink::Plain:
      return Colour::Plain;
    case Ink::Strong:
      return Colour::Bold;
    case Ink::Quiet:
      return Colour::Dim;
    case Ink::Good:
      return Colour::Green;
    case Ink::Warning:
      return Colour::Yellow;
    case Ink::Bad:
      return Colour::Red;
  }
  return Colour::Plain;
}

void write_page(const std::string& path, const windtunnel::Advice& advice) {
  std::ofstream file(path, std::ios::binary | std::ios::trunc);
  file << windtunnel::advice_page(advice);
  if (!file.flush()) throw CommandError("cannot write " + path);
}

// 0, or 10 to 13 by the worst finding if that is at least what the user asked for.
int exit_code(const windtunnel::Advice& advice, const std::string& fail_on) {
  const auto asked = windtunnel::parse_severity(fail_on);
  const auto worst = windtunnel::worst_severity(advice);
  if (!asked || !worst || *worst < *asked) return 0;
  return first_severity_code + static_cast<int>(*worst);
}

}  // namespace

int run_advise(const ClientOptions& client, const AdviseOptions& options) {
  if (!options.fail_on.empty() && !windtunnel::parse_severity(options.fail_on))
    throw CommandError("--fail-on takes low, medium, high or critical, not " + options.fail_on);
  const auto recording =
      options.recording.empty() ? record_running_server(client, options.last_traces) : windtunnel::read_recording(options.recording);
  auto advice = windtunnel::advise(recording);
  windtunnel::add_snippets(advice, recording, read_file);
  if (!options.page.empty()) write_page(options.page, advice);
  if (client.format == ClientOptions::Format::Json) {
    std::printf("%s\n", windtunnel::advice_to_json(advice).c_str());
    return exit_code(advice, options.fail_on);
  }
  Terminal terminal;
  if (recording.traces.empty()) terminal.note("no requests in the run: only the configuration was looked at; send some, then ask again");
  std::error_code ignored;
  terminal.line(windtunnel::advice_text(
      advice, {.width = terminal.width(),
               .paint = [&terminal](Ink ink, std::string_view text) { return terminal.paint(colour_of(ink), text); },
               .folder = std::filesystem::current_path(ignored).string()}));
  if (!options.page.empty()) terminal.line("written: " + options.page);
  return exit_code(advice, options.fail_on);
}

}  // namespace surgetank
