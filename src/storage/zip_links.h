#pragma once
// Where the symbolic links of a package lead. Internal to zip. Pure.
#include <cstddef>
#include <map>
#include <string>

namespace surgetank {

// The targets of all links of a package, by the name of the link.
using ZipLinks = std::map<std::string, std::string, std::less<>>;

constexpr std::size_t most_zip_links = 10'000;

// The first link that leads out of the package (or in circles, or over very many parts) when it is followed over all the
// others; empty: none.
std::string find_escaping_link(const ZipLinks& links);

}  // namespace surgetank
