#pragma once
// The version of the binary, as --version and the health endpoint show it. The build fills it in.
#include <string_view>

namespace surgetank {

#ifndef SURGETANK_VERSION
#define SURGETANK_VERSION "0.1.0"
#endif
inline constexpr std::string_view version = SURGETANK_VERSION;

}  // namespace surgetank
