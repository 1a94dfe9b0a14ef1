#include "engine/launcher_messages.h"

#include <cstring>
#include <stdexcept>

namespace surgetank::launcher_messages {
namespace {

class Writer {
 public:
  explicit Writer(Type type) { out_ += static_cast<char>(type); }
  Writer& number(std::int64_t value) {
    char bytes[sizeof value];
    std::memcpy(bytes, &value, sizeof value);
    out_.append(bytes, sizeof value);
    return *this;
  }
  Writer& text(std::string_view value) {
    number(static_cast<std::int64_t>(value.size()));
    out_ += value;
    return *this;
  }
  Writer& texts(const std::vector<std::string>& values) {
    number(static_cast<std::int64_t>(values.size()));
    for (const std::string& value : values) text(value);
    return *this;
  }
  std::string take() { return std::move(out_); }

 private:
  std::string out_;
};

class Reader {
 public:
  Reader(std::string_view message, Type type) : rest_(message) {
    if (type_of(message) != type) throw std::invalid_argument("launcher message of an unexpected type");
    rest_.remove_prefix(1);
  }
  std::int64_t number() {
    std::int64_t value = 0;
    std::memcpy(&value, bytes(sizeof value).data(), sizeof value);
    return value;
  }
  std::uint64_t id() { return static_cast<std::uint64_t>(number()); }
  std::string text() { return std::string(bytes(size())); }
  std::vector<std::string> texts() {
    const std::size_t count = size();
    if (count > rest_.size()) throw std::invalid_argument("launcher message with an impossible count");
    std::vector<std::string> values;
    for (std::size_t i = 0; i < count; ++i) values.push_back(text());
    return values;
  }

 private:
  std::size_t size() { return static_cast<std::size_t>(number()); }
  std::string_view bytes(std::size_t count) {
    if (count > rest_.size()) throw std::invalid_argument("truncated launcher message");
    const std::string_view taken = rest_.substr(0, count);
    rest_.remove_prefix(count);
    return taken;
  }
  std::string_view rest_;
};

}  // namespace

Type type_of(std::string_view message) {
  if (message.empty()) throw std::invalid_argument("empty launcher message");
  return static_cast<Type>(message.front());
}

std::string encode(const Configuration& configuration) {
  return Writer(Type::Configure)
      .text(configuration.scratch_directory)
      .texts(configuration.reachable)
      .number(static_cast<std::int64_t>(configuration.ceiling))
      .take();
}

Configuration decode_configuration(std::string_view message) {
  Reader reader(message, Type::Configure);
  Configuration configuration;
  configuration.scratch_directory = reader.text();
  configuration.reachable = reader.texts();
  configuration.ceiling = static_cast<SandboxCeiling>(reader.number());
  return configuration;
}

std::string encode(const ProcessSpec& spec) {
  return Writer(Type::Start)
      .number(static_cast<std::int64_t>(spec.id))
      .texts(spec.arguments)
      .texts(spec.environment)
      .text(spec.environment_directory)
      .text(spec.code_directory)
      .text(spec.runtime_directory)
      .texts(spec.readable)
      .number(spec.memory_bytes)
      .number(spec.log_descriptor)
      .take();
}

ProcessSpec decode_spec(std::string_view message) {
  Reader reader(message, Type::Start);
  ProcessSpec spec;
  spec.id = reader.id();
  spec.arguments = reader.texts();
  spec.environment = reader.texts();
  spec.environment_directory = reader.text();
  spec.code_directory = reader.text();
  spec.runtime_directory = reader.text();
  spec.readable = reader.texts();
  spec.memory_bytes = reader.number();
  spec.log_descriptor = static_cast<int>(reader.number());
  return spec;
}

std::string encode(const Kill& kill) {
  return Writer(Type::Kill).number(static_cast<std::int64_t>(kill.id)).number(static_cast<std::int64_t>(kill.manner)).take();
}

Kill decode_kill(std::string_view message) {
  Reader reader(message, Type::Kill);
  Kill kill;
  kill.id = reader.id();
  kill.manner = static_cast<KillManner>(reader.number());
  return kill;
}

std::string encode(const SandboxReport& report) {
  return Writer(Type::Hello)
      .number(report.private_root ? 1 : 0)
      .number(report.process_namespace ? 1 : 0)
      .number(report.own_users ? 1 : 0)
      .texts(report.lines)
      .take();
}

SandboxReport decode_report(std::string_view message) {
  Reader reader(message, Type::Hello);
  SandboxReport report;
  report.private_root = reader.number() != 0;
  report.process_namespace = reader.number() != 0;
  report.own_users = reader.number() != 0;
  report.lines = reader.texts();
  return report;
}

std::string encode(const Started& started) {
  return Writer(Type::Started).number(static_cast<std::int64_t>(started.id)).number(started.pid).number(started.uid).take();
}

Started decode_started(std::string_view message) {
  Reader reader(message, Type::Started);
  Started started;
  started.id = reader.id();
  started.pid = reader.number();
  started.uid = reader.number();
  return started;
}

std::string encode(const Exited& exited) {
  return Writer(Type::Exited)
      .number(static_cast<std::int64_t>(exited.id))
      .number(static_cast<std::int64_t>(exited.exit.kind))
      .number(exited.exit.status)
      .number(exited.exit.out_of_memory ? 1 : 0)
      .number(exited.exit.peak_memory_bytes)
      .text(exited.exit.failure)
      .take();
}

Exited decode_exited(std::string_view message) {
  Reader reader(message, Type::Exited);
  Exited exited;
  exited.id = reader.id();
  exited.exit.kind = static_cast<ProcessExit::Kind>(reader.number());
  exited.exit.status = static_cast<int>(reader.number());
  exited.exit.out_of_memory = reader.number() != 0;
  exited.exit.peak_memory_bytes = reader.number();
  exited.exit.failure = reader.text();
  return exited;
}

}  // namespace surgetank::launcher_messages
