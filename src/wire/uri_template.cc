#include "wire/uri_template.h"

#include "base/assert.h"
#include "base/text.h"

namespace surgetank {
namespace {

std::vector<std::string_view> path_segments(std::string_view path) {
  if (path.starts_with('/')) path.remove_prefix(1);
  return split(path, '/');
}

}  // namespace

UriTemplate UriTemplate::parse(std::string_view text) {
  SURGE_ASSERT(text.starts_with('/'), "a URI template begins with a slash");
  UriTemplate out;
  int greedy = 0;
  for (const auto segment : path_segments(text)) {
    if (!segment.starts_with('{')) {
      out.segments_.push_back({SegmentKind::Literal, std::string(segment)});
      continue;
    }
    SURGE_ASSERT(segment.size() > 2 && segment.ends_with('}'), "a label is a whole segment: " + std::string(text));
    const bool is_greedy = segment[segment.size() - 2] == '+';
    greedy += is_greedy ? 1 : 0;
    out.segments_.push_back(
        {is_greedy ? SegmentKind::Greedy : SegmentKind::Label, std::string(segment.substr(1, segment.size() - (is_greedy ? 3 : 2)))});
  }
  SURGE_ASSERT(greedy <= 1, "one greedy label at most: " + std::string(text));
  if (out.segments_.size() > 1 && out.segments_.back().text.empty()) out.segments_.pop_back();  // "/functions/" is "/functions"
  return out;
}

std::optional<UriLabels> UriTemplate::match(std::string_view path) const {
  if (!path.starts_with('/')) return std::nullopt;
  const bool ends_greedy = segments_.back().kind == SegmentKind::Greedy;
  if (!ends_greedy && path.size() > 1 && path.ends_with('/')) path.remove_suffix(1);
  const auto parts = path_segments(path);
  UriLabels labels;
  std::size_t at = 0;
  for (std::size_t i = 0; i < segments_.size(); ++i) {
    const auto& segment = segments_[i];
    const auto after = segments_.size() - i - 1;
    if (parts.size() < at + 1 + after) return std::nullopt;
    const auto taken = segment.kind == SegmentKind::Greedy ? parts.size() - at - after : 1;
    const auto* begin = parts[at].data();
    const auto* end = parts[at + taken - 1].data() + parts[at + taken - 1].size();
    auto text = percent_decode({begin, static_cast<std::size_t>(end - begin)}, PlusMeaning::Plus);
    if (!text) return std::nullopt;
    at += taken;
    if (segment.kind == SegmentKind::Literal) {
      if (*text != segment.text) return std::nullopt;
    } else {
      if (text->empty()) return std::nullopt;
      labels.emplace_back(segment.text, std::move(*text));
    }
  }
  if (at != parts.size()) return std::nullopt;
  return labels;
}

std::strong_ordering UriTemplate::compare_specificity(const UriTemplate& other) const {
  for (std::size_t i = 0; i < segments_.size() && i < other.segments_.size(); ++i) {
    const auto order = segments_[i].kind <=> other.segments_[i].kind;
    if (order != 0) return order;
  }
  return segments_.size() <=> other.segments_.size();
}

}  // namespace surgetank
