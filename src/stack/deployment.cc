#include "stack/deployment.h"

#include <algorithm>

#include "base/text.h"
#include "kernel/quotas.h"
#include "stack/quotas.h"
#include "stack/resource_schema.h"

namespace surgetank::stack {
namespace {

// CloudFormation: a letter, then letters, digits and hyphens; how many is a quota.
bool is_stack_name(std::string_view name) {
  const auto letter = [](char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); };
  if (name.empty() || !letter(name.front())) return false;
  return std::all_of(name.begin(), name.end(), [&letter](char c) { return letter(c) || (c >= '0' && c <= '9') || c == '-'; });
}

bool same_outputs(const std::vector<OutputState>& a, const std::vector<OutputState>& b) {
  const auto same = [](const OutputState& x, const OutputState& y) {
    return x.name == y.name && x.value == y.value && x.description == y.description && x.export_name == y.export_name;
  };
  return std::equal(a.begin(), a.end(), b.begin(), b.end(), same);
}

}  // namespace

Deployment::Deployment(Deployer& deployer, DeployRequest request, Progress progress, Deployer::Done done, Intent intent)
    : StackWork(deployer, request.stack_name, std::move(progress), std::move(done)),
      request_(std::move(request)),
      intent_(intent),
      code_(files(), parent_folder(request_.template_path)),
      problems_(request_.template_path.empty() ? "template" : request_.template_path) {}

std::shared_ptr<StackWork> make_deployment(Deployer& deployer, DeployRequest request, Progress progress, Deployer::Done done,
                                           Intent intent) {
  return std::make_shared<Deployment>(deployer, std::move(request), std::move(progress), std::move(done), intent);
}

bool Deployment::is_creation() const {
  if (!original_) return true;
  const std::string& last = original_->status;
  return last == status::create_in_progress || last == status::create_failed || last.starts_with("ROLLBACK_");
}

bool Deployment::load_state() {
  const std::optional<std::string> json = states().load(stack_name());
  if (!json) return true;
  original_ = decode_state(*json);
  return original_.has_value();
}

bool Deployment::load_source(DeployOutcome& outcome) {
  TemplateInput input;
  input.text = request_.template_text;
  input.path = problems_.file();
  input.pseudo = {options().account, options().region, stack_name(), original_ ? original_->id : new_stack_id()};
  input.parameters = request_.parameters;
  input.quotas = options().quotas;
  for (const StackState::Parameter& parameter : original_ ? original_->parameters : std::vector<StackState::Parameter>()) {
    input.previous_parameters[parameter.name] = parameter.value;
  }
  source_ = load_template(input, problems_);
  if (source_) {
    context_ = source_->context;
    context_.exports = exports_of_others();
    values_.emplace(*source_);
    plan_ = make_plan(*source_, context_, original_ ? &*original_ : nullptr, code_, problems_);
    check_exports(problems_);
    for (const auto& [name, parameter] : context_.parameters) {
      if (parameter.echo == Echo::Hidden) hidden_.emplace_back(parameter.text);
    }
  }
  if (problems_.empty()) return true;
  outcome.kind = DeployOutcome::Kind::Invalid;
  outcome.problems = problems_.lines();
  outcome.reason = std::to_string(outcome.problems.size()) + (outcome.problems.size() == 1 ? " problem" : " problems") + " in the template";
  return false;
}

// An export that another stack imports must stay.
bool Deployment::check_exports(Problems& problems) {
  if (!original_) return true;
  std::vector<std::string> gone;
  for (const OutputState& output : original_->outputs) {
    const auto kept = [&](const OutputDeclaration& declaration) {
      return declaration.name == output.name && !declaration.export_name.is(NodeKind::Null);
    };
    if (!output.export_name.empty() && std::none_of(source_->outputs.begin(), source_->outputs.end(), kept))
      gone.push_back(output.export_name);
  }
  const std::string importer = importer_of(gone);
  if (importer.empty()) return true;
  problems.add({1, 1}, "stack " + importer + " imports an export that this template no longer has: " + surgetank::join(gone, ", "),
               "keep the output, or change that stack first");
  return false;
}

bool Deployment::nothing_to_do(const Plan& plan, const std::vector<OutputState>& outputs) const {
  if (!original_ || is_creation() || plan.has_changes() || !original_->leftovers.empty()) return false;
  if (!original_->status.ends_with("_COMPLETE") || !same_outputs(outputs, original_->outputs)) return false;
  for (const ResourceDeclaration& declaration : source_->resources) {
    const ResourceState* present = original_->find(declaration.logical_id);
    if (present == nullptr || present->deletion_policy != declaration.deletion_policy) return false;
    if (present->update_replace_policy != declaration.update_replace_policy) return false;
  }
  for (const auto& [name, parameter] : context_.parameters) {
    const auto same = [&](const StackState::Parameter& old) { return old.name == name && old.value == parameter.text; };
    if (std::none_of(original_->parameters.begin(), original_->parameters.end(), same)) return false;
  }
  return original_->parameters.size() == context_.parameters.size();
}

bool Deployment::within(const QuotaRow& row, std::size_t amount, DeployOutcome& outcome) const {
  const auto checked = check_quota(options().quotas, row, amount);
  if (checked.ok()) return true;
  outcome.reason = checked.error().message + "; " + how_to_raise(row, amount);
  return false;
}

void Deployment::start() {
  DeployOutcome outcome;
  outcome.kind = DeployOutcome::Kind::Refused;
  if (!is_stack_name(stack_name())) {
    outcome.reason = "`" + stack_name() + "` is no stack name: a letter, then letters, digits and hyphens";
    return finish(std::move(outcome));
  }
  if (!within(quotas::stack_name, stack_name().size(), outcome)) return finish(std::move(outcome));
  if (!load_state()) {
    outcome.reason = "the stored state of stack " + stack_name() + " is damaged";
    return finish(std::move(outcome));
  }
  if (!original_ && !within(quotas::stacks, states().list().size() + 1, outcome)) return finish(std::move(outcome));
  if (!load_source(outcome)) return finish(std::move(outcome));
  outcome.changes = plan_.changes;
  // What is deployed has values; what is not gets them one by one.
  for (const PlannedChange& change : plan_.changes) {
    const ResourceState* present = original_ ? original_->find(change.logical_id) : nullptr;
    if (present != nullptr && change.action == Action::Unchanged) values_->know(*present);
  }
  context_.resources = &*values_;
  Problems unwanted("");
  const bool same =
      nothing_to_do(plan_, evaluate_outputs(*source_, context_, original_ ? original_->resources : std::vector<ResourceState>(), unwanted));
  if (intent_ == Intent::OnlyPlan || same) {
    outcome.kind = same ? DeployOutcome::Kind::Unchanged : DeployOutcome::Kind::Planned;
    if (same) outcome.reason = "No updates are to be performed.";
    if (original_) outcome.stack = shown_state(*original_);
    return finish(std::move(outcome));
  }
  for (const PlannedChange& change : plan_.changes) values_->forget(change.logical_id);
  open_stack();
  next();
}

void Deployment::open_stack() {
  if (original_) state_ = *original_;
  state_.name = stack_name();
  state_.id = context_.pseudo.stack_id;
  if (!original_) state_.created = now();
  set_status(is_creation() ? status::create_in_progress : status::update_in_progress);
}

ResourceState& Deployment::put(ResourceState resource) {
  if (ResourceState* present = state_.find(resource.logical_id); present != nullptr) {
    *present = std::move(resource);
    return *present;
  }
  state_.resources.push_back(std::move(resource));
  return state_.resources.back();
}

void Deployment::next() {
  if (index_ == source_->resources.size()) return all_done();
  if (cancelled()) return fail("cancelled");
  const ResourceDeclaration& declaration = source_->resources[index_];
  Problems problems(problems_.file());
  Node properties = evaluate_properties(declaration, context_, code_, problems);
  if (!problems.empty()) return fail(problems.lines().front());
  if (has_unknown(properties)) return fail(declaration.logical_id + " needs a value that its dependencies did not give");
  ResourceState* present = state_.find(declaration.logical_id);
  PlannedChange change = decide(declaration, properties, present);
  switch (change.action) {
    case Action::Unchanged:
    case Action::Delete:
      return skip(declaration, *present);
    case Action::Create:
      return create(declaration, std::move(properties));
    case Action::Update:
      return update(declaration, std::move(properties), std::move(change));
    case Action::Replace:
      return replace(declaration, std::move(properties));
  }
}

void Deployment::skip(const ResourceDeclaration& declaration, ResourceState& present) {
  present.deletion_policy = declaration.deletion_policy;
  present.update_replace_policy = declaration.update_replace_policy;
  values_->know(present);
  ++index_;
  next();
}

ResourceState Deployment::new_resource(const ResourceDeclaration& declaration, Node properties) {
  ResourceState resource;
  resource.logical_id = declaration.logical_id;
  resource.type = declaration.type;
  resource.status = status::create_in_progress;
  resource.deletion_policy = declaration.deletion_policy;
  resource.update_replace_policy = declaration.update_replace_policy;
  const ResourceHandler* handler = find_resource_handler(declaration.type);
  const ResourceSchema* schema = find_resource_schema(declaration.type);
  const std::string chosen = schema->name_property.empty() ? "" : properties.text_of(schema->name_property);
  if (!chosen.empty()) {
    resource.physical_id = handler->letters == ResourceHandler::Letters::Lower ? to_lower(chosen) : chosen;
  } else if (handler->longest_name > 0) {
    resource.physical_id = physical_name(*handler, stack_name(), declaration.logical_id, unique_suffix());
  }
  resource.properties = std::move(properties);
  return resource;
}

void Deployment::create(const ResourceDeclaration& declaration, Node properties) {
  ResourceState resource = new_resource(declaration, std::move(properties));
  const ResourceState* unfinished = state_.find(declaration.logical_id);
  if (unfinished == nullptr || unfinished->physical_id.empty())
    return create_now(std::move(resource), {Action::Create, {}, declaration.logical_id});
  // What an interrupted deployment has begun is removed first. A name that the template chose may belong to something else.
  if (unfinished->status == status::create_in_progress && unfinished->physical_id == resource.physical_id) {
    return create_now(std::move(resource), {Action::Create, {}, declaration.logical_id});
  }
  remove_resource(environment(), *unfinished, [this, self = shared_from_this(), resource = std::move(resource)](WorkResult result) mutable {
    if (!result.ok) return fail(resource.logical_id + " was begun earlier and cannot be deleted: " + result.reason);
    const std::string id = resource.logical_id;
    create_now(std::move(resource), {Action::Create, {}, id});
  });
}

void Deployment::create_now(ResourceState resource, Journal entry) {
  put(resource);
  save();
  ResourceState shown = resource;
  shown.physical_id.clear();
  tell(shown, status::create_in_progress);
  create_resource(environment(), code_, resource,
                  [this, self = shared_from_this(), resource, entry = std::move(entry)](WorkResult result) mutable {
                    created(std::move(resource), std::move(entry), std::move(result));
                  });
}

void Deployment::created(ResourceState resource, Journal entry, WorkResult result) {
  resource.physical_id = result.physical_id;
  resource.ref = result.ref;
  resource.attributes = std::move(result.attributes);
  resource.status = result.ok ? status::create_complete : status::create_failed;
  put(resource);
  journal_.push_back(std::move(entry));
  save();
  tell(resource, resource.status, result.reason);
  if (!result.ok) return fail(resource.logical_id + ": " + result.reason, source_->find(resource.logical_id)->position);
  values_->know(resource);
  ++index_;
  next();
}

void Deployment::update(const ResourceDeclaration& declaration, Node properties, PlannedChange change) {
  ResourceState& present = *state_.find(declaration.logical_id);
  const ResourceHandler* handler = find_resource_handler(declaration.type);
  if (handler->update == nullptr) return replace(declaration, std::move(properties));
  ResourceState before = present;
  present.deletion_policy = declaration.deletion_policy;
  present.update_replace_policy = declaration.update_replace_policy;
  present.status = status::update_in_progress;
  save();
  tell(present, status::update_in_progress, change.reason);
  const Node wanted = properties;
  update_resource(environment(), code_, before, wanted, std::move(change.changed),
                  [this, self = shared_from_this(), before, wanted](WorkResult result) mutable {
                    updated(std::move(before), wanted, std::move(result));
                  });
}

void Deployment::updated(ResourceState before, const Node& properties, WorkResult result) {
  ResourceState& present = *state_.find(before.logical_id);
  journal_.push_back({Action::Update, std::move(before), present.logical_id, result.ok ? std::nullopt : std::optional<Node>(properties)});
  present.status = result.ok ? status::update_complete : status::update_failed;
  if (result.ok) {
    present.physical_id = result.physical_id;
    present.ref = result.ref;
    present.properties = properties;
    for (const Member& attribute : result.attributes.members) present.attributes.set(attribute.key, attribute.value);
  }
  save();
  tell(present, present.status, result.reason);
  if (!result.ok) return fail(present.logical_id + ": " + result.reason, source_->find(present.logical_id)->position);
  values_->know(present);
  ++index_;
  next();
}

void Deployment::replace(const ResourceDeclaration& declaration, Node properties) {
  ResourceState before = *state_.find(declaration.logical_id);
  ResourceState leftover = before;
  leftover.deletion_policy = before.update_replace_policy;
  state_.leftovers.push_back(std::move(leftover));
  create_now(new_resource(declaration, std::move(properties)), {Action::Replace, std::move(before), declaration.logical_id});
}

void Deployment::all_done() {
  Problems problems(problems_.file());
  std::vector<OutputState> outputs = evaluate_outputs(*source_, context_, state_.resources, problems);
  if (!problems.empty()) return fail(problems.lines().front());
  for (const ResourceState& resource : state_.resources) {
    if (source_->find(resource.logical_id) == nullptr) state_.leftovers.push_back(resource);
  }
  std::erase_if(state_.resources, [this](const ResourceState& resource) { return source_->find(resource.logical_id) == nullptr; });
  sort_resources();
  state_.outputs = std::move(outputs);
  state_.description = source_->description;
  state_.imports = imported_names(*source_, context_);
  state_.parameters.clear();
  for (const auto& [name, parameter] : context_.parameters) state_.parameters.push_back({name, parameter.text, parameter.echo});
  if (state_.leftovers.empty()) return succeed(is_creation() ? status::create_complete : status::update_complete);
  set_status(status::update_cleanup);
  clean_up();
}

// Resources as the template orders them; leftovers as the old template did.
void Deployment::sort_resources() {
  const auto place = [](const auto& list, const std::string& id) {
    const auto found = std::find_if(list.begin(), list.end(), [&id](const auto& one) { return one.logical_id == id; });
    return found - list.begin();
  };
  std::stable_sort(state_.resources.begin(), state_.resources.end(), [&](const ResourceState& a, const ResourceState& b) {
    return place(source_->resources, a.logical_id) < place(source_->resources, b.logical_id);
  });
  if (!original_) return;
  std::stable_sort(state_.leftovers.begin(), state_.leftovers.end(), [&](const ResourceState& a, const ResourceState& b) {
    return place(original_->resources, a.logical_id) < place(original_->resources, b.logical_id);
  });
}

void Deployment::clean_up() {
  auto removal = std::make_shared<Removal>();
  removal->resources = state_.leftovers;
  removal->removed = [this](const ResourceState& gone) {
    std::erase_if(state_.leftovers,
                  [&gone](const ResourceState& one) { return one.logical_id == gone.logical_id && one.physical_id == gone.physical_id; });
    save();
  };
  removal->failed = [](const ResourceState&, const std::string&) {};  // stays a leftover: the next deployment tries again
  removal->then = [this] { succeed(is_creation() ? status::create_complete : status::update_complete); };
  remove_all(std::move(removal));
}

void Deployment::succeed(std::string_view final_status) {
  set_status(final_status);
  DeployOutcome outcome;
  outcome.kind = DeployOutcome::Kind::Deployed;
  outcome.changes = plan_.changes;
  outcome.stack = shown_state(state_);
  finish(std::move(outcome));
}

}  // namespace surgetank::stack
