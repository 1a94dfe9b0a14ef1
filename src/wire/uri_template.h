#pragma once
// The path of a REST operation: "/2015-03-31/functions/{FunctionName}/invocations"; the last label may be greedy: "/{proxy+}".
// Immutable after parse(), any thread. Labels take one or more characters of one segment (greedy: of one or more segments).
#include <compare>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace surgetank {

using UriLabels = std::vector<std::pair<std::string, std::string>>;  // name, percent-decoded value

class UriTemplate {
 public:
  // Asserts on a malformed template: templates are ours, not the client's.
  static UriTemplate parse(std::string_view text);

  // `path` is still percent-encoded, without query. A single trailing slash of the path is ignored.
  // nullopt: another path, or a broken escape in a label.
  std::optional<UriLabels> match(std::string_view path) const;

  // Of two templates that match the same path the greater one wins: segment by segment, literal over label over greedy label.
  std::strong_ordering compare_specificity(const UriTemplate& other) const;

 private:
  enum class SegmentKind : std::uint8_t { Greedy, Label, Literal };
  struct Segment {
    SegmentKind kind;
    std::string text;  // the literal, or the label's name
  };
  std::vector<Segment> segments_;
};

}  // namespace surgetank
