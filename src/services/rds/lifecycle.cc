// Orders to the database host and its answers. An order leaves when the record that asks for it is durable; the answer comes back
// as an internal operation on the instance's lane. A crash in between is healed by resume_all at the next start.
#include "base/assert.h"
#include "base/log.h"
#include "kernel/database_host.h"
#include "kernel/dispatcher.h"
#include "kernel/ports.h"
#include "kernel/record.h"
#include "services/rds/instance_classes.h"
#include "services/rds/keys.h"
#include "services/rds/limits.h"
#include "services/rds/operations.h"
#include "services/rds/service.h"
#include "wire/json.h"

namespace surgetank::rds {
namespace {

// Takes the host's answer back to the instance's lane.
template <class Request>
void report(Ports& ports, std::string_view operation, const std::string& account, const std::string& region, const Request& request) {
  std::string input;
  write_json(*shape_of<Request>(), &request, input);
  ports.dispatcher->dispatch_json(
      "rds", operation, service_caller(account, region, "rds.amazonaws.com"), input, [](Result<std::string> result) {
        if (!result.ok()) log_line(LogLevel::Error, "rds", "the state of a database could not be recorded: " + result.error().message);
      });
}

InstanceOrder next_order(InstanceRecord& record) {
  return {record.instance.DBInstanceIdentifier, record.instance.DbiResourceId, ++record.generation};
}

DatabaseInstance wanted(Call& call, const InstanceRecord& record) {
  auto password = open_password(call, record);
  SURGE_ASSERT(password.has_value(), "the master password does not open: the vault's key has changed");
  const auto memory_mib = class_memory_mib(record.instance.DBInstanceClass);
  SURGE_ASSERT(memory_mib.has_value(), "a stored instance has a known class");
  return {.account = record.account,
          .region = record.region,
          .identifier = record.instance.DBInstanceIdentifier,
          .resource_id = record.instance.DbiResourceId,
          .engine_version = record.engine_version_wanted,
          .master_username = record.instance.MasterUsername,
          .master_password = Secret<std::string>(std::move(*password)),
          .database_name = record.instance.DBName.value_or(""),
          .max_connections = max_connections(*memory_mib),
          .preferred_port = static_cast<std::uint16_t>(record.port_wanted)};
}

void ask_to_run(Ports& ports, DatabaseInstance instance, const InstanceOrder& order) {
  auto* host = ports.databases;
  const auto account = instance.account;
  const auto region = instance.region;
  host->ensure_running(std::move(instance), [&ports, order, account, region](const DatabaseStatus& status) {
    report(ports, "RecordStatus", account, region,
           RecordStatusRequest{.DBInstanceIdentifier = order.DBInstanceIdentifier,
                               .resource_id = order.resource_id,
                               .generation = order.generation,
                               .running = status.running,
                               .failure = status.failure,
                               .address = status.address,
                               .port = status.port,
                               .engine_version = status.engine_version});
  });
}

// The instance that an answer is about, if the answer is still the one that is waited for.
std::optional<InstanceRecord> awaiting(Call& call, const std::string& identifier, const std::string& resource_id, Integer generation) {
  auto record = get_record<InstanceRecord>(call.txn, keys::instance(call.caller, identifier));
  if (!record || record->instance.DbiResourceId != resource_id || record->generation != generation) return std::nullopt;
  return record;
}

}  // namespace

void order_running(Call& call, InstanceRecord& record) {
  const auto order = next_order(record);
  call.after_commit(
      [&ports = call.ports, instance = wanted(call, record), order]() mutable { ask_to_run(ports, std::move(instance), order); });
}

void order_restarted(Call& call, InstanceRecord& record) {
  const auto order = next_order(record);
  call.after_commit([&ports = call.ports, instance = wanted(call, record), order]() mutable {
    ports.databases->stop(order.resource_id, [] {});
    ask_to_run(ports, std::move(instance), order);
  });
}

void order_stopped(Call& call, InstanceRecord& record) {
  const auto order = next_order(record);
  call.after_commit([&ports = call.ports, order, account = record.account, region = record.region] {
    ports.databases->stop(order.resource_id, [&ports, order, account, region] { report(ports, "RecordStopped", account, region, order); });
  });
}

void order_destroyed(Call& call, InstanceRecord& record) {
  const auto order = next_order(record);
  call.after_commit([&ports = call.ports, order, account = record.account, region = record.region] {
    ports.databases->destroy(order.resource_id,
                             [&ports, order, account, region] { report(ports, "RecordDestroyed", account, region, order); });
  });
}

Result<Empty> record_status(Call& call, const RecordStatusRequest& request) {
  auto record = awaiting(call, request.DBInstanceIdentifier, request.resource_id, request.generation);
  if (!record) return Empty{};
  auto& shown = record->instance;
  shown.StatusInfos.clear();
  if (request.running) {
    shown.DBInstanceStatus = state::available;
    shown.Endpoint = Endpoint{request.address, request.port, {}};
    shown.EngineVersion = request.engine_version;
    record->port_wanted = request.port;  // functions were told this one: keep it
  } else {
    log_line(LogLevel::Error, "rds", "database " + shown.DBInstanceIdentifier + " does not run: " + request.failure);
    shown.DBInstanceStatus = state::failed;
    shown.StatusInfos.push_back({"database", false, "error", request.failure});
  }
  save_instance(call, *record);
  return Empty{};
}

Result<Empty> record_stopped(Call& call, const InstanceOrder& request) {
  auto record = awaiting(call, request.DBInstanceIdentifier, request.resource_id, request.generation);
  if (!record) return Empty{};
  record->instance.DBInstanceStatus = state::stopped;
  save_instance(call, *record);
  return Empty{};
}

Result<Empty> record_destroyed(Call& call, const InstanceOrder& request) {
  if (awaiting(call, request.DBInstanceIdentifier, request.resource_id, request.generation))
    call.txn.erase(keys::instance(call.caller, request.DBInstanceIdentifier));
  return Empty{};
}

Result<Empty> resume_instance(Call& call, const StartDBInstanceMessage& request) {
  auto record = get_record<InstanceRecord>(call.txn, keys::instance(call.caller, request.DBInstanceIdentifier));
  if (!record) return Empty{};
  auto& shown = record->instance;
  if (shown.DBInstanceStatus == state::stopped) return Empty{};
  if (shown.DBInstanceStatus == state::deleting) {
    order_destroyed(call, *record);
  } else if (shown.DBInstanceStatus == state::stopping) {
    order_stopped(call, *record);
  } else {
    // Our maintenance window is the restart of the server.
    if (shown.PendingModifiedValues.DBInstanceClass)
      shown.DBInstanceClass = *std::exchange(shown.PendingModifiedValues.DBInstanceClass, {});
    if (shown.DBInstanceStatus != state::creating) shown.DBInstanceStatus = state::starting;
    order_running(call, *record);
  }
  save_instance(call, *record);
  return Empty{};
}

void resume_all(ServiceContext& context) {
  context.dispatcher.read(service, service_caller("", "", "rds.amazonaws.com"), {}, "", [](Call& call) {
    scan_records<InstanceRecord>(call.txn, keys::every_instance, [&call](const InstanceRecord& record) {
      report(call.ports, "ResumeInstance", record.account, record.region, StartDBInstanceMessage{record.instance.DBInstanceIdentifier});
      return true;
    });
  });
}

}  // namespace surgetank::rds
