#include "app/client.h"

#include <cstdlib>

#include "app/clock.h"
#include "net/blocking_client.h"
#include "wire/json_value.h"
#include "wire/sigv4.h"

namespace surgetank {
namespace {

constexpr Duration patience = minutes(16);  // a synchronous invocation may take 15

std::string host_of(const std::string& url) { return url.substr(url.find("://") + 3); }

std::string message_of(const HttpClientResult& result) {
  const auto document = parse_json(result.body);
  if (document.ok())
    for (const char* name : {"message", "Message"})
      if (const auto* text = document->find_string(name)) return *text;
  return result.body.empty() ? "status " + std::to_string(result.status) : result.body;
}

HttpClientResult send(const HttpClientRequest& request) {
  auto result = send_blocking(request);
  if (result.failure != HttpClientResult::Failure::None) throw CommandError("the server does not answer: " + result.failure_text);
  return result;
}

}  // namespace

ServerClient::ServerClient(const std::string& data_directory) {
  auto found = find_running_server(data_directory);
  if (!found)
    throw CommandError("no server runs on the data directory " + data_directory +
                       "; start one with 'surgetank up' or 'surgetank start', or name its directory with --data");
  server_ = std::move(*found);
}

HttpClientResult ServerClient::admin_result(std::string_view method, std::string_view path, std::string body) const {
  return send({.url = server_.url + std::string(path),
               .method = std::string(method),
               .headers = {{"Authorization", "Bearer " + server_.token.reveal()}, {"Content-Type", "application/json"}},
               .body = std::move(body),
               .timeout = patience,
               .response_limit = std::size_t{256} << 20});
}

std::string ServerClient::admin(std::string_view method, std::string_view path, std::string body) const {
  auto result = admin_result(method, path, std::move(body));
  if (result.status >= 300) throw CommandError(message_of(result));
  return std::move(result.body);
}

HttpClientResult ServerClient::api(const ApiCall& call) const {
  auto headers = call.headers;
  headers.emplace_back("Host", host_of(server_.url));
  std::vector<HeaderView> views;
  for (const auto& [name, value] : headers) views.push_back({name, value});
  const auto question = call.path.find('?');
  const SignedRequest request{
      .method = call.method,
      .path = std::string_view(call.path).substr(0, question),
      .query = question == std::string::npos ? std::string_view{} : std::string_view(call.path).substr(question + 1),
      .headers = views,
      .body = call.body};
  const SigningCredentials credentials{.access_key_id = "test", .secret_access_key = Secret<std::string>("test")};
  for (auto& [name, value] : sign_request(request, credentials, {.region = call.region, .service = call.service, .now = system_now()}))
    headers.emplace_back(std::move(name), std::move(value));
  return send({.url = server_.url + call.path,
               .method = call.method,
               .headers = std::move(headers),
               .body = call.body,
               .timeout = patience,
               .response_limit = std::size_t{64} << 20});
}

std::string ServerClient::json_api(const std::string& service, const std::string& region, const std::string& target,
                                   const std::string& body) const {
  auto result = api({.service = service,
                     .region = region,
                     .headers = {{"X-Amz-Target", target}, {"Content-Type", "application/x-amz-json-1.1"}},
                     .body = body});
  if (result.status < 300) return std::move(result.body);
  const auto document = parse_json(result.body);
  const auto* code = document.ok() ? document->find_string("__type") : nullptr;
  throw CommandError((code != nullptr ? *code + ": " : std::string()) + message_of(result));
}

std::string default_data_directory() {
  const char* configured = std::getenv("SURGETANK_DATA");
  return configured != nullptr && *configured != '\0' ? configured : ".surgetank";
}

}  // namespace surgetank
