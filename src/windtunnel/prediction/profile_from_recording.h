#pragma once
// Makes a profile of a recording: which function calls what, in which order, how often, and how long each part takes, drawn from the
// recorded spans; names are the logical ids of the template where there are some. Best recorded at a low, steady rate: what waits in a
// recorded queue is measured as service time. Pure.
//
// The time of a step is what its span adds to the invocation: of calls that overlap, only what the earlier ones leave. What lies between is
// computing. A call that warm invocations nearly never make is one for each environment.
#include <string>
#include <vector>

#include "windtunnel/prediction/profile.h"
#include "windtunnel/recording/recording.h"

namespace surgetank::prediction {

struct ProfileFitting {
  Profile profile;
  std::vector<std::string> remarks;  // for people: what is guessed, what is thin, what is left out
  std::string problem;               // not empty: there is no profile
};
ProfileFitting profile_from_recording(const windtunnel::Recording& recording);

}  // namespace surgetank::prediction
