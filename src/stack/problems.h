#pragma once
// What is wrong with a template, where, and what to do about it: everything wrong is collected before anything is changed, so that
// one run tells it all. A line reads `template.yaml:12:7: what is wrong; what to do`. Plain values, one thread, nothing fails.
#include <compare>
#include <cstdint>
#include <initializer_list>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace surgetank::stack {

// A place in the template, counted from 1. {0, 0}: no place in the text.
struct Position {
  std::uint32_t line = 0;
  std::uint32_t column = 0;
  auto operator<=>(const Position&) const = default;
};

struct Problem {
  Position position;
  std::string what;
  std::string advice;  // may be empty
  auto operator<=>(const Problem&) const = default;
};

class Problems {
 public:
  static constexpr std::size_t limit = 200;  // the rest is counted only

  explicit Problems(std::string file) : file_(std::move(file)) {}
  void add(Position position, std::string what, std::string advice = {});
  bool empty() const { return problems_.empty(); }
  std::size_t size() const { return problems_.size() + dropped_; }
  const std::vector<Problem>& all() const { return problems_; }
  const std::string& file() const { return file_; }
  // In the order of the text, each once.
  std::vector<std::string> lines() const;

 private:
  std::string file_;
  std::vector<Problem> problems_;
  std::size_t dropped_ = 0;
};

// "did you mean `Handler`?" for the nearest of `known`, or nothing if none is near.
std::string did_you_mean(std::string_view name, std::span<const std::string_view> known);
// "use one of: A, B, C", with did_you_mean in front if something is near.
std::string one_of(std::string_view name, std::span<const std::string_view> known);

}  // namespace surgetank::stack
