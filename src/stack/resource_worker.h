#pragma once
// Runs one handler (resource_handlers.h) to its end: resolves dynamic references, makes the calls it asks for, waits where it waits.
// Everything runs on the lane; `done` is called there once, never inside the starting call. Answers may come from any thread.
//
// What fails is a WorkResult that says so. Values of secrets and of hidden parameters are cut out of every reason.
#include <memory>
#include <string>
#include <vector>

#include "base/log.h"
#include "base/result.h"
#include "base/unique_function.h"
#include "kernel/lanes.h"
#include "stack/plan.h"
#include "stack/resource_handlers.h"
#include "stack/stack_state.h"

namespace surgetank::stack {

// The operations of the services, as a client calls them; the app implements it over the dispatcher, tests over a fake.
class ResourceApi {
 public:
  virtual ~ResourceApi() = default;
  // JSON in, JSON out, by the names of the AWS API. `done` is called once, from any thread, possibly at once.
  virtual void call(std::string_view service, std::string_view operation, std::string input,
                    UniqueFunction<void(Result<std::string>)> done) = 0;
};

struct WorkResult {
  bool ok = false;
  std::string reason;       // why not
  std::string physical_id;  // what exists now; after a failed creation empty if nothing does
  std::string ref;
  Node attributes = make_map();
};

struct WorkEnvironment {
  Lane& lane;
  ResourceApi& api;
  std::string account;
  std::string region;
  std::vector<Secret<std::string>> hidden;  // cut out of reasons
};

using WorkDone = UniqueFunction<void(WorkResult)>;
// `resource.physical_id` is the name to create it under, if the type has names.
void create_resource(const WorkEnvironment& environment, const CodeResolver& code, const ResourceState& resource, WorkDone done);
// From what `deployed` is to `properties`.
void update_resource(const WorkEnvironment& environment, const CodeResolver& code, const ResourceState& deployed, const Node& properties,
                     std::vector<std::string> changed, WorkDone done);
void remove_resource(const WorkEnvironment& environment, const ResourceState& resource, WorkDone done);

}  // namespace surgetank::stack
