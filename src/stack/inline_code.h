#pragma once
// Inline code (Code.ZipFile of a template) as the zip archive that CloudFormation makes of it: one file named index with the ending
// of the runtime. Stored, not compressed; the same text gives the same bytes. Pure.
#include <string>
#include <string_view>

namespace surgetank::stack {

std::string inline_code_archive(std::string_view runtime, std::string_view text);

}  // namespace surgetank::stack
