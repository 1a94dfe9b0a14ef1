#pragma once
// The runtimes that Lambda knows. Whether this host has the interpreter is the engine's business: it says so at invoke.
// Source: AWS Lambda Developer Guide, "Lambda runtimes" (supported and deprecated).
#include <cstdint>
#include <string>
#include <string_view>

namespace surgetank::lambda {

enum class RuntimeStanding : std::uint8_t { Accepted, Retired, Unknown };
RuntimeStanding standing_of(std::string_view runtime);
// "[nodejs24.x, ...]" as Lambda prints the choice.
std::string accepted_runtimes();

}  // namespace surgetank::lambda
