#include "engine/postgres_server.h"

#include <fcntl.h>
#include <signal.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <stdexcept>

#include "base/log.h"
#include "base/text.h"
#include "engine/descriptor.h"
#include "engine/postgres_sql.h"
#include "net/steady_timer.h"
#include "wire/sha256.h"

namespace surgetank {
namespace {

namespace files = std::filesystem;

constexpr const char* mount_point = "/mnt";  // only inside the server's own mount namespace
constexpr const char* socket_name = "/.s.PGSQL.5432";
constexpr std::size_t longest_socket_path = 100;
constexpr std::uintmax_t longest_log = 16 * 1024 * 1024;
constexpr Duration initdb_limit = minutes(5);
constexpr Duration start_limit = minutes(5);  // it may have a lot to recover
constexpr Duration sql_limit = minutes(1);
constexpr Duration fast_stop_limit = seconds(20);
constexpr Duration immediate_stop_limit = seconds(10);
constexpr Duration poll_interval = milliseconds(10);

void nap() { ::usleep(static_cast<useconds_t>(poll_interval.us)); }

void make_directory(const std::string& path, mode_t mode, const std::optional<UnprivilegedUser>& owner) {
  if (::mkdir(path.c_str(), mode) == -1 && errno != EEXIST) throw_errno("cannot make " + path);
  if (owner) check_call(::chown(path.c_str(), owner->uid, owner->gid), "chown");
  check_call(::chmod(path.c_str(), mode), "chmod");
}

void write_private_file(const std::string& path, const std::string& text, const std::optional<UnprivilegedUser>& owner) {
  const auto scratch = path + ".new";
  {
    const Descriptor file(check_call(::open(scratch.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0600), "open"));
    if (check_call(::write(file.get(), text.data(), text.size()), "write") != static_cast<ssize_t>(text.size()))
      throw std::runtime_error("cannot write " + path);
    if (owner) check_call(::fchown(file.get(), owner->uid, owner->gid), "fchown");
    check_call(::fsync(file.get()), "fsync");
  }
  files::rename(scratch, path);
}

std::string random_text() {
  char bytes[32];
  if (::getrandom(bytes, sizeof bytes, 0) != sizeof bytes) throw_errno("getrandom");
  return to_hex({bytes, sizeof bytes});
}

// Line `number` (from 1) of a server's postmaster.pid; line 1 is its process id, line 8 how far it is.
std::string pid_file_line(const std::string& path, std::size_t number) {
  const auto text = read_small_file(path);
  const auto lines = split(text, '\n');
  return number <= lines.size() ? std::string(trim(lines[number - 1])) : std::string();
}

}  // namespace

PostgresServer::PostgresServer(std::string installation_root, std::string directory)
    : root_(std::move(installation_root)), directory_(files::absolute(directory).string()) {}

PostgresServer::~PostgresServer() {
  begin_stop(Shutdown::Fast);
  finish_stop();
}

std::string PostgresServer::inner(const std::string& path) const {
  return hidden_ && path.starts_with(directory_) ? mount_point + path.substr(directory_.size()) : path;
}

ChildProgram PostgresServer::program(const std::string& name) const {
  ChildProgram child;
  child.arguments = {programs_.directory + "/" + name};
  child.environment = {"PATH=/usr/bin:/bin", "LC_ALL=C.UTF-8", "TZ=UTC", "HOME=/nonexistent"};
  child.user = user_;
  if (hidden_) {
    child.mounted_directory = directory_;
    child.mount_point = mount_point;
  }
  return child;
}

void PostgresServer::ensure_running(const DatabaseInstance& instance) {
  if (is_running() && max_connections_ != instance.max_connections) {
    begin_stop(Shutdown::Fast);
    finish_stop();
  }
  if (!is_running()) {
    prepare_directory();
    choose_programs(instance.engine_version);
    stop_survivor();
    prepare_sockets();
    if (!files::exists(path("data"))) make_data();
    start(instance.max_connections);
  }
  set_up(instance);
}

void PostgresServer::prepare_directory() {
  user_ = postgres_user();
  files::create_directories(directory_);
  check_call(::chmod(directory_.c_str(), user_ ? 0711 : 0700), "chmod");
  const auto above = files::path(directory_).parent_path().string();
  if (user_ && !can_reach(*user_, directory_)) check_call(::chmod(above.c_str(), 0711), "chmod");
  hidden_ = user_ && !can_reach(*user_, directory_);
}

// The data decides which major version runs; `wanted_version` only on first use.
void PostgresServer::choose_programs(const std::string& wanted_version) {
  const auto of_data = pid_file_line(path("data/PG_VERSION"), 1);
  const auto all = find_postgres(root_);
  if (all.empty()) throw std::runtime_error("PostgreSQL is not installed (nothing below " + root_ + "): apt-get install postgresql");
  const auto wanted = !of_data.empty() ? of_data : wanted_version.substr(0, wanted_version.find('.'));
  programs_ = all.back();
  if (wanted.empty()) return;
  const auto found = find_postgres_version(root_, wanted);
  if (!found) throw std::runtime_error("PostgreSQL " + wanted + " is not installed: apt-get install postgresql-" + wanted);
  programs_ = *found;
}

void PostgresServer::prepare_sockets() {
  socket_directory_ = path("socket");
  const auto remembered = path("socket_directory");
  if (const auto old = read_small_file(remembered); !old.empty()) {
    std::error_code ignored;
    files::remove_all(old, ignored);
    files::remove(remembered, ignored);
  }
  if ((socket_directory_ + socket_name).size() < longest_socket_path) {
    make_directory(socket_directory_, 0700, user_);
  } else {
    std::string name = "/tmp/surgetank-XXXXXX";
    if (::mkdtemp(name.data()) == nullptr) throw_errno("cannot make a directory in /tmp");
    socket_directory_ = name;
    write_private_file(remembered, name, std::nullopt);
    make_directory(socket_directory_, 0700, user_);
  }
  socket_path_ = socket_directory_ + socket_name;
}

// A server that outlived a killed Surgetank, or its pid file.
void PostgresServer::stop_survivor() {
  const auto pid_file = path("data/postmaster.pid");
  const auto pid = static_cast<pid_t>(parse_integer(pid_file_line(pid_file, 1)).value_or(0));
  // Not by the name of its directory: in a mount namespace of its own it has another one.
  const auto lives = [&] {
    std::error_code failure;
    return pid > 1 && files::equivalent("/proc/" + std::to_string(pid) + "/cwd", path("data"), failure) && !failure;
  };
  const auto until = [&](Duration limit) {
    for (const auto due = coarse_steady_now() + limit; lives() && coarse_steady_now() < due;) nap();
  };
  if (lives()) {
    ::kill(pid, SIGINT);
    until(fast_stop_limit);
    if (lives()) ::kill(pid, SIGQUIT);
    until(immediate_stop_limit);
    if (lives()) throw std::runtime_error("an older server (process " + std::to_string(pid) + ") still uses " + path("data") + ": stop it");
  }
  std::error_code ignored;
  files::remove(pid_file, ignored);  // its process id may be somebody else's by now
}

std::string PostgresServer::admin_password() {
  auto password = read_small_file(path("admin_password"));
  if (!password.empty()) return password;
  password = random_text();
  write_private_file(path("admin_password"), password, std::nullopt);
  return password;
}

void PostgresServer::make_data() {
  const auto scratch = path("data.new");
  files::remove_all(scratch);
  make_directory(scratch, 0700, user_);
  const auto password_file = path("password_of_initdb");
  write_private_file(password_file, admin_password() + "\n", user_);
  auto initdb = program("initdb");
  for (const auto& argument :
       {std::string("--pgdata=") + inner(scratch), std::string("--username=rdsadmin"), "--pwfile=" + inner(password_file),
        std::string("--auth=scram-sha-256"), std::string("--encoding=UTF8"), std::string("--locale=C.UTF-8")})
    initdb.arguments.push_back(argument);
  const auto result = run_child(std::move(initdb), "", initdb_limit);
  files::remove(password_file);
  if (result.exit_code != 0)
    throw std::runtime_error("initdb failed: " + (result.timed_out ? std::string("it took too long") : result.output));
  write_private_file(scratch + "/pg_hba.conf", "local all all scram-sha-256\n", user_);
  files::rename(scratch, path("data"));
}

void PostgresServer::start(std::int64_t max_connections) {
  const auto log = path("postgres.log");
  std::error_code ignored;
  if (files::exists(log) && files::file_size(log) > longest_log) files::rename(log, log + ".1", ignored);
  const Descriptor output(check_call(::open(log.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600), "open postgres.log"));
  auto server = program("postgres");
  server.arguments.insert(server.arguments.end(), {"-D", inner(path("data"))});
  const std::string settings[] = {"listen_addresses=",
                                  "unix_socket_directories=" + inner(socket_directory_),
                                  "unix_socket_permissions=0700",
                                  "port=5432",
                                  "max_connections=" + std::to_string(max_connections),
                                  "superuser_reserved_connections=3",
                                  "fsync=on",
                                  "shared_buffers=32MB",
                                  "password_encryption=scram-sha-256",
                                  "logging_collector=off",
                                  "log_destination=stderr",
                                  "log_timezone=UTC",
                                  "timezone=UTC",
                                  "external_pid_file="};
  for (const auto& setting : settings) server.arguments.insert(server.arguments.end(), {"-c", setting});
  server.output = output.get();
  server.death_signal = SIGINT;  // a fast shutdown: nothing to recover when we come back
  pid_ = start_child(server);
  max_connections_ = max_connections;
  wait_until_ready();
}

void PostgresServer::wait_until_ready() {
  const auto due = coarse_steady_now() + start_limit;
  const auto pid_file = path("data/postmaster.pid");
  while (pid_file_line(pid_file, 1) != std::to_string(pid_) || pid_file_line(pid_file, 8) != "ready") {
    if (!is_running()) throw std::runtime_error("PostgreSQL ended while starting; " + path("postgres.log") + " says: " + last_log_lines());
    if (coarse_steady_now() > due) {
      begin_stop(Shutdown::Fast);
      finish_stop();
      throw std::runtime_error("PostgreSQL took too long to start; see " + path("postgres.log"));
    }
    nap();
  }
}

std::string PostgresServer::last_log_lines() const {
  constexpr off_t shown = 600;
  const Descriptor log(::open(path("postgres.log").c_str(), O_RDONLY | O_CLOEXEC));
  const auto size = log ? ::lseek(log.get(), 0, SEEK_END) : 0;
  char buffer[shown];
  const auto got = log ? ::pread(log.get(), buffer, sizeof buffer, size > shown ? size - shown : 0) : 0;
  return std::string(buffer, static_cast<std::size_t>(got > 0 ? got : 0));
}

void PostgresServer::set_up(const DatabaseInstance& instance) {
  const auto applied = sha256_hex(admin_password() + instance.master_username + "\n" + instance.master_password.reveal());
  const auto before = read_small_file(path("applied"));
  std::string sql = "SHOW server_version;\n";
  if (before != applied) sql += sql_for_master(instance.master_username, instance.master_password);
  if (before.empty()) sql += sql_for_database(instance.database_name, instance.master_username);
  const auto answer = run_sql(sql);
  version_ = answer.substr(0, answer.find_first_of(" \n"));
  if (before != applied) write_private_file(path("applied"), applied, std::nullopt);
}

std::string PostgresServer::run_sql(const std::string& sql) {
  auto psql = program("psql");
  for (const auto* argument : {"-X", "-q", "-A", "-t", "-v", "ON_ERROR_STOP=1", "-d", "postgres"}) psql.arguments.emplace_back(argument);
  for (const auto& variable : {"PGHOST=" + inner(socket_directory_), std::string("PGPORT=5432"), std::string("PGUSER=rdsadmin"),
                               "PGPASSWORD=" + admin_password(), std::string("PGAPPNAME=rdsadmin")})
    psql.environment.push_back(variable);
  const auto result = run_child(std::move(psql), sql, sql_limit);
  if (result.timed_out) throw std::runtime_error("the database could not be set up: no answer");
  if (result.exit_code != 0) throw std::runtime_error("the database could not be set up: " + result.output);
  return result.output;
}

bool PostgresServer::is_running() {
  if (pid_ != 0 && wait_for_child(pid_, Duration{})) pid_ = 0;
  return pid_ != 0;
}

void PostgresServer::begin_stop(Shutdown shutdown) {
  if (is_running()) ::kill(pid_, shutdown == Shutdown::Fast ? SIGINT : SIGQUIT);
}

void PostgresServer::finish_stop() {
  if (pid_ == 0) return;
  if (!wait_for_child(pid_, fast_stop_limit)) {
    log_line(LogLevel::Warning, "postgres", "the shutdown of " + directory_ + " takes too long: stopping it at once");
    ::kill(pid_, SIGQUIT);
    if (!wait_for_child(pid_, immediate_stop_limit)) {
      ::kill(pid_, SIGKILL);
      wait_for_child(pid_, immediate_stop_limit);
    }
  }
  pid_ = 0;
  if (!socket_directory_.empty() && !socket_directory_.starts_with(directory_)) {
    std::error_code ignored;
    files::remove_all(socket_directory_, ignored);
  }
}

void PostgresServer::remove_data() {
  begin_stop(Shutdown::Immediate);
  finish_stop();
  files::remove_all(directory_);
}

}  // namespace surgetank
