#include "services/lambda/code_download.h"

#include <optional>
#include <utility>

#include "base/text.h"
#include "kernel/background_work.h"
#include "kernel/ports.h"
#include "kernel/vault.h"
#include "services/lambda/code_package.h"
#include "services/lambda/limits.h"
#include "storage/blob_store.h"
#include "wire/query.h"

namespace surgetank::lambda {
namespace {

constexpr std::string_view path_prefix = "/_surgetank/lambda/code/";

std::string ticket_context(std::string_view package) { return "lambda code\n" + std::string(package); }

HttpResponse refusal(int status, std::string_view code, std::string_view message) {
  std::string body = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<Error><Code>";
  body.append(code).append("</Code><Message>").append(message).append("</Message></Error>");
  return {.status = status, .headers = {{"Content-Type", "application/xml"}}, .body = std::move(body)};
}

// Until when the ticket of a request is good; nullopt: it has none that this server made for the package.
std::optional<Instant> expiry_of(const Vault& vault, const HttpRequest& request, const BlobId& package) {
  const auto parameters = parse_form(request.query);
  const auto* ticket = parameters.ok() ? find_parameter(*parameters, "ticket") : nullptr;
  const auto sealed = ticket != nullptr ? from_hex(*ticket) : std::nullopt;
  const auto expiry = sealed ? vault.open(*sealed, ticket_context(package.text())) : std::nullopt;
  const auto seconds_of_epoch = expiry ? parse_integer(*expiry) : std::nullopt;
  if (!seconds_of_epoch) return std::nullopt;
  return Instant{*seconds_of_epoch * 1'000'000};
}

void send_package(const BlobStore& blobs, const BlobId& package, HttpReply& reply) {
  auto bytes = blobs.get(package);
  if (!bytes) return reply(refusal(404, "NoSuchKey", "The specified key does not exist."));
  reply({.status = 200, .headers = {{"Content-Type", "application/zip"}}, .body = std::move(*bytes)});
}

}  // namespace

FunctionCodeLocation code_location(const Call& call, const CodeRecord& code) {
  if (code.local_path) return {};
  const auto package = package_name(code);
  const auto expiry = std::to_string(call.now.epoch_seconds() + limits::code_url_seconds);
  const auto ticket = to_hex(call.ports.vault->seal(expiry, ticket_context(package)));
  return {.RepositoryType = "S3", .Location = call.ports.base_url + std::string(path_prefix) + package + "?ticket=" + ticket};
}

bool claims_code_download(std::string_view, std::string_view path) { return path.substr(0, path_prefix.size()) == path_prefix; }

void serve_code_download(ServiceContext& context, HttpRequest request, HttpReply reply) {
  const auto& ports = context.ports;
  if (request.method != "GET") return reply(refusal(405, "MethodNotAllowed", "The specified method is not allowed against this resource."));
  const auto package = BlobId::parse(request.path.substr(path_prefix.size()));
  const auto expiry = package ? expiry_of(*ports.vault, request, *package) : std::nullopt;
  if (!expiry) return reply(refusal(403, "AccessDenied", "Access Denied"));
  if (*expiry < request.received) return reply(refusal(403, "AccessDenied", "Request has expired"));
  if (ports.background == nullptr) return send_package(*ports.blobs, *package, reply);
  ports.background->run(
      [&blobs = *ports.blobs, package = *package, reply = std::move(reply)]() mutable { send_package(blobs, package, reply); });
}

}  // namespace surgetank::lambda
