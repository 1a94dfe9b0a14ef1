// LoopHttpClient over TLS, against a small OpenSSL server with certificates made on the spot.
#include "net/tls_session.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>
#include <unistd.h>

#include <atomic>
#include <csignal>
#include <fstream>
#include <future>
#include <thread>

#include "base/text.h"
#include "net/http_client.h"
#include "net/raw_client_for_test.h"

namespace surgetank {
namespace {

using Failure = HttpClientResult::Failure;

struct Certificate {
  std::unique_ptr<EVP_PKEY, decltype(&EVP_PKEY_free)> key{EVP_EC_gen("P-256"), EVP_PKEY_free};
  std::unique_ptr<X509, decltype(&X509_free)> certificate{X509_new(), X509_free};

  // Signed by itself; valid until `seconds_left` from now.
  Certificate(const std::string& alternative_name, long seconds_left) {
    auto* x = certificate.get();
    X509_set_version(x, X509_VERSION_3);
    ASN1_INTEGER_set(X509_get_serialNumber(x), 1);
    X509_gmtime_adj(X509_getm_notBefore(x), -86400);
    X509_gmtime_adj(X509_getm_notAfter(x), seconds_left);
    X509_set_pubkey(x, key.get());
    const auto* name = reinterpret_cast<const unsigned char*>("surgetank test");
    X509_NAME_add_entry_by_txt(X509_get_subject_name(x), "CN", MBSTRING_ASC, name, -1, -1, 0);
    X509_set_issuer_name(x, X509_get_subject_name(x));
    const std::pair<int, std::string> extensions[] = {{NID_subject_alt_name, alternative_name},
                                                      {NID_basic_constraints, "critical,CA:TRUE"}};
    for (const auto& [kind, value] : extensions) {
      auto* extension = X509V3_EXT_conf_nid(nullptr, nullptr, kind, value.c_str());
      X509_add_ext(x, extension, -1);
      X509_EXTENSION_free(extension);
    }
    X509_sign(x, key.get(), EVP_sha256());
  }
  std::string save() const {
    const auto path = testing::TempDir() + "surge-trust-" + std::to_string(getpid()) + ".pem";
    auto* file = std::fopen(path.c_str(), "w");
    PEM_write_X509(file, certificate.get());
    std::fclose(file);
    return path;
  }
};

// Serves connections one after the other: each request gets the same bytes, after `requests` of them the connection ends.
class TlsServer {
 public:
  enum class Farewell { Given, Omitted };
  TlsServer(const Certificate& certificate, std::string answer, int requests = 1000, Farewell farewell = Farewell::Given)
      : answer_(std::move(answer)), requests_(requests), farewell_(farewell) {
    std::signal(SIGPIPE, SIG_IGN);  // this server writes through OpenSSL's own socket buffer
    SSL_CTX_use_certificate(context_.get(), certificate.certificate.get());
    SSL_CTX_use_PrivateKey(context_.get(), certificate.key.get());
    ListenAddress address = *parse_listen_address("127.0.0.1:0");
    listener_ = listen_on(address, 0600);
    port = address.port;
    thread_ = std::thread([this] { serve(); });
  }
  ~TlsServer() {
    stop_ = true;
    thread_.join();
  }
  std::string url(const std::string& host) const { return "https://" + host + ":" + std::to_string(port) + "/"; }
  std::uint16_t port = 0;
  std::atomic<int> connections{0};

 private:
  void serve() {
    while (!stop_) {
      pollfd ready{listener_.get(), POLLIN, 0};
      if (::poll(&ready, 1, 20) != 1) continue;
      const auto accepted = accept_from(listener_.get());
      const int descriptor = accepted.socket.get();
      ++connections;
      const std::unique_ptr<SSL, decltype(&SSL_free)> ssl(SSL_new(context_.get()), SSL_free);
      fcntl(descriptor, F_SETFL, fcntl(descriptor, F_GETFL) & ~O_NONBLOCK);
      SSL_set_fd(ssl.get(), descriptor);
      if (SSL_accept(ssl.get()) != 1) continue;
      for (int i = 0; i < requests_ && read_request(*ssl, descriptor); ++i)
        SSL_write(ssl.get(), answer_.data(), static_cast<int>(answer_.size()));
      if (farewell_ == Farewell::Given) SSL_shutdown(ssl.get());
    }
  }
  bool read_request(SSL& ssl, int descriptor) {
    std::string request;
    while (!contains(request, "\r\n\r\n")) {
      while (SSL_pending(&ssl) == 0) {
        pollfd ready{descriptor, POLLIN, 0};
        if (::poll(&ready, 1, 20) == 1) break;
        if (stop_) return false;
      }
      char buffer[16384];
      const int got = SSL_read(&ssl, buffer, sizeof buffer);
      if (got <= 0) return false;
      request.append(buffer, static_cast<std::size_t>(got));
    }
    return true;
  }

  std::unique_ptr<SSL_CTX, decltype(&SSL_CTX_free)> context_{SSL_CTX_new(TLS_server_method()), SSL_CTX_free};
  std::string answer_;
  int requests_;
  Farewell farewell_;
  Descriptor listener_;
  std::atomic<bool> stop_{false};
  std::thread thread_;
};

HttpClientResult get(LoopHttpClient& client, const std::string& url) {
  std::promise<HttpClientResult> promise;
  client.send({.url = url}, [&](HttpClientResult result) { promise.set_value(std::move(result)); });
  return promise.get_future().get();
}

const std::string hello = "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello";

TEST(TlsClient, TalksToAServerThatItTrustsAndKeepsTheConnection) {
  const Certificate certificate("DNS:localhost,IP:127.0.0.1", 86400);
  TlsServer server(certificate, hello);
  EventLoops loops(1);
  loops.start();
  LoopHttpClient client(loops.lane(0), {.trust_file = certificate.save()});
  for (int i = 0; i < 3; ++i) {
    const auto result = get(client, server.url("localhost"));
    EXPECT_EQ(result.failure_text, "");
    EXPECT_EQ(result.body, "hello");
  }
  EXPECT_EQ(server.connections, 1);
}

TEST(TlsClient, AnAddressMustBeInTheCertificateToo) {
  const Certificate certificate("IP:127.0.0.1", 86400);
  TlsServer server(certificate, hello, 1);
  EventLoops loops(1);
  loops.start();
  LoopHttpClient client(loops.lane(0), {.trust_file = certificate.save()});
  EXPECT_EQ(get(client, server.url("127.0.0.1")).body, "hello");
  const auto by_name = get(client, server.url("localhost"));
  EXPECT_EQ(by_name.failure, Failure::Connect);
  EXPECT_TRUE(contains(by_name.failure_text, "ostname mismatch")) << by_name.failure_text;
}

TEST(TlsClient, RefusesUnknownAndExpiredCertificates) {
  EventLoops loops(1);
  loops.start();
  const Certificate unknown("DNS:localhost", 86400);
  TlsServer stranger(unknown, hello);
  LoopHttpClient client(loops.lane(0), {});
  const auto untrusted = get(client, stranger.url("localhost"));
  EXPECT_EQ(untrusted.failure, Failure::Connect);
  EXPECT_TRUE(contains(untrusted.failure_text, "self-signed")) << untrusted.failure_text;
  const Certificate old("DNS:localhost", -60);
  TlsServer expired(old, hello);
  LoopHttpClient trusting(loops.lane(0), {.trust_file = old.save()});
  const auto late = get(trusting, expired.url("localhost"));
  EXPECT_EQ(late.failure, Failure::Connect);
  EXPECT_TRUE(contains(late.failure_text, "expired")) << late.failure_text;
  LoopHttpClient broken(loops.lane(0), {.trust_file = "/nowhere/at/all.pem"});
  EXPECT_TRUE(contains(get(broken, expired.url("localhost")).failure_text, "/nowhere/at/all.pem"));
}

TEST(TlsClient, ReadsLargeAnswersAndTellsAnEndFromACut) {
  const Certificate certificate("DNS:localhost", 86400);
  const auto trust = certificate.save();
  EventLoops loops(1);
  loops.start();
  LoopHttpClient client(loops.lane(0), {.trust_file = trust});
  const std::string body(3'000'000, 'x');
  TlsServer whole(certificate, "HTTP/1.1 200 OK\r\n\r\n" + body, 1);
  EXPECT_TRUE(get(client, whole.url("localhost")).body == body);
  TlsServer cut(certificate, "HTTP/1.1 200 OK\r\n\r\n" + body, 1, TlsServer::Farewell::Omitted);
  EXPECT_EQ(get(client, cut.url("localhost")).failure, Failure::Protocol);
}

TEST(TlsClient, APlainServerIsNotMistakenForATlsOne) {
  ListenAddress address = *parse_listen_address("127.0.0.1:0");
  const auto listener = listen_on(address, 0600);
  std::thread server([&] {
    pollfd ready{listener.get(), POLLIN, 0};
    ::poll(&ready, 1, 10'000);
    const auto accepted = accept_from(listener.get());
    const std::string answer = "HTTP/1.1 400 Bad Request\r\n\r\n";
    [[maybe_unused]] const auto sent = ::send(accepted.socket.get(), answer.data(), answer.size(), MSG_NOSIGNAL);
    std::this_thread::sleep_for(std::chrono::milliseconds(100));
  });
  EventLoops loops(1);
  loops.start();
  LoopHttpClient client(loops.lane(0), {});
  EXPECT_EQ(get(client, "https://localhost:" + std::to_string(address.port) + "/").failure, Failure::Connect);
  server.join();
}

}  // namespace
}  // namespace surgetank
