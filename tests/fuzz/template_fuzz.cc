// Templates are hostile text: whatever is read must stay within TemplateLimits and survive a round trip through JSON, and
// transforming, evaluating and planning it must end with a plan or with problems that have a place.
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "base/assert.h"
#include "stack/plan.h"
#include "stack/template.h"

using namespace surgetank;
using namespace surgetank::stack;

namespace {

class NoFiles final : public FileSource {
 public:
  Kind kind(const std::string&) const override { return Kind::Missing; }
  std::optional<std::vector<Entry>> list(const std::string&) const override { return std::nullopt; }
  bool read(const std::string&, const std::function<void(std::string_view)>&) const override { return false; }
  std::string canonical(const std::string& path) const override { return path; }
};

void check_reading(std::string_view text, TemplateSyntax syntax) {
  Problems problems("fuzz");
  const std::optional<Node> root = read_template(text, syntax, problems);
  SURGE_ASSERT(root.has_value() == problems.empty(), "read or told why not");
  if (!root) return;
  SURGE_ASSERT(count_nodes(*root) <= TemplateLimits::nodes, "node budget");
  const std::optional<Node> again = read_json_value(to_json(*root));
  SURGE_ASSERT(again && same_value(*root, *again), "round trip");
}

void check_planning(std::string_view text, const char* path) {
  TemplateInput input;
  input.text = text;
  input.path = path;
  input.pseudo = {"123456789012", "us-east-1", "fuzz", "arn:aws:cloudformation:us-east-1:123456789012:stack/fuzz/1"};
  Problems problems(path);
  std::optional<Template> source = load_template(input, problems);
  if (!source) {
    SURGE_ASSERT(!problems.empty(), "loaded or told why not");
    return;
  }
  const NoFiles files;
  CodeResolver code(files, "/");
  const Plan plan = make_plan(*source, source->context, nullptr, code, problems);
  SURGE_ASSERT(plan.changes.size() == source->resources.size(), "every resource is planned");
  for (const Problem& problem : problems.all()) SURGE_ASSERT(problem.position.line > 0, "a problem without a place: " + problem.what);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  set_assert_policy(AssertPolicy::Abort);
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  check_reading(text, TemplateSyntax::Yaml);
  check_reading(text, TemplateSyntax::Json);
  check_planning(text, "fuzz.yaml");
  check_planning(text, "fuzz.json");
  return 0;
}
