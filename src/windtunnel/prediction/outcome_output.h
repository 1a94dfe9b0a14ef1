#pragma once
// Outcomes and knees for people and for programs: text for terminals in the order that k6 has made known, JSON, and a self-contained HTML
// report. Pure. The JSON has no figures of the machine or of the real time that a prediction took: the same seed gives the same text.
#include <string>

#include "windtunnel/prediction/knee.h"

namespace surgetank::prediction {

// What was asked, for the head of reports.
struct Question {
  std::string profile;                    // where it comes from
  std::string traffic;                    // "60s@100..500"
  std::vector<std::string> changes = {};  // of --set
  Place place = Place::Aws;
  std::string region = {};  // whose quotas hold; empty: nobody said, and us-east-1 is meant
  std::uint64_t seed = 1;
  std::string doubt = {};  // about the answer, for people; empty: none
};

std::string outcome_text(const Outcome& outcome, const Question& question);
std::string timeline_text(const Outcome& outcome, std::size_t most_rows);
std::string outcome_json(const Outcome& outcome, const Question& question);
std::string outcome_html(const Outcome& outcome, const Question& question);

std::string probe_text(const Probe& probe);  // one line
std::string knee_text(const Knee& knee, const KneeSearch& search, const Question& question);
std::string knee_json(const Knee& knee, const KneeSearch& search, const Question& question);
std::string knee_html(const Knee& knee, const KneeSearch& search, const Question& question);

}  // namespace surgetank::prediction
