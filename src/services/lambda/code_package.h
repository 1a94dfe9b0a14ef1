#pragma once
// The code of functions. An uploaded zip is kept as a blob under its SHA-256 and unpacked once, read only, into a directory of that
// name under Ports::code_directory; functions with the same package share both. A local folder is used where it lies.
// The blob is the truth: it is on disk before a record names it. Errors are Lambda's own; a failing disk throws.
// store_package() takes long for large packages (seconds): away from the lanes (package_work.h).
#include <string>
#include <string_view>

#include "base/result.h"
#include "kernel/call.h"
#include "kernel/ports.h"
#include "services/lambda/model.h"
#include "services/lambda/records.h"

namespace surgetank::lambda {

// The members of a request that say where the code is; CreateFunction has them in Code.
struct CodeMembers {
  const Opt<Blob>& zip;
  const Opt<String>& s3_bucket;
  const Opt<String>& s3_key;
  const Opt<String>& image_uri;
  const Opt<String>& local_path;
  const Opt<String>& local_hash;
  const Opt<Integer>& local_size;
};
template <class Request>
CodeMembers code_members(const Request& request) {
  return {.zip = request.ZipFile,
          .s3_bucket = request.S3Bucket,
          .s3_key = request.S3Key,
          .image_uri = request.ImageUri,
          .local_path = request.LocalPath,
          .local_hash = request.LocalHash,
          .local_size = request.LocalSize};
}

struct CodeSource {
  std::string_view zip;   // of the request object; empty: not a package
  Opt<CodeRecord> local;  // a folder
};
// The one source that is supported and allowed: a package, whose size only is checked here, or a local folder of a `caller` inside
// the platform.
Result<CodeSource> code_source(Call& call, const CodeMembers& members);

// Checks, keeps and unpacks a package. Any thread.
Result<CodeRecord> store_package(Ports& ports, std::string_view zip);

// What the function sees as its task root.
std::string code_directory_of(const Ports& ports, const CodeRecord& code);
// The name of a package's directory and blob: the hash in hexadecimal.
std::string package_name(const CodeRecord& code);

}  // namespace surgetank::lambda
