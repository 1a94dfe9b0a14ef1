#pragma once
// Replaces the times of a profile that were recorded on a developer's machine by what the cloud is known to take
// (kernel/latency_profile.h): calls of services, connections, the gateway, and what the start of an environment adds. What a function
// computes and what statements take stay as recorded. Pure.
#include <string>
#include <vector>

#include "windtunnel/prediction/profile.h"

namespace surgetank::prediction {

// Returns the calls of which nothing is known, once each: they stay as they are.
std::vector<std::string> use_aws_latencies(Profile& profile);

}  // namespace surgetank::prediction
