// Templates are hostile text: whatever is read must stay within TemplateLimits and survive a round trip through JSON.
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "base/assert.h"
#include "stack/template_node.h"

using namespace surgetank;
using namespace surgetank::stack;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  set_assert_policy(AssertPolicy::Abort);
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  for (const TemplateSyntax syntax : {TemplateSyntax::Yaml, TemplateSyntax::Json}) {
    Problems problems("fuzz");
    const std::optional<Node> root = read_template(text, syntax, problems);
    SURGE_ASSERT(root.has_value() == problems.empty(), "read or told why not");
    if (!root) continue;
    SURGE_ASSERT(count_nodes(*root) <= TemplateLimits::nodes, "node budget");
    const std::optional<Node> again = read_json_value(to_json(*root));
    SURGE_ASSERT(again && same_value(*root, *again), "round trip");
  }
  return 0;
}
