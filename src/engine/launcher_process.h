#pragma once
// The launcher: a small process that starts environments for the server, because forking the server itself would copy the page tables
// of all its memory (50 ms at 1 GiB; from here 0.6 ms). It is the server's binary executed again, with one end of a packet socket as
// descriptor 3. One thread, one epoll. It ends, and with it every environment, when the server's end closes: a server that is
// killed leaves no process.

namespace surgetank {

// Runs the launcher on the socket `server` until the server's end closes; the process's exit code. For main():
//   if (argc == 2 && argv[1] == std::string_view("--launcher")) return surgetank::launcher_main(3);
int launcher_main(int server);

}  // namespace surgetank
