#include "app/data_files.h"

#include <fcntl.h>
#include <signal.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <stdexcept>

#include "wire/json_value.h"
#include "wire/json_writer.h"

namespace surgetank {
namespace {

constexpr std::size_t key_size = 32;
constexpr std::size_t largest_small_file = 1 << 20;

[[noreturn]] void fail(const std::string& what, const std::string& path) {
  throw std::runtime_error("cannot " + what + " " + path + ": " + std::strerror(errno));
}

std::string server_file(const std::string& data_directory) { return data_directory + "/server.json"; }

}  // namespace

std::string SystemEntropy::bytes(std::size_t count) {
  std::string out(count, '\0');
  std::size_t done = 0;
  while (done < count) {
    const auto got = ::getrandom(out.data() + done, count - done, 0);
    if (got < 0 && errno != EINTR) throw std::runtime_error("the operating system gives no random bytes");
    if (got > 0) done += static_cast<std::size_t>(got);
  }
  return out;
}

std::string read_whole_file(const std::string& path) {
  const int file = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
  if (file < 0) fail("read", path);
  std::string out;
  char buffer[65536];
  for (;;) {
    const auto got = ::read(file, buffer, sizeof buffer);
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) {
      ::close(file);
      fail("read", path);
    }
    if (got == 0 || out.size() > largest_small_file) break;
    out.append(buffer, static_cast<std::size_t>(got));
  }
  ::close(file);
  return out;
}

void write_private_file(const std::string& path, std::string_view bytes) {
  const auto fresh = path + ".new";
  const int file = ::open(fresh.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
  if (file < 0) fail("write", fresh);
  const bool written = ::write(file, bytes.data(), bytes.size()) == static_cast<ssize_t>(bytes.size()) && ::fsync(file) == 0;
  ::close(file);
  if (!written || ::rename(fresh.c_str(), path.c_str()) != 0) fail("write", path);
}

Secret<std::string> load_or_make_vault_key(const std::string& data_directory, Entropy& entropy) {
  const auto path = data_directory + "/vault.key";
  if (::access(path.c_str(), F_OK) != 0) write_private_file(path, entropy.bytes(key_size));
  struct stat status {};
  if (::stat(path.c_str(), &status) != 0) fail("read", path);
  if ((status.st_mode & 077) != 0) throw std::runtime_error(path + " can be read by others; run: chmod 600 " + path);
  auto key = read_whole_file(path);
  if (key.size() != key_size) throw std::runtime_error(path + " is damaged (32 bytes expected); restore it from a backup");
  return Secret<std::string>(std::move(key));
}

void write_running_server(const std::string& data_directory, const RunningServer& server) {
  std::string text;
  JsonWriter json(text);
  json.begin_object();
  json.key("pid").integer(server.pid);
  json.key("url").string(server.url);
  json.key("token").string(server.token.reveal());
  json.end_object();
  write_private_file(server_file(data_directory), text);
}

void remove_running_server(const std::string& data_directory) { ::unlink(server_file(data_directory).c_str()); }

std::optional<RunningServer> find_running_server(const std::string& data_directory) {
  const auto path = server_file(data_directory);
  if (::access(path.c_str(), R_OK) != 0) return std::nullopt;
  const auto document = parse_json(read_whole_file(path));
  if (!document.ok()) return std::nullopt;
  const auto* pid = document->find("pid");
  const auto* url = document->find_string("url");
  const auto* token = document->find_string("token");
  if (pid == nullptr || url == nullptr || token == nullptr) return std::nullopt;
  RunningServer server{.pid = pid->as_integer().value_or(0), .url = *url, .token = Secret<std::string>(*token)};
  if (server.pid <= 0 || (::kill(static_cast<pid_t>(server.pid), 0) != 0 && errno == ESRCH)) return std::nullopt;
  return server;
}

}  // namespace surgetank
