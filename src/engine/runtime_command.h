#pragma once
// Which program runs a function: the host's interpreters for nodejsNN.x and pythonN.N (with our bootstraps), the package's own
// `bootstrap` for provided.* and go1.x. Looks at the file system; remembers what it found about interpreters. One owner, one thread
// at a time. Nothing throws: what cannot run is said in the result.
#include <cstdint>
#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "kernel/function_runner.h"

namespace surgetank {

struct RuntimeCommand {
  enum class Problem : std::uint8_t {
    None,
    NotSupported,       // no such runtime here: the platform's fault (`explanation` is for the caller)
    NotInstalled,       // the host lacks the interpreter
    InvalidEntrypoint,  // the function's fault: Lambda's Runtime.InvalidEntrypoint with `explanation` as its text
  };
  Problem problem = Problem::None;
  std::string explanation;
  std::string program;                // an absolute path, or "{task}/bootstrap"
  std::vector<std::string> arguments; // after the program; "{runtime}" and "{task}" stand for where the process sees those directories
  std::string bootstrap_folder;       // below the bootstraps directory: "node", "python"; empty: the function brings its own
  std::vector<std::string> readable;  // where the interpreter lives, if not in the system's folders
  std::string warning;                // said once in the log: another version than asked for
};

class RuntimeCommands {
 public:
  // `search_path`: colon separated folders after the fixed ones (the server's PATH).
  explicit RuntimeCommands(std::string search_path) : search_path_(std::move(search_path)) {}
  RuntimeCommand choose(const FunctionVersion& version);

 private:
  struct Interpreter {
    std::string path;     // real path
    std::string version;  // "20.20.2"; empty: unknown
  };
  RuntimeCommand choose_node(const FunctionVersion& version);
  RuntimeCommand choose_python(const FunctionVersion& version);
  std::vector<std::string> candidates(const std::vector<std::string>& names) const;

  const std::string search_path_;
  std::mutex mutex_;
  std::optional<std::vector<Interpreter>> nodes_;
};

}  // namespace surgetank
