// Runs under the same load, side by side: reads files, asks no server.
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <sstream>

#include "app/client.h"
#include "app/commands.h"
#include "app/terminal.h"
#include "windtunnel/comparison/comparison.h"

namespace surgetank {
namespace {

constexpr std::uintmax_t most_report_bytes = 64U << 20;

std::string read_report(const std::string& path) {
  std::error_code error;
  const auto size = std::filesystem::file_size(path, error);
  if (error) throw CommandError(path + ": " + error.message());
  if (size > most_report_bytes) throw CommandError(path + " is too large for a report of `surgetank load`");
  std::ifstream in(path, std::ios::binary);
  std::stringstream text;
  text << in.rdbuf();
  if (!in) throw CommandError(path + " cannot be read");
  return std::move(text).str();
}

// NAME=LOAD.json,RECORDING.json
windtunnel::ComparedRun read_run(const std::string& argument) {
  const auto equals = argument.find('=');
  const auto comma = argument.find(',', equals == std::string::npos ? 0 : equals);
  if (equals == std::string::npos || equals == 0 || comma == std::string::npos)
    throw CommandError(argument + ": NAME=LOAD.json,RECORDING.json is expected (`surgetank load --json`, `surgetank record -o`)");
  const auto load = argument.substr(equals + 1, comma - equals - 1);
  const auto recording = argument.substr(comma + 1);
  try {
    return windtunnel::compared_run(argument.substr(0, equals), windtunnel::load_figures_from_json(read_report(load)),
                                    windtunnel::read_recording(recording));
  } catch (const CommandError&) {
    throw;
  } catch (const std::exception& error) {
    throw CommandError(argument + ": " + error.what());
  }
}

}  // namespace

int run_compare(const ClientOptions& client, const CompareOptions& options) {
  windtunnel::Comparison comparison;
  for (const auto& run : options.runs) comparison.runs.push_back(read_run(run));
  if (!options.html.empty()) {
    std::ofstream out(options.html, std::ios::binary);
    out << windtunnel::render(windtunnel::comparison_page(comparison, options.title));
    if (!out.flush()) throw CommandError(options.html + " cannot be written");
  }
  if (client.format == ClientOptions::Format::Json) {
    std::printf("%s\n", windtunnel::comparison_to_json(comparison).c_str());
    return 0;
  }
  Terminal terminal;
  const auto lines = windtunnel::comparison_lines(comparison);
  for (std::size_t i = 0; i < lines.size(); ++i) terminal.line(i == 0 ? terminal.paint(Colour::Dim, lines[i]) : lines[i]);
  if (!options.html.empty()) terminal.note("the report: " + options.html);
  return 0;
}

}  // namespace surgetank
