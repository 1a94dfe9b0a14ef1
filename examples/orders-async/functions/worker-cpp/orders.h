#pragma once
// The table of orders, over the one connection of this environment: made with its first use, kept between invocations, made anew when
// it broke. The secret is read with it, and so as rarely. One thread.
#include <boost/json.hpp>
#include <optional>

#include "aws_client.h"
#include "database.h"

class Orders {
 public:
  explicit Orders(const AwsClient& aws) : aws_(aws) {}

  // All or none of them; storing an order twice changes nothing. Throws DatabaseError.
  void store(const boost::json::array& orders, const std::string& trace_id);

 private:
  Database& connection(const std::string& trace_id);

  const AwsClient& aws_;
  std::optional<Database> database_;
};
