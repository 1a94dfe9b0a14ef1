#include "storage/sync_pacer.h"

#include <gtest/gtest.h>

namespace surgetank {
namespace {

TEST(SyncPacer, StartsAtOnceBeforeAnythingIsKnown) { EXPECT_EQ(SyncPacer().next().commits, 0u); }

TEST(SyncPacer, WaitsForAsManyAsTheLastSyncCoveredButAtMostHalfAsLong) {
  SyncPacer pacer;
  pacer.synced(40, microseconds(400));
  EXPECT_EQ(pacer.next().commits, 40u);
  EXPECT_EQ(pacer.next().at_most, microseconds(200));
}

TEST(SyncPacer, NeverWaitsLongHoweverSlowTheDisk) {
  SyncPacer pacer;
  pacer.synced(40, seconds(1));
  EXPECT_EQ(pacer.next().at_most, milliseconds(2));
}

TEST(SyncPacer, AsksEverMoreRarelyWhenNobodyComes) {
  SyncPacer pacer;
  int gatherings = 0;
  for (int sync = 0; sync < 1000; ++sync) {
    pacer.synced(10, microseconds(400));
    if (pacer.next().commits == 0) continue;
    ++gatherings;
    pacer.gathered(10, 4);
  }
  EXPECT_LT(gatherings, 25);
  EXPECT_GT(gatherings, 10);
}

TEST(SyncPacer, OneSuccessBringsBackItsConfidence) {
  SyncPacer pacer;
  pacer.synced(10, microseconds(400));
  for (int i = 0; i < 10; ++i) pacer.gathered(10, 4);
  pacer.gathered(10, 5);
  EXPECT_EQ(pacer.next().commits, 10u);
  EXPECT_EQ(pacer.next().commits, 10u);
}

}  // namespace
}  // namespace surgetank
