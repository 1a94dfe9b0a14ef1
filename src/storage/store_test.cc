#include "storage/store.h"

#include <gtest/gtest.h>

#include <limits>
#include <vector>

#include "base/random.h"
#include "base/text.h"

namespace surgetank {
namespace {

std::string encoded(std::string_view part) {
  std::string key;
  append_key_part(key, part);
  return key;
}

// Few distinct bytes, so that equal prefixes and the escape bytes are common.
std::string random_part(Random& random) {
  static constexpr char alphabet[] = {'\x00', '\x01', '\x02', 'a', '\xfe', '\xff'};
  std::string part;
  for (auto n = random.below(6); n > 0; --n) part += alphabet[random.below(sizeof alphabet)];
  return part;
}

TEST(PrefixEnd, IsTheSmallestKeyAboveAllKeysWithThePrefix) {
  EXPECT_EQ(prefix_end("abc"), "abd");
  EXPECT_EQ(prefix_end("a\xff"), "b");
  EXPECT_EQ(prefix_end("a\x7f"), "a\x80");
  EXPECT_EQ(prefix_end(std::string("a\0", 2)), "a\x01");
}

TEST(PrefixEnd, IsEmptyWhichMeansNoEndWhenNothingCanFollow) {
  EXPECT_EQ(prefix_end(""), "");
  EXPECT_EQ(prefix_end("\xff\xff"), "");
}

TEST(KeyCodec, PartsOfAnyBytesRoundTrip) {
  Random random(1);
  for (int i = 0; i < 5000; ++i) {
    const auto first = random_part(random);
    const auto second = random_part(random);
    const auto number = random.next();
    std::string key = "sqs/";
    append_key_part(key, first);
    append_key_number(key, number);
    append_key_part(key, second);
    std::string_view rest = key;
    rest.remove_prefix(4);
    EXPECT_EQ(read_key_part(rest), first);
    EXPECT_EQ(read_key_number(rest), number);
    EXPECT_EQ(read_key_part(rest), second);
    EXPECT_TRUE(rest.empty());
  }
}

TEST(KeyCodec, EncodedPartsSortLikeThePartsThemselves) {
  Random random(2);
  for (int i = 0; i < 20000; ++i) {
    const auto a = random_part(random);
    const auto b = random_part(random);
    EXPECT_EQ(a < b, encoded(a) < encoded(b)) << to_hex(a) << " " << to_hex(b);
    // What follows a part must not change the order.
    if (a == b) continue;
    EXPECT_EQ(a < b, encoded(a) + "\xff" < encoded(b) + std::string("\0", 1)) << to_hex(a) << " " << to_hex(b);
  }
}

TEST(KeyCodec, NoEncodedPartIsAPrefixOfAnother) {
  Random random(3);
  for (int i = 0; i < 20000; ++i) {
    const auto a = encoded(random_part(random));
    const auto b = encoded(random_part(random));
    EXPECT_TRUE(a == b || !b.starts_with(a)) << to_hex(a) << " " << to_hex(b);
  }
}

TEST(KeyCodec, NumbersSortAsNumbers) {
  const std::vector<std::uint64_t> numbers = {0, 1, 255, 256, 1ULL << 32, std::numeric_limits<std::uint64_t>::max()};
  for (std::size_t i = 1; i < numbers.size(); ++i) {
    std::string low;
    std::string high;
    append_key_number(low, numbers[i - 1]);
    append_key_number(high, numbers[i]);
    EXPECT_LT(low, high);
  }
}

TEST(KeyCodec, RefusesWhatItDidNotWriteAndLeavesTheKeyAlone) {
  for (const auto& text : {std::string("abc"), std::string("a\0", 2), std::string("a\0\x05", 3), std::string()}) {
    std::string_view rest = text;
    EXPECT_EQ(read_key_part(rest), std::nullopt);
    EXPECT_EQ(rest, text);
  }
  std::string_view seven = "1234567";
  EXPECT_EQ(read_key_number(seven), std::nullopt);
  EXPECT_EQ(seven.size(), 7u);
}

}  // namespace
}  // namespace surgetank
