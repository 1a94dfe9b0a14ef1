// The server that http_bench.py measures: `GET /` answered on the connection's loop, nothing behind it.
// Prints "port N" and runs until its standard input ends.
#include <unistd.h>

#include <cstdio>
#include <cstdlib>

#include "base/text.h"
#include "net/event_loop.h"
#include "net/http_server.h"

int main(int argc, char** argv) {
  const auto loops_wanted = surgetank::parse_integer(argc > 1 ? argv[1] : "1");
  if (!loops_wanted || *loops_wanted < 1 || *loops_wanted > 64) {
    std::fprintf(stderr, "usage: http_bench_server [loops]\n");
    return 2;
  }
  surgetank::EventLoops loops(static_cast<std::size_t>(*loops_wanted));
  surgetank::HttpServerOptions options;
  options.listen = {*surgetank::parse_listen_address("127.0.0.1:0")};
  const surgetank::HttpServer server(loops, options, [](surgetank::HttpRequest request, surgetank::HttpReply reply) {
    reply({.status = request.path == "/" ? 200 : 404, .headers = {{"Content-Type", "text/plain"}}, .body = "hello, world\n"});
  });
  loops.start();
  std::printf("port %u\n", server.port());
  std::fflush(stdout);
  char byte = 0;
  while (::read(STDIN_FILENO, &byte, 1) > 0) {
  }
  return 0;
}
