#pragma once
// Notices changes below folders (inotify), for `surgetank up`. One thread. node_modules, .git and folders whose name starts with a dot
// below a watched folder are left out, unless they are the watched folder itself: nobody edits there, and they are huge.
#include <map>
#include <string>
#include <vector>

#include "base/time.h"

namespace surgetank {

class FolderWatch {
 public:
  // Folders and single files; what does not exist is skipped.
  explicit FolderWatch(const std::vector<std::string>& paths);
  ~FolderWatch();
  FolderWatch(const FolderWatch&) = delete;
  FolderWatch& operator=(const FolderWatch&) = delete;

  // Waits at most `patience` for a change and then until nothing has changed for `quiet`. True if something has.
  bool wait(Duration patience, Duration quiet);

 private:
  void add_tree(const std::string& folder);
  bool read_events();
  bool readable(Duration patience) const;
  bool concerns_us(int watch, const std::string& name) const;

  int descriptor_ = -1;
  std::map<int, std::string> folders_;            // by watch descriptor
  std::map<int, std::vector<std::string>> only_;  // names watched in a folder that is there for single files
};

}  // namespace surgetank
