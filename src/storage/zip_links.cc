#include "storage/zip_links.h"

#include <algorithm>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "storage/zip_directory.h"

namespace surgetank {
namespace {

constexpr int most_hops = 40;  // as Linux
// Of one link, over all links it passes: bounds the work that a hostile package can cause.
constexpr std::size_t most_steps = 512;

using LinkIndex = std::unordered_map<std::string_view, std::string_view>;

// A path that grows and shrinks by parts.
class Place {
 public:
  void enter(std::string_view part) {
    lengths_.push_back(path_.size());
    if (!path_.empty()) path_ += '/';
    path_ += part;
  }
  // False at the top.
  bool leave() {
    if (lengths_.empty()) return false;
    path_.resize(lengths_.back());
    lengths_.pop_back();
    return true;
  }
  const std::string& path() const { return path_; }

 private:
  std::string path_;
  std::vector<std::size_t> lengths_;
};

// Walks as the kernel would: links on the way are followed where they stand, and ".." goes up from where they led.
bool stays_inside(const LinkIndex& links, std::string_view link) {
  Place place;
  std::vector<std::string_view> ahead;  // last first
  const auto push = [&](std::string_view path) {
    const auto parts = path_parts(path);
    ahead.insert(ahead.end(), parts.rbegin(), parts.rend());
  };
  push(link);
  int hops = 0;
  for (std::size_t steps = 0; !ahead.empty(); ++steps) {
    if (steps == most_steps) return false;
    const auto part = ahead.back();
    ahead.pop_back();
    if (part == "..") {
      if (!place.leave()) return false;
      continue;
    }
    place.enter(part);
    const auto found = links.find(place.path());
    if (found == links.end()) continue;
    if (++hops > most_hops || found->second.starts_with('/')) return false;
    place.leave();
    push(found->second);
  }
  return true;
}

}  // namespace

std::string find_escaping_link(const ZipLinks& links) {
  LinkIndex index;
  for (const auto& [link, to] : links) index.emplace(link, to);
  const auto escaping = std::find_if(links.begin(), links.end(), [&](const auto& link) { return !stays_inside(index, link.first); });
  return escaping == links.end() ? "" : escaping->first;
}

}  // namespace surgetank
