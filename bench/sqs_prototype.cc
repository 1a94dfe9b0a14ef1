// The ceiling of the whole path of SendMessage and SendMessageBatch: HTTP, signature, JSON, MD5 and group commit on RocksDB, and nothing
// else: no queues, no visibility, no checks, no errors, no telemetry.
//   sqs_prototype DIRECTORY [LOOPS]   prints "port N" and serves until it is terminated
// Each loop is a thread with its own listening socket, connections and signature check; one committer writes and syncs what all loops
// have given it since its last sync, with the same records in the same database options as the server's.
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <openssl/md5.h>
#include <rocksdb/db.h>
#include <rocksdb/write_batch.h>
#include <simdjson.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <atomic>
#include <chrono>
#include <condition_variable>
#include <cstdio>
#include <cstdlib>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "base/random.h"
#include "base/text.h"
#include "storage/rocks_options.h"
#include "storage/store.h"
#include "wire/sigv4.h"

namespace {

using namespace surgetank;

constexpr std::size_t index_record_bytes = 37;
constexpr std::size_t frame_bytes = 120;  // of a body record: ids, digests, sender

class Loop;
struct Answer {
  int fd = -1;
  std::string text;
};
struct Pending {
  Loop* loop = nullptr;
  Answer answer;
  std::vector<std::pair<std::string, std::string>> rows;
};

// One thread: one synced batch after the other, of everything that came meanwhile.
class Committer {
 public:
  explicit Committer(const std::string& directory) {
    RocksStoreOptions store_options;
    store_options.directory = directory;
    auto options = rocks_options(store_options, rocksdb::Env::Default(), [](const std::string&) {});
    options.manual_wal_flush = false;
    rocksdb::DB* opened = nullptr;
    if (!rocksdb::DB::Open(options, directory, &opened).ok()) std::exit(1);
    database_.reset(opened);
    thread_ = std::thread([this] { run(); });
    thread_.detach();  // until the process is terminated
  }
  void add(Pending pending) {
    {
      const std::lock_guard lock(mutex_);
      pending_.push_back(std::move(pending));
    }
    something_.notify_one();
  }
  std::uint64_t next_sequence() { return ++sequence_; }

 private:
  void run();

  std::unique_ptr<rocksdb::DB> database_;
  std::mutex mutex_;
  std::condition_variable something_;
  std::vector<Pending> pending_;
  std::atomic<std::uint64_t> sequence_{0};
  std::thread thread_;
};

Instant wall_clock() {
  const auto since = std::chrono::system_clock::now().time_since_epoch();
  return Instant{std::chrono::duration_cast<std::chrono::microseconds>(since).count()};
}

std::string md5_hex(std::string_view bytes) {
  std::array<char, MD5_DIGEST_LENGTH> digest{};
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wdeprecated-declarations"
  MD5(reinterpret_cast<const unsigned char*>(bytes.data()), bytes.size(), reinterpret_cast<unsigned char*>(digest.data()));
#pragma GCC diagnostic pop
  return to_hex({digest.data(), digest.size()});
}

std::string http_reply(const std::string& body) {
  return "HTTP/1.1 200 OK\r\nContent-Type: application/x-amz-json-1.0\r\nContent-Length: " + std::to_string(body.size()) + "\r\n\r\n" +
         body;
}

// A request as it lies in a connection's buffer.
struct HttpRequest {
  std::vector<HeaderView> headers;
  std::string_view method, path, body, target;
  std::size_t total = 0;  // 0: not complete
};

HttpRequest parse(std::string_view buffer) {
  HttpRequest request;
  const auto head_end = buffer.find("\r\n\r\n");
  if (head_end == std::string_view::npos) return request;
  auto head = buffer.substr(0, head_end + 2);
  const auto line = head.substr(0, head.find("\r\n"));
  request.method = line.substr(0, line.find(' '));
  request.path = line.substr(request.method.size() + 1);
  request.path = request.path.substr(0, request.path.find(' '));
  std::size_t length = 0;
  for (head.remove_prefix(line.size() + 2); !head.empty();) {
    const auto end = head.find("\r\n");
    const auto colon = head.find(':');
    const auto name = head.substr(0, colon);
    const auto value = trim(head.substr(colon + 1, end - colon - 1));
    if (equals_ignoring_case(name, "content-length")) length = std::strtoull(std::string(value).c_str(), nullptr, 10);
    if (equals_ignoring_case(name, "x-amz-target")) request.target = value;
    request.headers.push_back({name, value});
    head.remove_prefix(end + 2);
  }
  if (buffer.size() < head_end + 4 + length) return request;
  request.body = buffer.substr(head_end + 4, length);
  request.total = head_end + 4 + length;
  return request;
}

class Loop {
 public:
  Loop(Committer& committer, std::uint16_t port, std::uint64_t seed) : committer_(committer), random_(seed) {
    listener_ = ::socket(AF_INET, SOCK_STREAM, 0);
    const int on = 1;
    ::setsockopt(listener_, SOL_SOCKET, SO_REUSEPORT, &on, sizeof on);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(port);
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    if (::bind(listener_, reinterpret_cast<sockaddr*>(&address), sizeof address) != 0 || ::listen(listener_, 512) != 0) std::exit(1);
    poll_ = ::epoll_create1(0);
    wake_ = ::eventfd(0, EFD_NONBLOCK);
    watch(listener_);
    watch(wake_);
  }
  std::uint16_t port() const {
    sockaddr_in address{};
    socklen_t size = sizeof address;
    ::getsockname(listener_, reinterpret_cast<sockaddr*>(&address), &size);
    return ntohs(address.sin_port);
  }

  // From the committer's thread.
  void give(std::vector<Answer> answers) {
    {
      const std::lock_guard lock(mutex_);
      for (auto& answer : answers) answers_.push_back(std::move(answer));
    }
    const std::uint64_t one = 1;
    if (::write(wake_, &one, sizeof one) != sizeof one) std::exit(1);
  }

  void run() {
    std::array<epoll_event, 256> events{};
    while (true) {
      const int ready = ::epoll_wait(poll_, events.data(), static_cast<int>(events.size()), -1);
      for (int i = 0; i < ready; ++i) {
        const int fd = events[static_cast<std::size_t>(i)].data.fd;
        if (fd == listener_) {
          accept_one();
        } else if (fd == wake_) {
          send_answers();
        } else {
          read_from(fd);
        }
      }
    }
  }

 private:
  void watch(int fd) const {
    epoll_event event{.events = EPOLLIN, .data = {.fd = fd}};
    ::epoll_ctl(poll_, EPOLL_CTL_ADD, fd, &event);
  }
  void accept_one() {
    const int fd = ::accept4(listener_, nullptr, nullptr, SOCK_NONBLOCK);
    const int on = 1;
    ::setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    if (static_cast<std::size_t>(fd) >= buffers_.size()) buffers_.resize(static_cast<std::size_t>(fd) + 1);
    buffers_[static_cast<std::size_t>(fd)].clear();
    watch(fd);
  }
  static void write_answer(const Answer& answer) {  // answers are small and a client waits for each: they fit the socket's buffer
    if (::write(answer.fd, answer.text.data(), answer.text.size()) != static_cast<ssize_t>(answer.text.size())) ::close(answer.fd);
  }
  void send_answers() {
    std::uint64_t count = 0;
    if (::read(wake_, &count, sizeof count) != sizeof count) return;
    std::vector<Answer> answers;
    {
      const std::lock_guard lock(mutex_);
      answers.swap(answers_);
    }
    for (const auto& answer : answers) write_answer(answer);
  }
  void read_from(int fd) {
    auto& buffer = buffers_[static_cast<std::size_t>(fd)];
    std::array<char, 65536> chunk;
    const auto got = ::read(fd, chunk.data(), chunk.size());
    if (got <= 0) {
      ::close(fd);
      return;
    }
    buffer.append(chunk.data(), static_cast<std::size_t>(got));
    buffer.reserve(buffer.size() + simdjson::SIMDJSON_PADDING);
    while (true) {
      const auto request = parse(buffer);
      if (request.total == 0) return;
      serve(fd, request, buffer.capacity() - static_cast<std::size_t>(request.body.data() - buffer.data()));
      buffer.erase(0, request.total);
      buffer.reserve(buffer.size() + simdjson::SIMDJSON_PADDING);
    }
  }

  void serve(int fd, const HttpRequest& request, std::size_t room) {
    const SignedRequest to_check{
        .method = request.method, .path = request.path, .query = {}, .headers = request.headers, .body = request.body};
    const auto secret = [](std::string_view, std::string_view) -> Result<Secret<std::string>> { return Secret<std::string>("test"); };
    const auto checked = verifier_.verify(to_check, {.service = "sqs", .region = "us-east-1", .now = wall_clock()}, secret);
    if (!checked.ok()) std::exit(2);
    const bool is_batch = request.target == "AmazonSQS.SendMessageBatch";
    if (!is_batch && request.target != "AmazonSQS.SendMessage") return write_answer({fd, http_reply("{}")});
    auto document = parser_.iterate(request.body.data(), request.body.size(), room);
    Pending pending;
    std::string reply;
    if (is_batch) {
      reply = R"({"Successful":[)";
      for (auto entry : document["Entries"].get_array()) {
        const std::string id(entry["Id"].get_string().value());
        if (reply.back() == '}') reply += ',';
        reply += R"({"Id":")" + id + "\"," + add(entry["MessageBody"].get_string().value(), pending);
      }
      reply += "]}";
    } else {
      reply = "{" + add(document["MessageBody"].get_string().value(), pending);
    }
    pending.loop = this;
    pending.answer = {fd, http_reply(reply)};
    committer_.add(std::move(pending));
  }

  // The two rows of a message; the rest of its answer.
  std::string add(std::string_view body, Pending& pending) {
    const auto digest = md5_hex(body);
    const auto id = random_.uuid();
    const auto sequence = committer_.next_sequence();
    std::string key = "sqs/i";
    append_key_number(key, 1);
    append_key_number(key, sequence);
    std::string record;
    record.reserve(frame_bytes + body.size());
    record.append(id).append(digest).resize(frame_bytes);
    record += body;
    pending.rows.emplace_back(key, std::string(index_record_bytes, 'i'));
    key[4] = 'b';
    pending.rows.emplace_back(std::move(key), std::move(record));
    return R"("MD5OfMessageBody":")" + digest + R"(","MessageId":")" + id + "\"}";
  }

  Committer& committer_;
  Random random_;
  SignatureVerifier verifier_;
  simdjson::ondemand::parser parser_;
  int listener_ = -1;
  int poll_ = -1;
  int wake_ = -1;
  std::vector<std::string> buffers_;  // by descriptor
  std::mutex mutex_;
  std::vector<Answer> answers_;
};

void Committer::run() {
  rocksdb::WriteOptions synced;
  synced.sync = true;
  std::vector<Pending> work;
  while (true) {
    work.clear();
    {
      std::unique_lock lock(mutex_);
      something_.wait(lock, [this] { return !pending_.empty(); });
      work.swap(pending_);
    }
    rocksdb::WriteBatch batch;
    for (const auto& pending : work)
      for (const auto& [key, value] : pending.rows) batch.Put(key, value);
    if (!database_->Write(synced, &batch).ok()) std::exit(1);
    std::vector<std::pair<Loop*, std::vector<Answer>>> by_loop;
    for (auto& pending : work) {
      auto at = by_loop.begin();
      while (at != by_loop.end() && at->first != pending.loop) ++at;
      if (at == by_loop.end()) at = by_loop.insert(at, {pending.loop, {}});
      at->second.push_back(std::move(pending.answer));
    }
    for (auto& [loop, answers] : by_loop) loop->give(std::move(answers));
  }
}

}  // namespace

int main(int argc, char** argv) {
  if (argc < 2) {
    std::fprintf(stderr, "sqs_prototype DIRECTORY [LOOPS]\n");
    return 2;
  }
  const auto count = argc > 2 ? std::strtoull(argv[2], nullptr, 10) : std::thread::hardware_concurrency();
  Committer committer(argv[1]);
  std::vector<std::unique_ptr<Loop>> loops;
  for (std::uint64_t i = 0; i < count; ++i)
    loops.push_back(std::make_unique<Loop>(committer, loops.empty() ? std::uint16_t{0} : loops.front()->port(), i + 1));
  std::printf("port %u\n", loops.front()->port());
  std::fflush(stdout);
  std::vector<std::thread> threads;
  for (auto& loop : loops) threads.emplace_back([&loop] { loop->run(); });
  for (auto& thread : threads) thread.join();
  return 0;
}
