#include "net/blocking_client.h"

#include <netdb.h>
#include <poll.h>
#include <sys/socket.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <chrono>
#include <cstring>
#include <limits>
#include <memory>

#include "net/http_request_writer.h"
#include "net/http_response_parser.h"
#include "net/sockets.h"

namespace surgetank {
namespace {

using Failure = HttpClientResult::Failure;

HttpClientResult failed(Failure failure, std::string text) {
  HttpClientResult result;
  result.failure = failure;
  result.failure_text = std::move(text);
  return result;
}

class Deadline {
 public:
  explicit Deadline(Duration span) : end_(std::chrono::steady_clock::now() + std::chrono::microseconds(span.us)) {}
  int left_ms() const {
    const auto left = std::chrono::duration_cast<std::chrono::milliseconds>(end_ - std::chrono::steady_clock::now()).count();
    return static_cast<int>(std::clamp<long>(left, 0, 1 << 30));
  }

 private:
  std::chrono::steady_clock::time_point end_;
};

std::vector<std::string> resolve_blocking(const std::string& host, std::string& failure) {
  if (host == "localhost" || host.ends_with(".localhost")) return {"127.0.0.1", "::1"};
  addrinfo hints{};
  hints.ai_socktype = SOCK_STREAM;
  addrinfo* found = nullptr;
  if (const int error = getaddrinfo(host.c_str(), nullptr, &hints, &found); error != 0) {
    failure = gai_strerror(error);
    return {};
  }
  const std::unique_ptr<addrinfo, decltype(&freeaddrinfo)> owner(found, freeaddrinfo);
  std::vector<std::string> addresses;
  for (const auto* entry = found; entry != nullptr; entry = entry->ai_next) {
    std::array<char, NI_MAXHOST> text;
    if (getnameinfo(entry->ai_addr, entry->ai_addrlen, text.data(), text.size(), nullptr, 0, NI_NUMERICHOST) == 0)
      addresses.emplace_back(text.data());
  }
  return addresses;
}

// One request on one connection.
class Call {
 public:
  Call(const HttpClientRequest& request, HttpUrl url, std::size_t body_limit)
      : request_(request),
        url_(std::move(url)),
        parser_(limits(body_limit), request.method == "HEAD" ? AnswerTo::Head : AnswerTo::OtherMethod) {}

  // Empty on success.
  HttpClientResult connect(const Deadline& deadline) {
    if (url_.scheme == HttpUrl::Scheme::Unix) {
      socket_ = connect_unix_blocking(url_.unix_path);
      if (!socket_) return failed(Failure::Connect, "cannot connect to " + url_.unix_path + ": " + std::strerror(errno));
      return {};
    }
    std::string why;
    const auto addresses = resolve_blocking(url_.host, why);
    if (addresses.empty()) return failed(Failure::Resolve, "cannot resolve " + url_.host + ": " + why);
    for (const auto& address : addresses) {
      socket_ = connect_ip_blocking(address, url_.port, deadline.left_ms());
      if (socket_) return {};
      why = std::strerror(errno);
    }
    return failed(Failure::Connect, "cannot connect to " + url_.authority + ": " + why);
  }

  HttpClientResult send(const Deadline& deadline) {
    std::string bytes;
    append_request_head(bytes, request_, url_, ClientPersistence::Close);
    bytes += request_.body;
    std::string_view rest = bytes;
    while (!rest.empty()) {
      const auto sent = ::send(socket_.get(), rest.data(), rest.size(), MSG_NOSIGNAL);
      if (sent > 0) {
        rest.remove_prefix(static_cast<std::size_t>(sent));
      } else if (errno == EAGAIN) {
        if (!wait(POLLOUT | POLLIN, deadline)) return failed(Failure::Timeout, "the request could not be sent in time");
        if (has_input()) return {};  // an early answer, most likely a refusal
      } else if (errno != EINTR) {
        return {};  // reading tells what the peer had to say, or that it is gone
      }
    }
    return {};
  }

  // Reads once and feeds the parser; a failure if there is nothing within the deadline or it makes no sense.
  HttpClientResult read_some(const Deadline& deadline) {
    if (!wait(POLLIN, deadline)) return failed(Failure::Timeout, "no answer within the timeout");
    std::array<char, 16 * 1024> buffer;
    const auto got = ::recv(socket_.get(), buffer.data(), buffer.size(), 0);
    if (got < 0 && (errno == EAGAIN || errno == EINTR)) return {};
    if (got > 0)
      parser_.feed({buffer.data(), static_cast<std::size_t>(got)});
    else
      parser_.end_of_connection();
    if (parser_.state() != HttpResponseParser::State::Failed) return {};
    return failed(parser_.is_too_large() ? Failure::TooLarge : Failure::Protocol, std::string(parser_.fault_text()));
  }

  HttpResponseParser& parser() { return parser_; }
  bool complete() const { return parser_.state() == HttpResponseParser::State::Complete; }
  HttpClientResult result() {
    HttpClientResult result;
    result.status = parser_.status();
    result.headers = std::move(parser_.headers());
    result.body = std::move(parser_.body());
    return result;
  }

 private:
  static HttpResponseLimits limits(std::size_t body_limit) {
    HttpResponseLimits limits;
    limits.body_bytes = body_limit;
    return limits;
  }
  bool wait(int events, const Deadline& deadline) const {
    pollfd ready{socket_.get(), static_cast<short>(events), 0};
    return ::poll(&ready, 1, deadline.left_ms()) == 1;
  }
  bool has_input() const {
    pollfd ready{socket_.get(), POLLIN, 0};
    return ::poll(&ready, 1, 0) == 1;
  }

  const HttpClientRequest& request_;
  HttpUrl url_;
  HttpResponseParser parser_;
  Descriptor socket_;
};

HttpClientResult begin(const HttpClientRequest& request, std::size_t body_limit, std::unique_ptr<Call>& call, const Deadline& deadline) {
  auto url = parse_http_url(request.url);
  if (!url.ok()) return failed(Failure::Protocol, url.error().message);
  if (url->scheme == HttpUrl::Scheme::Https) return failed(Failure::Protocol, "https is not supported here: use http or unix");
  if (const auto reason = why_unsendable(request); !reason.empty()) return failed(Failure::Protocol, std::string(reason));
  call = std::make_unique<Call>(request, std::move(*url), body_limit);
  auto result = call->connect(deadline);
  if (result.failure == Failure::None) result = call->send(deadline);
  return result;
}

// Hands over the whole lines in `text` (and the last one without its end if the body is complete) and keeps the rest.
LineControl hand_over_lines(std::string& text, bool complete, const std::function<LineControl(std::string_view)>& on_line) {
  std::size_t begin = 0;
  auto control = LineControl::Continue;
  while (control == LineControl::Continue && begin < text.size()) {
    const auto end = text.find('\n', begin);
    if (end == std::string::npos && !complete) break;
    std::string_view line = std::string_view(text).substr(begin, end == std::string::npos ? end : end - begin);
    begin = end == std::string::npos ? text.size() : end + 1;
    if (line.ends_with('\r')) line.remove_suffix(1);
    control = on_line(line);
  }
  text.erase(0, begin);
  return control;
}

}  // namespace

HttpClientResult send_blocking(const HttpClientRequest& request) {
  const Deadline deadline(request.timeout);
  std::unique_ptr<Call> call;
  auto result = begin(request, request.response_limit, call, deadline);
  while (result.failure == Failure::None && !call->complete()) result = call->read_some(deadline);
  return result.failure == Failure::None ? call->result() : result;
}

HttpClientResult stream_lines_blocking(const HttpClientRequest& request, const std::function<LineControl(std::string_view line)>& on_line) {
  const Deadline head_deadline(request.timeout);
  std::unique_ptr<Call> call;
  auto result = begin(request, std::numeric_limits<std::size_t>::max(), call, head_deadline);
  while (result.failure == Failure::None) {
    const bool in_head = call->parser().state() == HttpResponseParser::State::Head;
    if (!in_head && call->parser().status() < 300 &&
        hand_over_lines(call->parser().body(), call->complete(), on_line) == LineControl::Stop) {
      call->parser().body().clear();
      return call->result();
    }
    if (call->complete()) return call->result();
    if (call->parser().body().size() > request.response_limit) return failed(Failure::TooLarge, "a line of the answer is too long");
    result = call->read_some(in_head ? head_deadline : Deadline(request.timeout));
  }
  return result;
}

}  // namespace surgetank
