#include "kernel/text_density.h"

#include <gtest/gtest.h>

#include "base/random.h"
#include "base/text.h"

namespace surgetank {
namespace {

double bits_of(const std::string& body) { return parse_double(bits_per_byte(body).value_or("-1")).value_or(-2); }

TEST(TextDensity, SmallBodiesAreNotLookedAt) {
  EXPECT_FALSE(bits_per_byte(std::string(density_body_bytes - 1, 'a')).has_value());
  EXPECT_TRUE(bits_per_byte(std::string(density_body_bytes, 'a')).has_value());
}

TEST(TextDensity, TellsTextFromWhatIsPackedAlready) {
  std::string json;
  for (int i = 0; json.size() < 2 * density_body_bytes; ++i)
    json += R"({"sku":"item-)" + std::to_string(i * 7919 % 10007) + R"(","quantity":)" + std::to_string(i % 9) + R"(,"note":"as usual"},)";
  Random random(7);
  std::string noise;
  while (noise.size() < 2 * density_body_bytes) noise += static_cast<char>(random.below(256));
  EXPECT_EQ(bits_of(std::string(density_body_bytes, 'a')), 0);
  EXPECT_LT(bits_of(json), 5.2);
  EXPECT_GT(bits_of(to_base64(noise)), 5.9);
  EXPECT_GT(bits_of(noise), 7.8);
}

}  // namespace
}  // namespace surgetank
