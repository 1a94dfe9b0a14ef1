// CBOR bodies are hostile bytes: reading ends, stays within its limits, and what was read survives being written.
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "base/assert.h"
#include "shape/shape.h"
#include "wire/cbor.h"

using namespace surgetank;

namespace {

struct Node {
  Opt<String> S;
  Opt<Integer> I;
  Opt<double> D;
  Opt<bool> B;
  Opt<Instant> T;
  Opt<Blob> X;
  List<Node> L;
  Map<String> M;
  Opt<List<Opt<Integer>>> O;
  Map<List<String>> G;
};
SURGE_SHAPE(Node, S, I, D, B, T, X, L, M, O, G)

std::string written(const Node& node) {
  std::string out;
  write_cbor(*shape_of<Node>(), &node, out);
  return out;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  set_assert_policy(AssertPolicy::Abort);
  Node node;
  if (!read_cbor({reinterpret_cast<const char*>(data), size}, *shape_of<Node>(), &node).ok()) return 0;
  const auto once = written(node);
  Node again;
  SURGE_ASSERT(read_cbor(once, *shape_of<Node>(), &again).ok(), "what is written can be read");
  SURGE_ASSERT(written(again) == once, "round trip");
  return 0;
}
