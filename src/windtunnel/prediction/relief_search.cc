#include "windtunnel/prediction/relief_search.h"

#include <algorithm>
#include <array>
#include <cmath>

namespace surgetank::prediction {
namespace {

constexpr double times = 2;             // as large as it is
constexpr double nearly_used_up = 0.9;  // of a limit
constexpr double worth_trying = 0.001;  // of the requests: refusals
constexpr double worth_waiting = 0.01;  // of all the time that requests and messages took
constexpr double least_gain = 0.001;    // of the requests
constexpr double least_part = 0.02;
constexpr double chance = 2;  // standard deviations of a count
constexpr double least_faster = 0.1;
constexpr double as_fast = 0.05;

double lost_share_of(const ReliefFigures& figures, const ReliefRules& rules) {
  return std::max(figures.lost_share, rules.tolerated_lost_share);
}

ReliefFigures figures_of(const Outcome& outcome) {
  ReliefFigures figures;
  figures.requests = outcome.total.requests;
  figures.lost = outcome.total.throttled + outcome.total.failed;
  figures.p99_ms = outcome.total.success_latency.p99_ms;
  figures.time_ms = figures.p99_ms;
  for (const auto& queue : outcome.queues) {
    figures.lost += queue.dead + left_behind(queue);
    figures.time_ms += queue.accepted_to_done.p99_ms;
  }
  figures.lost_share = static_cast<double>(figures.lost) / static_cast<double>(std::max<std::uint64_t>(figures.requests, 1));
  for (const auto& cost : outcome.costs) figures.dollars_per_hour += cost.dollars_per_hour;
  return figures;
}

// Shares of what is lost that are nearer to each other are equal.
double tolerance(const ReliefFigures& before) {
  const auto requests = static_cast<double>(std::max<std::uint64_t>(before.requests, 1));
  const auto smaller_share = std::min(before.lost_share, std::max(0.0, 1 - before.lost_share));
  return std::max({least_gain, least_part * smaller_share, chance * std::sqrt(smaller_share / requests)});
}

bool helps(const ReliefFigures& before, const ReliefFigures& after, const ReliefRules& rules) {
  const auto gain = lost_share_of(before, rules) - lost_share_of(after, rules);
  if (gain > tolerance(before)) return true;
  // A threshold that is met now and was not.
  if (gain > 0 && rules.tolerated_lost_share > 0 && after.lost_share <= rules.tolerated_lost_share) return true;
  return gain >= -tolerance(before) && after.time_ms < (1 - least_faster) * before.time_ms;
}

bool is_quieted(const ReliefFigures& figures, const ReliefRules& rules) {
  return lost_share_of(figures, rules) <= std::max(least_gain, rules.tolerated_lost_share);
}

// What was met, most important first: by refusals, by waiting and by nearness in turn.
std::vector<LimitUse> candidates(const Outcome& outcome, std::size_t most) {
  double took_seconds = static_cast<double>(outcome.total.latency.count) * outcome.total.latency.mean_ms / 1'000;
  for (const auto& queue : outcome.queues)
    took_seconds += static_cast<double>(queue.accepted_to_done.count) * queue.accepted_to_done.mean_ms / 1'000;
  const auto nearness = [](const LimitUse& limit) { return limit.limit > 0 ? limit.peak / limit.limit : 0; };
  std::vector<LimitUse> met;
  for (const auto& limit : outcome.limits) {
    if (limit.nature == LimitNature::Behaviour) continue;
    const bool refused = static_cast<double>(limit.refused) > worth_trying * static_cast<double>(outcome.total.requests);
    const bool waited = limit.waited_seconds > worth_waiting * took_seconds;
    if (refused || waited || nearness(limit) >= nearly_used_up) met.push_back(limit);
  }
  std::array<std::vector<LimitUse>, 3> orders = {met, met, met};
  std::stable_sort(orders[0].begin(), orders[0].end(), [](const LimitUse& a, const LimitUse& b) { return a.refused > b.refused; });
  std::stable_sort(orders[1].begin(), orders[1].end(),
                   [](const LimitUse& a, const LimitUse& b) { return a.waited_seconds > b.waited_seconds; });
  std::stable_sort(orders[2].begin(), orders[2].end(), [&](const LimitUse& a, const LimitUse& b) { return nearness(a) > nearness(b); });
  std::vector<LimitUse> chosen;
  for (std::size_t i = 0; i < met.size(); ++i) {
    for (const auto& order : orders) {
      const auto is_it = [&](const LimitUse& limit) { return limit.id == order[i].id; };
      if (chosen.size() < most && std::none_of(chosen.begin(), chosen.end(), is_it)) chosen.push_back(order[i]);
    }
  }
  return chosen;
}

class Search {
 public:
  Search(const Profile& profile, const windtunnel::Traffic& traffic, const Conditions& conditions, const ReliefRules& rules,
         Outcome& outcome)
      : profile_(profile), traffic_(traffic), conditions_(conditions), rules_(rules), outcome_(outcome), relief_(outcome.relief) {
    conditions_.progress = {};
  }

  void run() {
    relief_ = {};
    relief_.as_it_is = figures_of(outcome_);
    const auto met = candidates(outcome_, rules_.most_candidates);
    if (met.empty()) return conclude(ReliefFinding::NothingMet);
    const auto affordable = affordable_trials();
    if (affordable == 0) {
      relief_.remark = "what relieves was not tried: this prediction is too large to be repeated; try a shorter one";
      return;
    }
    auto first = met;
    if (first.size() > affordable) {
      relief_.remark = "only " + std::to_string(affordable) + " of " + std::to_string(first.size()) +
                       " limits were raised, because each takes a prediction as large as this";
      first.resize(affordable);
    }
    const auto best = raise_each(first, relief_.as_it_is);
    if (!best) return raise_together(first);
    relief_.limits.push_back(best->limit);
    conclude(ReliefFinding::Helps);
    if (is_quieted(best->figures, rules_)) return;
    const auto next = candidates(best->outcome, std::min(rules_.most_candidates, affordable_trials()));
    if (affordable_trials() == 0) relief_.remark += (relief_.remark.empty() ? "" : "; ") + std::string("what binds next was not tried");
    if (const auto then = raise_each(next, best->figures)) relief_.limits.push_back(then->limit);
  }

 private:
  struct Found {
    LimitUse limit;
    ReliefFigures figures;
    Outcome outcome;
  };

  std::size_t affordable_trials() const {
    return static_cast<std::size_t>((rules_.most_events - std::min(spent_, rules_.most_events)) /
                                    std::max<std::uint64_t>(outcome_.events, 1));
  }

  void conclude(ReliefFinding finding) {
    relief_.finding = finding;
    outcome_.bottleneck.reset();
    if (!relief_.limits.empty()) outcome_.bottleneck = relief_.limits.front();
  }

  // The limits on top of what is raised so far.
  Outcome raise(const std::vector<LimitUse>& limits) {
    if (rules_.trying) rules_.trying(limits.size() == 1 ? limits[0].id : "all together");
    auto conditions = conditions_;
    ReliefTrial trial{.raised = base_};
    for (const auto& limit : limits) {
      auto& factor = conditions.raised.try_emplace(limit.id, 1).first->second;
      factor *= times;
      const auto before =
          std::find_if(trial.raised.begin(), trial.raised.end(), [&](const RaisedLimit& one) { return one.id == limit.id; });
      if (before == trial.raised.end()) {
        trial.raised.push_back({.id = limit.id, .from = limit.limit, .to = limit.limit * times});
      } else {
        before->to = limit.limit * times;
      }
    }
    auto outcome = predict(profile_, traffic_, conditions);
    spent_ += outcome.events;
    trial.figures = figures_of(outcome);
    relief_.trials.push_back(std::move(trial));
    return outcome;
  }

  // The best of those that help; it stays raised.
  std::optional<Found> raise_each(const std::vector<LimitUse>& limits, const ReliefFigures& before) {
    const auto first = relief_.trials.size();
    std::vector<Outcome> outcomes;
    for (const auto& limit : limits) {
      outcomes.push_back(raise({limit}));
      outcomes.back().timeline.clear();
    }
    for (const auto nature : {LimitNature::Capacity, LimitNature::Patience}) {
      std::vector<std::size_t> helpful;
      for (std::size_t i = 0; i < limits.size(); ++i)
        if (limits[i].nature == nature && helps(before, relief_.trials[first + i].figures, rules_)) helpful.push_back(i);
      if (helpful.empty()) continue;
      const auto best = best_of(helpful, first, before);
      for (const auto i : helpful) relief_.trials[first + i].verdict = i == best ? ReliefVerdict::Best : ReliefVerdict::Helps;
      const auto& trial = relief_.trials[first + best];
      base_ = trial.raised;
      conditions_.raised.try_emplace(limits[best].id, 1).first->second *= times;
      return Found{.limit = limits[best], .figures = trial.figures, .outcome = std::move(outcomes[best])};
    }
    return std::nullopt;
  }

  std::size_t best_of(const std::vector<std::size_t>& helpful, std::size_t first, const ReliefFigures& before) const {
    const auto figures = [&](std::size_t i) -> const ReliefFigures& { return relief_.trials[first + i].figures; };
    double least_lost = 1e300;
    for (const auto i : helpful) least_lost = std::min(least_lost, lost_share_of(figures(i), rules_));
    const auto is_least = [&](std::size_t i) { return lost_share_of(figures(i), rules_) <= least_lost + tolerance(before); };
    double fastest_ms = 1e300;
    for (const auto i : helpful)
      if (is_least(i)) fastest_ms = std::min(fastest_ms, figures(i).time_ms);
    for (const auto i : helpful)
      if (is_least(i) && figures(i).time_ms <= fastest_ms * (1 + as_fast)) return i;
    return helpful.front();
  }

  void raise_together(std::vector<LimitUse> limits) {
    std::erase_if(limits, [](const LimitUse& limit) { return limit.nature != LimitNature::Capacity; });
    if (limits.size() < 2) return conclude(ReliefFinding::NothingHelps);
    if (affordable_trials() < limits.size() + 1) {
      relief_.remark += (relief_.remark.empty() ? "" : "; ") + std::string("they were not raised together");
      return conclude(ReliefFinding::NothingHelps);
    }
    raise(limits);
    const auto all = relief_.trials.back().figures;
    if (!helps(relief_.as_it_is, all, rules_)) return conclude(ReliefFinding::NothingHelps);
    relief_.trials.back().verdict = ReliefVerdict::Best;
    for (std::size_t i = limits.size(); i-- > 0 && limits.size() > 2;) {
      auto fewer = limits;
      fewer.erase(fewer.begin() + static_cast<std::ptrdiff_t>(i));
      raise(fewer);
      auto& trial = relief_.trials.back();
      if (helps(trial.figures, all, rules_)) continue;  // it is needed
      for (auto& one : relief_.trials)
        if (one.verdict == ReliefVerdict::Best) one.verdict = ReliefVerdict::Helps;
      trial.verdict = ReliefVerdict::Best;
      limits = std::move(fewer);
    }
    relief_.limits = std::move(limits);
    conclude(ReliefFinding::Together);
  }

  const Profile& profile_;
  const windtunnel::Traffic& traffic_;
  Conditions conditions_;
  const ReliefRules& rules_;
  Outcome& outcome_;
  Relief& relief_;
  std::vector<RaisedLimit> base_;
  std::uint64_t spent_ = 0;
};

}  // namespace

std::uint64_t left_behind(const QueueFigures& queue) {
  constexpr double under_way_share = 0.02;  // of the messages sent
  constexpr double always_under_way = 100;
  const auto waiting = static_cast<double>(queue.depth_at_traffic_end);
  return waiting > std::max(always_under_way, under_way_share * static_cast<double>(queue.sent)) ? queue.depth_at_traffic_end : 0;
}

void find_relief(const Profile& profile, const windtunnel::Traffic& traffic, const Conditions& conditions, const ReliefRules& rules,
                 Outcome& outcome) {
  Search(profile, traffic, conditions, rules, outcome).run();
}

}  // namespace surgetank::prediction
