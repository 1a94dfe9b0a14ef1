#pragma once
// Turns an HttpResponse into the bytes of an HTTP/1.1 answer. Pure.
#include <string>
#include <string_view>

#include "kernel/http.h"
#include "net/http_head.h"
#include "net/http_parser.h"

namespace surgetank {

// False for what HTTP cannot carry: a status outside 200..999, a header name that is no token, a value with control characters
// (which could begin another header or another answer).
bool is_sendable(const HttpResponse& response);

// HEAD, 204 and 304 have no body.
bool has_body(const HttpResponse& response, AnswerTo method);

// The status line, the response's headers as given (less those that are the server's business), Content-Length, `date` and the empty
// line. 204 has no Content-Length; 304 and answers to HEAD keep the one given when they have no body to count.
void append_head(std::string& out, const HttpResponse& response, AnswerTo method, Persistence persistence, std::string_view date);

std::string_view reason_phrase(int status);

}  // namespace surgetank
