#include "app/folder_watch.h"

#include <poll.h>
#include <sys/inotify.h>
#include <unistd.h>

#include <algorithm>
#include <filesystem>
#include <system_error>

namespace surgetank {
namespace {

namespace fs = std::filesystem;

constexpr std::uint32_t interesting = IN_CLOSE_WRITE | IN_CREATE | IN_DELETE | IN_MOVED_FROM | IN_MOVED_TO | IN_ATTRIB;
constexpr std::size_t most_folders = 20'000;

bool left_out(const std::string& name) { return name == "node_modules" || name == "__pycache__" || (!name.empty() && name.front() == '.'); }

}  // namespace

FolderWatch::FolderWatch(const std::vector<std::string>& paths) : descriptor_(::inotify_init1(IN_CLOEXEC | IN_NONBLOCK)) {
  if (descriptor_ < 0) throw std::system_error(errno, std::generic_category(), "inotify");
  for (const auto& path : paths) {
    std::error_code ignored;
    if (fs::is_directory(path, ignored)) {
      add_tree(path);
      continue;
    }
    const auto folder = fs::path(path).parent_path().string();
    const int watch = ::inotify_add_watch(descriptor_, folder.empty() ? "." : folder.c_str(), interesting | IN_MASK_ADD);
    if (watch < 0) continue;
    if (!folders_.contains(watch)) only_[watch].push_back(fs::path(path).filename().string());
  }
}

FolderWatch::~FolderWatch() { ::close(descriptor_); }

void FolderWatch::add_tree(const std::string& folder) {
  const int watch = ::inotify_add_watch(descriptor_, folder.c_str(), interesting | IN_ONLYDIR);
  if (watch < 0 || folders_.size() >= most_folders) return;
  folders_[watch] = folder;
  only_.erase(watch);
  std::error_code ignored;
  for (const auto& entry : fs::directory_iterator(folder, ignored))
    if (entry.is_directory(ignored) && !entry.is_symlink(ignored) && !left_out(entry.path().filename().string()))
      add_tree(entry.path().string());
}

bool FolderWatch::readable(Duration patience) const {
  pollfd waiting{.fd = descriptor_, .events = POLLIN, .revents = 0};
  return ::poll(&waiting, 1, static_cast<int>(patience.ms())) == 1;
}

bool FolderWatch::concerns_us(int watch, const std::string& name) const {
  if (const auto names = only_.find(watch); names != only_.end())
    return std::find(names->second.begin(), names->second.end(), name) != names->second.end();
  return !left_out(name) && (name.empty() || name.back() != '~');
}

bool FolderWatch::read_events() {
  alignas(inotify_event) char buffer[65536];
  bool changed = false;
  for (;;) {
    const auto got = ::read(descriptor_, buffer, sizeof buffer);
    if (got <= 0) return changed;
    for (const char* at = buffer; at < buffer + got;) {
      const auto* event = reinterpret_cast<const inotify_event*>(at);
      const std::string name = event->len > 0 ? event->name : "";
      at += sizeof(inotify_event) + event->len;
      const bool overflow = (event->mask & IN_Q_OVERFLOW) != 0;
      if (!overflow && !concerns_us(event->wd, name)) continue;
      changed = true;
      const auto folder = folders_.find(event->wd);
      const bool new_folder = (event->mask & IN_ISDIR) != 0 && (event->mask & (IN_CREATE | IN_MOVED_TO)) != 0;
      if (new_folder && folder != folders_.end()) add_tree(folder->second + "/" + name);
    }
  }
}

bool FolderWatch::wait(Duration patience, Duration quiet) {
  if (!readable(patience) || !read_events()) return false;
  while (readable(quiet)) read_events();
  return true;
}

}  // namespace surgetank
