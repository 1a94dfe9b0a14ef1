#include "services/lambda/errors.h"

#include <utility>

namespace surgetank::lambda {

Error fault(const ErrorCode& code, std::string message) {
  Error error{&code, std::move(message)};
  error.members.emplace_back("Type", code.http_status < 500 ? "User" : "Service");
  if (&code == &ResourceNotFoundException || &code == &ServiceException) error.members.emplace_back("Message", error.message);
  return error;
}

Error invalid_parameter(std::string message) { return fault(InvalidParameterValueException, std::move(message)); }

Error violation(std::string_view subject, std::string_view constraint) {
  return {&ValidationException,
          "1 validation error detected: " + std::string(subject) + " failed to satisfy constraint: " + std::string(constraint)};
}

Error unsupported(std::string_view what) { return invalid_parameter(std::string(what) + " is not supported by Surgetank yet."); }

}  // namespace surgetank::lambda
