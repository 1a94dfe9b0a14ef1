#include "app/deploy_input.h"

#include <algorithm>
#include <filesystem>
#include <sstream>

#include "app/client.h"
#include "base/text.h"

namespace surgetank {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view default_names[] = {"template.yaml", "template.yml", "template.json"};

std::string find_template(const std::string& given) {
  if (!given.empty()) {
    if (!fs::exists(given)) throw CommandError("there is no template " + given);
    return fs::canonical(given).string();
  }
  for (const auto name : default_names)
    if (fs::exists(name)) return fs::canonical(name).string();
  throw CommandError("there is no template.yaml, template.yml or template.json here; name one: surgetank up path/to/template.yaml");
}

// CloudFormation: letters, digits and hyphens, a letter first, at most 128.
std::string stack_name_of(const std::string& folder) {
  std::string name;
  for (const char c : folder) {
    const bool letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
    const bool digit = c >= '0' && c <= '9';
    if (letter || (digit && !name.empty())) {
      name += c;
    } else if (!name.empty() && name.back() != '-') {
      name += '-';
    }
  }
  while (!name.empty() && name.back() == '-') name.pop_back();
  if (name.empty()) throw CommandError("the folder's name makes no stack name; give one with --stack");
  return name.substr(0, 128);
}

}  // namespace

DeployInput DeployInput::read(const DeployOptions& options) {
  DeployInput input;
  input.template_path = find_template(options.template_path);
  input.template_text = read_whole_file(input.template_path);
  input.stack_name =
      options.stack_name.empty() ? stack_name_of(fs::path(input.template_path).parent_path().filename().string()) : options.stack_name;
  input.parameters = options.parameters;
  return input;
}

stack::DeployRequest DeployInput::request() const {
  return {.stack_name = stack_name,
          .template_text = template_text,
          .template_path = template_path,
          .parameters = {parameters.begin(), parameters.end()}};
}

// A line "CodeUri: folder" is enough to know what to watch; what it means exactly is the deployer's business.
std::vector<std::string> DeployInput::watched_paths() const {
  std::vector<std::string> paths = {template_path};
  const auto folder = fs::path(template_path).parent_path();
  std::istringstream lines(template_text);
  for (std::string line; std::getline(lines, line);) {
    const auto text = trim(line);
    for (const std::string_view name : {"CodeUri:", "Code:"}) {
      if (text.substr(0, name.size()) != name) continue;
      auto value = trim(text.substr(name.size()));
      value.remove_suffix(!value.empty() && value.back() == '\r' ? 1 : 0);
      if (value.size() > 1 && (value.front() == '"' || value.front() == '\'')) value = value.substr(1, value.size() - 2);
      const auto path = folder / std::string(value);
      std::error_code ignored;
      if (!value.empty() && fs::exists(path, ignored)) paths.push_back(path.lexically_normal().string());
    }
  }
  std::sort(paths.begin(), paths.end());
  paths.erase(std::unique(paths.begin(), paths.end()), paths.end());
  return paths;
}

}  // namespace surgetank
