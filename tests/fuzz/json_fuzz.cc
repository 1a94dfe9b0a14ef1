// JSON bodies are hostile text. Both readers must agree on what JSON is, and what was read must survive being written.
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "base/assert.h"
#include "shape/shape.h"
#include "wire/json.h"
#include "wire/json_value.h"

using namespace surgetank;

namespace {

struct Node {
  Opt<String> S;
  Opt<Integer> I;
  Opt<double> D;
  Opt<bool> B;
  Opt<Instant> T;
  Opt<Blob> X;
  Opt<Document> J;
  List<Node> L;
  Map<String> M;
  Opt<List<Opt<Integer>>> O;
  Map<List<String>> G;
};
SURGE_SHAPE(Node, S, I, D, B, T, X, J, L, M, O, G)

std::string written(const Node& node) {
  std::string out;
  write_json(*shape_of<Node>(), &node, out);
  return out;
}

void read_as_shape(std::string_view text) {
  Node node;
  if (!read_json(text, *shape_of<Node>(), &node).ok()) return;
  const bool blank = text.find_first_not_of(" \t\r\n") == std::string_view::npos;
  SURGE_ASSERT(blank || check_json(text).ok(), "the shape reader takes only JSON");
  const auto once = written(node);
  SURGE_ASSERT(check_json(once).ok(), "what is written is JSON");
  Node again;
  SURGE_ASSERT(read_json(once, *shape_of<Node>(), &again).ok(), "what is written can be read");
  SURGE_ASSERT(written(again) == once, "round trip");
}

void read_as_value(std::string_view text) {
  const auto value = parse_json(text);
  SURGE_ASSERT(value.ok() == check_json(text).ok(), "building and checking agree");
  if (!value.ok()) return;
  const auto once = to_json(*value);
  const auto again = parse_json(once);
  SURGE_ASSERT(again.ok() && *again == *value, "round trip");
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  set_assert_policy(AssertPolicy::Abort);
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  read_as_shape(text);
  read_as_value(text);
  return 0;
}
