#pragma once
// Quotas of Lambda (AWS quotas: "Lambda quotas"), and bounds of our own where they say so.
#include <cstddef>
#include <cstdint>

namespace surgetank::lambda::limits {

// --- requests --------------------------------------------------------------------------------------------------------
inline constexpr std::size_t control_request_bytes = 70'167'211;  // "Request must be smaller than 70167211 bytes"
inline constexpr std::size_t sync_payload_bytes = 6'291'456;
inline constexpr std::size_t event_payload_bytes = 1'048'576;  // of an asynchronous invocation
inline constexpr std::size_t client_context_bytes = 3'583;
inline constexpr int payload_depth = 1'000;  // nesting of an event

// --- configuration ---------------------------------------------------------------------------------------------------
inline constexpr std::size_t function_name_characters = 64;
inline constexpr std::size_t handler_characters = 128;
inline constexpr std::size_t description_characters = 256;
inline constexpr std::size_t environment_bytes = 4'096;
inline constexpr std::int64_t least_memory_mb = 128;
inline constexpr std::int64_t most_memory_mb = 10'240;
inline constexpr std::int64_t default_timeout_seconds = 3;
inline constexpr std::int64_t longest_timeout_seconds = 900;
inline constexpr std::int64_t least_ephemeral_storage_mb = 512;
inline constexpr std::int64_t most_ephemeral_storage_mb = 10'240;
inline constexpr std::size_t tags = 50;
inline constexpr std::size_t policy_bytes = 20'480;

// --- concurrency (quotas.h has the account's limit) --------------------------------------------------------------------
inline constexpr std::int64_t unreserved_floor = 100;  // or the whole limit, if that is less

// --- code ------------------------------------------------------------------------------------------------------------
inline constexpr std::size_t zipped_bytes = 52'428'800;
inline constexpr std::size_t unzipped_bytes = 262'144'000;
inline constexpr std::int64_t code_storage_bytes = 80'530'636'800;  // 75 GB
inline constexpr std::int64_t code_url_seconds = 600;               // how long GetFunction's Code.Location is good for

// --- asynchronous invocation (Lambda quotas; EventInvokeConfig) --------------------------------------------------------
inline constexpr std::int64_t most_event_retries = 2;
inline constexpr std::int64_t least_event_age_seconds = 60;
inline constexpr std::int64_t longest_event_age_seconds = 21'600;
inline constexpr std::size_t destination_arn_characters = 350;
inline constexpr std::size_t dead_letter_message_bytes = 1'024;  // of ErrorMessage

// --- the rest --------------------------------------------------------------------------------------------------------
inline constexpr std::int64_t list_page = 50;  // ListFunctions returns at most 50 whatever MaxItems says
inline constexpr std::int64_t largest_max_items = 10'000;
inline constexpr std::size_t cached_functions = 10'000;  // ours: decoded functions kept per lane

}  // namespace surgetank::lambda::limits
