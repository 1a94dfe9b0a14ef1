#include "wire/members.h"

namespace surgetank::wire {

std::string path_text(const PathStep* step) {
  std::string text;
  for (; step != nullptr; step = step->parent) {
    const auto part = step->name.empty() ? std::to_string(step->position) + ".member" : std::string(step->name);
    text = text.empty() ? part : part + "." + text;
  }
  return text;
}

}  // namespace surgetank::wire
