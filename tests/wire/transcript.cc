#include "transcript.h"

#include "base/text.h"

namespace surgetank::wiretest {
namespace {

bool starts_with(std::string_view text, std::string_view prefix) { return text.substr(0, prefix.size()) == prefix; }

std::optional<int> status_of(std::string_view line) {
  constexpr std::string_view mark = "HTTP ";
  if (!starts_with(line, mark)) return std::nullopt;
  const auto status = parse_integer(trim(line.substr(mark.size())));
  if (!status || *status < 100 || *status > 599) return std::nullopt;
  return static_cast<int>(*status);
}

class Parser {
 public:
  explicit Parser(std::string_view text) {
    for (auto line : split(text, '\n')) {
      if (!line.empty() && line.back() == '\r') line.remove_suffix(1);
      lines_.push_back(line);
    }
  }

  std::vector<TranscriptExchange> parse() {
    std::vector<Directive> preamble;
    for (; !done() && !at_title(); ++at_)
      if (starts_with(line(), "@")) preamble.push_back(directive());
    std::vector<TranscriptExchange> out;
    while (!done()) out.push_back(exchange());
    if (out.empty()) throw TranscriptError(1, "no exchange (### title) in this file");
    auto& directives = out.front().directives;
    directives.insert(directives.begin(), preamble.begin(), preamble.end());
    return out;
  }

 private:
  bool done() const { return at_ >= lines_.size(); }
  std::string_view line() const { return lines_[at_]; }
  bool at_title() const { return starts_with(line(), "###"); }
  bool inside() const { return !done() && !at_title(); }
  [[noreturn]] void fail(const std::string& text) const { throw TranscriptError(at_ + 1, text); }

  Directive directive() const {
    const auto text = trim(line().substr(1));
    const auto space = text.find(' ');
    return {.line = at_ + 1,
            .name = std::string(text.substr(0, space)),
            .argument = space == std::string_view::npos ? std::string() : std::string(trim(text.substr(space)))};
  }

  std::pair<std::string, std::string> header(std::string_view text) const {
    const auto colon = text.find(':');
    if (colon == std::string_view::npos || colon == 0) fail("expected a header, Name: value");
    return {std::string(trim(text.substr(0, colon))), std::string(trim(text.substr(colon + 1)))};
  }

  // Lines up to the next title, or to a status line; without the empty ones at the end.
  std::string block() {
    std::string out;
    for (; inside() && !status_of(line()); ++at_) out.append(line()).append("\n");
    while (!out.empty() && out.back() == '\n') out.pop_back();
    return out;
  }

  TranscriptExchange exchange() {
    TranscriptExchange out;
    out.line = at_ + 1;
    out.title = std::string(trim(line().substr(3)));
    for (++at_; inside() && (line().empty() || starts_with(line(), "#") || starts_with(line(), "@")); ++at_)
      if (starts_with(line(), "@")) out.directives.push_back(directive());
    if (!inside()) fail("an exchange needs a request line");
    request(out);
    if (!inside()) fail("an exchange needs a line HTTP <status>");
    expectation(out);
    return out;
  }

  void request(TranscriptExchange& out) {
    const auto text = trim(line());
    const auto space = text.find(' ');
    if (space == std::string_view::npos) fail("expected METHOD /path or CALL Operation");
    out.method = std::string(text.substr(0, space));
    out.target = std::string(trim(text.substr(space)));
    ++at_;
    if (starts_with(out.method, "CALL")) {
      for (; inside() && starts_with(line(), "+"); ++at_) out.headers.push_back(header(line().substr(1)));
    } else {
      for (; inside() && !line().empty() && !status_of(line()); ++at_) out.headers.push_back(header(line()));
      if (inside() && line().empty()) ++at_;
    }
    out.body = block();
  }

  void expectation(TranscriptExchange& out) {
    const auto status = status_of(line());
    if (!status) fail("expected HTTP <status>");
    out.status = *status;
    for (++at_; inside() && !line().empty(); ++at_) out.expected_headers.push_back(header(line()));
    auto body = trimmed_block();
    if (!body.empty()) out.expected_body = std::move(body);
    if (inside()) fail("a second HTTP <status> in one exchange");
  }

  std::string trimmed_block() {
    while (inside() && line().empty()) ++at_;
    return block();
  }

  std::vector<std::string_view> lines_;
  std::size_t at_ = 0;
};

}  // namespace

std::vector<TranscriptExchange> parse_transcript(std::string_view text) { return Parser(text).parse(); }

}  // namespace surgetank::wiretest
