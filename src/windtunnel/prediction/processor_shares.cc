#include "windtunnel/prediction/processor_shares.h"

#include <algorithm>
#include <cmath>
#include <functional>
#include <optional>

namespace surgetank::prediction {
namespace {

using windtunnel::RecordedSpan;
using windtunnel::Recording;

constexpr std::size_t fewest_samples = 8;       // of the machine, to tell what is used without requests
constexpr double most_uncertain = 0.25;         // of what a request costs the server: the standard error of a fit that is believed
constexpr double most_background_share = 0.95;  // of what the server uses
constexpr double busy_machine = 0.4;            // a recording that kept so much of the processors busy has waited for them
constexpr double fewest_told = 0.5;             // of the functions' processor time: what the spans tell of it, to be believed

Duration of_us(double us) { return microseconds(static_cast<std::int64_t>(std::llround(std::max(0.0, us)))); }

double mean_us(const std::vector<Duration>& times) {
  double sum = 0;
  for (const auto time : times) sum += static_cast<double>(time.us);
  return times.empty() ? 0 : sum / static_cast<double>(times.size());
}

bool is_database_step(const Step& step) { return step.kind == StepKind::DatabaseConnect || step.kind == StepKind::DatabaseStatement; }
bool is_server_step(const Step& step) { return !is_database_step(step) && step.kind != StepKind::Compute; }

// What the steps of one sort take in an invocation.
double steps_us(const FunctionProfile& function, const std::function<bool(const Step&)>& is_meant) {
  double sum = 0;
  for (const auto& step : function.steps)
    if (is_meant(step) && step.occurs == StepOccurs::EachInvocation) sum += step.probability * static_cast<double>(step.time.mean().us);
  return sum;
}

class Sharing {
 public:
  Sharing(const Recording& recording, const RecordedWork& work, Profile& profile) : recording_(recording), work_(work), profile_(profile) {}

  std::vector<std::string> run() {
    count();
    if (recording_.host) {
      profile_.host.processors = static_cast<double>(recording_.host->processors);
      profile_.host.processes = recording_.host->functionProcesses;
    }
    const double run_us = static_cast<double>(recording_.endMicroseconds - recording_.startMicroseconds);
    if (run_us > 0) profile_.host.recorded_rate = requests_ / run_us * 1e6;
    if (recording_.host && recording_.host->processors > 0 && run_us > 0)
      profile_.host.recorded_use = static_cast<double>(recording_.host->busyMicroseconds) / run_us / profile_.host.processors;
    if (is_told_apart()) {
      share_functions();
      share_databases();
      share_server();
    } else {
      share_alike();
    }
    if (profile_.host.recorded_use > busy_machine)
      remark("the machine was " + std::to_string(std::lround(100 * profile_.host.recorded_use)) +
             " % busy in the recording: what waited for its processors is taken for time that steps take; record at a lower rate");
    return std::move(remarks_);
  }

 private:
  void remark(std::string text) { remarks_.push_back(std::move(text)); }

  void count() {
    for (const auto& [route, all] : work_.requests) requests_ += static_cast<double>(all.size());
    for (const auto& recorded : recording_.functions) {
      const auto found = work_.invocations.find(recorded.name);
      invocations_.push_back(found == work_.invocations.end() ? nullptr : &found->second);
    }
    if (requests_ > 0) return;
    for (const auto* all : invocations_) requests_ += all == nullptr ? 0 : static_cast<double>(all->size());
  }

  bool is_told_apart() const {
    if (!recording_.host || recording_.host->samples.size() < 2 || requests_ == 0) return false;
    double told_us = 0;
    for (const auto* all : invocations_) {
      if (all == nullptr) continue;
      for (const auto& invocation : *all)
        told_us +=
            static_cast<double>((invocation.processor_time.value_or(Duration{}) + invocation.init_processor_time.value_or(Duration{})).us);
    }
    const auto& samples = recording_.host->samples;
    const auto used_us = static_cast<double>(samples.back().functionMicroseconds - samples.front().functionMicroseconds);
    return told_us > 0 && told_us >= fewest_told * used_us;
  }

  // ---- functions ----

  void share_functions() {
    for (std::size_t i = 0; i < profile_.functions.size(); ++i)
      if (invocations_[i] != nullptr) share_function(*invocations_[i], profile_.functions[i]);
  }

  static void share_function(const std::vector<RecordedInvocation>& invocations, FunctionProfile& function) {
    const auto steady_from = steady_ordinal(invocations);
    std::vector<Duration> used;
    for (const auto& invocation : invocations) {
      if (is_steady(invocation, steady_from) && invocation.span->fault.empty() && invocation.processor_time)
        used.push_back(*invocation.processor_time);
    }
    share_starts(invocations, function);
    const double computing_us = steps_us(function, [](const Step& step) { return step.kind == StepKind::Compute; });
    const double share = computing_us > 0 ? std::min(1.0, mean_us(used) / computing_us) : 1;
    for (auto& step : function.steps)
      if (step.kind == StepKind::Compute) step.cpu_share = share;
    function.work_beside = of_us(mean_us(used) - computing_us);
  }

  // Environments start in bunches, and a start is mostly work: what a start takes longer than the quickest has waited for the others.
  static void share_starts(const std::vector<RecordedInvocation>& invocations, FunctionProfile& function) {
    std::vector<Duration> used;
    std::vector<Duration> times;
    for (const auto& invocation : invocations) {
      if (!invocation.is_cold || !invocation.init_processor_time) continue;
      used.push_back(*invocation.init_processor_time);
      times.push_back(invocation.init);
    }
    if (times.empty()) return;
    const double quickest_us = static_cast<double>(std::min_element(times.begin(), times.end())->us);
    const double alone_us = std::max(quickest_us, std::min(mean_us(used), mean_us(times)));
    const double factor = alone_us / std::max(1.0, mean_us(times));
    for (auto& time : times) time = of_us(factor * static_cast<double>(time.us));
    function.init = Distribution::recorded(std::move(times));
    function.init_cpu_share = alone_us > 0 ? std::min(1.0, mean_us(used) / alone_us) : 1;
    function.init_work_beside = of_us(mean_us(used) - alone_us);
  }

  // ---- databases and the server ----

  // All recorded invocations together.
  double all_steps_us(const std::function<bool(const Step&)>& is_meant) const {
    double sum = 0;
    for (std::size_t i = 0; i < profile_.functions.size(); ++i)
      if (invocations_[i] != nullptr) sum += static_cast<double>(invocations_[i]->size()) * steps_us(profile_.functions[i], is_meant);
    return sum;
  }

  void share_databases() {
    const auto& samples = recording_.host->samples;
    const auto used_us = static_cast<double>(samples.back().databaseMicroseconds - samples.front().databaseMicroseconds);
    const double time_us = all_steps_us(is_database_step);
    if (time_us <= 0) return;
    const double over = std::max(0.0, used_us / time_us - 1);
    for (auto& function : profile_.functions) {
      function.work_beside = function.work_beside + of_us(over * steps_us(function, is_database_step));
      for (auto& step : function.steps)
        if (is_database_step(step)) step.cpu_share = std::min(1.0, used_us / time_us);
    }
  }

  void share_server() {
    const auto& samples = recording_.host->samples;
    const auto length_us = static_cast<double>(samples.back().atMicroseconds - samples.front().atMicroseconds);
    const auto all_us = static_cast<double>(samples.back().serverMicroseconds - samples.front().serverMicroseconds);
    const double background = std::min(background_of_server(), length_us > 0 ? most_background_share * all_us / length_us : 0);
    profile_.host.background = background;
    const double used_us = all_us - background * length_us;
    double time_us = all_steps_us(is_server_step);
    for (const auto& [route, all] : work_.requests)
      for (const auto& request : all) time_us += static_cast<double>(request.overhead.us);
    const double share = time_us > 0 ? std::min(1.0, used_us / time_us) : 1;
    for (auto& route : profile_.routes) route.overhead_cpu_share = share;
    for (auto& function : profile_.functions)
      for (auto& step : function.steps)
        if (is_server_step(step)) step.cpu_share = share;
    const auto over = of_us((used_us - time_us) / requests_);
    if (!work_.requests.empty()) {
      profile_.host.work_beside_request = over;
    } else {
      for (auto& function : profile_.functions) function.work_beside = function.work_beside + over;
    }
  }

  // Processors that the server keeps busy whatever comes: the line through its use in each sample over the invocations in it, at none.
  // 0 if the samples do not tell.
  double background_of_server() const {
    std::vector<std::int64_t> ends;
    std::vector<std::pair<std::int64_t, std::int64_t>> starts;  // of environments: they cost more than a request
    for (const auto& trace : recording_.traces) {
      for (const auto& span : trace.spans) {
        const auto end = span.startMicroseconds + span.durationMicroseconds;
        if (span.kind == "invoke") ends.push_back(end);
        if (span.kind == "init") starts.emplace_back(span.startMicroseconds, end);
      }
    }
    std::sort(ends.begin(), ends.end());
    struct Point {
      double rate = 0;
      double use = 0;
    };
    std::vector<Point> points;
    const auto& samples = recording_.host->samples;
    for (std::size_t i = 0; i + 1 < samples.size(); ++i) {
      const auto from = samples[i].atMicroseconds;
      const auto to = samples[i + 1].atMicroseconds;
      const bool has_start =
          std::any_of(starts.begin(), starts.end(), [&](const auto& one) { return one.first < to && from < one.second; });
      if (to <= from || has_start || to < recording_.startMicroseconds || from > recording_.endMicroseconds) continue;
      const auto count = std::lower_bound(ends.begin(), ends.end(), to) - std::lower_bound(ends.begin(), ends.end(), from);
      const auto length = static_cast<double>(to - from);
      points.push_back({static_cast<double>(count) / length,
                        static_cast<double>(samples[i + 1].serverMicroseconds - samples[i].serverMicroseconds) / length});
    }
    if (points.size() < fewest_samples) return 0;
    Point mean;
    for (const auto& point : points) {
      mean.rate += point.rate / static_cast<double>(points.size());
      mean.use += point.use / static_cast<double>(points.size());
    }
    double squares = 0;
    double products = 0;
    for (const auto& point : points) {
      squares += (point.rate - mean.rate) * (point.rate - mean.rate);
      products += (point.rate - mean.rate) * (point.use - mean.use);
    }
    if (squares <= 0 || products <= 0) return 0;
    const double slope = products / squares;
    double left = 0;
    for (const auto& point : points) {
      const double miss = point.use - mean.use - slope * (point.rate - mean.rate);
      left += miss * miss;
    }
    const double uncertain = std::sqrt(left / static_cast<double>(points.size() - 2) / squares);
    return uncertain > most_uncertain * slope ? 0 : std::max(0.0, mean.use - slope * mean.rate);
  }

  // ---- one share for everything: what else ran on the machine has made all of it wait alike ----

  void share_alike() {
    double calls_us = 0;
    double inits_us = 0;
    for (const auto& [route, all] : work_.requests)
      for (const auto& request : all) calls_us += static_cast<double>(request.overhead.us);
    for (const auto& [name, all] : work_.invocations) {
      for (const auto& invocation : all) {
        calls_us += static_cast<double>(invocation.span->durationMicroseconds);
        inits_us += static_cast<double>(invocation.init.us);
      }
    }
    if (!recording_.host || recording_.host->busyMicroseconds <= 0 || requests_ == 0 || calls_us <= 0)
      return remark("the machine's use was not recorded: of calls and statements half the time is taken for work, of computing all");
    const auto busy_us = static_cast<double>(recording_.host->busyMicroseconds);
    const double share = busy_us / (calls_us + inits_us);
    for (auto& function : profile_.functions) {
      function.init_cpu_share = std::min(1.0, share);
      for (auto& step : function.steps) step.cpu_share = std::min(1.0, share);
    }
    for (auto& route : profile_.routes) route.overhead_cpu_share = std::min(1.0, share);
    if (share > 1) profile_.host.work_beside_request = of_us((busy_us - inits_us - calls_us) / requests_);
  }

  const Recording& recording_;
  const RecordedWork& work_;
  Profile& profile_;
  std::vector<const std::vector<RecordedInvocation>*> invocations_;  // of the function of the same place in the profile; may be null
  double requests_ = 0;
  std::vector<std::string> remarks_;
};

}  // namespace

std::vector<std::string> share_processors(const Recording& recording, const RecordedWork& work, Profile& profile) {
  return Sharing(recording, work, profile).run();
}

}  // namespace surgetank::prediction
