#pragma once
// For tests: a lane under a virtual clock, files in memory, and a small cloud that keeps what was created, checks references the
// way the services do, and fails on demand. One thread.
#include <algorithm>
#include <deque>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "base/text.h"
#include "stack/deployer.h"

namespace surgetank::stack {

class TestLane final : public Lane {
 public:
  void post(Task task) override { tasks_.push_back(std::move(task)); }
  bool here() const override { return true; }
  Instant now() const override { return now_; }
  TimerId at(Instant due, Task task) override {
    timers_.emplace(std::pair(due, ++last_timer_), std::move(task));
    return last_timer_;
  }
  void cancel(TimerId timer) override {
    std::erase_if(timers_, [timer](const auto& entry) { return entry.first.second == timer; });
  }
  // Until nothing is left to do; time jumps to the next timer.
  void run() {
    for (;;) {
      if (!tasks_.empty()) {
        Task task = std::move(tasks_.front());
        tasks_.pop_front();
        task();
      } else if (!timers_.empty()) {
        auto first = timers_.extract(timers_.begin());
        now_ = std::max(now_, first.key().first);
        first.mapped()();
      } else {
        return;
      }
    }
  }

 private:
  std::deque<Task> tasks_;
  std::map<std::pair<Instant, TimerId>, Task> timers_;
  TimerId last_timer_ = 0;
  Instant now_ = from_epoch_seconds(1'700'000'000);
};

class TestFiles final : public FileSource {
 public:
  std::map<std::string, std::string> contents;  // by absolute path

  Kind kind(const std::string& path) const override {
    if (contents.contains(path)) return Kind::File;
    const auto below = contents.lower_bound(path + "/");
    return below != contents.end() && below->first.starts_with(path + "/") ? Kind::Folder : Kind::Missing;
  }
  std::optional<std::vector<Entry>> list(const std::string& folder) const override {
    std::set<std::string> names;
    for (const auto& [path, text] : contents) {
      if (path.starts_with(folder + "/"))
        names.insert(path.substr(folder.size() + 1, path.find('/', folder.size() + 1) - folder.size() - 1));
    }
    std::vector<Entry> entries;
    for (const std::string& name : names) entries.push_back({name, 0644, ""});
    return entries;
  }
  bool read(const std::string& path, const std::function<void(std::string_view)>& piece) const override {
    const auto found = contents.find(path);
    if (found == contents.end()) return false;
    piece(found->second);
    return true;
  }
  std::string canonical(const std::string& path) const override { return path; }
};

inline constexpr ErrorCode test_error{"TestException", 400};
inline constexpr ErrorCode test_gone{"ResourceNotFoundException", 404};
inline constexpr ErrorCode test_no_entity{"NoSuchEntity", 404};
inline constexpr ErrorCode test_not_found{"NotFoundException", 404};
inline constexpr ErrorCode test_no_queue{"QueueDoesNotExist", 400};
inline constexpr ErrorCode test_no_database{"DBInstanceNotFound", 404};

class TestCloud final : public ResourceApi {
 public:
  std::map<std::string, Node> objects;          // "function/name" ...
  std::vector<std::string> calls;               // "CreateFunction {...}"
  std::map<std::string, std::string> failures;  // operation, or "operation text-in-the-input" -> message of the error
  std::map<std::string, int> failure_counts;    // how often a failure happens; absent: always
  int polls_until_available = 3;
  std::string listed_versions = R"({"Versions":[{"Version":"$LATEST"}]})";

  void call(std::string_view service, std::string_view operation, std::string input,
            UniqueFunction<void(Result<std::string>)> done) override {
    calls.push_back(std::string(operation) + " " + input);
    const Node request = read_json_value(input).value_or(Node{});
    for (auto& [pattern, message] : failures) {
      const std::size_t blank = pattern.find(' ');
      if (operation != pattern.substr(0, blank)) continue;
      if (blank != std::string::npos && !contains(input, pattern.substr(blank + 1))) continue;
      if (const auto count = failure_counts.find(pattern); count != failure_counts.end() && count->second-- <= 0) continue;
      return done(Error{&test_error, message});
    }
    done(answer(service, operation, request));
  }

  // The operations called since the last time.
  std::vector<std::string> operations() {
    std::vector<std::string> names;
    for (const std::string& call : calls) names.push_back(call.substr(0, call.find(' ')));
    calls.clear();
    return names;
  }
  std::string last(std::string_view operation) const {
    for (auto call = calls.rbegin(); call != calls.rend(); ++call) {
      if (call->starts_with(std::string(operation) + " ")) return call->substr(operation.size() + 1);
    }
    return "never called";
  }

 private:
  static std::string text(const Node& node) { return to_json(node); }
  Result<std::string> remove(const std::string& key, const ErrorCode& gone) {
    if (objects.erase(key) == 0) return Error{&gone, key};
    return std::string("{}");
  }
  Result<std::string> must_exist(const std::string& key, const ErrorCode& gone, Node response = make_map()) {
    if (!objects.contains(key)) return Error{&gone, key};
    return text(response);
  }
  Result<std::string> keep(const std::string& key, const Node& request, Node response = make_map()) {
    if (objects.contains(key)) return Error{&test_error, key + " exists already"};
    objects[key] = request;
    return text(response);
  }
  int last_version_ = 0;
  int provisioned_polls_ = 0;
  std::string fresh(const std::string& prefix) { return prefix + std::to_string(++last_id_); }
  static Node reply(std::initializer_list<std::pair<std::string_view, std::string>> members) {
    Node node = make_map();
    for (const auto& [name, value] : members) node.set(name, make_string(value));
    return node;
  }

  Result<std::string> answer(std::string_view service, std::string_view operation, const Node& request) {
    if (service == "lambda") return lambda(operation, request);
    if (service == "iam") return iam(operation, request);
    if (service == "apigateway") return apigateway(operation, request);
    if (service == "secretsmanager") return secrets(operation, request);
    if (service == "rds") return rds(operation, request);
    if (service == "logs") return logs(operation, request);
    if (service == "sqs") return sqs(operation, request);
    return Error{&test_error, "unknown service"};
  }

  Result<std::string> lambda(std::string_view operation, const Node& request) {
    const std::string function = "function/" + request.text_of("FunctionName");
    const std::string statement = "permission/" + request.text_of("FunctionName") + "/" + request.text_of("StatementId");
    if (operation == "CreateFunction") {
      if (!contains(request.text_of("Role"), ":role/")) return Error{&test_error, "no role " + request.text_of("Role")};
      return keep(function, request,
                  reply({{"FunctionArn", "arn:aws:lambda:us-east-1:000000000000:function:" + request.text_of("FunctionName")}}));
    }
    if (operation == "UpdateFunctionCode" || operation == "UpdateFunctionConfiguration") return must_exist(function, test_gone);
    if (operation == "DeleteFunction") return remove(function, test_gone);
    if (operation == "AddPermission") {
      if (!objects.contains(function) && !objects.contains("alias/" + request.text_of("FunctionName"))) return Error{&test_gone, function};
      return keep(statement, request);
    }
    if (operation == "RemovePermission") return remove(statement, test_gone);
    if (contains(operation, "EventSourceMapping")) return mapping(operation, request);
    if (contains(operation, "Alias") || contains(operation, "Version") || contains(operation, "Provisioned"))
      return versions(operation, request);
    return std::string("{}");
  }

  // Every publication is a new version, and provisioned concurrency takes two polls.
  Result<std::string> versions(std::string_view operation, const Node& request) {
    const std::string name = request.text_of("FunctionName");
    const std::string arn = (name.starts_with("arn:") ? "" : "arn:aws:lambda:us-east-1:000000000000:function:") + name;
    if (operation == "ListVersionsByFunction") return listed_versions;
    if (operation == "PublishVersion") {
      const std::string number = std::to_string(++last_version_);
      return text(reply({{"Version", number}, {"FunctionArn", arn + ":" + number}}));
    }
    if (contains(operation, "Alias")) {
      const std::string key = "alias/" + arn + ":" + request.text_of("Name");
      if (operation == "CreateAlias") return keep(key, request, reply({{"AliasArn", arn + ":" + request.text_of("Name")}}));
      if (operation == "DeleteAlias") return remove(key, test_gone);
      return must_exist(key, test_gone);
    }
    if (operation == "PutProvisionedConcurrencyConfig") provisioned_polls_ = 2;
    if (operation != "GetProvisionedConcurrencyConfig") return std::string("{}");
    return text(reply({{"Status", --provisioned_polls_ > 0 ? "IN_PROGRESS" : "READY"}}));
  }

  // A mapping takes two polls to settle, and to be gone.
  Result<std::string> mapping(std::string_view operation, const Node& request) {
    if (operation == "CreateEventSourceMapping") {
      const std::string id = fresh("mapping");
      mapping_polls_ = 2;
      return keep("mapping/" + id, request, reply({{"UUID", id}, {"State", "Creating"}}));
    }
    const std::string key = "mapping/" + request.text_of("UUID");
    if (!objects.contains(key)) return Error{&test_gone, key};
    if (operation != "GetEventSourceMapping") mapping_polls_ = 2;
    if (operation == "DeleteEventSourceMapping") objects[key].set("State", make_string("Deleting"));
    if (operation == "GetEventSourceMapping" && --mapping_polls_ == 0 && objects[key].text_of("State") == "Deleting")
      return remove(key, test_gone).ok() ? Error{&test_gone, key} : Error{&test_error, key};
    return text(reply({{"UUID", request.text_of("UUID")},
                       {"State", mapping_polls_ > 0 ? "Updating" : "Enabled"},
                       {"EventSourceMappingArn", "arn:" + request.text_of("UUID")}}));
  }

  Result<std::string> iam(std::string_view operation, const Node& request) {
    const std::string role = "role/" + request.text_of("RoleName");
    Node shown = make_map();
    shown.set("Role", reply({{"Arn", "arn:aws:iam::000000000000:" + role}, {"RoleId", "AROA1"}}));
    if (operation == "CreateRole") return keep(role, request, shown);
    if (operation == "GetRole") return must_exist(role, test_no_entity, shown);
    if (operation == "DeleteRole") {
      for (const auto& [key, value] : objects) {
        if (key.starts_with("attached/" + role) || key.starts_with("inline/" + role)) return Error{&test_error, "DeleteConflict " + key};
      }
      return remove(role, test_no_entity);
    }
    const std::string attached = "attached/" + role + "/" + request.text_of("PolicyArn");
    const std::string inlined = "inline/" + role + "/" + request.text_of("PolicyName");
    if (operation == "AttachRolePolicy") return objects[attached] = request, std::string("{}");
    if (operation == "DetachRolePolicy") return remove(attached, test_no_entity);
    if (operation == "PutRolePolicy") return objects[inlined] = request, std::string("{}");
    if (operation == "DeleteRolePolicy") return remove(inlined, test_no_entity);
    if (operation == "CreatePolicy") {
      Node policy = make_map();
      const std::string arn = "arn:aws:iam::000000000000:policy/" + request.text_of("PolicyName");
      policy.set("Policy", reply({{"Arn", arn}}));
      return keep("policy/" + arn, request, policy);
    }
    if (operation == "DeletePolicy") return remove("policy/" + request.text_of("PolicyArn"), test_no_entity);
    return must_exist(role, test_no_entity);
  }

  Result<std::string> apigateway(std::string_view operation, const Node& request) {
    const std::string api = "api/" + request.text_of("apiId");
    if (operation == "CreateApi") {
      const std::string id = fresh("api");
      return keep("api/" + id, request, reply({{"apiId", id}, {"apiEndpoint", "http://" + id + ".execute-api.localhost:4566"}}));
    }
    if (operation == "TagResource" || operation == "UntagResource") return std::string("{}");
    if (!objects.contains(api)) return Error{&test_not_found, api};
    if (operation == "DeleteApi") return remove(api, test_not_found);
    if (operation == "UpdateApi")
      return text(reply({{"apiEndpoint", "http://" + request.text_of("apiId") + ".execute-api.localhost:4566"}}));
    for (const char* part : {"Integration", "Route", "Deployment"}) {
      std::string id_name = std::string(part) + "Id";
      id_name[0] = static_cast<char>(id_name[0] + 32);
      const std::string key = std::string(part) + "/" + request.text_of(id_name);
      const std::string target = request.text_of("target");
      if (operation == std::string("Create") + part) {
        if (target.starts_with("integrations/") && !objects.contains("Integration/" + target.substr(13)))
          return Error{&test_error, "no " + target};
        const std::string id = fresh("part");
        return keep(std::string(part) + "/" + id, request, reply({{id_name, id}}));
      }
      if (operation == std::string("Update") + part) return must_exist(key, test_not_found);
      if (operation == std::string("Delete") + part) return remove(key, test_not_found);
    }
    const std::string stage = "stage/" + request.text_of("apiId") + "/" + request.text_of("stageName");
    if (operation == "CreateStage") return keep(stage, request);
    if (operation == "UpdateStage") return must_exist(stage, test_not_found);
    if (operation == "DeleteStage") return remove(stage, test_not_found);
    return std::string("{}");
  }

  Result<std::string> secrets(std::string_view operation, const Node& request) {
    if (operation == "GetRandomPassword") return text(reply({{"RandomPassword", "generated-" + std::to_string(++last_id_)}}));
    if (operation == "CreateSecret") {
      const std::string arn = "arn:aws:secretsmanager:us-east-1:000000000000:secret:" + request.text_of("Name") + "-AbCdEf";
      return keep("secret/" + arn, request, reply({{"ARN", arn}}));
    }
    const std::string key = "secret/" + request.text_of("SecretId");
    if (operation == "DeleteSecret") return remove(key, test_gone);
    if (!objects.contains(key)) return Error{&test_gone, "Secrets Manager can't find the specified secret."};
    if (operation == "GetSecretValue") return text(reply({{"SecretString", objects[key].text_of("SecretString")}}));
    if (request.find("SecretString") != nullptr) objects[key].set("SecretString", *request.find("SecretString"));
    return text(reply({{"ARN", request.text_of("SecretId")}}));
  }

  Result<std::string> rds(std::string_view operation, const Node& request) {
    const std::string key = "database/" + request.text_of("DBInstanceIdentifier");
    if (operation == "CreateDBInstance") {
      polls_ = polls_until_available;
      return keep(key, request);
    }
    if (operation == "AddTagsToResource" || operation == "RemoveTagsFromResource") return std::string("{}");
    if (!objects.contains(key)) return Error{&test_no_database, key};
    if (operation == "DeleteDBInstance") {
      deleting_polls_ = 2;
      return std::string("{}");
    }
    if (operation == "DescribeDBInstances") {
      if (deleting_polls_ == 1) {
        deleting_polls_ = 0;
        objects.erase(key);
        return Error{&test_no_database, key};
      }
      std::string state = polls_ > 0 ? "creating" : "available";
      if (polls_ > 0) --polls_;
      if (deleting_polls_ > 1) {
        --deleting_polls_;
        state = "deleting";
      }
      Node instance = reply({{"DBInstanceIdentifier", request.text_of("DBInstanceIdentifier")},
                             {"Engine", "postgres"},
                             {"DBInstanceArn", "arn:db"},
                             {"DBInstanceStatus", state}});
      Node& endpoint = instance.set("Endpoint", reply({{"Address", "127.0.0.1"}}));
      endpoint.set("Port", make_number(5432));
      Node response = make_map();
      response.set("DBInstances", make_list()).items.push_back(instance);
      return text(response);
    }
    return std::string("{}");
  }

  Result<std::string> logs(std::string_view operation, const Node& request) {
    const std::string key = "group/" + request.text_of("logGroupName");
    if (operation == "CreateLogGroup") return keep(key, request);
    if (operation == "DeleteLogGroup") return remove(key, test_gone);
    if (operation == "TagResource" || operation == "UntagResource") return std::string("{}");
    return must_exist(key, test_gone);
  }

  Result<std::string> sqs(std::string_view operation, const Node& request) {
    const std::string prefix = "http://127.0.0.1:4566/000000000000/";
    const std::string url =
        operation == "CreateQueue" || operation == "GetQueueUrl" ? prefix + request.text_of("QueueName") : request.text_of("QueueUrl");
    if (operation == "CreateQueue") return keep("queue/" + url, request, reply({{"QueueUrl", url}}));
    if (operation == "DeleteQueue") return remove("queue/" + url, test_no_queue);
    return must_exist("queue/" + url, test_no_queue, reply({{"QueueUrl", url}}));
  }

  int last_id_ = 0;
  int mapping_polls_ = 0;
  int polls_ = 0;
  int deleting_polls_ = 0;
};

}  // namespace surgetank::stack
