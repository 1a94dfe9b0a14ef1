// The event loop on a kernel without epoll_pwait2 (before Linux 5.11): a seccomp filter answers ENOSYS for it, in a process of its own,
// because what the kernel can is found out once for a process.
#include <gtest/gtest.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <sys/epoll.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cerrno>
#include <cstddef>
#include <cstdio>
#include <cstdlib>
#include <ctime>
#include <functional>
#include <future>
#include <iterator>
#include <memory>

#include "net/event_loop.h"
#include "net/socket_watch.h"
#include "net/steady_timer.h"

namespace surgetank {
namespace {

[[noreturn]] void fail(const char* what) {
  std::fprintf(stderr, "failed: %s (errno %d)\n", what, errno);
  std::_Exit(1);
}
void require(bool holds, const char* what) {
  if (!holds) fail(what);
}

// Every thread that is started from here on has it too.
void forget_epoll_pwait2() {
  sock_filter program[] = {
      BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(seccomp_data, nr)), BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_epoll_pwait2, 0, 1),
      BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | (ENOSYS & SECCOMP_RET_DATA)), BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW)};
  const sock_fprog filter{.len = std::size(program), .filter = program};
  require(prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0, "no new privileges");
  require(prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &filter) == 0, "the filter is taken");
  const int epoll = epoll_create1(EPOLL_CLOEXEC);
  epoll_event event;
  const timespec none{};
  require(epoll_pwait2(epoll, &event, 1, &none, nullptr) == -1 && errno == ENOSYS, "the kernel seems old");
  ::close(epoll);
}

std::int64_t read_us(clockid_t clock) {
  timespec time{};
  clock_gettime(clock, &time);
  return time.tv_sec * 1'000'000 + time.tv_nsec / 1000;
}

struct Spent {
  std::int64_t passed_us;
  std::int64_t processor_us;  // of the loop's thread
};

// A chain of timers, each set when the one before it has run.
Spent run_timers(EventLoop& loop, int count, Duration delay) {
  std::promise<Spent> done;
  std::unique_ptr<SteadyTimer> timer;
  std::int64_t begin = 0;
  std::int64_t processor_begin = 0;
  int left = count;
  std::function<void()> next = [&] {
    if (left-- > 0) return timer->after(delay, [&] { next(); });
    timer.reset();
    done.set_value({read_us(CLOCK_MONOTONIC) - begin, read_us(CLOCK_THREAD_CPUTIME_ID) - processor_begin});
  };
  loop.post([&] {
    timer = std::make_unique<SteadyTimer>(loop);
    begin = read_us(CLOCK_MONOTONIC);
    processor_begin = read_us(CLOCK_THREAD_CPUTIME_ID);
    next();
  });
  return done.get_future().get();
}

struct Echo final : SocketEvents, std::enable_shared_from_this<Echo> {
  Echo(EventLoop& loop, int descriptor) : watch(loop, descriptor) {}
  void on_readable() override {
    char buffer[64];
    const auto size = ::recv(watch.descriptor(), buffer, sizeof buffer, MSG_DONTWAIT);
    if (size > 0) require(::send(watch.descriptor(), buffer, static_cast<std::size_t>(size), 0) == size, "the echo is sent");
    watch.wait_readable(shared_from_this());
  }
  void on_writable() override {}
  SocketWatch watch;
};

void echo_over_sockets(EventLoop& loop) {
  int ends[2];
  require(::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) == 0, "a pair of sockets");
  std::shared_ptr<Echo> echo;
  loop.run_and_wait([&] {
    echo = std::make_shared<Echo>(loop, ends[1]);
    echo->watch.wait_readable(echo);
  });
  for (char letter = 'a'; letter < 'k'; ++letter) {
    char answer = 0;
    require(::send(ends[0], &letter, 1, 0) == 1 && ::recv(ends[0], &answer, 1, 0) == 1 && answer == letter, "an echo for each letter");
  }
  loop.run_and_wait([&] {
    echo->watch.close();
    echo.reset();
  });
  ::close(ends[0]);
}

[[noreturn]] void live_on_an_old_kernel() {
  forget_epoll_pwait2();
  {
    EventLoops loops(1);
    loops.start();
    auto& loop = loops.lane(0);
    const auto one = run_timers(loop, 1, microseconds(300'400));
    require(one.passed_us >= 300'400 - 10'000, "a timer does not run early");  // the clock of spans has steps of some milliseconds
    require(one.processor_us < 100'000, "the loop sleeps while it waits for a timer");
    // Rounded down, each of them would be waited for in a busy loop.
    const auto many = run_timers(loop, 300, microseconds(900));
    require(many.processor_us < 150'000, "the loop sleeps while it waits for less than a millisecond");
    echo_over_sockets(loop);
    for (int i = 0; i < 10; ++i) {
      ::usleep(2000);            // the loop is asleep, without an end
      loop.run_and_wait([] {});  // and woken by what is posted
    }
  }
  std::fprintf(stderr, "all is well\n");
  std::_Exit(0);
}

TEST(PollerDeathTest, WithoutFineStepsTimersAndSocketsWorkAndTheLoopSleeps) {
  GTEST_FLAG_SET(death_test_style, "threadsafe");
  EXPECT_EXIT(live_on_an_old_kernel(), testing::ExitedWithCode(0), "all is well");
}

}  // namespace
}  // namespace surgetank
