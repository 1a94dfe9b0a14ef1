#pragma once
// The FunctionInvoker of the running server: API Gateway and the like invoke functions through it. It hops to the function's lane
// and runs it there, without JSON and without reading the store for a warm function. The resource policy decides; the function may
// belong to another account or region than the caller. Any thread; `dispatcher` outlives the invoker.
#include <memory>

#include "kernel/dispatcher.h"
#include "kernel/function_runner.h"

namespace surgetank::lambda {

std::unique_ptr<FunctionInvoker> make_function_invoker(Dispatcher& dispatcher);

}  // namespace surgetank::lambda
