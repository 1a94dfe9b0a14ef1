#pragma once
// Operations that bring a package, in two halves: the package is stored by Ports::background (where there is none: at once, as in
// tests and simulation), then an internal operation on the function's lane writes the record, and its answer is the answer.
// So a lane never waits for a package to be unpacked, and the record is written in one transaction with all of its checks.
#include <string_view>

#include "base/unique_function.h"
#include "kernel/operation.h"
#include "services/lambda/model.h"
#include "services/lambda/records.h"

namespace surgetank::lambda {

// `zip` stays valid until `reply` is called. `second_half` is the name of an internal operation, `make_input` its request.
void store_package_then(Call& call, std::string_view zip, std::string_view second_half, UniqueFunction<Box(CodeRecord)> make_input,
                        Reply<FunctionConfiguration> reply);

}  // namespace surgetank::lambda
