#pragma once
// Messages about events that ended: the invocation record for destinations, the dead letter, and their way to a queue or a function
// through the outbox: written with the transaction that ends the event, delivered at least once. What the target refuses is counted
// (DeadLetterErrors, DestinationDeliveryFailures) and lost, as on AWS; what fails inside the server is repeated.
// Source: Lambda Developer Guide "Capturing records of Lambda asynchronous invocations".
#include <string>
#include <string_view>

#include "kernel/call.h"
#include "services/lambda/event_invoke_model.h"

namespace surgetank::lambda {

struct InvocationReportParts {
  Instant time;
  std::string request_id;
  std::string function_arn;  // with $LATEST or the version
  std::string condition;     // Success, RetriesExhausted, EventAgeExceeded
  std::int64_t invoke_count = 0;
  std::string request_payload;
  Opt<String> executed_version;  // absent: the function did not run, and there is no response
  bool function_error = false;
  std::string response_payload;
};
std::string invocation_report(const InvocationReportParts& parts);

// The errorMessage of a function's error object, else its text; at most what a dead letter carries.
std::string error_message_of(std::string_view error_payload);
std::string first_bytes_of_message(std::string_view message);

void send_later(Call& call, const DeliverEventRequest& message);

}  // namespace surgetank::lambda
