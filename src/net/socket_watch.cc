#include "net/socket_watch.h"

#include <boost/asio/error.hpp>
#include <boost/asio/posix/stream_descriptor.hpp>

#include "net/asio_access.h"

namespace surgetank {

struct SocketWatch::Asio {
  Asio(boost::asio::io_context& io, int descriptor) : stream(io, descriptor) {}
  boost::asio::posix::stream_descriptor stream;
};

SocketWatch::SocketWatch(EventLoop& loop, int descriptor)
    : asio_(std::make_unique<Asio>(io_context_of(loop), descriptor)), descriptor_(descriptor) {}

SocketWatch::~SocketWatch() = default;

void SocketWatch::wait_readable(std::shared_ptr<SocketEvents> events) {
  asio_->stream.async_wait(boost::asio::posix::stream_descriptor::wait_read,
                           [events = std::move(events)](const boost::system::error_code& error) {
                             if (error != boost::asio::error::operation_aborted) events->on_readable();
                           });
}

void SocketWatch::wait_writable(std::shared_ptr<SocketEvents> events) {
  asio_->stream.async_wait(boost::asio::posix::stream_descriptor::wait_write,
                           [events = std::move(events)](const boost::system::error_code& error) {
                             if (error != boost::asio::error::operation_aborted) events->on_writable();
                           });
}

void SocketWatch::close() {
  descriptor_ = -1;
  asio_.reset();
}

}  // namespace surgetank
