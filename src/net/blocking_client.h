#pragma once
// A blocking HTTP client for the command line: one connection, one request, no TLS (it talks to a Surgetank server on this
// machine or to one behind a tunnel). Any thread; nothing is shared between calls. Failures come back in the result, never as exceptions.
#include <functional>
#include <string_view>

#include "kernel/http_client.h"

namespace surgetank {

enum class LineControl : unsigned char { Continue, Stop };

// Sends the request and waits for the whole answer.
HttpClientResult send_blocking(const HttpClientRequest& request);

// Hands each line of the answer's body (without its line end) to `on_line` as it arrives, for `logs --tail`. Stop closes the
// connection and returns what came so far as success. The body of the result stays empty for a status below 300 and holds the
// (error) body otherwise. `response_limit` bounds one line (or the error body), not the stream; `timeout` bounds the connect
// and the head together, and then each silence between two reads.
HttpClientResult stream_lines_blocking(const HttpClientRequest& request, const std::function<LineControl(std::string_view line)>& on_line);

}  // namespace surgetank
