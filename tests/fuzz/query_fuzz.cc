// Forms are hostile text: reading ends, stays within its limits, and what was read can be written as XML and as JSON.
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "base/assert.h"
#include "shape/shape.h"
#include "wire/json.h"
#include "wire/json_value.h"
#include "wire/query.h"
#include "wire/rest_json.h"

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
  Opt<List<Integer>> O;
  Map<List<String>> G;
};
SURGE_SHAPE(Node, S, I, D, B, T, X, L, M, O, G)

struct Parameters {
  List<String> Words;
  Opt<Integer> Number;
  Opt<Instant> When;
  Map<List<String>> All;
};
SURGE_SHAPE(Parameters, Words, Number, When, All)
SURGE_BINDINGS(Parameters, {.member = "Words", .location = Location::Header, .wire_name = "X-Words"},
               {.member = "Number", .location = Location::Query}, {.member = "When", .location = Location::Query},
               {.member = "All", .location = Location::Query})

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  set_assert_policy(AssertPolicy::Abort);
  const std::string_view form(reinterpret_cast<const char*>(data), size);
  Node node;
  if (read_query(form, *shape_of<Node>(), &node).ok()) {
    std::string json;
    write_json(*shape_of<Node>(), &node, json);
    SURGE_ASSERT(check_json(json).ok(), "what was read can be written as JSON");
    SURGE_ASSERT(!write_query_response("Op", "x", *shape_of<Node>(), &node, "id").empty(), "and as XML");
  }
  Parameters parameters;
  const HeaderView header{"x-words", form};
  [[maybe_unused]] const auto read = read_rest_json({.query = form, .headers = {&header, 1}}, *shape_of<Parameters>(), &parameters);
  return 0;
}
