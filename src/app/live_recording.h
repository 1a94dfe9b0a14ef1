#pragma once
// A recording of the server that runs on the client's data directory. Blocking; throws std::runtime_error (CommandError if there is no
// server) with a text for the user.
#include "app/commands.h"
#include "windtunnel/recording/recording.h"

namespace surgetank {

windtunnel::Recording record_running_server(const ClientOptions& client, std::size_t last_traces);

}  // namespace surgetank
