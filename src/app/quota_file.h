#pragma once
// What `--quotas` names: a profile, or a file of values (JSON is YAML too):
//
//   profile: aws-new-account          # may be left out: aws
//   lambda.concurrent-executions: 50
//
// Throws CommandError for what the user must be told.
#include <span>
#include <string>
#include <string_view>

#include "kernel/operation.h"
#include "kernel/quotas.h"

namespace surgetank {

// Empty: the profile aws.
QuotaDefaults quota_defaults(const std::string& name_or_path, std::span<const Service* const> services);
// `source` is how messages call the text.
QuotaDefaults parse_quota_file(std::string_view text, std::string_view source, std::span<const Service* const> services);

}  // namespace surgetank
