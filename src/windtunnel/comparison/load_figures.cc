// Reads what a comparison needs of the report that `surgetank load --json` writes.
#include <stdexcept>

#include "windtunnel/comparison/comparison.h"
#include "wire/json.h"

namespace surgetank::windtunnel {
namespace {

struct Spread {
  Integer count = 0;
  Opt<double> p50;
  Opt<double> p99;
};
SURGE_SHAPE(Spread, count, p50, p99)
struct Totals {
  Integer succeeded = 0;
  Integer failed = 0;
  Spread latencyMs;
};
SURGE_SHAPE(Totals, succeeded, failed, latencyMs)
struct Async {
  Integer accepted = 0;
  Integer done = 0;
  Spread acceptedToDoneMs;
};
SURGE_SHAPE(Async, accepted, done, acceptedToDoneMs)
struct LoadReportFile {
  Totals total;
  Async async;
};
SURGE_SHAPE(LoadReportFile, total, async)

}  // namespace

LoadFigures load_figures_from_json(std::string_view json) {
  LoadReportFile file;
  if (const auto read = read_json(json, *shape_of<LoadReportFile>(), &file); !read.ok())
    throw std::runtime_error("this is no report of `surgetank load --json`: " + read.error().message);
  return {.requests = file.total.succeeded + file.total.failed,
          .failed = file.total.failed,
          .p50Milliseconds = file.total.latencyMs.p50.value_or(0),
          .p99Milliseconds = file.total.latencyMs.p99.value_or(0),
          .accepted = file.async.accepted,
          .done = file.async.done,
          .doneP99Milliseconds = file.async.acceptedToDoneMs.p99};
}

}  // namespace surgetank::windtunnel
