#pragma once
// Error codes of Lambda as the AWS API reference names them, and how Lambda words a fault.
#include <string>
#include <string_view>

#include "base/result.h"

namespace surgetank::lambda {

inline constexpr ErrorCode ResourceNotFoundException{"ResourceNotFoundException", 404};
inline constexpr ErrorCode ProvisionedConcurrencyConfigNotFoundException{"ProvisionedConcurrencyConfigNotFoundException", 404};
inline constexpr ErrorCode ResourceConflictException{"ResourceConflictException", 409};
inline constexpr ErrorCode InvalidParameterValueException{"InvalidParameterValueException", 400};
inline constexpr ErrorCode InvalidRequestContentException{"InvalidRequestContentException", 400};
inline constexpr ErrorCode ValidationException{"ValidationException", 400};
inline constexpr ErrorCode PreconditionFailedException{"PreconditionFailedException", 412};
inline constexpr ErrorCode RequestEntityTooLargeException{"RequestEntityTooLargeException", 413};
inline constexpr ErrorCode RequestTooLargeException{"RequestTooLargeException", 413};
inline constexpr ErrorCode PolicyLengthExceededException{"PolicyLengthExceededException", 400};
inline constexpr ErrorCode TooManyRequestsException{"TooManyRequestsException", 429};
inline constexpr ErrorCode CodeStorageExceededException{"CodeStorageExceededException", 400};
inline constexpr ErrorCode AccessDeniedException{"AccessDeniedException", 403};
inline constexpr ErrorCode ServiceException{"ServiceException", 500};

// Whose fault it is goes with the error as "Type". ResourceNotFoundException and ServiceException spell "Message" with a capital.
// ValidationException comes from the front end of AWS's service, which knows no Type.
Error fault(const ErrorCode& code, std::string message);
Error invalid_parameter(std::string message);
// One violated constraint, worded as kernel/validation.h words them; `subject` is "Value '..' at 'name'".
Error violation(std::string_view subject, std::string_view constraint);
// What AWS has and this server has not: refused by name, never ignored.
Error unsupported(std::string_view what);

}  // namespace surgetank::lambda
