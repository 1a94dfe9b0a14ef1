#include "windtunnel/load/request_maker.h"

#include <algorithm>
#include <charconv>
#include <cstdio>

#include "base/text.h"
#include "wire/json_writer.h"
#include "wire/sigv4.h"

namespace surgetank::windtunnel {
namespace {

using Kind = RequestPlan::Kind;

constexpr std::string_view trace_end = ";Sampled=0\r\n";

Error fault(const RequestPlan& request, const std::string& text) {
  return {.code = &invalid_request, .message = "request `" + request.name + "`: " + text};
}

bool is_token(std::string_view text) {
  constexpr std::string_view marks = "!#$%&'*+-.^_`|~";
  return !text.empty() && text.size() <= 256 && std::all_of(text.begin(), text.end(), [&](char c) {
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || marks.find(c) != std::string_view::npos;
  });
}

bool is_field_value(std::string_view text) {
  return std::all_of(text.begin(), text.end(), [](char c) { return c == '\t' || (static_cast<unsigned char>(c) >= 0x20 && c != 0x7f); });
}

// ws:// and wss:// connect as http:// and https:// do.
std::string as_http(std::string url) {
  if (url.starts_with("ws://")) url.replace(0, 2, "http");
  if (url.starts_with("wss://")) url.replace(0, 3, "https");
  return url;
}

void append_number(std::size_t number, std::string& out) {
  char digits[24];
  const auto end = std::to_chars(digits, digits + sizeof digits, number).ptr;
  out.append(digits, static_cast<std::size_t>(end - digits));
}

}  // namespace

TraceRoots::TraceRoots(Instant begin, std::uint64_t run) {
  char text[40];
  std::snprintf(text, sizeof text, "1-%08llx-%010llx", static_cast<unsigned long long>(begin.epoch_seconds()) & 0xffffffffULL,
                static_cast<unsigned long long>(run) & 0xffffffffffULL);
  prefix_ = text;
}

void TraceRoots::append(std::uint64_t n, std::string& out) const {
  static constexpr char hex[] = "0123456789abcdef";
  char digits[14];
  for (int at = 13; at >= 0; --at, n >>= 4) digits[at] = hex[n & 15];
  out += prefix_;
  out.append(digits, sizeof digits);
}

std::optional<std::uint64_t> TraceRoots::number_of(std::string_view root) const {
  if (root.size() != prefix_.size() + 14 || !root.starts_with(prefix_)) return std::nullopt;
  std::uint64_t n = 0;
  const auto* end = root.data() + root.size();
  if (std::from_chars(root.data() + prefix_.size(), end, n, 16).ptr != end) return std::nullopt;
  return n;
}

Result<RequestMaker> RequestMaker::make(const RequestPlan& request, const LoadPlan& plan) {
  RequestMaker maker;
  maker.plan_ = request;
  const auto* csv = plan.csv.get();
  SURGE_TRY(body, PayloadTemplate::compile(request.body, escape_of_body(request.body), csv));
  maker.body_ = std::move(body);
  if (request.kind == Kind::Http || request.kind == Kind::WebSocket) {
    SURGE_CHECK(maker.prepare_url(csv));
  } else {
    SURGE_CHECK(maker.prepare_aws(plan));
  }
  SURGE_CHECK(maker.prepare_headers(csv));
  const bool is_constant =
      maker.target_.is_constant() && maker.body_.is_constant() &&
      std::all_of(maker.headers_.begin(), maker.headers_.end(), [](const auto& one) { return one.second.is_constant(); });
  if (request.kind == Kind::Http && is_constant) {
    Random unused(0);
    RenderContext context{.n = 0, .now = {}, .random = unused};
    const TraceRoots none({}, 0);
    std::string whole;
    maker.write_http({.context = context, .traces = none}, whole);
    std::string root;
    none.append(0, root);
    const auto at = whole.find("Root=" + root) + 5;
    maker.before_trace_ = whole.substr(0, at);
    maker.after_trace_ = whole.substr(at + root.size());
  }
  return maker;
}

Result<Unit> RequestMaker::prepare_url(const CsvTable* csv) {
  if (!is_token(plan_.method)) return fault(plan_, "`" + plan_.method + "` is no HTTP method");
  const auto text = as_http(plan_.url);
  const auto host = text.find("://");
  const auto path = host == std::string::npos ? std::string::npos : text.find_first_of("/?", host + 3);
  const auto origin = text.substr(0, path);
  auto url = parse_http_url(origin);
  if (!url.ok()) return fault(plan_, url.error().message);
  if (url->scheme == HttpUrl::Scheme::Unix) return fault(plan_, "unix sockets are not supported; use an http:// URL");
  url_ = std::move(*url);
  auto target = path == std::string::npos ? std::string("/") : text.substr(path);
  if (target.front() == '?') target.insert(0, "/");
  SURGE_TRY(compiled, PayloadTemplate::compile(target, Escape::Url, csv));
  target_ = std::move(compiled);
  // What is constant in it must be a request target; what is filled in is escaped.
  std::string sample;
  Random random(1);
  RenderContext context{.n = 0, .now = {}, .random = random, .csv = csv};
  target_.render(context, sample);
  const auto checked = parse_http_url(origin + sample);
  if (!checked.ok()) return fault(plan_, checked.error().message);
  return Unit{};
}

Result<Unit> RequestMaker::prepare_aws(const LoadPlan& plan) {
  auto url = parse_http_url(plan.endpoint);
  if (!url.ok()) return fault(plan_, "there is no server for it: " + url.error().message);
  url_ = std::move(*url);
  if (plan_.target.empty() || !is_field_value(plan_.target)) return fault(plan_, "the name of its target is missing or unusable");
  region_ = plan.region;
  access_key_id_ = plan.access_key_id;
  secret_access_key_ = plan.secret_access_key;
  plan_.method = "POST";
  std::string path = "/";
  if (plan_.kind == Kind::SendMessage) {
    queue_url_ = contains(plan_.target, "://") ? plan_.target : plan.endpoint + "/000000000000/" + plan_.target;
  } else {
    path = "/2015-03-31/functions/" + percent_encode(plan_.target) + "/invocations";
  }
  SURGE_TRY(compiled, PayloadTemplate::compile(path, Escape::Url, nullptr));
  target_ = std::move(compiled);
  return Unit{};
}

Result<Unit> RequestMaker::prepare_headers(const CsvTable* csv) {
  bool has_type = false;
  for (const auto& [name, value] : plan_.headers) {
    if (!is_token(name) || !is_field_value(value)) return fault(plan_, "header `" + name + "` is not usable");
    for (const auto* own : {"host", "content-length", "connection", "transfer-encoding", "x-amzn-trace-id", "upgrade"})
      if (equals_ignoring_case(name, own)) return fault(plan_, "the header `" + name + "` is made by the load generator; remove it");
    has_type = has_type || equals_ignoring_case(name, "content-type");
    SURGE_TRY(compiled, PayloadTemplate::compile(value, Escape::None, csv));
    headers_.emplace_back(name, std::move(compiled));
  }
  const auto add = [this](std::string name, std::string_view value) {
    headers_.emplace_back(std::move(name), *PayloadTemplate::compile(value, Escape::None, nullptr));
  };
  if (plan_.kind == Kind::SendMessage) {
    add("X-Amz-Target", "AmazonSQS.SendMessage");
    add("Content-Type", "application/x-amz-json-1.0");
  } else if (plan_.kind == Kind::InvokeEvent) {
    add("X-Amz-Invocation-Type", "Event");
  } else if (plan_.kind == Kind::Http && !has_type && escape_of_body(plan_.body) == Escape::Json) {
    add("Content-Type", "application/json");
  }
  return Unit{};
}

bool RequestMaker::is_expected(int status) const {
  if (plan_.expected.empty()) return status < 400;
  return std::find(plan_.expected.begin(), plan_.expected.end(), status) != plan_.expected.end();
}

void RequestMaker::write(const Details& details, std::string& out) const {
  switch (plan_.kind) {
    case Kind::WebSocket:
      return body_.render(details.context, out);
    case Kind::Http:
      if (before_trace_.empty()) return write_http(details, out);
      out += before_trace_;
      details.traces.append(details.context.n, out);
      out += after_trace_;
      return;
    case Kind::Invoke:
    case Kind::InvokeEvent:
    case Kind::SendMessage:
      return write_signed(details, out);
  }
}

void RequestMaker::write_head(const Details& details, std::string& out) const {
  out += plan_.kind == Kind::WebSocket ? "GET" : plan_.method;
  out += ' ';
  target_.render(details.context, out);
  out += " HTTP/1.1\r\nHost: ";
  out += url_.authority;
  out += "\r\n";
  for (const auto& [name, value] : headers_) {
    out += name;
    out += ": ";
    const auto begin = out.size();
    value.render(details.context, out);
    // A column of the CSV file may hold what a header cannot.
    std::replace_if(
        out.begin() + static_cast<std::ptrdiff_t>(begin), out.end(), [](char c) { return c == '\r' || c == '\n' || c == '\0'; }, ' ');
    out += "\r\n";
  }
  out += "X-Amzn-Trace-Id: Root=";
  details.traces.append(details.context.n, out);
  out += trace_end;
}

void RequestMaker::write_http(const Details& details, std::string& out) const {
  write_head(details, out);
  std::string body;
  body_.render(details.context, body);
  if (!body.empty() || plan_.method == "POST" || plan_.method == "PUT" || plan_.method == "PATCH") {
    out += "Content-Length: ";
    append_number(body.size(), out);
    out += "\r\n";
  }
  out += "\r\n";
  out += body;
}

void RequestMaker::write_upgrade(std::string_view key, const Details& details, std::string& out) const {
  write_head(details, out);
  out += "Upgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: ";
  out += key;
  out += "\r\n\r\n";
}

void RequestMaker::write_signed(const Details& details, std::string& out) const {
  std::string body;
  body_.render(details.context, body);
  if (plan_.kind == Kind::SendMessage) {
    std::string call;
    JsonWriter(call).begin_object().key("QueueUrl").string(queue_url_).key("MessageBody").string(body).end_object();
    body = std::move(call);
  }
  std::vector<std::string> values;
  values.reserve(headers_.size());
  std::vector<HeaderView> views = {{"Host", url_.authority}};
  for (const auto& [name, value] : headers_) {
    value.render(details.context, values.emplace_back());
    views.push_back({name, values.back()});
  }
  const SignedRequest request{.method = plan_.method, .path = target_.constant(), .query = {}, .headers = views, .body = body};
  const SigningCredentials credentials{.access_key_id = access_key_id_, .secret_access_key = Secret<std::string>(secret_access_key_)};
  const auto added = sign_request(
      request, credentials, {.region = region_, .service = plan_.kind == Kind::SendMessage ? "sqs" : "lambda", .now = details.context.now});
  out += plan_.method + " " + target_.constant() + " HTTP/1.1\r\n";
  for (const auto& view : views) {
    out += view.name;
    out += ": ";
    out += view.value;
    out += "\r\n";
  }
  for (const auto& [name, value] : added) out += name + ": " + value + "\r\n";
  out += "X-Amzn-Trace-Id: Root=";
  details.traces.append(details.context.n, out);
  out += trace_end;
  out += "Content-Length: ";
  append_number(body.size(), out);
  out += "\r\n\r\n";
  out += body;
}

}  // namespace surgetank::windtunnel
