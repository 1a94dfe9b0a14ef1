#include "stack/file_source.h"

#include <openssl/evp.h>

#include <algorithm>
#include <memory>

#include "base/text.h"

namespace surgetank::stack {
namespace {

class Sha256 {
 public:
  Sha256() : context_(EVP_MD_CTX_new(), &EVP_MD_CTX_free) { EVP_DigestInit_ex(context_.get(), EVP_sha256(), nullptr); }
  void add(std::string_view bytes) { EVP_DigestUpdate(context_.get(), bytes.data(), bytes.size()); }
  // Length first, so that no two sequences of fields look the same.
  void add_field(std::string_view bytes) {
    add(std::to_string(bytes.size()) + ":");
    add(bytes);
  }
  std::string base64() {
    unsigned char digest[EVP_MAX_MD_SIZE];
    unsigned int size = 0;
    EVP_DigestFinal_ex(context_.get(), digest, &size);
    return to_base64(std::string_view(reinterpret_cast<const char*>(digest), size));
  }

 private:
  std::unique_ptr<EVP_MD_CTX, decltype(&EVP_MD_CTX_free)> context_;
};

class FolderHasher {
 public:
  FolderHasher(const FileSource& files, std::string root) : files_(files), root_(std::move(root)) {}

  bool folder(const std::string& path, const std::string& relative) {
    const std::string real = files_.canonical(path);
    if (std::find(open_.begin(), open_.end(), real) != open_.end()) return true;  // a link back up: its target is hashed already
    const auto entries = files_.list(path);
    if (!entries) return fail("cannot read folder " + path);
    open_.push_back(real);
    for (const FileSource::Entry& entry : *entries) {
      if (++count_ > max_folder_files) return fail("more than 200,000 files in " + root_);
      if (!this->entry(path + "/" + entry.name, relative + entry.name, entry)) return false;
    }
    open_.pop_back();
    return true;
  }

  bool file(const std::string& path) {
    Sha256 contents;
    const bool fine = files_.read(path, [&](std::string_view piece) {
      bytes_ += piece.size();
      contents.add(piece);
    });
    if (!fine) return fail("cannot read " + path);
    if (bytes_ > max_folder_bytes) return fail("more than 4 GB in " + root_);
    hash_.add_field(contents.base64());
    return true;
  }

  FolderHash result() { return {hash_.base64(), bytes_}; }
  std::string failure;

 private:
  bool fail(std::string why) {
    failure = std::move(why);
    return false;
  }

  bool entry(const std::string& path, const std::string& relative, const FileSource::Entry& entry) {
    hash_.add_field(relative);
    hash_.add_field(std::to_string(entry.mode & 0777U));
    hash_.add_field(entry.link_target);
    const FileSource::Kind kind = files_.kind(path);
    if (kind == FileSource::Kind::File) return file(path);
    if (kind != FileSource::Kind::Folder) return true;
    const bool inside = files_.canonical(path).starts_with(files_.canonical(root_) + "/");
    if (!entry.link_target.empty() && inside) return true;  // what it leads to is hashed where it is
    return folder(path, relative + "/");
  }

  const FileSource& files_;
  std::string root_;
  Sha256 hash_;
  std::uint64_t bytes_ = 0;
  std::size_t count_ = 0;
  std::vector<std::string> open_;
};

}  // namespace

std::optional<FolderHash> hash_folder(const FileSource& files, const std::string& folder, std::string& failure) {
  FolderHasher hasher(files, folder);
  if (!hasher.folder(folder, "")) return failure = hasher.failure, std::nullopt;
  return hasher.result();
}

std::optional<FolderHash> hash_file(const FileSource& files, const std::string& path, std::string& failure) {
  FolderHasher hasher(files, path);
  if (!hasher.file(path)) return failure = hasher.failure, std::nullopt;
  return hasher.result();
}

std::string join_path(std::string_view folder, std::string_view path) {
  const bool absolute = path.starts_with("/") || folder.starts_with("/");
  const std::string whole = path.starts_with("/") ? std::string(path) : std::string(folder) + "/" + std::string(path);
  std::vector<std::string> parts;
  for (std::string_view part : split(whole, '/')) {
    if (part.empty() || part == ".") continue;
    if (part == ".." && !parts.empty() && parts.back() != "..") {
      parts.pop_back();
    } else if (part != ".." || !absolute) {
      parts.emplace_back(part);
    }
  }
  const std::string joined = join(parts, "/");
  return absolute ? "/" + joined : joined.empty() ? "." : joined;
}

std::string parent_folder(std::string_view path) {
  const std::size_t slash = path.rfind('/');
  if (slash == std::string_view::npos) return ".";
  return slash == 0 ? "/" : std::string(path.substr(0, slash));
}

}  // namespace surgetank::stack
