#pragma once
// The tables behind resource_schema.h, by service. Static data.
#include <span>

#include "stack/resource_schema.h"

namespace surgetank::stack {

std::span<const ResourceSchema> lambda_schemas();
std::span<const ResourceSchema> event_source_schemas();
std::span<const ResourceSchema> iam_schemas();
std::span<const ResourceSchema> apigateway_schemas();
std::span<const ResourceSchema> sqs_schemas();
std::span<const ResourceSchema> data_schemas();  // Secrets Manager, RDS, CloudWatch Logs

}  // namespace surgetank::stack
