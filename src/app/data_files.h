#pragma once
// The small files of a data directory that are not the store: the vault's key, the administration token, and where a running server
// is to be found. All mode 0600, written whole or not at all.
//   vault.key     32 random bytes; made at first start. Losing it loses every sealed value.
//   server.json   {"pid":..,"url":"http://127.0.0.1:4566","token":".."}, present while a server runs
// Throws std::runtime_error with a text for the operator.
#include <cstdint>
#include <optional>
#include <string>

#include "base/log.h"
#include "kernel/vault.h"

namespace surgetank {

class SystemEntropy final : public Entropy {
 public:
  std::string bytes(std::size_t count) override;
};

Secret<std::string> load_or_make_vault_key(const std::string& data_directory, Entropy& entropy);

struct RunningServer {
  std::int64_t pid = 0;
  std::string url;
  Secret<std::string> token;
};
void write_running_server(const std::string& data_directory, const RunningServer& server);
void remove_running_server(const std::string& data_directory);
// nullopt if there is no file or its process is gone.
std::optional<RunningServer> find_running_server(const std::string& data_directory);

std::string read_whole_file(const std::string& path);
void write_private_file(const std::string& path, std::string_view bytes);

}  // namespace surgetank
