#pragma once
// The client side of TLS as a filter between two byte streams (OpenSSL on memory buffers, no sockets). TLS 1.2 or newer; the
// server's certificate must chain to the system's trust store (or the extra file) and name the host, unless it is to be taken unseen.
// One owner, one thread.
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

namespace surgetank {

// What all sessions of one client share. Throws std::runtime_error if the extra trust file cannot be read.
class TlsTrust {
 public:
  enum class Certificates : std::uint8_t { Verified, Any };  // Any: whoever answers is taken for the server
  explicit TlsTrust(const std::string& extra_trust_file, Certificates certificates = Certificates::Verified);
  ~TlsTrust();
  TlsTrust(const TlsTrust&) = delete;
  TlsTrust& operator=(const TlsTrust&) = delete;
  struct Context;
  Context& context() { return *context_; }

 private:
  std::unique_ptr<Context> context_;
};

class TlsSession {
 public:
  enum class State : std::uint8_t { Handshaking, Open, PeerClosed, Failed };

  TlsSession(TlsTrust& trust, const std::string& host);  // a name or a textual IP
  ~TlsSession();
  TlsSession(const TlsSession&) = delete;
  TlsSession& operator=(const TlsSession&) = delete;

  void start();                                                   // makes the first bytes of the handshake
  void receive(std::string_view ciphertext, std::string& plaintext);  // appends what it decrypts
  void send(std::string_view plaintext);                          // in Open only
  std::string take_output();                                      // bytes that must go to the peer
  State state() const { return state_; }
  const std::string& failure() const { return failure_; }         // why Failed
  bool distrusts() const { return distrusts_; }                   // Failed because of the certificate

 private:
  void handshake();
  void fail();

  struct Engine;
  std::unique_ptr<Engine> engine_;
  State state_ = State::Handshaking;
  std::string failure_;
  bool distrusts_ = false;
};

}  // namespace surgetank
