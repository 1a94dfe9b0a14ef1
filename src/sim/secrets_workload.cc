#include "sim/secrets_workload.h"

#include "services/secretsmanager/service.h"
#include "wire/json_value.h"

namespace surgetank::sim {
namespace {

constexpr std::uint64_t names = 8;

std::string input_of(const std::string& name, std::string_view member, const std::string& value) {
  std::string out = R"({")" + std::string(member) + R"(":")" + name + "\"";
  if (!value.empty()) out += R"(,"SecretString":")" + value + "\"";
  return out + "}";
}

bool is_error(const Result<std::string>& result, std::string_view code) { return !result.ok() && result.error().code->name == code; }

}  // namespace

std::vector<const Service*> SecretsWorkload::services() const { return {&secretsmanager::service}; }

void SecretsWorkload::fail(const std::string& name, const std::string& what) {
  if (failure_) return;
  std::string possible;
  for (const auto& value : model_[name].possible)
    possible += (possible.empty() ? "" : ", ") + (value.empty() ? std::string("nothing") : value);
  failure_ = "secret " + name + ": " + what + "; the model expects " + possible;
}

void SecretsWorkload::step(World& world) {
  const auto name = "secret-" + std::to_string(world.random().below(names));
  auto& expected = model_[name];
  if (expected.under_way) return;  // one operation a secret at a time: the model is a map, not a linearizability checker
  switch (world.random().below(10)) {
    case 0:
      return remove(world, name, expected);
    case 1:
    case 2:
    case 3:
    case 4:
      return write(world, name, expected);
    default:
      return read(world, name, expected);
  }
}

void SecretsWorkload::write(World& world, const std::string& name, Expected& expected) {
  const auto value = "value-" + std::to_string(next_value_++);
  expected.under_way = true;
  expected.written = value;
  const bool may_be_missing = expected.possible.contains("");
  const auto* operation = may_be_missing && expected.possible.size() == 1 ? "CreateSecret" : "PutSecretValue";
  const auto* member = std::string_view(operation) == "CreateSecret" ? "Name" : "SecretId";
  world.call("secretsmanager", operation, input_of(name, member, value),
             [this, name, value, may_be_missing, life = life_](const Result<std::string>& result) {
               if (life != life_) return;
               model_[name].under_way = false;
               if (result.ok()) {
                 model_[name].possible = {value};
                 return;
               }
               if (is_error(result, "ResourceNotFoundException") && may_be_missing) return answered(name, "");
               fail(name, "a write was refused with " + result.error().message);
             });
}

void SecretsWorkload::remove(World& world, const std::string& name, Expected& expected) {
  expected.under_way = true;
  expected.written.clear();
  const bool may_be_missing = expected.possible.contains("");
  world.call("secretsmanager", "DeleteSecret", R"({"SecretId":")" + name + R"(","ForceDeleteWithoutRecovery":true})",
             [this, name, may_be_missing, life = life_](const Result<std::string>& result) {
               if (life != life_) return;
               model_[name].under_way = false;
               if (result.ok() || (is_error(result, "ResourceNotFoundException") && may_be_missing)) {
                 model_[name].possible = {""};
                 return;
               }
               fail(name, "a deletion was refused with " + result.error().message);
             });
}

void SecretsWorkload::read(World& world, const std::string& name, Expected& expected) {
  expected.under_way = true;
  expected.written = *expected.possible.begin();  // a read that a crash swallows changes nothing
  world.call("secretsmanager", "GetSecretValue", input_of(name, "SecretId", ""),
             [this, name, life = life_](const Result<std::string>& result) {
               if (life != life_) return;
               model_[name].under_way = false;
               if (is_error(result, "ResourceNotFoundException")) return answered(name, "");
               if (!result.ok()) return fail(name, "a read was refused with " + result.error().message);
               const auto reply = parse_json(*result);
               const auto* value = reply.ok() ? reply->find_string("SecretString") : nullptr;
               answered(name, value == nullptr ? "?" : *value);
             });
}

void SecretsWorkload::answered(const std::string& name, const std::string& value) {
  if (!model_[name].possible.contains(value)) return fail(name, "read " + (value.empty() ? std::string("nothing") : value));
  model_[name].possible = {value};
}

void SecretsWorkload::crashed() {
  ++life_;
  for (auto& [name, expected] : model_) {
    if (expected.under_way) expected.possible.insert(expected.written);
    expected.under_way = false;
  }
}

void SecretsWorkload::verify(World& world) {
  ++life_;
  for (auto& [name, expected] : model_) {
    if (expected.under_way) expected.possible.insert(expected.written);
    read(world, name, expected);
  }
  world.settle();
  for (const auto& [name, expected] : model_)
    if (expected.under_way) fail(name, "the last read was never answered");
}

}  // namespace surgetank::sim
