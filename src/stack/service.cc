#include "stack/service.h"

#include "stack/quotas.h"

namespace surgetank::stack {

constinit const Service service{.name = "cloudformation",
                                .signing_name = "cloudformation",
                                .protocols = {},
                                .operations = {},
                                .title = "CloudFormation",
                                .quotas = quotas::rows};

}  // namespace surgetank::stack
