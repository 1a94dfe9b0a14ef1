#include "app/terminal.h"

#include <sys/ioctl.h>
#include <unistd.h>

#include <cstdio>
#include <cstdlib>

namespace surgetank {

Terminal::Terminal()
    : interactive_(::isatty(STDOUT_FILENO) == 1 && std::getenv("CI") == nullptr),
      colours_(interactive_ && std::getenv("NO_COLOR") == nullptr) {}

std::size_t Terminal::width() const {
  winsize size{};
  if (interactive_ && ::ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col > 40) return size.ws_col;
  return 100;
}

std::string Terminal::paint(Colour colour, std::string_view text) const {
  constexpr const char* codes[] = {"", "\033[1m", "\033[2m", "\033[32m", "\033[33m", "\033[31m"};
  if (!colours_ || colour == Colour::Plain) return std::string(text);
  return codes[static_cast<std::size_t>(colour)] + std::string(text) + "\033[0m";
}

void Terminal::clear_progress() {
  if (progress_shown_) std::fputs("\r\033[K", stdout);
  progress_shown_ = false;
}

void Terminal::line(std::string_view text) {
  clear_progress();
  std::printf("%.*s\n", static_cast<int>(text.size()), text.data());
  std::fflush(stdout);
}

void Terminal::progress(std::string_view text) {
  if (!interactive_) return;
  clear_progress();
  std::printf("%.*s", static_cast<int>(text.size()), text.data());
  std::fflush(stdout);
  progress_shown_ = true;
}

void Terminal::note(std::string_view text) {
  clear_progress();
  std::fflush(stdout);
  std::fprintf(stderr, "%.*s\n", static_cast<int>(text.size()), text.data());
}

}  // namespace surgetank
