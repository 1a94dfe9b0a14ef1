#include "net/tls_session.h"

#include <arpa/inet.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>

#include <array>
#include <stdexcept>

#include "base/assert.h"

namespace surgetank {
namespace {

std::string last_error() {
  const auto code = ERR_get_error();
  ERR_clear_error();
  if (code == 0) return "TLS failed";
  std::array<char, 256> text;
  ERR_error_string_n(code, text.data(), text.size());
  return text.data();
}

bool is_ip(const std::string& host) {
  unsigned char address[sizeof(in6_addr)];
  return inet_pton(AF_INET, host.c_str(), address) == 1 || inet_pton(AF_INET6, host.c_str(), address) == 1;
}

}  // namespace

struct TlsTrust::Context {
  std::unique_ptr<SSL_CTX, decltype(&SSL_CTX_free)> ssl{SSL_CTX_new(TLS_client_method()), SSL_CTX_free};
};

TlsTrust::TlsTrust(const std::string& extra_trust_file, Certificates certificates) : context_(std::make_unique<Context>()) {
  auto* ssl = context_->ssl.get();
  if (ssl == nullptr) throw std::runtime_error(last_error());
  SSL_CTX_set_min_proto_version(ssl, TLS1_2_VERSION);
  SSL_CTX_set_verify(ssl, certificates == Certificates::Any ? SSL_VERIFY_NONE : SSL_VERIFY_PEER, nullptr);
  SSL_CTX_set_default_verify_paths(ssl);
  ERR_clear_error();  // a system without a trust store trusts nobody
  if (!extra_trust_file.empty() && SSL_CTX_load_verify_locations(ssl, extra_trust_file.c_str(), nullptr) != 1)
    throw std::runtime_error("cannot read the certificates in " + extra_trust_file + ": " + last_error());
}

TlsTrust::~TlsTrust() = default;

struct TlsSession::Engine {
  std::unique_ptr<SSL, decltype(&SSL_free)> ssl{nullptr, SSL_free};
  BIO* input = nullptr;  // owned by ssl
  BIO* output = nullptr;
};

TlsSession::TlsSession(TlsTrust& trust, const std::string& host) : engine_(std::make_unique<Engine>()) {
  engine_->ssl.reset(SSL_new(trust.context().ssl.get()));
  auto* ssl = engine_->ssl.get();
  if (ssl == nullptr) throw std::runtime_error(last_error());
  engine_->input = BIO_new(BIO_s_mem());
  engine_->output = BIO_new(BIO_s_mem());
  SSL_set_bio(ssl, engine_->input, engine_->output);
  SSL_set_connect_state(ssl);
  if (is_ip(host)) {
    X509_VERIFY_PARAM_set1_ip_asc(SSL_get0_param(ssl), host.c_str());
  } else {
    SSL_set_tlsext_host_name(ssl, host.c_str());
    SSL_set_hostflags(ssl, X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS);
    SSL_set1_host(ssl, host.c_str());
  }
  static constexpr unsigned char http11[] = {8, 'h', 't', 't', 'p', '/', '1', '.', '1'};
  SSL_set_alpn_protos(ssl, http11, sizeof http11);
}

TlsSession::~TlsSession() = default;

void TlsSession::start() { handshake(); }

void TlsSession::handshake() {
  ERR_clear_error();
  auto* ssl = engine_->ssl.get();
  const int result = SSL_do_handshake(ssl);
  if (result == 1) {
    state_ = State::Open;
    return;
  }
  if (SSL_get_error(ssl, result) != SSL_ERROR_WANT_READ) fail();
}

void TlsSession::fail() {
  const auto* ssl = engine_->ssl.get();
  const auto verdict = SSL_get_verify_result(ssl);
  distrusts_ = verdict != X509_V_OK && SSL_get_verify_mode(ssl) != SSL_VERIFY_NONE;
  failure_ = distrusts_ ? std::string("the certificate is not trusted: ") + X509_verify_cert_error_string(verdict) : last_error();
  ERR_clear_error();
  state_ = State::Failed;
}

void TlsSession::receive(std::string_view ciphertext, std::string& plaintext) {
  if (state_ != State::Handshaking && state_ != State::Open) return;
  BIO_write(engine_->input, ciphertext.data(), static_cast<int>(ciphertext.size()));
  if (state_ == State::Handshaking) handshake();
  std::array<char, 16 * 1024> buffer;
  while (state_ == State::Open) {
    ERR_clear_error();
    const int got = SSL_read(engine_->ssl.get(), buffer.data(), static_cast<int>(buffer.size()));
    if (got > 0) {
      plaintext.append(buffer.data(), static_cast<std::size_t>(got));
      continue;
    }
    const int error = SSL_get_error(engine_->ssl.get(), got);
    if (error == SSL_ERROR_WANT_READ) return;
    if (error == SSL_ERROR_ZERO_RETURN)
      state_ = State::PeerClosed;
    else
      fail();
  }
}

void TlsSession::send(std::string_view plaintext) {
  SURGE_ASSERT(state_ == State::Open, "plaintext is sent after the handshake");
  while (!plaintext.empty() && state_ == State::Open) {
    ERR_clear_error();
    std::size_t written = 0;
    if (SSL_write_ex(engine_->ssl.get(), plaintext.data(), plaintext.size(), &written) != 1) return fail();
    plaintext.remove_prefix(written);
  }
}

std::string TlsSession::take_output() {
  std::string bytes(BIO_ctrl_pending(engine_->output), '\0');
  if (!bytes.empty()) BIO_read(engine_->output, bytes.data(), static_cast<int>(bytes.size()));
  return bytes;
}

}  // namespace surgetank
