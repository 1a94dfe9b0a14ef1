#pragma once
// Every service of the server, named one by one: nothing registers itself. Static storage, any thread.
#include <vector>

#include "kernel/operation.h"

namespace surgetank {

const std::vector<const Service*>& all_services();

}  // namespace surgetank
