#pragma once
// The advisor: a recording in, findings out. A pure function; any thread; 20,000 traces take a second or two.
// A clean application gets no finding: thresholds are conservative, counts have a minimum, and what a run cannot show is not claimed.
#include "windtunnel/advice/finding.h"
#include "windtunnel/recording/recording.h"

namespace surgetank::windtunnel {

Advice advise(const Recording& recording);

// The worst severity among the findings; nullopt if there are none.
std::optional<Severity> worst_severity(const Advice& advice);
std::string advice_to_json(const Advice& advice);

}  // namespace surgetank::windtunnel
