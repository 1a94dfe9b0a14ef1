#include "app/deployments.h"

#include <filesystem>
#include <future>

#include "base/text.h"
#include "stack/template_places.h"
#include "wire/json_value.h"
#include "wire/json_writer.h"
#include "wire/sha256.h"

namespace surgetank {
namespace {

constexpr std::string_view state_prefix = "app/stack/";
constexpr std::string_view template_prefix = "app/template/";
constexpr std::string_view deployments_path = "/_surgetank/deployments/";
constexpr std::string_view stacks_path = "/_surgetank/stacks/";
constexpr std::size_t followed_deployments = 16;

std::string state_key(const std::string& stack) { return std::string(state_prefix) + stack; }

void write_stack(JsonWriter& json, const stack::StackState& state) {
  json.begin_object().key("name").string(state.name).key("status").string(state.status).key("reason").string(state.reason);
  json.key("updated").string(iso8601_seconds(state.updated)).key("outputs").begin_object();
  for (const auto& output : state.outputs) json.key(output.name).string(output.local_value.empty() ? output.value : output.local_value);
  json.end_object().key("resources").begin_array();
  for (const auto& resource : state.resources) {
    json.begin_object().key("logicalId").string(resource.logical_id).key("type").string(resource.type);
    json.key("physicalId").string(resource.physical_id).key("status").string(resource.status).end_object();
  }
  json.end_array().end_object();
}

std::string places_json(const stack::TemplateInput& input) {
  const auto places = stack::find_places(input);
  const auto folder = std::filesystem::path(input.path).parent_path();
  std::string out;
  JsonWriter json(out);
  json.begin_object().key("stack").string(input.pseudo.stack_name).key("path").string(input.path);
  json.key("sha256").string(sha256_hex(input.text)).key("resources").begin_array();
  for (const auto& resource : places.resources) {
    json.begin_object().key("logicalId").string(resource.logical_id).key("type").string(resource.type);
    json.key("physicalId").string("").key("line").integer(resource.line).key("source").string(resource.source);
    json.key("code").string(resource.code.empty() ? "" : (folder / resource.code).lexically_normal().string()).end_object();
  }
  json.end_array().key("lines").begin_object();
  std::map<std::string_view, std::uint32_t> lines;  // a key with a dot may read like another's path: the first counts
  for (const auto& line : places.lines) lines.emplace(line.path, line.line);
  for (const auto& [path, line] : lines) json.key(path).integer(line);
  json.end_object().end_object();
  return out;
}

std::string_view kind_name(stack::DeployOutcome::Kind kind) {
  constexpr std::string_view names[] = {"deployed", "unchanged", "planned", "invalid", "refused", "failed"};
  return names[static_cast<std::size_t>(kind)];
}

void write_event(JsonWriter& json, const stack::StackEvent& event) {
  json.begin_object().key("time").string(iso8601_milliseconds(event.time)).key("logicalId").string(event.logical_id);
  json.key("type").string(event.type).key("physicalId").string(event.physical_id).key("status").string(event.status);
  json.key("reason").string(event.reason).key("elapsedMilliseconds").integer(event.elapsed.ms()).end_object();
}

void write_outcome(JsonWriter& json, const stack::DeployOutcome& outcome) {
  json.begin_object().key("kind").string(kind_name(outcome.kind)).key("reason").string(outcome.reason).key("problems").begin_array();
  for (const auto& problem : outcome.problems) json.string(problem);
  json.end_array();
  if (outcome.stack) {
    json.key("stack");
    write_stack(json, *outcome.stack);
  }
  json.end_object();
}

}  // namespace

// The services, called as CloudFormation would call them.
struct Deployments::Api final : stack::ResourceApi {
  Api(Dispatcher& its_dispatcher, Place its_place) : dispatcher(its_dispatcher), place(std::move(its_place)) {}
  void call(std::string_view service, std::string_view operation, std::string input,
            UniqueFunction<void(Result<std::string>)> done) override {
    dispatcher.dispatch_json(service, operation, service_caller(place.account, place.region, "cloudformation.amazonaws.com"), input,
                             std::move(done));
  }
  Dispatcher& dispatcher;
  const Place place;
};

// Sealed, since properties and hidden parameters may be secrets; durable before the deployer goes on. The housekeeping loop may block.
struct Deployments::States final : stack::StackStateStore {
  States(Store& its_store, const Vault& its_vault) : store(its_store), vault(its_vault) {}

  std::optional<std::string> load(const std::string& stack) override {
    const auto sealed = store.begin()->get(state_key(stack));
    return sealed ? vault.open(*sealed, state_key(stack)) : std::nullopt;
  }
  void save(const std::string& stack, const std::string& json) override {
    auto txn = store.begin();
    txn->put(state_key(stack), vault.seal(json, state_key(stack)));
    commit(*txn);
  }
  void erase(const std::string& stack) override {
    auto txn = store.begin();
    txn->erase(state_key(stack));
    commit(*txn);
  }
  std::vector<std::string> list() override {
    std::vector<std::string> names;
    store.begin()->scan(state_prefix, prefix_end(state_prefix), [&](std::string_view key, std::string_view) {
      names.emplace_back(key.substr(state_prefix.size()));
      return true;
    });
    return names;
  }
  // Where the template of a stack says what, as JSON; sealed like the state, since names may tell something.
  void save_places(const std::string& stack, const std::string& json) {
    const auto key = std::string(template_prefix) + stack;
    auto txn = store.begin();
    txn->put(key, vault.seal(json, key));
    commit(*txn);
  }
  void erase_places(const std::string& stack) {
    auto txn = store.begin();
    txn->erase(std::string(template_prefix) + stack);
    commit(*txn);
  }
  std::vector<std::string> list_places() {
    std::vector<std::string> all;
    store.begin()->scan(template_prefix, prefix_end(template_prefix), [&](std::string_view key, std::string_view sealed) {
      if (auto json = vault.open(sealed, key)) all.push_back(std::move(*json));
      return true;
    });
    return all;
  }
  void commit(Txn& txn) {
    std::promise<void> durable;
    store.on_durable(store.commit(txn), [&durable] { durable.set_value(); });
    durable.get_future().wait();
  }
  Store& store;
  const Vault& vault;
};

struct Deployments::Followed {
  std::vector<std::string> events;  // JSON objects
  std::string outcome;              // JSON object; empty while it runs
};

Deployments::Deployments(EventLoop& housekeeping, Store& store, const Vault& vault, Dispatcher& dispatcher, Place place, std::uint64_t seed)
    : api_(std::make_unique<Api>(dispatcher, place)),
      states_(std::make_unique<States>(store, vault)),
      deployer_(housekeeping, *api_, *states_, files_, Random(seed),
                {.account = place.account, .region = place.region, .quotas = place.quotas}) {}

Deployments::~Deployments() = default;

void Deployments::deploy(stack::DeployRequest request, stack::Progress progress, stack::Deployer::Done done) {
  stack::TemplateInput input{.text = request.template_text,
                             .path = request.template_path,
                             .pseudo = {api_->place.account, api_->place.region, request.stack_name, ""},
                             .parameters = request.parameters,
                             .previous_parameters = {},
                             .quotas = api_->place.quotas};
  auto remember = [this, input = std::move(input), done = std::move(done)](stack::DeployOutcome outcome) mutable {
    if (outcome.ok()) {
      if (outcome.stack)
        for (const auto& parameter : outcome.stack->parameters) input.previous_parameters[parameter.name] = parameter.value;
      states_->save_places(input.pseudo.stack_name, places_json(input));
    }
    done(std::move(outcome));
  };
  deployer_.deploy(std::move(request), std::move(progress), std::move(remember));
}

void Deployments::remove(std::string stack_name, stack::Progress progress, stack::Deployer::Done done) {
  auto forget = [this, stack_name, done = std::move(done)](stack::DeployOutcome outcome) mutable {
    if (outcome.ok()) states_->erase_places(stack_name);
    done(std::move(outcome));
  };
  deployer_.delete_stack(std::move(stack_name), std::move(progress), std::move(forget));
}

void Deployments::list(UniqueFunction<void(std::vector<stack::StackState>)> done) { deployer_.list(std::move(done)); }

std::string Deployments::start_following() {
  const std::lock_guard lock(mutex_);
  const auto id = std::to_string(next_id_++);
  followed_[id] = std::make_unique<Followed>();
  if (next_id_ > followed_deployments) followed_.erase(std::to_string(next_id_ - followed_deployments));
  return id;
}

void Deployments::follow(const std::string& id, const stack::StackEvent& event) {
  const std::lock_guard lock(mutex_);
  if (const auto found = followed_.find(id); found != followed_.end()) found->second->events.push_back(event_json(event));
}

void Deployments::finish(const std::string& id, const stack::DeployOutcome& outcome) {
  const std::lock_guard lock(mutex_);
  if (const auto found = followed_.find(id); found != followed_.end()) found->second->outcome = outcome_json(outcome);
}

void Deployments::start_deployment(const HttpRequest& request, HttpReply reply) {
  const auto document = parse_json(request.body);
  const auto text = [&](std::string_view name) {
    const auto* value = document.ok() ? document->find_string(name) : nullptr;
    return value == nullptr ? std::string() : *value;
  };
  stack::DeployRequest deploy{
      .stack_name = text("stack"), .template_text = text("template"), .template_path = text("path"), .parameters = {}};
  if (deploy.stack_name.empty() || deploy.template_text.empty()) return reply(json_message(400, "stack and template are expected"));
  if (const auto* parameters = document->find("parameters"); parameters != nullptr && parameters->is_object())
    for (const auto& field : *parameters->as_object())
      if (const auto* value = field.value.as_string()) deploy.parameters[field.name] = *value;
  const auto id = start_following();
  this->deploy(
      std::move(deploy), [this, id](const stack::StackEvent& event) { follow(id, event); },
      [this, id](const stack::DeployOutcome& outcome) { finish(id, outcome); });
  reply({.status = 202, .headers = {{"Content-Type", "application/json"}}, .body = "{\"id\":\"" + id + "\"}"});
}

void Deployments::start_removal(const HttpRequest& request, HttpReply reply) {
  const auto name = percent_decode(request.path.substr(stacks_path.size()), PlusMeaning::Plus);
  if (!name || name->empty()) return reply(json_message(400, "a stack name is expected"));
  const auto id = start_following();
  remove(
      *name, [this, id](const stack::StackEvent& event) { follow(id, event); },
      [this, id](const stack::DeployOutcome& outcome) { finish(id, outcome); });
  reply({.status = 202, .headers = {{"Content-Type", "application/json"}}, .body = "{\"id\":\"" + id + "\"}"});
}

// GET /_surgetank/deployments/<id>?after=N: the events from the N-th on, and the outcome once there is one.
void Deployments::answer_followed(const HttpRequest& request, HttpReply reply) {
  const auto id = std::string(request.path.substr(deployments_path.size()));
  constexpr std::string_view after_parameter = "after=";
  const auto after =
      request.query.substr(0, after_parameter.size()) == after_parameter ? parse_integer(request.query.substr(after_parameter.size())) : 0;
  const std::lock_guard lock(mutex_);
  const auto found = followed_.find(id);
  if (found == followed_.end() || !after || *after < 0) return reply(json_message(404, "there is no deployment of that id"));
  std::string body;
  JsonWriter json(body);
  json.begin_object().key("events").begin_array();
  for (auto i = static_cast<std::size_t>(*after); i < found->second->events.size(); ++i) json.raw(found->second->events[i]);
  json.end_array();
  if (!found->second->outcome.empty()) json.key("outcome").raw(found->second->outcome);
  json.end_object();
  reply({.status = 200, .headers = {{"Content-Type", "application/json"}}, .body = std::move(body)});
}

// GET /_surgetank/templates: {"templates":[{"stack","path","sha256","resources","lines"}]}, as windtunnel/recording/recording.h describes.
void Deployments::answer_templates(HttpReply reply) {
  std::string body;
  JsonWriter json(body);
  json.begin_object().key("templates").begin_array();
  for (const auto& places : states_->list_places()) json.raw(places);
  json.end_array().end_object();
  reply({.status = 200, .headers = {{"Content-Type", "application/json"}}, .body = std::move(body)});
}

std::vector<AdminRoute> Deployments::routes() {
  return {
      {.method = "POST",
       .path = "/_surgetank/deployments",
       .handler = [this](const HttpRequest& request, HttpReply reply) { start_deployment(request, std::move(reply)); }},
      {.method = "GET",
       .path = "/_surgetank/deployments/*",
       .handler = [this](const HttpRequest& request, HttpReply reply) { answer_followed(request, std::move(reply)); }},
      {.method = "DELETE",
       .path = "/_surgetank/stacks/*",
       .handler = [this](const HttpRequest& request, HttpReply reply) { start_removal(request, std::move(reply)); }},
      {.method = "GET",
       .path = "/_surgetank/templates",
       .handler = [this](const HttpRequest&, HttpReply reply) { answer_templates(std::move(reply)); }},
      {.method = "GET",
       .path = "/_surgetank/stacks",
       .handler =
           [this](const HttpRequest&, HttpReply reply) {
             deployer_.list([reply = std::move(reply)](const std::vector<stack::StackState>& stacks) mutable {
               reply({.status = 200, .headers = {{"Content-Type", "application/json"}}, .body = stacks_json(stacks)});
             });
           }},
  };
}

std::string event_json(const stack::StackEvent& event) {
  std::string out;
  JsonWriter json(out);
  write_event(json, event);
  return out;
}

std::string outcome_json(const stack::DeployOutcome& outcome) {
  std::string out;
  JsonWriter json(out);
  write_outcome(json, outcome);
  return out;
}

std::string stacks_json(const std::vector<stack::StackState>& stacks) {
  std::string out;
  JsonWriter json(out);
  json.begin_object().key("stacks").begin_array();
  for (const auto& state : stacks) write_stack(json, state);
  json.end_array().end_object();
  return out;
}

}  // namespace surgetank
