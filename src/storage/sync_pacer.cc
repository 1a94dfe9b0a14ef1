#include "storage/sync_pacer.h"

#include <algorithm>

namespace surgetank {
namespace {
constexpr Duration longest_gathering = milliseconds(2);
constexpr int most_disappointments = 6;  // then one gathering in 2^6 syncs
}  // namespace

void SyncPacer::synced(std::uint64_t commits, Duration time) {
  last_commits_ = commits;
  usual_time_.us = usual_time_.us == 0 ? time.us : (usual_time_.us * 7 + time.us) / 8;
}

SyncPacer::Gathering SyncPacer::next() {
  if (skip_ > 0) {
    --skip_;
    return {};
  }
  return {last_commits_, std::min(Duration{usual_time_.us / 2}, longest_gathering)};
}

void SyncPacer::gathered(std::uint64_t wanted, std::uint64_t came) {
  disappointments_ = came * 2 >= wanted ? 0 : std::min(disappointments_ + 1, most_disappointments);
  skip_ = (1 << disappointments_) - 1;
}

}  // namespace surgetank
