#include "windtunnel/prediction/recorded_load.h"

#include <algorithm>
#include <cstdio>

namespace surgetank::prediction {
namespace {

constexpr double far = 10;  // times the recorded rate: what a request costs was measured under another load

}  // namespace

std::string doubt_about_rate(const Profile& profile, double requests_per_second) {
  const double recorded = profile.host.recorded_rate;
  if (recorded <= 0 || requests_per_second <= far * recorded) return {};
  char text[240];
  std::snprintf(text, sizeof text,
                "%.4g requests/s are %.0f times the %.3g/s of the recording; what a request costs this machine falls with the load. Record "
                "anew at about %.3g/s, as long as the machine stays less than half busy",
                requests_per_second, requests_per_second / recorded, recorded, requests_per_second / 4);
  return text;
}

double highest_rate(const windtunnel::Traffic& traffic) {
  double highest = 0;
  for (const auto& phase : traffic.phases) highest = std::max({highest, phase.rate, phase.peak});
  return highest;
}

}  // namespace surgetank::prediction
