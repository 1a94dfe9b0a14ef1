#pragma once
// Where a template says what: the line of every resource, also of those that a transform makes, and of everything written under Resources
// and Globals. For whoever must name the lines to change. Pure: text in, lines out; any thread. A template with problems gives what can
// be told in spite of them.
#include <string>
#include <vector>

#include "stack/template.h"

namespace surgetank::stack {

struct TemplatePlaces {
  static constexpr std::size_t max_lines = 20'000;
  static constexpr std::size_t max_depth = 12;

  struct Resource {
    std::string logical_id;
    std::string type;        // after the transforms
    std::uint32_t line = 0;  // counted from one; of what is written, for what a transform made
    std::string source;      // the logical id that is written there
    std::string code;        // of a function: the folder or file of its code as written; empty if it is not a plain local path
  };
  struct Line {
    std::string path;  // "Resources.Worker.Properties.Timeout"; items of lists by number from 0
    std::uint32_t line = 0;
  };
  std::vector<Resource> resources;  // those that are created
  std::vector<Line> lines;          // in the order of the text; the first max_lines
};

TemplatePlaces find_places(const TemplateInput& input);

}  // namespace surgetank::stack
