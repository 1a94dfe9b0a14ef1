#pragma once
// A message of the queue, as it comes in the event, back to the order that was sent. Pure.
#include <boost/json.hpp>
#include <string>

// The members of the order that are stored. Throws std::exception with the reason if the message is none.
boost::json::object read_order(const boost::json::object& record);
