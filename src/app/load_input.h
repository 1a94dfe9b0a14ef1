#pragma once
// The plan of `surgetank load` from what the user gave: a YAML file or flags, or a file whose traffic and thresholds flags replace. Names
// in ${...} are outputs of the deployed stacks (${ApiUrl}, ${stack.ApiUrl}) or environment variables. Throws CommandError.
#include <string>

#include "app/commands.h"
#include "windtunnel/load/load_plan.h"

namespace surgetank {

windtunnel::LoadPlan load_plan_of(const ClientOptions& client, const LoadOptions& options);
void write_text_file(const std::string& path, const std::string& text);

}  // namespace surgetank
