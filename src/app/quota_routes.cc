#include "app/quota_routes.h"

#include <optional>

#include "app/clock.h"
#include "wire/json_value.h"
#include "wire/json_writer.h"

namespace surgetank {
namespace {

constexpr std::string_view scope_names[] = {"account", "function", "queue", "api", "stage", "resource", "request"};
constexpr std::string_view algorithm_names[] = {"token-bucket", "concurrency", "cap", "window"};

void write_value(JsonWriter& json, std::int64_t value) {
  if (value == Quotas::unlimited) {
    json.null();
  } else {
    json.integer(value);
  }
}

HttpResponse json_response(std::string body) {
  return {.status = 200, .headers = {{"Content-Type", "application/json"}}, .body = std::move(body)};
}

// What a POST asks for, as an operation of the service servicequotas.
struct Change {
  std::string operation;
  std::string input;
};

std::optional<std::string> text_member(const JsonValue& document, std::string_view name) {
  const auto* member = document.find(name);
  const auto* text = member != nullptr ? member->as_string() : nullptr;
  return text != nullptr ? std::optional<std::string>(*text) : std::nullopt;
}

std::optional<Change> change_of(std::string_view body) {
  const auto document = parse_json(body);
  if (!document.ok() || !document->is_object()) return std::nullopt;
  const auto action = text_member(*document, "action");
  const auto id = text_member(*document, "id");
  const auto name = text_member(*document, "name");
  const auto* value = document->find("value");
  Change change;
  JsonWriter json(change.input);
  json.begin_object();
  if (action == "set" && id && value != nullptr) {
    change.operation = "SetQuota";
    json.key("Id").string(*id).key("Value").raw(to_json(*value));
  } else if (action == "reset") {
    change.operation = "ResetQuota";
    if (id) json.key("Id").string(*id);
  } else if (action == "profile" && name) {
    change.operation = "UseProfile";
    json.key("Name").string(*name);
  } else {
    return std::nullopt;
  }
  json.end_object();
  return change;
}

}  // namespace

std::string quotas_json(const Quotas& quotas, Instant now) {
  std::string out;
  JsonWriter json(out);
  json.begin_object().key("profile").string(name_of(quotas.profile())).key("region").string(quotas.region()).key("quotas").begin_array();
  for (const auto& use : quotas.use(now)) {
    const auto& row = *use.row;
    json.begin_object().key("id").string(row.id).key("name").string(row.name);
    json.key("service").string(row.id.substr(0, row.id.find('.')));
    write_value(json.key("value"), use.value);
    json.key("unit").string(row.unit).key("scope").string(scope_names[static_cast<std::size_t>(row.scope)]);
    json.key("algorithm").string(algorithm_names[static_cast<std::size_t>(row.algorithm)]);
    json.key("adjustable").boolean(row.adjustable == QuotaAdjustable::Yes).key("set").boolean(use.is_set);
    write_value(json.key("default"), quotas.default_value(row));
    write_value(json.key("profileValue"), quotas.profile_value(row));
    json.key("now").integer(use.now).key("peak").integer(use.peak).key("rejections").integer(use.rejections).end_object();
  }
  json.end_array().end_object();
  return out;
}

std::vector<AdminRoute> quota_routes(Quotas& quotas, Dispatcher& dispatcher, std::string account, std::string region) {
  AdminRoute show{.method = "GET", .path = "/_surgetank/quotas", .handler = [&quotas](const HttpRequest&, HttpReply reply) {
                    reply(json_response(quotas_json(quotas, system_now())));
                  }};
  AdminRoute change{.method = "POST", .path = "/_surgetank/quotas", .handler = {}};
  change.handler = [&quotas, &dispatcher, account = std::move(account), region = std::move(region)](const HttpRequest& request,
                                                                                                    HttpReply reply) {
    if (request.body.find("\"forget-use\"") != std::string::npos) {
      quotas.forget_use();
      return reply(json_response(quotas_json(quotas, system_now())));
    }
    const auto wanted = change_of(request.body);
    if (!wanted)
      return reply(json_message(400, R"({"action":"set","id":..,"value":..}, {"action":"reset"[,"id":..]}, {"action":"profile","name":..} )"
                                     R"(or {"action":"forget-use"} is expected)"));
    dispatcher.dispatch_json("servicequotas", wanted->operation, service_caller(account, region, "quotas"), wanted->input,
                             [&quotas, reply = std::move(reply)](Result<std::string> result) mutable {
                               if (!result.ok()) return reply(json_message(400, result.error().message));
                               reply(json_response(quotas_json(quotas, system_now())));
                             });
  };
  return {std::move(show), std::move(change)};
}

}  // namespace surgetank
