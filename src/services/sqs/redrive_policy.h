#pragma once
// The JSON texts of RedrivePolicy and RedriveAllowPolicy. Pure; any thread. Errors carry the reason only, as AWS words it behind
// "Value .. for parameter RedrivePolicy is invalid. Reason: "; their code is InvalidParameterValue.
#include <string_view>

#include "base/result.h"
#include "services/sqs/settings.h"

namespace surgetank::sqs {

Result<RedriveSettings> parse_redrive_policy(std::string_view text);
Result<RedriveAllowance> parse_redrive_allow_policy(std::string_view text);

}  // namespace surgetank::sqs
