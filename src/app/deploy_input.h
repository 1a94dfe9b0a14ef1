#pragma once
// What to deploy, found and read: the template file, the stack's name, the parameters, and which folders to watch.
#include <map>
#include <string>
#include <vector>

#include "app/commands.h"
#include "stack/deployer.h"

namespace surgetank {

struct DeployInput {
  std::string template_path;  // absolute
  std::string template_text;
  std::string stack_name;
  std::map<std::string, std::string> parameters;

  // Throws CommandError: no template, not readable, a folder without a usable name.
  static DeployInput read(const DeployOptions& options);
  stack::DeployRequest request() const;
  // The template and every local folder or file that it names as code.
  std::vector<std::string> watched_paths() const;
};

}  // namespace surgetank
