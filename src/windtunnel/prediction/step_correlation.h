#pragma once
// How much the steps of one invocation are slow together: an invocation that meets a busy machine or a collector of garbage is slow all
// over, and a prediction that drew its steps independently of each other would never see the slowest. Pure.
#include <cstdint>
#include <vector>

#include "windtunnel/prediction/recorded_invocations.h"

namespace surgetank::prediction {

// The mean correlation of the times of what steady invocations do and compute between, 0 (none) to 0.95; pairs count by how much they vary.
// Of ranks, so that single outliers do not decide. 0 if there are too few invocations to tell.
double correlation_of_steps(const std::vector<RecordedInvocation>& invocations, std::int64_t steady_from);

}  // namespace surgetank::prediction
