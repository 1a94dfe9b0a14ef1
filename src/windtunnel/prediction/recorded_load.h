#pragma once
// How near a question is to what was recorded. Pure.
#include <string>

#include "windtunnel/load/traffic.h"
#include "windtunnel/prediction/profile.h"

namespace surgetank::prediction {

// What makes a prediction of the machine of the recording doubtful at so many requests a second, and what to do about it; empty: nothing.
std::string doubt_about_rate(const Profile& profile, double requests_per_second);

// The highest rate of all phases.
double highest_rate(const windtunnel::Traffic& traffic);

}  // namespace surgetank::prediction
