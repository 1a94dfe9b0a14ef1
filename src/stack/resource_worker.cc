#include "stack/resource_worker.h"

#include <algorithm>

#include "base/text.h"
#include "stack/dynamic_references.h"

namespace surgetank::stack {
namespace {

constexpr std::size_t shortest_secret = 4;  // shorter texts would cut ordinary words to pieces

class HandlerRun : public std::enable_shared_from_this<HandlerRun> {
 public:
  HandlerRun(WorkEnvironment environment, Step (*handler)(const Work&), Work work, WorkDone done)
      : environment_(std::move(environment)), handler_(handler), work_(std::move(work)), done_(std::move(done)) {}

  enum class Secrets : std::uint8_t { Resolve, Leave };
  void start(Secrets secrets) {
    Problems problems("");
    if (secrets == Secrets::Leave) return environment_.lane.post([self = shared_from_this()] { self->next(); });
    for (SecretReference& reference : secret_references(work_.properties, problems)) {
      const auto same = [&reference](const SecretReference& other) { return other.text == reference.text; };
      if (std::none_of(references_.begin(), references_.end(), same)) references_.push_back(std::move(reference));
    }
    environment_.lane.post([self = shared_from_this()] { self->resolve_next(); });
  }

 private:
  void finish(WorkResult result) {
    result.reason = without_secrets(std::move(result.reason));
    done_(std::move(result));
  }

  void fail(std::string reason) {
    WorkResult result;
    result.reason = std::move(reason);
    result.physical_id = existing_;
    finish(std::move(result));
  }

  std::string without_secrets(std::string text) const {
    for (const Secret<std::string>& hidden : environment_.hidden) {
      if (hidden.reveal().size() >= shortest_secret) text = replace_all(std::move(text), hidden.reveal(), "****");
    }
    return text;
  }

  void call(std::string_view service, std::string_view operation, const Node& input, UniqueFunction<void(Result<std::string>)> then) {
    environment_.api.call(
        service, operation, to_json(input), [self = shared_from_this(), then = std::move(then)](Result<std::string> result) mutable {
          self->environment_.lane.post([self, then = std::move(then), result = std::move(result)]() mutable { then(std::move(result)); });
        });
  }

  // --- dynamic references ---

  void resolve_next() {
    if (values_.size() == references_.size()) {
      work_.properties = with_secrets(work_.properties, values_);
      return next();
    }
    const SecretReference& reference = references_[values_.size()];
    Node input = make_map();
    input.set("SecretId", make_string(reference.secret_id));
    if (!reference.version_stage.empty()) input.set("VersionStage", make_string(reference.version_stage));
    if (!reference.version_id.empty()) input.set("VersionId", make_string(reference.version_id));
    call("secretsmanager", "GetSecretValue", input, [this](Result<std::string> result) { resolved(std::move(result)); });
  }

  void resolved(Result<std::string> result) {
    const SecretReference& reference = references_[values_.size()];
    if (!result.ok()) {
      return fail("dynamic reference " + reference.text + ": " + std::string(result.error().code->name) + ": " + result.error().message);
    }
    const std::optional<Node> answer = read_json_value(*result);
    const Node* text = answer ? answer->find("SecretString") : nullptr;
    if (text == nullptr) return fail("dynamic reference " + reference.text + ": the secret has no SecretString");
    std::optional<Secret<std::string>> value = secret_member(Secret<std::string>(text->text), reference.json_key);
    if (!value) return fail("dynamic reference " + reference.text + ": the secret is no JSON map with `" + reference.json_key + "`");
    environment_.hidden.push_back(*value);
    values_.emplace(reference.text, std::move(*value));
    resolve_next();
  }

  // --- steps ---

  void next() {
    Step step = handler_(work_);
    if (!work_.answers.empty() && !step.physical_id.empty()) existing_ = step.physical_id;
    switch (step.kind) {
      case Step::Kind::Done: {
        WorkResult result;
        result.ok = true;
        result.physical_id = step.physical_id;
        result.ref = step.ref.empty() ? step.physical_id : step.ref;
        result.attributes = std::move(step.attributes);
        return finish(std::move(result));
      }
      case Step::Kind::Failed:
        return fail(std::move(step.reason));
      case Step::Kind::Repeat:
        return repeat(step.delay);
      case Step::Kind::Call:
        break;
    }
    call_ = std::move(step.call);
    make_call();
  }

  void repeat(Duration delay) {
    if (++repeats_ > poll_limit) return fail("still not ready after 20 minutes");
    work_.answers.pop_back();
    Lane& lane = environment_.lane;
    lane.at(lane.now() + delay, [self = shared_from_this()] { self->make_call(); });
  }

  void make_call() {
    call(call_.service, call_.operation, call_.input, [this](Result<std::string> result) { answered(std::move(result)); });
  }

  void answered(Result<std::string> result) {
    Answer answer;
    if (result.ok()) {
      answer.value = read_json_value(*result).value_or(make_map());
    } else {
      const std::string_view name = result.error().code->name;
      if (std::find(call_.tolerated.begin(), call_.tolerated.end(), name) == call_.tolerated.end()) {
        return fail(std::string(call_.operation) + ": " + std::string(name) + ": " + result.error().message);
      }
      answer.ok = false;
      answer.error = name;
      answer.value = make_map();
    }
    work_.answers.push_back(std::move(answer));
    next();
  }

  WorkEnvironment environment_;
  Step (*handler_)(const Work&);
  Work work_;
  WorkDone done_;
  std::vector<SecretReference> references_;
  SecretValues values_;
  ApiCall call_;
  std::string existing_;
  std::int64_t repeats_ = 0;
};

using Secrets = HandlerRun::Secrets;

void run(const WorkEnvironment& environment, Step (*handler)(const Work&), Work work, Secrets secrets, WorkDone done) {
  std::make_shared<HandlerRun>(environment, handler, std::move(work), std::move(done))->start(secrets);
}

Work work_of(const WorkEnvironment& environment, const ResourceState& resource, Node properties) {
  Work work;
  work.account = environment.account;
  work.region = environment.region;
  work.logical_id = resource.logical_id;
  work.physical_id = resource.physical_id;
  work.properties = std::move(properties);
  return work;
}

}  // namespace

void create_resource(const WorkEnvironment& environment, const CodeResolver& code, const ResourceState& resource, WorkDone done) {
  const ResourceHandler* handler = find_resource_handler(resource.type);
  SURGE_ASSERT(handler != nullptr, "no handler for " + resource.type);
  run(environment, handler->create, work_of(environment, resource, code.for_request(resource.properties)), Secrets::Resolve,
      std::move(done));
}

void update_resource(const WorkEnvironment& environment, const CodeResolver& code, const ResourceState& deployed, const Node& properties,
                     std::vector<std::string> changed, WorkDone done) {
  const ResourceHandler* handler = find_resource_handler(deployed.type);
  SURGE_ASSERT(handler != nullptr && handler->update != nullptr, "no update of " + deployed.type);
  const bool with_code = std::find(changed.begin(), changed.end(), "Code") != changed.end();
  Work work = work_of(environment, deployed, with_code ? code.for_request(properties) : properties);
  work.previous = deployed.properties;
  work.changed = std::move(changed);
  run(environment, handler->update, std::move(work), Secrets::Resolve, std::move(done));
}

void remove_resource(const WorkEnvironment& environment, const ResourceState& resource, WorkDone done) {
  const ResourceHandler* handler = find_resource_handler(resource.type);
  if (handler == nullptr) {
    WorkResult result;
    result.reason = "this version knows no " + resource.type;
    result.physical_id = resource.physical_id;
    environment.lane.post([done = std::move(done), result = std::move(result)]() mutable { done(std::move(result)); });
    return;
  }
  // Deleting needs no secrets: their references stay as they are.
  Work work = work_of(environment, resource, resource.properties);
  run(environment, handler->remove, std::move(work), Secrets::Leave, std::move(done));
}

}  // namespace surgetank::stack
