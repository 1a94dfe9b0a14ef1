#include "engine/function_log.h"

#include <gtest/gtest.h>

#include "base/random.h"

namespace surgetank {
namespace {

const Instant now{1'000'000};

std::vector<std::string> texts(const std::vector<LogEvent>& events) {
  std::vector<std::string> all;
  for (const LogEvent& event : events) all.push_back(event.message);
  return all;
}

std::string frame(std::string_view text, std::uint64_t time_us) {
  std::string out;
  const auto put = [&out](std::uint64_t value, int bytes) {
    for (int i = bytes - 1; i >= 0; --i) out += static_cast<char>(value >> (8 * i) & 0xff);
  };
  put(0xa55a0003, 4);
  put(text.size(), 4);
  put(time_us, 8);
  return out + std::string(text);
}

TEST(LineSplitter, OneEventPerLineWithItsNewline) {
  LineSplitter splitter;
  std::vector<LogEvent> events;
  splitter.feed("one\ntwo\r\n\nthr", now, events);
  EXPECT_EQ(texts(events), (std::vector<std::string>{"one\n", "two\r\n", "\n"}));
  splitter.feed("ee\nrest", now, events);
  splitter.flush(now, events);
  splitter.flush(now, events);
  EXPECT_EQ(texts(events), (std::vector<std::string>{"one\n", "two\r\n", "\n", "three\n", "rest"}));
}

TEST(LineSplitter, LongLinesAreSplitAndNothingIsLost) {
  LineSplitter splitter;
  std::vector<LogEvent> events;
  const std::string line = std::string(3 * LineSplitter::largest_event / 2, 'x') + "\n";
  for (std::size_t i = 0; i < line.size(); i += 10'000) splitter.feed(std::string_view(line).substr(i, 10'000), now, events);
  ASSERT_EQ(events.size(), 2U);
  EXPECT_EQ(events[0].message.size(), LineSplitter::largest_event);
  EXPECT_EQ(events[0].message + events[1].message, line);
}

TEST(FrameReader, AFrameIsOneEventWithItsTime) {
  FrameReader reader;
  std::vector<LogEvent> events;
  reader.feed(frame("two\nlines\n", 1'700'000'000'123'456) + frame("", 5) + frame("next", 7), now, events);
  ASSERT_EQ(texts(events), (std::vector<std::string>{"two\nlines\n", "next"}));
  EXPECT_EQ(events[0].time.us, 1'700'000'000'123'456);
}

TEST(FrameReader, AnyPiecesGiveTheSameEvents) {
  const std::string bytes = frame("first", 1) + frame(std::string(1000, 'y'), 2) + frame("", 3) + frame("last\n", 4);
  std::vector<LogEvent> whole;
  FrameReader().feed(bytes, now, whole);
  ASSERT_EQ(whole.size(), 3U);
  Random random(7);
  for (int round = 0; round < 200; ++round) {
    FrameReader reader;
    std::vector<LogEvent> events;
    for (std::size_t i = 0; i < bytes.size();) {
      const std::size_t count = 1 + random.below(20);
      reader.feed(std::string_view(bytes).substr(i, count), now, events);
      i += count;
    }
    EXPECT_EQ(texts(events), texts(whole));
  }
}

TEST(FrameReader, WhatIsNotAFrameIsReadAsText) {
  FrameReader reader;
  std::vector<LogEvent> events;
  reader.feed(frame("good", 1) + "plain text\nmore", now, events);
  reader.flush(now, events);
  EXPECT_EQ(texts(events), (std::vector<std::string>{"good", "plain text\n", "more"}));
}

TEST(FrameReader, AFrameThatLiesAboutItsLengthIsSplitNotBuffered) {
  FrameReader reader;
  std::vector<LogEvent> events;
  std::string lie = frame("", 9);
  lie[4] = lie[5] = lie[6] = lie[7] = '\xff';
  reader.feed(lie, now, events);
  const std::string block(100'000, 'z');
  for (int i = 0; i < 6; ++i) reader.feed(block, now, events);
  EXPECT_EQ(events.size(), 2U);
  EXPECT_EQ(events[0].message.size(), LineSplitter::largest_event);
  reader.flush(now, events);
  EXPECT_EQ(events[0].message.size() + events[1].message.size() + events[2].message.size(), 600'000U);
}

TEST(LogTailBuffer, KeepsTheLastFourKilobytesFromAWholeCharacterOn) {
  LogTailBuffer tail;
  for (int i = 0; i < 1000; ++i) tail.add("line " + std::to_string(i) + "\n");
  const std::string text = tail.take();
  EXPECT_EQ(text.size(), LogTailBuffer::most_bytes);
  EXPECT_TRUE(text.ends_with("line 999\n"));
  LogTailBuffer umlauts;
  std::string many;
  for (int i = 0; i < 3000; ++i) many += "ü";
  umlauts.add(many + "x");
  EXPECT_TRUE(umlauts.take().starts_with("ü"));
}

}  // namespace
}  // namespace surgetank
