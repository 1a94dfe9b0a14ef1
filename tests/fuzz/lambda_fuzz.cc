// Fuzzes what Lambda reads by hand: names of functions and ARN patterns of resource policies. Beyond not crashing: a name that is
// accepted keeps its meaning when it is written out as an ARN and read again, and an ARN without wildcards is like itself.
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <string_view>

#include "services/lambda/function_name.h"
#include "services/lambda/policy.h"

namespace {

using namespace surgetank::lambda;

void require(bool holds, const char* what) {
  if (holds) return;
  std::fprintf(stderr, "%s\n", what);
  std::abort();
}

void check_name(std::string_view text) {
  const auto reference = parse_function_reference(text);
  if (!reference) return require(aggregate_key(text) == text, "what is no name is its own key");
  require(!reference->name.empty() && aggregate_key(text) == reference->name, "all forms of a name share a key");
  const auto account = reference->account.empty() ? std::string_view("000000000000") : reference->account;
  const auto region = reference->region.empty() ? std::string_view("us-east-1") : reference->region;
  const auto arn = function_arn(account, region, reference->name, reference->qualifier);
  if (arn.size() > 256) return;
  const auto again = parse_function_reference(arn);
  require(again && again->name == reference->name && again->qualifier == reference->qualifier, "an ARN says the same");
  require(again->account == account && again->region == region, "an ARN says where");
}

void check_arn_like(std::string_view text) {
  const auto cut = text.find('\n');
  if (cut == std::string_view::npos) return;
  const auto arn = text.substr(0, cut);
  const auto pattern = text.substr(cut + 1);
  const bool is_like = arn_like(arn, pattern);
  if (pattern.find_first_of("*?") == std::string_view::npos && is_like)
    require(arn.substr(0, arn.find(':')) == pattern.substr(0, pattern.find(':')), "without wildcards the parts are equal");
  require(arn_like(arn, "*:*:*:*:*:*"), "stars are like everything");
  if (arn.find_first_of("*?") == std::string_view::npos) require(arn_like(arn, arn), "an ARN is like itself");
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  check_name(text);
  check_arn_like(text);
  return 0;
}
