#include "services/lambda/code_sweep.h"

#include <filesystem>
#include <set>
#include <string>
#include <system_error>
#include <vector>

#include "base/log.h"
#include "kernel/background_work.h"
#include "kernel/dispatcher.h"
#include "kernel/ports.h"
#include "kernel/record.h"
#include "services/lambda/code_package.h"
#include "services/lambda/keys.h"
#include "services/lambda/limits.h"
#include "services/lambda/service.h"
#include "storage/blob_store.h"
#include "storage/zip.h"

namespace surgetank::lambda {
namespace {

using PackageNames = std::set<std::string>;

// The packages that have a directory.
PackageNames unpacked_packages(const std::string& code_directory) {
  PackageNames names;
  std::error_code error;
  for (const auto& entry : std::filesystem::directory_iterator(code_directory, error))
    if (auto name = entry.path().filename().string(); BlobId::parse(name)) names.insert(std::move(name));
  return names;
}

void add_package(PackageNames& names, const CodeRecord& code) {
  if (!code.local_path) names.insert(package_name(code));
}

// The packages that some function of any account names.
PackageNames named_packages(Txn& txn) {
  PackageNames names;
  scan_records<FunctionRecord>(txn, keys::all_functions, [&](const FunctionRecord& function) {
    add_package(names, function.latest.code);
    return true;
  });
  scan_records<VersionRecord>(txn, keys::all_versions, [&](const VersionRecord& version) {
    add_package(names, version.code);
    return true;
  });
  return names;
}

void remove_package(const Ports& ports, const std::string& name) {
  std::error_code error;
  std::filesystem::remove_all(ports.code_directory + "/" + name, error);
  if (error) return log_line(LogLevel::Warning, "lambda", "the unused package " + name + " cannot be removed: " + error.message());
  ports.blobs->erase(*BlobId::parse(name));
}

void restore_package(const Ports& ports, const std::string& name) {
  const auto directory = ports.code_directory + "/" + name;
  if (std::filesystem::exists(directory)) return;  // unpacked by a request of right now
  const auto id = BlobId::parse(name);
  const auto zip = id ? ports.blobs->get(*id) : std::nullopt;
  if (!zip) return log_line(LogLevel::Error, "lambda", "the package " + name + " of a function is lost");
  const auto unpacked = unpack_zip(*zip, directory, {.unpacked_bytes = limits::unzipped_bytes}, Unpacked::Synced);
  if (!unpacked.ok()) log_line(LogLevel::Error, "lambda", "the package " + name + " cannot be unpacked again: " + unpacked.error().message);
}

void sweep(const Ports& ports, const PackageNames& unpacked, const PackageNames& named) {
  remove_unpacking_leftovers(ports.code_directory);
  for (const auto& name : unpacked)
    if (!named.contains(name)) remove_package(ports, name);
  for (const auto& name : named)
    if (!unpacked.contains(name)) restore_package(ports, name);
}

}  // namespace

void sweep_code(ServiceContext& context) {
  auto& ports = context.ports;
  if (ports.code_directory.empty()) return;
  // Listed before the first request: what a request unpacks from now on is not ours to judge.
  auto unpacked = unpacked_packages(ports.code_directory);
  context.dispatcher.read(
      service, service_caller("", "", "lambda.amazonaws.com"), {}, "", [&ports, unpacked = std::move(unpacked)](Call& call) mutable {
        auto work = [&ports, unpacked = std::move(unpacked), named = named_packages(call.txn)] { sweep(ports, unpacked, named); };
        if (ports.background == nullptr) return work();
        ports.background->run(std::move(work));
      });
}

}  // namespace surgetank::lambda
