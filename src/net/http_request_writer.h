#pragma once
// Turns an HttpClientRequest into the bytes of an HTTP/1.1 request. Pure.
#include <string>
#include <string_view>

#include "kernel/http_client.h"
#include "net/http_url.h"

namespace surgetank {

// What HTTP cannot carry (a method or header name that is no token, a value with control characters): a reason, else empty.
std::string_view why_unsendable(const HttpClientRequest& request);

// The head: the given headers less those that are the client's business, Host (the URL's unless given), Content-Length.
enum class ClientPersistence : unsigned char { KeepAlive, Close };
void append_request_head(std::string& out, const HttpClientRequest& request, const HttpUrl& url, ClientPersistence persistence);

}  // namespace surgetank
