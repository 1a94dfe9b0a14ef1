#include "transcript_runner.h"

#include <algorithm>
#include <fstream>
#include <sstream>

#include "base/text.h"
#include "cbor_json.h"

namespace surgetank::wiretest {
namespace {

[[noreturn]] void fail(const std::string& text) { throw std::runtime_error(text); }

Duration duration_of(std::string_view text) {
  static const std::pair<std::string_view, Duration> units[] = {
      {"ms", milliseconds(1)}, {"s", seconds(1)}, {"m", minutes(1)}, {"h", hours(1)}, {"d", days(1)}};
  const auto digits = text.substr(0, text.find_first_not_of("0123456789"));
  const auto count = parse_integer(digits);
  for (const auto& [unit, length] : units)
    if (count && text.substr(digits.size()) == unit) return length * *count;
  fail("not a duration: " + std::string(text));
}

JsonValue json_of(const std::string& text, std::string_view what) {
  auto value = parse_json(text);
  if (!value.ok()) fail(std::string(what) + " is not JSON: " + value.error().message + "\n" + text);
  return std::move(*value);
}

std::string printable(const HttpResponse& response) {
  std::string out = "HTTP " + std::to_string(response.status) + "\n";
  for (const auto& [name, value] : response.headers) out += name + ": " + value + "\n";
  const bool cbor = header_of(response, "content-type") == "application/cbor";
  return out + "\n" + (cbor && !response.body.empty() ? to_json(json_of_cbor(response.body)) : response.body);
}

std::string form_of(std::string_view lines, const Service& service, std::string_view action) {
  std::string form = "Action=" + std::string(action) + "&Version=" + std::string(service.api_version);
  for (const auto line : split(lines, '\n')) {
    const auto equals = line.find('=');
    if (trim(line).empty()) continue;
    if (equals == std::string_view::npos) fail("expected Name=value: " + std::string(line));
    form += "&" + percent_encode(line.substr(0, equals)) + "=" + percent_encode(line.substr(equals + 1));
  }
  return form;
}

// "<file: x>" -> "x"
std::optional<std::string_view> tagged(std::string_view text, std::string_view tag) {
  text = trim(text);
  if (text.size() < tag.size() + 1 || text.substr(0, tag.size()) != tag || text.back() != '>') return std::nullopt;
  return trim(text.substr(tag.size(), text.size() - tag.size() - 1));
}

}  // namespace

TranscriptRunner::TranscriptRunner(const std::vector<const Service*>& services, std::string folder)
    : folder_(std::move(folder)), door_(services), services_(services) {
  obey({.line = 0, .name = "service", .argument = folder_.substr(folder_.rfind('/') + 1)});
  obey({.line = 0, .name = "function", .argument = "echo"});
  // Time stands still, so that no bucket would refill: rates hold where a transcript sets them.
  for (const auto& use : door_.world.quotas.use(door_.now()))
    if (use.row->algorithm == QuotaAlgorithm::TokenBucket) door_.world.quotas.set(*use.row, Quotas::unlimited);
}

TranscriptRunner::~TranscriptRunner() = default;

void TranscriptRunner::play(const TranscriptExchange& exchange) {
  try {
    for (const auto& directive : exchange.directives) obey(directive);
    auto request = request_of(exchange);
    request.peer_address = peer_address_;
    const auto response = door_.send(std::move(request));
    try {
      check(exchange, response);
    } catch (const std::exception& mismatch) {
      fail(std::string(mismatch.what()) + "\n--- the answer was\n" + printable(response));
    }
  } catch (const std::exception& error) {
    fail("line " + std::to_string(exchange.line) + ", ### " + exchange.title + "\n" + error.what());
  }
}

void TranscriptRunner::obey(const Directive& directive) {
  const auto& name = directive.name;
  const auto argument = with_captures(directive.argument, captures_);
  std::istringstream words(argument);
  if (name == "advance") {
    door_.world.advance(duration_of(argument));
  } else if (name == "as") {
    signing_.secret_access_key = "test";
    signing_.session_token.clear();
    words >> signing_.access_key_id >> signing_.secret_access_key >> signing_.session_token;
    if (signing_.secret_access_key.empty()) signing_.secret_access_key = "test";
  } else if (name == "quota") {
    std::string id;
    std::int64_t value = 0;
    words >> id >> value;
    const auto* row = door_.world.quotas.find(id);
    if (row == nullptr) fail("there is no quota " + id);
    door_.world.quotas.set(*row, value);
  } else if (name == "from") {
    peer_address_ = argument;
  } else if (name == "unsigned") {
    unsigned_next_ = true;
  } else if (name == "scope") {
    scope_next_ = argument;
  } else if (name == "region") {
    signing_.region = argument;
  } else if (name == "service") {
    const auto found = std::find_if(services_.begin(), services_.end(),
                                    [&](const Service* s) { return s->name == argument || s->signing_name == argument; });
    service_ = found == services_.end() ? nullptr : *found;
    signing_.service = service_ != nullptr ? std::string(service_->signing_name) : argument;
  } else if (name == "function") {
    script_functions(argument);
  } else if (name == "database") {
    std::string state;
    words >> state;
    door_.world.databases.status.running = state == "running";
    door_.world.databases.status.failure = state == "running" ? "" : argument.substr(std::min(argument.size(), state.size() + 1));
  } else if (name == "http") {
    int status = 0;
    words >> status;
    const auto space = argument.find(' ');
    const auto body = space == std::string::npos ? std::string() : argument.substr(space + 1);
    door_.world.http.behaviour = [status, body](const HttpClientRequest&) { return HttpClientResult{.status = status, .body = body}; };
  } else if (name == "crash") {
    door_.crash_and_restart();
  } else {
    fail("unknown directive @" + name);
  }
}

void TranscriptRunner::script_functions(const std::string& how) {
  using Kind = InvocationOutcome::Kind;
  const auto space = std::min(how.find(' '), how.size());
  const auto verb = how.substr(0, space);
  const auto payload = space < how.size() ? how.substr(space + 1) : std::string();
  auto& world = door_.world;
  if (verb == "takes") {
    world.runner.takes = duration_of(payload);
    return;
  }
  const bool echo = verb == "echo";
  const bool throttle = verb == "throttle";
  const bool error = verb == "error";
  if (!echo && !throttle && !error && verb != "reply") fail("unknown behaviour of functions: " + how);
  const auto kind = throttle ? Kind::Throttled : error ? Kind::FunctionError : Kind::Success;
  const auto reason =
      throttle && payload == "ReservedConcurrency" ? ThrottleReason::ReservedConcurrency : ThrottleReason::AccountConcurrency;
  world.runner.behaviour = [=](const FunctionVersion&, const InvocationRequest& request) {
    return InvocationOutcome{.kind = kind,
                             .throttle = reason,
                             .payload = echo ? request.payload : payload,
                             .log_tail = "START\nEND\n",
                             .failure = {},
                             .duration = milliseconds(2)};
  };
  using ResultKind = FunctionCallResult::Kind;
  const auto result_kind = throttle ? ResultKind::Throttled : error ? ResultKind::FunctionError : ResultKind::Success;
  world.functions.behaviour = [=](const FunctionCall& call) {
    return FunctionCallResult{.kind = result_kind, .payload = echo ? call.payload : payload, .message = {}};
  };
}

std::string TranscriptRunner::body_bytes(std::string text) const {
  if (const auto name = tagged(text, "<file:")) {
    std::ifstream file(folder_ + "/" + std::string(*name), std::ios::binary);
    if (!file) fail("cannot read " + folder_ + "/" + std::string(*name));
    return {std::istreambuf_iterator<char>(file), {}};
  }
  if (const auto digits = tagged(text, "<hex:")) {
    auto bytes = from_hex(*digits);
    if (!bytes) fail("not hexadecimal: " + text);
    return *bytes;
  }
  return text;
}

HttpRequest TranscriptRunner::request_of(const TranscriptExchange& exchange) {
  TranscriptHeaders headers;
  for (const auto& [name, value] : exchange.headers) headers.emplace_back(name, with_captures(value, captures_));
  auto body = body_bytes(with_captures(exchange.body, captures_));
  if (exchange.method.substr(0, 4) == "CALL") return call_request(exchange, std::move(headers), std::move(body));
  return finished(exchange.method, with_captures(exchange.target, captures_), std::move(headers), std::move(body));
}

HttpRequest TranscriptRunner::call_request(const TranscriptExchange& exchange, TranscriptHeaders headers, std::string body) {
  if (service_ == nullptr) fail("CALL needs a service of ours: the folder's name or @service");
  auto how = exchange.method;
  const bool json = supports(*service_, Protocol::Json10) || supports(*service_, Protocol::Json11);
  if (how == "CALL") how = json ? "CALL-JSON" : "CALL-QUERY";
  if (how == "CALL-JSON") {
    const auto protocol = supports(*service_, Protocol::Json10) ? Protocol::Json10 : Protocol::Json11;
    headers.emplace_back("X-Amz-Target", std::string(service_->target_prefix) + "." + exchange.target);
    headers.emplace_back("Content-Type", content_type_of(protocol));
    return finished("POST", "/", std::move(headers), body.empty() ? "{}" : std::move(body));
  }
  if (how == "CALL-CBOR") {
    headers.emplace_back("smithy-protocol", "rpc-v2-cbor");
    headers.emplace_back("Content-Type", "application/cbor");
    const auto path = "/service/" + std::string(service_->target_prefix) + "/operation/" + exchange.target;
    return finished("POST", path, std::move(headers), body.empty() ? std::move(body) : cbor_of_json(json_of(body, "the request")));
  }
  if (how != "CALL-QUERY") fail("unknown request " + how);
  headers.emplace_back("Content-Type", "application/x-www-form-urlencoded; charset=utf-8");
  return finished("POST", "/", std::move(headers), form_of(body, *service_, exchange.target));
}

HttpRequest TranscriptRunner::finished(std::string_view method, std::string_view target, TranscriptHeaders headers, std::string body) {
  auto signing = signing_;
  if (!scope_next_.empty()) signing.service = std::exchange(scope_next_, {});
  if (std::exchange(unsigned_next_, false)) return plain_request(method, target, std::move(headers), std::move(body), door_.now());
  return signed_request(method, target, std::move(headers), std::move(body), signing, door_.now());
}

void TranscriptRunner::check(const TranscriptExchange& exchange, const HttpResponse& response) {
  if (response.status != exchange.status) fail("expected status " + std::to_string(exchange.status));
  for (const auto& [name, value] : exchange.expected_headers) {
    const auto actual = header_of(response, name);
    if (value == "<absent>") {
      if (!actual.empty()) fail("header " + name + " is there: " + actual);
    } else if (const auto mismatch = mismatch_of_text(with_captures(value, captures_), actual, captures_)) {
      fail("header " + name + ": " + *mismatch);
    }
  }
  if (exchange.expected_body) check_body(with_captures(*exchange.expected_body, captures_), response);
}

void TranscriptRunner::check_body(const std::string& expected, const HttpResponse& response) {
  if (expected == "<empty>") {
    if (!response.body.empty()) fail("expected no body");
    return;
  }
  const auto type = header_of(response, "content-type");
  std::optional<std::string> mismatch;
  if (type == "application/cbor") {
    mismatch = mismatch_of_json(json_of(expected, "the expectation"), json_of_cbor(response.body), captures_);
  } else if (contains(type, "json") && expected.substr(0, 1) != "<") {
    mismatch = mismatch_of_json(json_of(expected, "the expectation"), json_of(response.body, "the answer"), captures_);
  } else if (contains(type, "xml")) {
    mismatch = mismatch_of_xml(expected, response.body, captures_);
  } else {
    mismatch = mismatch_of_text(expected, response.body, captures_);
  }
  if (mismatch) fail(*mismatch);
}

}  // namespace surgetank::wiretest
