#include "services/lambda/function_name.h"

#include <algorithm>
#include <vector>

#include "base/text.h"

namespace surgetank::lambda {
namespace {

constexpr std::size_t longest_reference = 256;

bool is_digit(char c) { return c >= '0' && c <= '9'; }
bool is_lower(char c) { return c >= 'a' && c <= 'z'; }
bool is_name_character(char c) { return is_digit(c) || is_lower(c) || (c >= 'A' && c <= 'Z') || c == '-' || c == '_'; }

template <class Predicate>
bool consists_of(std::string_view text, Predicate predicate) {
  return !text.empty() && std::all_of(text.begin(), text.end(), predicate);
}

bool is_name(std::string_view text) { return consists_of(text, is_name_character); }
bool is_account(std::string_view text) { return text.size() == 12 && consists_of(text, is_digit); }

// [a-z]{2}(-gov)?-[a-z]+-\d{1}, and the newer isolated partitions' -iso, -isob.
bool is_region(std::string_view text) {
  const auto parts = split(text, '-');
  if (parts.size() < 3 || parts.size() > 4) return false;
  if (parts.front().size() != 2 || !consists_of(parts.front(), is_lower)) return false;
  if (parts.back().size() != 1 || !is_digit(parts.back().front())) return false;
  return std::all_of(parts.begin() + 1, parts.end() - 1, [](std::string_view part) { return consists_of(part, is_lower); });
}

// Takes "arn:aws:lambda:" (any partition) off the front of `text`.
bool take_arn_prefix(std::string_view& text) {
  const auto parts = split(text, ':');
  if (parts.size() < 4 || parts[0] != "arn" || parts[1].substr(0, 3) != "aws" || parts[2] != "lambda") return false;
  text = std::string_view(parts[3].data(), static_cast<std::size_t>(text.data() + text.size() - parts[3].data()));
  return true;
}

// Which of the optional parts [region][account]["function"] name [qualifier] there are, in the pattern's order of preference.
struct Form {
  bool region;
  bool account;
  bool function;
  bool qualifier;
  std::size_t parts() const {
    return 1 + static_cast<std::size_t>(region) + static_cast<std::size_t>(account) + static_cast<std::size_t>(function) +
           static_cast<std::size_t>(qualifier);
  }
};

std::optional<FunctionReference> read_form(const std::vector<std::string_view>& parts, Form form) {
  FunctionReference reference;
  std::size_t at = 0;
  if (form.region) reference.region = parts[at++];
  if (form.account) reference.account = parts[at++];
  if (form.function && parts[at++] != "function") return std::nullopt;
  reference.name = parts[at++];
  if (form.qualifier) reference.qualifier = parts[at];
  if (form.region && !is_region(reference.region)) return std::nullopt;
  if (form.account && !is_account(reference.account)) return std::nullopt;
  if (!is_name(reference.name)) return std::nullopt;
  if (form.qualifier && reference.qualifier != latest_version && !is_name(reference.qualifier)) return std::nullopt;
  return reference;
}

}  // namespace

std::optional<FunctionReference> parse_function_reference(std::string_view text) {
  if (is_name(text)) return FunctionReference{.account = {}, .region = {}, .name = text, .qualifier = {}};
  if (text.empty() || text.size() > longest_reference) return std::nullopt;
  take_arn_prefix(text);
  const auto parts = split(text, ':');
  for (unsigned bits = 16; bits-- > 0;) {
    const Form form{.region = (bits & 8U) != 0, .account = (bits & 4U) != 0, .function = (bits & 2U) != 0, .qualifier = (bits & 1U) != 0};
    if (form.parts() != parts.size()) continue;
    if (const auto reference = read_form(parts, form)) return reference;
  }
  return std::nullopt;
}

std::string aggregate_key(std::string_view client_name) {
  const auto reference = parse_function_reference(client_name);
  return std::string(reference ? reference->name : client_name);
}

bool is_version_number(std::string_view qualifier) { return consists_of(qualifier, is_digit); }
bool is_alias_name(std::string_view qualifier) { return is_name(qualifier) && !is_version_number(qualifier); }
bool is_qualifier(std::string_view text) {
  return text.size() <= 128 && consists_of(text, [](char c) { return is_name_character(c) || c == '$'; });
}

std::string function_arn(std::string_view account, std::string_view region, std::string_view name, std::string_view qualifier) {
  std::string arn = "arn:aws:lambda:";
  arn.append(region).append(":").append(account).append(":function:").append(name);
  if (!qualifier.empty()) arn.append(":").append(qualifier);
  return arn;
}

}  // namespace surgetank::lambda
