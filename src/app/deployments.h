#pragma once
// Stacks of the running server: one stack::Deployer on the housekeeping loop, its state sealed in the store, and the record of what each
// deployment said, for the command line to follow. Beside each stack stands where its template says what (stack/template_places.h), of the
// last deployment that came through. Thread safe; callbacks run on the housekeeping loop.
#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "kernel/admin_http.h"
#include "kernel/dispatcher.h"
#include "kernel/vault.h"
#include "net/event_loop.h"
#include "stack/deployer.h"
#include "stack/local_files.h"

namespace surgetank {

class Deployments {
 public:
  struct Place {
    std::string account;
    std::string region;
    Quotas* quotas = nullptr;  // CloudFormation's; null: those of AWS
  };
  Deployments(EventLoop& housekeeping, Store& store, const Vault& vault, Dispatcher& dispatcher, Place place, std::uint64_t seed);
  ~Deployments();

  void deploy(stack::DeployRequest request, stack::Progress progress, stack::Deployer::Done done);
  void remove(std::string stack_name, stack::Progress progress, stack::Deployer::Done done);
  void list(UniqueFunction<void(std::vector<stack::StackState>)> done);

  // POST /_surgetank/deployments, GET /_surgetank/deployments/*, DELETE /_surgetank/stacks/*, GET /_surgetank/stacks,
  // GET /_surgetank/templates
  std::vector<AdminRoute> routes();

 private:
  struct Api;
  struct States;
  struct Followed;
  std::string start_following();
  void follow(const std::string& id, const stack::StackEvent& event);
  void finish(const std::string& id, const stack::DeployOutcome& outcome);
  void answer_followed(const HttpRequest& request, HttpReply reply);
  void start_deployment(const HttpRequest& request, HttpReply reply);
  void start_removal(const HttpRequest& request, HttpReply reply);
  void answer_templates(HttpReply reply);

  std::unique_ptr<Api> api_;
  std::unique_ptr<States> states_;
  stack::LocalFiles files_;
  stack::Deployer deployer_;
  std::mutex mutex_;
  std::map<std::string, std::unique_ptr<Followed>> followed_;  // by id; the last few
  std::uint64_t next_id_ = 1;
};

// One event, outcome or stack as JSON objects, as the command line and scripts read them.
std::string event_json(const stack::StackEvent& event);
std::string outcome_json(const stack::DeployOutcome& outcome);
std::string stacks_json(const std::vector<stack::StackState>& stacks);

}  // namespace surgetank
