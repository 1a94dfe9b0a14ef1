#pragma once
// One PostgreSQL server and its directory. One thread, the same for its whole life (the server process ends with that thread).
//
//   <directory>/            0711, ours
//     data/                 PostgreSQL's own, of the unprivileged user
//     socket/               0700, of the unprivileged user; a directory in /tmp when the path is too long for a socket
//     postgres.log          what the server says
//     admin_password        0600, ours: of the superuser "rdsadmin", who only we are
//     applied               0600, ours: a digest of the master password that was last given to the server; there once it is set up
//
// The server listens on nothing but that socket and wants scram-sha-256 of everybody. A directory that the unprivileged user cannot
// reach (below /root, say) is shown to it in a mount namespace of its own; PostgreSQL then sees it as /mnt.
// A server that survived us is stopped before ours starts. Failures: std::runtime_error with what to do.
#include <optional>
#include <string>

#include "engine/postgres_installation.h"
#include "kernel/database_host.h"

namespace surgetank {

class PostgresServer {
 public:
  PostgresServer(std::string installation_root, std::string directory);
  ~PostgresServer();  // stops
  PostgresServer(const PostgresServer&) = delete;
  PostgresServer& operator=(const PostgresServer&) = delete;

  // Makes the data on first use, starts the server with the instance's max_connections (again, if it runs with another number), and
  // gives it the master password if that has changed. Returns when the server takes connections.
  void ensure_running(const DatabaseInstance& instance);
  // Asks for a shutdown without waiting; finish_stop() waits, and gets rougher with time.
  enum class Shutdown : std::uint8_t { Fast, Immediate };  // Immediate: without a checkpoint, to be recovered or thrown away
  void begin_stop(Shutdown shutdown);
  void finish_stop();
  void remove_data();

  // False also when it ended by itself (which is noticed here).
  bool is_running();
  const std::string& socket_path() const { return socket_path_; }
  const std::string& version() const { return version_; }

 private:
  std::string inner(const std::string& path) const;
  std::string path(const char* name) const { return directory_ + "/" + name; }
  ChildProgram program(const std::string& name) const;
  void prepare_directory();
  void prepare_sockets();
  void choose_programs(const std::string& wanted_version);
  void stop_survivor();
  void make_data();
  void start(std::int64_t max_connections);
  void wait_until_ready();
  void set_up(const DatabaseInstance& instance);
  std::string run_sql(const std::string& sql);
  std::string admin_password();
  std::string last_log_lines() const;

  const std::string root_;
  const std::string directory_;
  std::optional<UnprivilegedUser> user_;
  bool hidden_ = false;  // the user cannot reach the directory
  PostgresPrograms programs_;
  std::string socket_directory_;
  std::string socket_path_;
  std::string version_;
  std::int64_t max_connections_ = 0;
  pid_t pid_ = 0;
};

}  // namespace surgetank
