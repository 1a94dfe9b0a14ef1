#include "services/lambda/code_package.h"

#include <filesystem>

#include "base/text.h"
#include "kernel/ports.h"
#include "kernel/quotas.h"
#include "services/lambda/errors.h"
#include "services/lambda/limits.h"
#include "services/lambda/operations.h"
#include "services/lambda/quotas.h"
#include "storage/blob_store.h"
#include "storage/zip.h"

namespace surgetank::lambda {
namespace {

constexpr std::size_t sha256_bytes = 32;

// The hash of a folder as its owner states it, in hexadecimal or base64; shown in base64 as AWS shows hashes.
Result<String> shown_hash(const Opt<String>& hash) {
  const auto hexadecimal = from_hex(hash.value_or(""));
  if (hexadecimal && hexadecimal->size() == sha256_bytes) return to_base64(*hexadecimal);
  const auto base64 = from_base64(hash.value_or(""));
  if (base64 && base64->size() == sha256_bytes) return *hash;
  return invalid_parameter("LocalHash must be the SHA-256 of the folder in hexadecimal or base64.");
}

Result<CodeSource> local_folder(const Caller& caller, const CodeMembers& members) {
  if (caller.kind != Caller::Kind::Service)
    return invalid_parameter("LocalPath is only for templates that this server deploys from its own disk.");
  const auto& path = *members.local_path;
  if (path.empty() || path.front() != '/' || path.find('\0') != std::string::npos)
    return invalid_parameter("LocalPath must be the absolute path of a folder.");
  SURGE_TRY(hash, shown_hash(members.local_hash));
  return CodeSource{.zip = {}, .local = CodeRecord{.sha256 = hash, .size = members.local_size.value_or(0), .local_path = path}};
}

}  // namespace

Result<CodeSource> code_source(Call& call, const CodeMembers& members) {
  if (members.s3_bucket || members.s3_key) return invalid_parameter("S3 is not supported yet: send the deployment package in ZipFile.");
  if (members.image_uri) return unsupported("A container image (ImageUri)");
  if (members.zip && members.local_path) return invalid_parameter("Please provide one source for function code: ZipFile or LocalPath.");
  if (members.local_path) return local_folder(call.caller, members);
  if (!members.zip) return invalid_parameter("Please provide a source for function code.");
  if (members.zip->bytes.empty()) return invalid_parameter("Uploaded file must be a non-empty zip");
  const auto size = static_cast<std::int64_t>(members.zip->bytes.size());
  SURGE_CHECK(check_quota(call.ports.quotas, quotas::zipped_package, size));
  SURGE_CHECK(check_quota(call.ports.quotas, quotas::code_storage, account_use(call).TotalCodeSize + size));
  return CodeSource{.zip = members.zip->bytes, .local = std::nullopt};
}

Result<CodeRecord> store_package(Ports& ports, std::string_view zip) {
  const auto id = BlobId::of(zip);
  const auto directory = ports.code_directory + "/" + id.text();
  if (!std::filesystem::exists(directory)) {
    const auto most = static_cast<std::size_t>(quota_value(ports.quotas, quotas::unzipped_package));
    const auto unpacked = unpack_zip(zip, directory, {.unpacked_bytes = most}, Unpacked::Synced);
    if (!unpacked.ok()) {
      auto error = fault(InvalidParameterValueException, unpacked.error().message);
      if (contains(error.message, "Unzipped size")) {
        error.quota = &quotas::unzipped_package;
        if (ports.quotas != nullptr) ports.quotas->rejected(quotas::unzipped_package);
      }
      return error;
    }
  }
  ports.blobs->put(zip);
  const auto hash = from_hex(id.text()).value_or("");
  return CodeRecord{.sha256 = to_base64(hash), .size = static_cast<Integer>(zip.size()), .local_path = std::nullopt};
}

std::string package_name(const CodeRecord& code) { return to_hex(from_base64(code.sha256).value_or("")); }

std::string code_directory_of(const Ports& ports, const CodeRecord& code) {
  return code.local_path ? *code.local_path : ports.code_directory + "/" + package_name(code);
}

}  // namespace surgetank::lambda
