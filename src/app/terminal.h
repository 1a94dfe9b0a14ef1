#pragma once
// What a command prints: colours and a redrawn progress line on a terminal, plain lines elsewhere (CI, pipes). NO_COLOR is
// respected. One thread.
#include <cstddef>
#include <string>
#include <string_view>

namespace surgetank {

enum class Colour : unsigned char { Plain, Bold, Dim, Green, Yellow, Red };

class Terminal {
 public:
  Terminal();
  bool interactive() const { return interactive_; }
  std::size_t width() const;  // columns; 100 when not on a terminal
  std::string paint(Colour colour, std::string_view text) const;
  void line(std::string_view text);      // a finished line on standard output
  void progress(std::string_view text);  // on a terminal: replaces the last progress line; elsewhere: nothing
  void note(std::string_view text);      // on standard error

 private:
  void clear_progress();
  bool interactive_ = false;
  bool colours_ = false;
  bool progress_shown_ = false;
};

}  // namespace surgetank
