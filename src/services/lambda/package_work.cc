#include "services/lambda/package_work.h"

#include <algorithm>
#include <memory>
#include <utility>

#include "base/assert.h"
#include "kernel/background_work.h"
#include "kernel/dispatcher.h"
#include "kernel/ports.h"
#include "services/lambda/code_package.h"
#include "services/lambda/errors.h"
#include "services/lambda/service.h"

namespace surgetank::lambda {
namespace {

// Carries the reply from thread to thread and calls it on its lane, also when the work in between ends with an exception.
class PendingReply {
 public:
  PendingReply(Lane& lane, Reply<FunctionConfiguration> reply) : lane_(lane), reply_(std::move(reply)) {}
  ~PendingReply() {
    if (reply_) give(fault(ServiceException, "The deployment package could not be stored because of a failure inside the server."));
  }
  PendingReply(const PendingReply&) = delete;
  PendingReply& operator=(const PendingReply&) = delete;
  void give(Result<FunctionConfiguration> result) {
    lane_.post([reply = std::exchange(reply_, {}), result = std::move(result)]() mutable { reply(std::move(result)); });
  }

 private:
  Lane& lane_;
  Reply<FunctionConfiguration> reply_;
};

const Operation& operation_named(std::string_view name) {
  const auto found =
      std::find_if(service.operations.begin(), service.operations.end(), [&](const Operation& each) { return each.name == name; });
  SURGE_ASSERT(found != service.operations.end(), std::string(name));
  return *found;
}

Result<FunctionConfiguration> configuration_in(Result<Box> result) {
  if (!result.ok()) return std::move(result.error());
  return std::move(*static_cast<FunctionConfiguration*>(result->get()));
}

struct PackageWork {
  Ports& ports;
  std::string_view zip;
  Invocation second_half;  // without its input
  UniqueFunction<Box(CodeRecord)> make_input;
  std::shared_ptr<PendingReply> pending;

  void run() {
    auto code = store_package(ports, zip);
    if (!code.ok()) return pending->give(std::move(code.error()));
    second_half.input = make_input(std::move(*code));
    ports.dispatcher->dispatch(std::move(second_half), [pending = pending](Result<Box> result) -> Task {
      return [pending, configuration = configuration_in(std::move(result))]() mutable { pending->give(std::move(configuration)); };
    });
  }
};

}  // namespace

void store_package_then(Call& call, std::string_view zip, std::string_view second_half, UniqueFunction<Box(CodeRecord)> make_input,
                        Reply<FunctionConfiguration> reply) {
  Invocation invocation{.service = &service,
                        .operation = &operation_named(second_half),
                        .input = {},
                        .caller = call.caller,
                        .request_id = call.request_id,
                        .trace = call.trace};
  PackageWork work{.ports = call.ports,
                   .zip = zip,
                   .second_half = std::move(invocation),
                   .make_input = std::move(make_input),
                   .pending = std::make_shared<PendingReply>(call.lane, std::move(reply))};
  if (call.ports.background == nullptr) return work.run();
  call.ports.background->run([work = std::move(work)]() mutable { work.run(); });
}

}  // namespace surgetank::lambda
