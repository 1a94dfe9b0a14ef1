#pragma once
// The Asio side of an EventLoop, for .cc files of net/ and engine/ only (no header may include this: Asio is expensive to compile).
// Sockets and timers made on it are used on the loop's thread only, and are closed before the loop is destroyed.
// Asio is compiled once, in asio.cc; define no BOOST_ASIO_ macro anywhere else.
#include <boost/asio/io_context.hpp>

#include "net/event_loop.h"

namespace surgetank {

boost::asio::io_context& io_context_of(EventLoop& loop);

}  // namespace surgetank
