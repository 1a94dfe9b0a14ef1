#include "stack/problems.h"

#include <algorithm>

#include "base/text.h"

namespace surgetank::stack {

void Problems::add(Position position, std::string what, std::string advice) {
  if (problems_.size() >= limit) {
    ++dropped_;
    return;
  }
  problems_.push_back({position, std::move(what), std::move(advice)});
}

std::vector<std::string> Problems::lines() const {
  std::vector<Problem> sorted = problems_;
  std::sort(sorted.begin(), sorted.end());
  sorted.erase(std::unique(sorted.begin(), sorted.end()), sorted.end());
  std::vector<std::string> lines;
  for (const Problem& problem : sorted) {
    std::string line = file_;
    if (problem.position.line != 0) {
      line += ":" + std::to_string(problem.position.line) + ":" + std::to_string(problem.position.column);
    }
    line += ": " + problem.what;
    if (!problem.advice.empty()) line += "; " + problem.advice;
    lines.push_back(std::move(line));
  }
  if (dropped_ > 0) lines.push_back(file_ + ": and " + std::to_string(dropped_) + " more");
  return lines;
}

namespace {

// Edit distance without regard to case; names are short, and longer ones are cut.
std::size_t distance(std::string_view a, std::string_view b) {
  const std::string left = to_lower(a.substr(0, 80));
  const std::string right = to_lower(b.substr(0, 80));
  std::vector<std::size_t> row(right.size() + 1);
  for (std::size_t j = 0; j <= right.size(); ++j) row[j] = j;
  for (std::size_t i = 1; i <= left.size(); ++i) {
    std::size_t diagonal = row[0];
    row[0] = i;
    for (std::size_t j = 1; j <= right.size(); ++j) {
      const std::size_t above = row[j];
      const std::size_t replaced = diagonal + (left[i - 1] == right[j - 1] ? 0 : 1);
      row[j] = std::min({row[j] + 1, row[j - 1] + 1, replaced});
      diagonal = above;
    }
  }
  return row[right.size()];
}

}  // namespace

std::string did_you_mean(std::string_view name, std::span<const std::string_view> known) {
  std::string_view nearest;
  std::size_t least = std::max<std::size_t>(2, name.size() / 3) + 1;
  for (std::string_view candidate : known) {
    std::size_t far = distance(name, candidate);
    // The beginning of a name is near to it: `Queue` and `QueueName`.
    if (name.size() >= 3 && to_lower(candidate).starts_with(to_lower(name))) far = std::min<std::size_t>(far, 2);
    if (far >= least || far >= candidate.size()) continue;
    least = far;
    nearest = candidate;
  }
  return nearest.empty() ? std::string() : "did you mean `" + std::string(nearest) + "`?";
}

std::string one_of(std::string_view name, std::span<const std::string_view> known) {
  std::string text = did_you_mean(name, known);
  if (!text.empty()) text += " ";
  text += "Supported: ";
  bool first = true;
  for (std::string_view candidate : known) {
    if (!first) text += ", ";
    first = false;
    text += candidate;
  }
  return text;
}

}  // namespace surgetank::stack
