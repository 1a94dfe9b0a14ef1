#pragma once
// Test support: the protocol cases of botocore, read from beside the project when they are there (tests run in
// the project's root).
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <functional>
#include <iterator>
#include <set>
#include <string>

#include "wire/dynamic_shapes.h"
#include "wire/json_value.h"

namespace surgetank::testing {

inline const std::string vectors_directory = "../shared/vectors";

inline std::string read_text_file(const std::filesystem::path& path) {
  std::ifstream in(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}

inline std::string text_or(const JsonValue& object, std::string_view name, std::string fallback = {}) {
  const auto* text = object.find_string(name);
  return text == nullptr ? fallback : *text;
}

struct ProtocolCase {
  std::string id;
  const JsonValue& suite;
  const JsonValue& content;
  DynamicShapes& shapes;
};

// Runs `check` on every case of the file that is not in `left_out`; every name in `left_out` must exist.
inline void for_each_case(const std::string& file, const std::set<std::string>& left_out,
                          const std::function<void(const ProtocolCase&)>& check) {
  const auto path = std::filesystem::path(vectors_directory) / "botocore-protocols/tests/unit/protocols" / file;
  if (!std::filesystem::exists(path)) GTEST_SKIP() << "the protocol cases are not beside this clone";
  auto suites = parse_json(read_text_file(path));
  ASSERT_TRUE(suites.ok()) << suites.error().message;
  int checked = 0;
  std::set<std::string> seen;
  for (const auto& suite : *suites->as_array()) {
    for (const auto& content : *suite.find("cases")->as_array()) {
      const auto id = text_or(content, "id");
      seen.insert(id);
      if (left_out.contains(id)) continue;
      SCOPED_TRACE(file + ": " + id);
      DynamicShapes shapes(*suite.find("shapes"));
      check({id, suite, content, shapes});
      ++checked;
    }
  }
  EXPECT_GT(checked, 0);
  for (const auto& id : left_out) EXPECT_TRUE(seen.contains(id)) << id << " is left out but does not exist";
}

}  // namespace surgetank::testing
