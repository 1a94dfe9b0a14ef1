#pragma once
// Embedded metric format (AWS: "Specification: Embedded metric format"; facts section 6): a log event that carries metrics. Pure.
#include <string_view>
#include <vector>

#include "base/time.h"
#include "kernel/telemetry.h"

namespace surgetank::logs {

enum class EmfResult : unsigned char { NotEmf, Valid, Invalid };

// Appends the samples of one event. An event that has "_aws" but breaks the specification yields none (Invalid).
EmfResult read_emf(std::string_view message, Instant now, std::vector<MetricSample>& out);

}  // namespace surgetank::logs
