#include "engine/runtime_command.h"

#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/wait.h>

#include <algorithm>

#include "base/text.h"
#include "engine/descriptor.h"

namespace surgetank {
namespace {

using Problem = RuntimeCommand::Problem;

constexpr std::string_view system_folders[] = {"/usr/", "/bin/", "/sbin/", "/lib/", "/lib64/", "/opt/", "/nix/"};
constexpr int version_patience_ms = 2000;

std::string real_path(const std::string& path) {
  char real[PATH_MAX];
  return ::realpath(path.c_str(), real) == nullptr ? "" : real;
}

bool is_executable_file(const std::string& path) {
  struct stat status{};
  return ::stat(path.c_str(), &status) == 0 && S_ISREG(status.st_mode) && ::access(path.c_str(), X_OK) == 0;
}

// Version managers put scripts of the programs' names on the PATH, which need their own environment.
bool is_binary(const std::string& path) {
  const Descriptor file(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
  char start[4] = {};
  return file && ::read(file.get(), start, sizeof start) == sizeof start && std::string_view(start, sizeof start) == "\x7f" "ELF";
}

std::vector<std::string> readable_for(const std::string& program) {
  for (const std::string_view folder : system_folders) {
    if (program.starts_with(folder)) return {};
  }
  // <prefix>/bin/program, with what it needs in <prefix>/lib.
  std::string prefix = program.substr(0, program.rfind('/'));
  if (prefix.ends_with("/bin")) prefix.resize(prefix.size() - 4);
  return {prefix};
}

// What `program --version` prints, without a leading "v"; empty if it does not within two seconds.
std::string version_of(const std::string& program) {
  DescriptorPair pipe = make_pipe();
  posix_spawn_file_actions_t actions;
  ::posix_spawn_file_actions_init(&actions);
  ::posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
  ::posix_spawn_file_actions_adddup2(&actions, pipe.second.get(), STDOUT_FILENO);
  ::posix_spawn_file_actions_addopen(&actions, STDERR_FILENO, "/dev/null", O_WRONLY, 0);
  char option[] = "--version";
  char* arguments[] = {const_cast<char*>(program.c_str()), option, nullptr};
  char* environment[] = {nullptr};
  pid_t pid = 0;
  const int failure = ::posix_spawn(&pid, program.c_str(), &actions, nullptr, arguments, environment);
  ::posix_spawn_file_actions_destroy(&actions);
  if (failure != 0) return {};
  pipe.second = Descriptor();
  pollfd ready{pipe.first.get(), POLLIN, 0};
  char text[64] = {};
  const ssize_t count = ::poll(&ready, 1, version_patience_ms) > 0 ? ::read(pipe.first.get(), text, sizeof text - 1) : -1;
  if (count <= 0) ::kill(pid, SIGKILL);
  ::waitpid(pid, nullptr, 0);
  std::string version(text, static_cast<std::size_t>(std::max<ssize_t>(count, 0)));
  version = version.substr(0, version.find('\n'));
  return version.starts_with("v") ? version.substr(1) : version;
}

RuntimeCommand problem(Problem kind, std::string explanation) {
  RuntimeCommand command;
  command.problem = kind;
  command.explanation = std::move(explanation);
  return command;
}

RuntimeCommand choose_own_bootstrap(const FunctionVersion& version) {
  if (!is_executable_file(version.code_directory + "/bootstrap")) {
    struct stat status{};
    if (::stat((version.code_directory + "/bootstrap").c_str(), &status) == 0) {
      return problem(Problem::InvalidEntrypoint, "fork/exec /var/task/bootstrap: permission denied");
    }
    return problem(Problem::InvalidEntrypoint, "Couldn't find valid bootstrap(s): [/var/task/bootstrap /opt/bootstrap]");
  }
  RuntimeCommand command;
  command.program = "{task}/bootstrap";
  return command;
}

}  // namespace

RuntimeCommand RuntimeCommands::choose(const FunctionVersion& version) {
  const std::string& runtime = version.runtime;
  if (runtime == "provided" || runtime.starts_with("provided.al") || runtime == "go1.x") return choose_own_bootstrap(version);
  if (runtime.starts_with("nodejs")) return choose_node(version);
  if (runtime.starts_with("python3")) return choose_python(version);
  return problem(Problem::NotSupported, "Surgetank does not run the runtime " + (runtime.empty() ? "of container images" : runtime) +
                                            " yet; supported are nodejs*, python3*, provided.al2, provided.al2023");
}

// Executable binaries of these names, in the order of the names, then of the folders.
std::vector<std::string> RuntimeCommands::candidates(const std::vector<std::string>& names) const {
  std::vector<std::string> folders = {"/usr/bin", "/usr/local/bin"};
  for (const std::string_view folder : split(search_path_, ':')) {
    if (folder.starts_with("/")) folders.emplace_back(folder);
  }
  std::vector<std::string> found;
  for (const std::string& name : names) {
    for (const std::string& folder : folders) {
      const std::string path = real_path(folder + "/" + name);
      if (path.empty() || !is_executable_file(path) || !is_binary(path)) continue;
      if (std::find(found.begin(), found.end(), path) == found.end()) found.push_back(path);
    }
  }
  return found;
}

RuntimeCommand RuntimeCommands::choose_node(const FunctionVersion& version) {
  const std::string wanted = version.runtime.substr(6, version.runtime.find('.') - 6);
  const std::lock_guard lock(mutex_);
  if (!nodes_ || nodes_->empty()) {
    nodes_.emplace();
    for (const std::string& path : candidates({"node", "nodejs"})) nodes_->push_back({path, version_of(path)});
  }
  if (nodes_->empty()) {
    return problem(Problem::NotInstalled, "no node on this machine for the runtime " + version.runtime + "; install it: apt-get install nodejs");
  }
  auto chosen = std::find_if(nodes_->begin(), nodes_->end(),
                             [&](const Interpreter& node) { return node.version.substr(0, node.version.find('.')) == wanted; });
  RuntimeCommand command;
  if (chosen == nodes_->end()) {
    chosen = nodes_->begin();
    command.warning = version.runtime + " runs on node " + chosen->version + ", which is what this machine has";
  }
  command.program = chosen->path;
  command.arguments = {"{runtime}/bootstrap.cjs"};
  command.bootstrap_folder = "node";
  command.readable = readable_for(chosen->path);
  return command;
}

RuntimeCommand RuntimeCommands::choose_python(const FunctionVersion& version) {
  const std::string wanted = version.runtime.substr(6);
  std::vector<std::string> found = candidates({"python" + wanted});
  RuntimeCommand command;
  if (found.empty()) {
    found = candidates({"python3"});
    if (found.empty()) {
      return problem(Problem::NotInstalled,
                     "no python3 on this machine for the runtime " + version.runtime + "; install it: apt-get install python3");
    }
    command.warning = version.runtime + " runs on " + found.front() + ", which is what this machine has";
  }
  command.program = found.front();
  command.arguments = {"{runtime}/bootstrap.py"};
  command.bootstrap_folder = "python";
  command.readable = readable_for(command.program);
  return command;
}

}  // namespace surgetank
