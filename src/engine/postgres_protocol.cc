#include "engine/postgres_protocol.h"

#include <algorithm>
#include <utility>

namespace surgetank {
namespace {

constexpr std::size_t kept_bytes = 4096;  // of a message
constexpr std::size_t longest_message = 0x40000000;
constexpr std::size_t longest_startup = 10'000;  // PostgreSQL's own limit
constexpr std::size_t longest_text = 200;        // of a statement
constexpr std::size_t longest_name = 128;        // of a prepared statement that we remember
constexpr std::size_t most_names = 200;
constexpr std::size_t most_pending = 1024;
constexpr std::size_t longest_fault = 300;

// The text up to the next zero byte, which is taken as well.
std::string take_text(std::string_view& body) {
  const auto end = std::min(body.find('\0'), body.size());
  std::string text(body.substr(0, end));
  body.remove_prefix(std::min(end + 1, body.size()));
  return text;
}

std::uint32_t read_number(std::string_view bytes) {
  std::uint32_t number = 0;
  for (const char c : bytes.substr(0, 4)) number = number << 8 | static_cast<unsigned char>(c);
  return number;
}

// "53300: sorry, too many clients already"
std::string fault_text(std::string_view body) {
  std::string code;
  std::string message;
  while (!body.empty() && body[0] != '\0') {
    const char field = body[0];
    body.remove_prefix(1);
    auto text = take_text(body);
    if (field == 'C') code = std::move(text);
    if (field == 'M') message = std::move(text);
  }
  return (code + ": " + message).substr(0, longest_fault);
}

}  // namespace

bool PostgresMessages::read_header(std::string_view& bytes) {
  const std::size_t size = startup_ ? 4 : 5;
  const auto taken = std::min(size - header_.size(), bytes.size());
  header_ += bytes.substr(0, taken);
  bytes.remove_prefix(taken);
  if (header_.size() < size) return false;
  type_ = startup_ ? '\0' : header_[0];
  const std::size_t length = read_number(std::string_view(header_).substr(size - 4));
  broken_ = length < 4 || length > (startup_ ? longest_startup : longest_message);
  if (broken_) return false;
  header_.clear();
  body_.clear();
  left_ = length - 4;
  startup_ = false;
  in_body_ = true;
  return true;
}

bool PostgresMessages::next(std::string_view& bytes, Message& message) {
  if (broken_ || (!in_body_ && !read_header(bytes))) return false;
  const auto taken = std::min(left_, bytes.size());
  body_ += bytes.substr(0, std::min(taken, kept_bytes - body_.size()));
  bytes.remove_prefix(taken);
  left_ -= taken;
  if (left_ > 0) return false;
  in_body_ = false;
  message = {type_, body_};
  return true;
}

void PostgresObserver::from_client(std::string_view bytes, Instant now) {
  PostgresMessages::Message message;
  while (!blind_ && client_.next(bytes, message)) client_message(message, now);
  if (client_.broken()) blind_ = true;
}

void PostgresObserver::from_server(std::string_view bytes, Instant now) {
  PostgresMessages::Message message;
  while (!blind_ && server_.next(bytes, message)) server_message(message, now);
  if (server_.broken()) blind_ = true;
}

void PostgresObserver::startup(std::string_view body) {
  constexpr std::uint32_t protocol_3 = 3;
  if (body.size() < 4 || read_number(body) >> 16 != protocol_3) {
    blind_ = true;  // a cancel request, or a protocol that we do not know
    return;
  }
  body.remove_prefix(4);
  std::string user;
  std::string database;
  while (!body.empty() && body[0] != '\0') {
    const auto name = take_text(body);
    auto value = take_text(body);
    if (name == "user")
      user = std::move(value);
    else if (name == "database")
      database = std::move(value);
  }
  events_.on_startup(user, database.empty() ? user : database);
}

void PostgresObserver::client_message(const PostgresMessages::Message& message, Instant now) {
  auto body = message.body;
  switch (message.type) {
    case '\0':
      return startup(body);
    case 'Q':
      return begin(Kind::Query, mask_sql(take_text(body), longest_text), now);
    case 'P': {
      auto name = take_text(body);
      return remember(statements_, std::move(name), mask_sql(take_text(body), longest_text));
    }
    case 'B': {
      auto portal = take_text(body);
      return remember(portals_, std::move(portal), text_of_statement(take_text(body)));
    }
    case 'E': {
      const auto portal = portals_.find(take_text(body));
      return begin(Kind::Execute, portal == portals_.end() ? "(portal)" : portal->second, now);
    }
    case 'C': {
      if (body.empty()) return;
      auto& names = body[0] == 'S' ? statements_ : portals_;
      body.remove_prefix(1);
      names.erase(take_text(body));
      return;
    }
    case 'S':
      return begin(Kind::Sync, {}, now);
    default:
      return;
  }
}

std::string PostgresObserver::text_of_statement(const std::string& name) const {
  const auto statement = statements_.find(name);
  return statement == statements_.end() ? "(prepared statement)" : statement->second;
}

void PostgresObserver::remember(std::map<std::string, std::string>& names, std::string name, std::string text) {
  if (name.size() > longest_name || (names.size() >= most_names && !names.contains(name))) return;
  names.insert_or_assign(std::move(name), std::move(text));
}

void PostgresObserver::begin(Kind kind, std::string text, Instant now) {
  if (!connected_) return;
  if (pending_.size() >= most_pending) {
    blind_ = true;
    pending_.clear();
    return;
  }
  pending_.push_back({kind, std::move(text), now, kind == Kind::Sync ? TraceContext{} : events_.current_trace()});
}

void PostgresObserver::finish(Pending& pending, Instant now) {
  const auto start = std::max(pending.start, free_since_);
  free_since_ = now;
  events_.on_statement(
      {std::move(pending.text), start, now - start, std::exchange(tag_, {}), std::exchange(fault_, {}), std::move(pending.trace)});
}

// The statement at the front has ended. After a fault the server skips everything up to the next Sync.
void PostgresObserver::execution_ended(Instant now) {
  if (pending_.empty() || pending_.front().kind != Kind::Execute) return;
  const bool failed = !fault_.empty();
  finish(pending_.front(), now);
  pending_.pop_front();
  while (failed && !pending_.empty() && pending_.front().kind == Kind::Execute) pending_.pop_front();
}

void PostgresObserver::ready(Instant now) {
  if (!connected_) {
    connected_ = true;
    events_.on_connected({}, now);
  } else if (!pending_.empty()) {
    while (pending_.size() > 1 && pending_.front().kind == Kind::Execute) pending_.pop_front();
    if (pending_.front().kind == Kind::Query) finish(pending_.front(), now);
    pending_.pop_front();
  }
  tag_.clear();
  fault_.clear();
  free_since_ = now;
}

void PostgresObserver::server_message(const PostgresMessages::Message& message, Instant now) {
  auto body = message.body;
  switch (message.type) {
    case 'Z':
      return ready(now);
    case 'E':
      fault_ = fault_text(body);
      if (!connected_) return events_.on_connected(std::exchange(fault_, {}), now);
      return execution_ended(now);
    case 'C':
      tag_ = take_text(body).substr(0, longest_text);
      return execution_ended(now);
    case 'I':  // an empty query
    case 's':  // a portal that gives more rows later
      return execution_ended(now);
    default:
      return;
  }
}

void PostgresObserver::ended(Instant now) {
  for (auto& pending : pending_) {
    if (pending.kind == Kind::Sync) continue;
    fault_ = "the connection ended";
    finish(pending, now);
    break;  // the others had not begun
  }
  pending_.clear();
}

}  // namespace surgetank
