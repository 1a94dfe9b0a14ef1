#pragma once
// Places for many short-lived things of one kind, known by number and generation: a number is used again, with another generation, so that
// events for what is gone are told apart. Places never move. One owner, one thread; nothing fails.
#include <cstdint>
#include <deque>
#include <vector>

namespace surgetank::prediction {

// T has a member `std::uint32_t generation`.
template <class T>
class PoolOf {
 public:
  std::uint32_t take() {
    if (free_.empty()) {
      places_.emplace_back();
      places_.back().generation = 1;
      return static_cast<std::uint32_t>(places_.size() - 1);
    }
    const auto number = free_.back();
    free_.pop_back();
    return number;
  }
  void give_back(std::uint32_t number) {
    const auto generation = places_[number].generation + 1;
    places_[number] = T{};
    places_[number].generation = generation;
    free_.push_back(number);
  }
  T& operator[](std::uint32_t number) { return places_[number]; }
  bool is_current(std::uint32_t number, std::uint32_t generation) const { return places_[number].generation == generation; }
  std::size_t in_use() const { return places_.size() - free_.size(); }

 private:
  std::deque<T> places_;
  std::vector<std::uint32_t> free_;
};

}  // namespace surgetank::prediction
