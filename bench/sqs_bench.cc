// The load and the ceiling of the SQS benchmark; sqs_bench.py drives them.
//   sqs_bench load PORT QUEUE send|batch|cycle CONNECTIONS SECONDS [MESSAGES]   so many connections, each one request after the other
//   sqs_bench receive PORT QUEUE                                                one receive, timed
//   sqs_bench bare DIRECTORY MESSAGES SECONDS                                   what one committer does, so many messages a batch
// Each prints one line of "name value" pairs. Bodies have 1 KB; requests are signed (test/test) and of the JSON protocol.
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <rocksdb/db.h>
#include <rocksdb/write_batch.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <memory>
#include <string>
#include <vector>

#include "base/random.h"
#include "storage/rocks_options.h"
#include "storage/rocks_store.h"
#include "wire/sigv4.h"

namespace {

using namespace surgetank;
using Clock = std::chrono::steady_clock;

constexpr std::size_t body_bytes = 1024;
constexpr std::size_t batch_messages = 10;
constexpr std::size_t index_record_bytes = 37;
constexpr std::size_t body_record_bytes = body_bytes + 120;  // with ids, digests and the seal

double seconds_since(Clock::time_point start) { return std::chrono::duration<double>(Clock::now() - start).count(); }

Instant wall_clock() {
  const auto since = std::chrono::system_clock::now().time_since_epoch();
  return Instant{std::chrono::duration_cast<std::chrono::microseconds>(since).count()};
}

// One signed request as it goes over the socket.
std::string request(std::uint16_t port, const std::string& operation, const std::string& body) {
  const auto host = "127.0.0.1:" + std::to_string(port);
  const auto target = "AmazonSQS." + operation;
  const std::vector<HeaderView> headers = {{"Host", host}, {"Content-Type", "application/x-amz-json-1.0"}, {"X-Amz-Target", target}};
  const SignedRequest to_sign{.method = "POST", .path = "/", .query = {}, .headers = headers, .body = body};
  const auto signature = sign_request(to_sign, {.access_key_id = "test", .secret_access_key = Secret<std::string>("test")},
                                      {.region = "us-east-1", .service = "sqs", .now = wall_clock()});
  std::string out = "POST / HTTP/1.1\r\n";
  for (const auto& [name, value] : headers) out.append(name).append(": ").append(value).append("\r\n");
  for (const auto& [name, value] : signature) out.append(name).append(": ").append(value).append("\r\n");
  return out + "Content-Length: " + std::to_string(body.size()) + "\r\n\r\n" + body;
}

int connect_to(std::uint16_t port) {
  const int fd = ::socket(AF_INET, SOCK_STREAM, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(port);
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  const int on = 1;
  ::setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
  if (::connect(fd, reinterpret_cast<sockaddr*>(&address), sizeof address) != 0) {
    std::perror("connect");
    std::exit(1);
  }
  return fd;
}

void write_all(int fd, std::string_view bytes) {
  while (!bytes.empty()) {
    const auto written = ::write(fd, bytes.data(), bytes.size());
    if (written <= 0) {
      std::perror("write");
      std::exit(1);
    }
    bytes.remove_prefix(static_cast<std::size_t>(written));
  }
}

// The size of the whole reply in `buffer`, 0 if it is not complete. Our server always says Content-Length.
std::size_t complete_reply(const std::string& buffer) {
  const auto head = buffer.find("\r\n\r\n");
  if (head == std::string::npos) return 0;
  auto at = buffer.find("ontent-");
  std::size_t length = 0;
  for (; at != std::string::npos && at < head; at = buffer.find("ontent-", at + 1)) {
    if (strncasecmp(buffer.data() + at, "ontent-length:", 14) == 0) length = std::strtoull(buffer.data() + at + 14, nullptr, 10);
  }
  return buffer.size() >= head + 4 + length ? head + 4 + length : 0;
}

std::string text_of(const std::string& reply, const std::string& member) {
  const auto start = reply.find("\"" + member + "\":\"");
  if (start == std::string::npos) return {};
  const auto from = start + member.size() + 4;
  return reply.substr(from, reply.find('"', from) - from);
}

std::string call(std::uint16_t port, const std::string& operation, const std::string& body) {
  const int fd = connect_to(port);
  write_all(fd, request(port, operation, body));
  std::string buffer;
  char chunk[16384];
  while (complete_reply(buffer) == 0) {
    const auto got = ::read(fd, chunk, sizeof chunk);
    if (got <= 0) break;
    buffer.append(chunk, static_cast<std::size_t>(got));
  }
  ::close(fd);
  return buffer;
}

class Load {
 public:
  enum class Mode : unsigned char { Send, Batch, Cycle };
  Load(std::uint16_t port, const std::string& queue, Mode mode) : port_(port), mode_(mode) {
    url_ = R"({"QueueUrl":"http://127.0.0.1:)" + std::to_string(port) + "/000000000000/" + queue + "\"";
    Random random(1);
    const auto body = random.from_alphabet("abcdefghijklmnopqrstuvwxyz0123456789", body_bytes);
    std::string entries;
    for (std::size_t i = 0; i < batch_messages; ++i)
      entries += (i == 0 ? "" : ",") + std::string(R"({"Id":")") + std::to_string(i) + R"(","MessageBody":")" + body + "\"}";
    send_ = mode == Mode::Batch ? request(port, "SendMessageBatch", url_ + R"(,"Entries":[)" + entries + "]}")
                                : request(port, "SendMessage", url_ + R"(,"MessageBody":")" + body + "\"}");
    receive_ = request(port, "ReceiveMessage", url_ + "}");
    call(port, "CreateQueue", R"({"QueueName":")" + queue + "\"}");
  }

  void run(std::size_t connections, double seconds, std::uint64_t most_messages) {
    connections_.resize(connections);
    const int poll = ::epoll_create1(0);
    for (std::size_t i = 0; i < connections; ++i) {
      connections_[i].fd = connect_to(port_);
      epoll_event event{.events = EPOLLIN, .data = {.u64 = i}};
      ::epoll_ctl(poll, EPOLL_CTL_ADD, connections_[i].fd, &event);
    }
    const auto start = Clock::now();
    for (auto& connection : connections_) next(connection);
    std::vector<epoll_event> events(connections);
    while (seconds_since(start) < seconds && messages_ < most_messages) {
      const int ready = ::epoll_wait(poll, events.data(), static_cast<int>(events.size()), 100);
      for (int i = 0; i < ready; ++i) read_from(connections_[events[static_cast<std::size_t>(i)].data.u64]);
    }
    print(seconds_since(start));
  }

 private:
  enum class Stage : unsigned char { Send, Receive, Delete };
  struct Connection {
    int fd = -1;
    Stage stage = Stage::Send;
    std::string buffer;
    Clock::time_point asked;
  };

  void next(Connection& connection) {
    connection.asked = Clock::now();
    if (connection.stage == Stage::Send) return write_all(connection.fd, send_);
    if (connection.stage == Stage::Receive) return write_all(connection.fd, receive_);
    const auto handle = text_of(connection.buffer, "ReceiptHandle");
    write_all(connection.fd, request(port_, "DeleteMessage", url_ + R"(,"ReceiptHandle":")" + handle + "\"}"));
  }

  void read_from(Connection& connection) {
    char chunk[65536];
    const auto got = ::read(connection.fd, chunk, sizeof chunk);
    if (got <= 0) {
      std::fprintf(stderr, "the server closed a connection\n");
      std::exit(1);
    }
    connection.buffer.append(chunk, static_cast<std::size_t>(got));
    if (complete_reply(connection.buffer) == 0) return;
    latencies_.push_back(seconds_since(connection.asked) * 1e3);
    if (connection.buffer.compare(0, 12, "HTTP/1.1 200") != 0) {
      if (failures_++ == 0) std::fprintf(stderr, "%s\n", connection.buffer.c_str());
    }
    advance(connection);
    next(connection);
    connection.buffer.clear();
  }

  void advance(Connection& connection) {
    if (mode_ != Mode::Cycle) {
      messages_ += mode_ == Mode::Batch ? batch_messages : 1;
      return;
    }
    if (connection.stage == Stage::Send) {
      connection.stage = Stage::Receive;
    } else if (connection.stage == Stage::Receive && !text_of(connection.buffer, "ReceiptHandle").empty()) {
      connection.stage = Stage::Delete;
    } else {
      messages_ += connection.stage == Stage::Delete ? 1 : 0;
      connection.stage = Stage::Send;
    }
  }

  void print(double elapsed) {
    std::sort(latencies_.begin(), latencies_.end());
    const auto at = [&](std::size_t percent) { return latencies_.empty() ? 0.0 : latencies_[latencies_.size() * percent / 100]; };
    std::printf("messages_per_second %.0f requests_per_second %.0f p50_ms %.3f p99_ms %.3f failures %llu\n",
                static_cast<double>(messages_) / elapsed, static_cast<double>(latencies_.size()) / elapsed, at(50), at(99),
                static_cast<unsigned long long>(failures_));
  }

  std::uint16_t port_;
  Mode mode_;
  std::string url_;
  std::string send_;
  std::string receive_;
  std::vector<Connection> connections_;
  std::vector<double> latencies_;
  std::uint64_t messages_ = 0;
  std::uint64_t failures_ = 0;
};

// One thread, one synced batch after the other: of as many messages as would wait at once, each with its two records.
void bare(const std::string& directory, std::size_t messages, double seconds) {
  RocksStoreOptions store_options;
  store_options.directory = directory;
  auto options = rocks_options(store_options, rocksdb::Env::Default(), [](const std::string&) {});
  options.manual_wal_flush = false;
  rocksdb::DB* opened = nullptr;
  if (!rocksdb::DB::Open(options, directory, &opened).ok()) std::exit(1);
  const std::unique_ptr<rocksdb::DB> database(opened);
  rocksdb::WriteOptions synced;
  synced.sync = true;
  Random random(1);
  const auto body = random.from_alphabet("abcdefghijklmnopqrstuvwxyz0123456789", body_record_bytes);
  const std::string index(index_record_bytes, 'i');
  std::uint64_t rows = 0;
  const auto start = Clock::now();
  while (seconds_since(start) < seconds) {
    rocksdb::WriteBatch batch;
    for (std::size_t i = 0; i < messages; ++i) {
      ++rows;
      for (const auto& [kind, value] : {std::pair{'i', &index}, {'b', &body}}) {
        std::string key = "sqs/";
        key += kind;
        append_key_number(key, 1);
        append_key_number(key, rows);
        batch.Put(key, *value);
      }
    }
    if (!database->Write(synced, &batch).ok()) std::exit(1);
  }
  std::printf("messages_per_second %.0f\n", static_cast<double>(rows) / seconds_since(start));
}

// From now until a message is in hand; the connection may be refused at first.
void receive(std::uint16_t port, const std::string& queue) {
  const auto url = R"({"QueueUrl":"http://127.0.0.1:)" + std::to_string(port) + "/000000000000/" + queue + "\"";
  const auto start = Clock::now();
  const auto reply = call(port, "ReceiveMessage", url + "}");
  std::printf("receive_ms %.1f found %d\n", seconds_since(start) * 1e3, text_of(reply, "ReceiptHandle").empty() ? 0 : 1);
}

int usage() {
  std::fprintf(stderr,
               "sqs_bench load PORT QUEUE send|batch|cycle CONNECTIONS SECONDS [MESSAGES] | receive PORT QUEUE | "
               "bare DIRECTORY MESSAGES SECONDS\n");
  return 2;
}

}  // namespace

int main(int argc, char** argv) {
  const std::vector<std::string> arguments(argv + 1, argv + argc);
  if (arguments.size() == 4 && arguments[0] == "bare") {
    bare(arguments[1], std::strtoull(arguments[2].c_str(), nullptr, 10), std::atof(arguments[3].c_str()));
    return 0;
  }
  if (arguments.size() < 3) return usage();
  const auto port = static_cast<std::uint16_t>(std::atoi(arguments[1].c_str()));
  if (arguments[0] == "receive") {
    receive(port, arguments[2]);
    return 0;
  }
  if (arguments[0] != "load" || arguments.size() < 6) return usage();
  const auto mode = arguments[3] == "batch" ? Load::Mode::Batch : arguments[3] == "cycle" ? Load::Mode::Cycle : Load::Mode::Send;
  const auto most = arguments.size() > 6 ? std::strtoull(arguments[6].c_str(), nullptr, 10) : ~0ULL;
  Load(port, arguments[2], mode).run(std::strtoull(arguments[4].c_str(), nullptr, 10), std::atof(arguments[5].c_str()), most);
  return 0;
}
