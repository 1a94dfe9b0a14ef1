#pragma once
// How much of what was recorded is work for a processor, and of which process: sets the processor shares, the work beside and the
// background of a profile. Pure; used by profile_from_recording.cc.
//
// What functions use is told by the spans of their invocations, what the server and the databases use by samples of the machine. What the
// server uses without any request is told apart by how its use rises with the requests of a sample. A step never has more work than it
// takes time: what is over is done beside it, on other threads. Recordings without these figures get one share for everything.
#include <string>
#include <vector>

#include "windtunnel/prediction/profile.h"
#include "windtunnel/prediction/recorded_invocations.h"
#include "windtunnel/recording/recording.h"

namespace surgetank::prediction {

// `profile` has the functions of the recording, in its order, with their steps, and its routes. Returns remarks for people.
std::vector<std::string> share_processors(const windtunnel::Recording& recording, const RecordedWork& work, Profile& profile);

}  // namespace surgetank::prediction
