#pragma once
// Several runs under the same load, side by side: what each change of an application changed. The first run is the one that the others
// are measured against. Made from what `surgetank load --json` and `surgetank record` write. Pure values; any thread.
#include <string>
#include <string_view>
#include <vector>

#include "shape/shape.h"
#include "windtunnel/recording/recording.h"
#include "windtunnel/report/html.h"

namespace surgetank::windtunnel {

// What a comparison takes from the report of a load run.
struct LoadFigures {
  Integer requests = 0;
  Integer failed = 0;
  double p50Milliseconds = 0;
  double p99Milliseconds = 0;
  Integer accepted = 0;             // that began asynchronous work
  Integer done = 0;                 // of those, by the end of the run
  Opt<double> doneP99Milliseconds;  // from accepted to done; absent: nothing was asynchronous
};
// Throws std::runtime_error with a text for the user: no report of a load run.
LoadFigures load_figures_from_json(std::string_view json);

struct ComparedRun {
  String name;
  Integer requests = 0;
  Integer failed = 0;  // refused or wrong, and what was accepted and never done
  double p50Milliseconds = 0;
  double p99Milliseconds = 0;
  Opt<double> doneP99Milliseconds;
  Integer connectionsMade = 0;  // to databases
  Integer connectionsPeak = 0;  // open at the same time
  Integer statements = 0;
  Map<Integer> calls;  // of AWS APIs by the application: "SecretsManager.GetSecretValue" -> 600
  double callsPerRequest = 0;
  double dollarsPerMillion = 0;  // requests, at list price; databases left out
};
SURGE_SHAPE(ComparedRun, name, requests, failed, p50Milliseconds, p99Milliseconds, doneP99Milliseconds, connectionsMade, connectionsPeak,
            statements, calls, callsPerRequest, dollarsPerMillion)
struct Comparison {
  List<ComparedRun> runs;
};
SURGE_SHAPE(Comparison, runs)

ComparedRun compared_run(std::string name, const LoadFigures& load, const Recording& recording);
// Lines for a terminal, the heading first.
std::vector<std::string> comparison_lines(const Comparison& comparison);
std::string comparison_to_json(const Comparison& comparison);
Page comparison_page(const Comparison& comparison, std::string title);

}  // namespace surgetank::windtunnel
