#include "stack/template_places.h"

#include <algorithm>

namespace surgetank::stack {
namespace {

void add_lines(const Node& node, const std::string& path, std::size_t depth, std::vector<TemplatePlaces::Line>& out) {
  if (depth >= TemplatePlaces::max_depth) return;
  for (const Member& member : node.members) {
    if (out.size() >= TemplatePlaces::max_lines) return;
    const auto below = path + "." + member.key;
    out.push_back({below, member.key_position.line});
    add_lines(member.value, below, depth + 1, out);
  }
  for (std::size_t i = 0; i < node.items.size(); ++i) {
    if (out.size() >= TemplatePlaces::max_lines) return;
    const auto below = path + "." + std::to_string(i);
    out.push_back({below, node.items[i].position.line});
    add_lines(node.items[i], below, depth + 1, out);
  }
}

// The last resource that begins at or before the line.
std::string owner_of(const Node& resources, std::uint32_t line) {
  const Member* owner = nullptr;
  for (const Member& resource : resources.members) {
    const auto begins = resource.key_position.line;
    if (begins <= line && (owner == nullptr || begins >= owner->key_position.line)) owner = &resource;
  }
  return owner == nullptr ? std::string() : owner->key;
}

// What the code of a function is called in the template; SAM's CodeUri has become Code.LocalPath.
std::string code_of(const ResourceDeclaration& declaration) {
  const Node* code = declaration.properties.find("Code");
  if (declaration.type != "AWS::Lambda::Function" || code == nullptr) return {};
  if (code->is(NodeKind::String)) return code->text;
  return code->text_of("LocalPath");
}

}  // namespace

TemplatePlaces find_places(const TemplateInput& input) {
  TemplatePlaces places;
  Problems ignored(input.path);
  const auto written = read_template(input.text, guess_syntax(input.path, input.text), ignored);
  if (!written) return places;
  for (const char* section : {"Globals", "Resources"})
    if (const Node* node = written->find(section); node != nullptr) add_lines(*node, section, 0, places.lines);
  const Node* resources = written->find("Resources");
  const auto loaded = load_template(input, ignored);
  if (resources == nullptr || !loaded) return places;
  for (const auto& declaration : loaded->resources) {
    TemplatePlaces::Resource resource{declaration.logical_id, declaration.type, 0, declaration.logical_id, code_of(declaration)};
    if (const Member* own = resources->find_member(declaration.logical_id)) {
      resource.line = own->key_position.line;
    } else {
      resource.line = declaration.properties.position.line != 0 ? declaration.properties.position.line : declaration.position.line;
      resource.source = owner_of(*resources, resource.line);
    }
    places.resources.push_back(std::move(resource));
  }
  return places;
}

}  // namespace surgetank::stack
