#pragma once
// Which rate quotas a call of an operation takes tokens of, as the front door of the server does it: the rows of the service that name the
// operation, or else the row that stands for all others. Pure.
#include <string_view>
#include <vector>

#include "kernel/quotas.h"

namespace surgetank::prediction {

// `service` as rows are named: "secretsmanager".
std::vector<const QuotaRow*> quotas_of_operation(const Quotas& quotas, std::string_view service, std::string_view operation);

}  // namespace surgetank::prediction
