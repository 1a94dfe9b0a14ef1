#pragma once
// The regular expressions of Lambda's API reference: `shown` is how AWS prints them in a validation error, `matches` decides.
// Immutable, any thread.
#include <string_view>

namespace surgetank::lambda {

struct Pattern {
  std::string_view shown;
  bool (*matches)(std::string_view text);
};

extern const std::string_view function_name_pattern;  // decided by parse_function_reference()
extern const std::string_view namespaced_function_name_pattern;
extern const Pattern function_arn_pattern;  // a function, not another resource of Lambda
extern const Pattern qualifier_pattern;
extern const Pattern version_pattern;
extern const Pattern alias_pattern;
extern const Pattern role_arn_pattern;
extern const Pattern handler_pattern;
extern const Pattern kms_key_arn_pattern;
extern const Pattern environment_name_pattern;
extern const Pattern log_group_pattern;
extern const Pattern statement_id_pattern;
extern const Pattern namespaced_statement_id_pattern;
extern const Pattern action_pattern;
extern const Pattern principal_pattern;
extern const Pattern source_arn_pattern;
extern const Pattern source_account_pattern;
extern const Pattern event_source_token_pattern;
extern const Pattern organization_id_pattern;

}  // namespace surgetank::lambda
