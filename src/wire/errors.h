#pragma once
// The faults that the wire layer itself reports, as error constants with static storage.
// A caller that wants a service's own wording compares `error.code` with these addresses (`error.code == &wire::missing_member`)
// and writes another Error; the texts here are those of AWS's common front end.
// `query_name` is the spelling of the query protocol ("SignatureDoesNotMatch"), `name` that of the JSON protocols.
#include "base/result.h"

namespace surgetank::wire {

// A required member is not there. The message is the member's path and nothing else: "QueueUrl", "Entries.2.member.Id".
inline constexpr ErrorCode missing_member{"ValidationException", 400, "ValidationError"};
// The body is not what the protocol and the shape say.
inline constexpr ErrorCode serialization_error{"SerializationException", 400};
// The same for the query protocol.
inline constexpr ErrorCode malformed_input{"MalformedInput", 400};
// The body is well formed but larger, deeper or has more parts than we read.
inline constexpr ErrorCode too_complex{"SerializationException", 400, "MalformedInput"};

// --- signatures (AWS common errors; the JSON protocols answer them with 400, see error_envelope.h) -------------------
inline constexpr ErrorCode missing_authentication_token{"MissingAuthenticationTokenException", 403, "MissingAuthenticationToken"};
inline constexpr ErrorCode incomplete_signature{"IncompleteSignatureException", 400, "IncompleteSignature"};
inline constexpr ErrorCode invalid_signature{"InvalidSignatureException", 403, "SignatureDoesNotMatch"};
inline constexpr ErrorCode unrecognized_client{"UnrecognizedClientException", 403, "InvalidClientTokenId"};
inline constexpr ErrorCode expired_token{"ExpiredTokenException", 403, "ExpiredToken"};
// The S3 spellings, used with SigningStyle::S3.
inline constexpr ErrorCode s3_signature_does_not_match{"SignatureDoesNotMatch", 403};
inline constexpr ErrorCode s3_invalid_access_key_id{"InvalidAccessKeyId", 403};
inline constexpr ErrorCode s3_expired_token{"ExpiredToken", 400};
inline constexpr ErrorCode s3_request_time_too_skewed{"RequestTimeTooSkewed", 403};
inline constexpr ErrorCode s3_access_denied{"AccessDenied", 403};
inline constexpr ErrorCode s3_authorization_header_malformed{"AuthorizationHeaderMalformed", 400};
inline constexpr ErrorCode s3_authorization_query_parameters{"AuthorizationQueryParametersError", 400};
inline constexpr ErrorCode s3_content_sha256_mismatch{"XAmzContentSHA256Mismatch", 400};
inline constexpr ErrorCode s3_invalid_argument{"InvalidArgument", 400};
// A payload mode (x-amz-content-sha256: STREAMING-...) that this build does not read. Never accepted unverified.
inline constexpr ErrorCode unsupported_payload{"NotImplemented", 501};

}  // namespace surgetank::wire
