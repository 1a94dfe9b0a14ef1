#include "stack/dynamic_references.h"

#include "base/text.h"

namespace surgetank::stack {
namespace {

constexpr std::string_view opening = "{{resolve:";
constexpr std::string_view closing = "}}";

// Where the `}}` of the reference at `start` begins; variables of Fn::Sub inside have braces of their own.
std::size_t find_closing(std::string_view text, std::size_t start) {
  for (std::size_t i = start + opening.size(); i < text.size(); ++i) {
    if (text.substr(i, 2) == "${") {
      i = text.find('}', i);
      if (i == std::string_view::npos) return i;
    } else if (text.substr(i, 2) == closing) {
      return i;
    }
  }
  return std::string_view::npos;
}

// The parts after the secret's id; an ARN has colons of its own.
std::vector<std::string> parts_of(std::string_view body) {
  std::vector<std::string> parts;
  std::string current;
  int colons_of_arn = body.starts_with("arn:") || body.starts_with("${") ? 6 : 0;
  const bool variable = body.starts_with("${");
  std::size_t depth = 0;
  for (std::size_t i = 0; i < body.size(); ++i) {
    const char c = body[i];
    if (body.substr(i, 2) == "${") ++depth;
    if (c == '}' && depth > 0) --depth;
    const bool kept = depth > 0 || (!variable && colons_of_arn > 0);
    if (c != ':' || kept) {
      current += c;
      if (c == ':' && depth == 0) --colons_of_arn;
      continue;
    }
    parts.push_back(std::move(current));
    current.clear();
  }
  parts.push_back(std::move(current));
  return parts;
}

void read_reference(std::string_view body, std::string_view written, Position at, std::vector<SecretReference>& found, Problems& problems) {
  const std::size_t colon = body.find(':');
  const std::string service(body.substr(0, colon));
  const std::string name(written);
  if (service == "ssm" || service == "ssm-secure") {
    return problems.add(at, "dynamic reference `" + name + "` is not supported: there is no SSM Parameter Store here",
                        "use `{{resolve:secretsmanager:...}}` or a parameter of the template");
  }
  if (service != "secretsmanager" || colon == std::string_view::npos) {
    return problems.add(at, "dynamic reference `" + name + "` names an unknown service",
                        "write `{{resolve:secretsmanager:secret-id:SecretString:json-key}}`");
  }
  const std::vector<std::string> parts = parts_of(body.substr(colon + 1));
  const auto part = [&parts](std::size_t index) { return index < parts.size() ? parts[index] : std::string(); };
  if (part(0).empty() || parts.size() > 5) {
    return problems.add(at, "dynamic reference `" + name + "` is malformed",
                        "write `{{resolve:secretsmanager:secret-id:SecretString:json-key:stage:version-id}}`");
  }
  if (!part(1).empty() && part(1) != "SecretString") {
    return problems.add(at, "dynamic reference `" + name + "` asks for `" + part(1) + "`", "only SecretString exists");
  }
  if (!part(3).empty() && !part(4).empty()) {
    return problems.add(at, "dynamic reference `" + name + "` has both a stage and a version id", "leave one of them empty");
  }
  found.push_back({name, part(0), part(2), part(3), part(4), at});
}

void collect(const Node& node, std::vector<SecretReference>& found, Problems& problems) {
  std::string_view rest = node.is(NodeKind::String) ? std::string_view(node.text) : std::string_view();
  for (std::size_t start = rest.find(opening); start != std::string_view::npos; start = rest.find(opening)) {
    const std::size_t end = find_closing(rest, start);
    if (end == std::string_view::npos) {
      problems.add(node.position, "a dynamic reference is not closed", "end it with `}}`");
      break;
    }
    const std::string_view written = rest.substr(start, end + closing.size() - start);
    const std::string_view body = written.substr(opening.size(), written.size() - opening.size() - closing.size());
    read_reference(body, written, node.position, found, problems);
    rest.remove_prefix(end + closing.size());
  }
  for (const Node& item : node.items) collect(item, found, problems);
  for (const Member& member : node.members) collect(member.value, found, problems);
}

}  // namespace

std::vector<SecretReference> secret_references(const Node& node, Problems& problems) {
  std::vector<SecretReference> found;
  collect(node, found, problems);
  return found;
}

Node with_secrets(const Node& node, const SecretValues& values) {
  Node copy = node;
  if (copy.is(NodeKind::String) && contains(copy.text, opening)) {
    std::string result;
    std::string_view rest = copy.text;
    while (!rest.empty()) {
      const std::size_t start = rest.find(opening);
      const std::size_t end = start == std::string_view::npos ? start : find_closing(rest, start);
      if (end == std::string_view::npos) break;
      const std::string_view written = rest.substr(start, end + closing.size() - start);
      const auto value = values.find(written);
      result += rest.substr(0, start);
      result += value == values.end() ? std::string(written) : value->second.reveal();
      rest.remove_prefix(end + closing.size());
    }
    result += rest;
    copy.text = std::move(result);
  }
  for (Node& item : copy.items) item = with_secrets(item, values);
  for (Member& member : copy.members) member.value = with_secrets(member.value, values);
  return copy;
}

std::optional<Secret<std::string>> secret_member(const Secret<std::string>& secret, const std::string& json_key) {
  if (json_key.empty()) return secret;
  const std::optional<Node> json = read_json_value(secret.reveal());
  const Node* member = json ? json->find(json_key) : nullptr;
  if (member == nullptr || member->is(NodeKind::Null)) return std::nullopt;
  return Secret<std::string>(member->is_scalar() ? member->text : to_json(*member));
}

}  // namespace surgetank::stack
