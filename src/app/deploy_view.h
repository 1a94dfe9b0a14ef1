#pragma once
// What a deployment looks like on a terminal: a line a resource, problems with their places, outputs at the end.
#include <string>
#include <vector>

#include "app/terminal.h"

namespace surgetank {

// A deployment's event and outcome as the server tells them (deployments.h); malformed JSON shows nothing.
void show_event(Terminal& terminal, const std::string& event_json);
// The exit code: 0 deployed or unchanged.
int show_outcome(Terminal& terminal, const std::string& outcome_json);

}  // namespace surgetank
