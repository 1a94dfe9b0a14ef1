#include "sim/sqs_workload.h"

#include <algorithm>

#include "base/text.h"
#include "services/sqs/service.h"

namespace surgetank::sim {
namespace {

constexpr std::int64_t receives_before_dead = 3;
const std::string url_start = "http://127.0.0.1:4566/000000000000/";

std::string text_member(std::string_view name, std::string_view value) {
  return "\"" + std::string(name) + "\":\"" + std::string(value) + "\"";
}
std::string number_member(std::string_view name, std::int64_t value) { return "\"" + std::string(name) + "\":" + std::to_string(value); }

bool contains(const std::vector<std::string>& batch, const std::string& body) {
  return std::find(batch.begin(), batch.end(), body) != batch.end();
}

}  // namespace

std::vector<const Service*> SqsWorkload::services() const { return {&sqs::service}; }

void SqsWorkload::step(World& world) {
  auto& queue = queues_[world.random().below(queues_.size())];
  if (queue.doing == Doing::Nothing) act(world, queue);
}

void SqsWorkload::act(World& world, Queue& queue) {
  const bool dead_is_missing = queue.place == Place::Standard && !queues_.front().is_created;
  if (dead_is_missing) return;
  if (!queue.is_created) return create(world, queue);
  const auto choice = world.random().below(10);
  if (choice < 4 && queue.place != Place::Dead) return queue.place == Place::Fifo ? send_fifo(world, queue, nullptr) : send(world, queue);
  if (choice < 7) return receive(world, queue);
  if (choice < 9) return remove(world, queue);
  change_visibility(world, queue);
}

void SqsWorkload::call(World& world, Queue& queue, Doing doing, std::string_view operation, const std::string& members,
                       void (SqsWorkload::*answered)(Queue&, const JsonValue&, Instant)) {
  queue.doing = doing;
  queue.asked = world.now();
  world.call("sqs", operation, "{" + members + "}",
             [this, &world, &queue, answered, operation = std::string(operation), life = life_](const Result<std::string>& result) {
               if (life != life_) return;
               queue.doing = Doing::Nothing;
               if (!result.ok()) return fail(queue.name + ": " + operation + " was refused: " + result.error().message);
               const auto reply = parse_json(*result);
               if (!reply.ok()) return fail(queue.name + ": " + operation + " answered no JSON");
               (this->*answered)(queue, *reply, world.now());
             });
}

void SqsWorkload::create(World& world, Queue& queue) {
  std::string attributes;
  if (queue.place == Place::Fifo) attributes = R"("FifoQueue":"true")";
  if (queue.place == Place::Standard) {
    attributes = R"("RedrivePolicy":"{\"deadLetterTargetArn\":\"arn:aws:sqs:us-east-1:000000000000:dead\",\"maxReceiveCount\":)" +
                 std::to_string(receives_before_dead) + "}\"";
  }
  call(world, queue, Doing::Create, "CreateQueue", text_member("QueueName", queue.name) + R"(,"Attributes":{)" + attributes + "}",
       &SqsWorkload::was_created);
}

void SqsWorkload::was_created(Queue& queue, const JsonValue&, Instant) { queue.is_created = true; }

void SqsWorkload::send(World& world, Queue& queue) {
  const auto body = "message-" + std::to_string(next_body_++);
  const auto delay = world.random().chance(30) ? static_cast<std::int64_t>(world.random().below(60)) : 0;
  queue.body = body;
  auto& message = standard_[body];
  message.hidden_until = message.visible_from = world.now() + seconds(delay);
  auto members =
      text_member("QueueUrl", url_start + queue.name) + "," + text_member("MessageBody", body) + "," + number_member("DelaySeconds", delay);
  if (world.random().chance(50)) members += "," + text_member("MessageGroupId", "tenant-" + std::to_string(world.random().below(3)));
  call(world, queue, Doing::Send, "SendMessage", members, &SqsWorkload::was_sent);
}

void SqsWorkload::send_fifo(World& world, Queue& queue, const Sent* again) {
  constexpr auto window = seconds(280);  // well inside the five minutes
  if (again == nullptr && !sent_.empty() && world.random().chance(30)) {
    const auto& candidate = sent_[world.random().below(sent_.size())];
    // One that was never acknowledged and that the model has given up for lost would be a new message.
    const bool is_known = !candidate.message_id.empty() || fifo_.contains(candidate.body);
    if (is_known && world.now() - candidate.first_asked < window) again = &candidate;
  }
  Sent sent = again != nullptr
                  ? *again
                  : Sent{.body = "message-" + std::to_string(next_body_++), .id = {}, .message_id = {}, .first_asked = world.now()};
  if (again == nullptr) {
    sent.id = "id-" + sent.body;
    sent_.push_back(sent);
    auto& message = fifo_[sent.body];
    message.group = "group-" + std::to_string(world.random().below(3));
    message.order = next_body_;
    message.hidden_until = message.visible_from = world.now();
  } else if (sent.message_id.empty()) {
    if (const auto known = fifo_.find(sent.body); known != fifo_.end() && !known->second.is_certain) known->second.is_order_certain = false;
  }
  const auto known = fifo_.find(sent.body);
  const auto group = known != fifo_.end() ? known->second.group : "group-0";
  queue.body = sent.body;
  call(world, queue, Doing::Send, "SendMessage",
       text_member("QueueUrl", url_start + queue.name) + "," + text_member("MessageBody", sent.body) + "," +
           text_member("MessageGroupId", group) + "," + text_member("MessageDeduplicationId", sent.id),
       &SqsWorkload::was_sent);
}

void SqsWorkload::was_sent(Queue& queue, const JsonValue& reply, Instant) {
  const auto* id = reply.find_string("MessageId");
  if (id == nullptr) return fail(queue.name + ": SendMessage answered no id");
  if (queue.place != Place::Fifo) {
    standard_[queue.body].is_certain = true;
    return;
  }
  for (auto& sent : sent_) {
    if (sent.body != queue.body) continue;
    if (!sent.message_id.empty() && sent.message_id != *id) fail(queue.name + ": a duplicate got an id of its own: " + queue.body);
    // Acknowledged for the first time: it is there, unless an answer that a crash swallowed had shown it to be deleted.
    const auto known = fifo_.find(sent.body);
    if (sent.message_id.empty() && known != fifo_.end() && known->second.handle.empty()) known->second.is_certain = true;
    sent.message_id = *id;
  }
}

void SqsWorkload::receive(World& world, Queue& queue) {
  auto& random = world.random();
  queue.most = is_draining_ ? 10 : 1 + random.below(10);
  queue.visibility = is_draining_ ? seconds(1000) : seconds(static_cast<std::int64_t>(1 + random.below(90)));
  queue.is_long = !is_draining_ && random.chance(30);
  call(world, queue, Doing::Receive, "ReceiveMessage",
       text_member("QueueUrl", url_start + queue.name) + "," + number_member("MaxNumberOfMessages", static_cast<std::int64_t>(queue.most)) +
           "," + number_member("VisibilityTimeout", queue.visibility.us / seconds(1).us) + "," +
           number_member("WaitTimeSeconds", queue.is_long ? static_cast<std::int64_t>(1 + random.below(20)) : 0) +
           R"(,"MessageSystemAttributeNames":["ApproximateReceiveCount"])",
       &SqsWorkload::was_received);
}

bool SqsWorkload::can_be_in(const Message& message, Place place) const {
  if (place == Place::Dead) return message.was_in_dead || message.most_receives >= receives_before_dead;
  return place == Place::Fifo || (!message.was_in_dead && message.least_receives < receives_before_dead);
}

void SqsWorkload::was_received(Queue& queue, const JsonValue& reply, Instant now) {
  const auto* messages = reply.find("Messages");
  std::vector<std::string> batch;
  const auto latest = queue.is_long ? now : queue.asked;
  for (const auto& each : messages == nullptr ? JsonArray{} : *messages->as_array()) {
    const auto& body = *each.find_string("Body");
    const auto receives = parse_integer(*each.find_path({"Attributes", "ApproximateReceiveCount"})->as_string()).value_or(0);
    check_delivery(queue, body, receives, latest, batch);
    if (failure_) return;
    auto& message = messages_of(queue)[body];
    message.is_certain = true;
    message.was_in_dead = queue.place == Place::Dead;
    message.least_receives = message.most_receives = receives;
    message.hidden_until = queue.asked + queue.visibility;
    message.visible_from = latest + queue.visibility;
    message.handle = *each.find_string("ReceiptHandle");
    message.handle_place = queue.place;
    message.is_handle_last = true;
    batch.push_back(body);
    ++delivered_;
  }
  if (!queue.is_long && batch.size() < queue.most) check_nothing_overlooked(queue, batch);
}

void SqsWorkload::check_delivery(Queue& queue, const std::string& body, std::int64_t receives, Instant latest,
                                 const std::vector<std::string>& batch) {
  const auto& messages = messages_of(queue);
  const auto known = messages.find(body);
  if (known == messages.end()) return fail(queue.name + ": delivered what is deleted or was never sent: " + body);
  if (contains(batch, body)) return fail(queue.name + ": twice in one answer: " + body);
  const auto& message = known->second;
  if (!can_be_in(message, queue.place)) return fail(queue.name + ": delivered from the wrong queue: " + body);
  if (message.hidden_until > latest) return fail(queue.name + ": delivered inside its visibility or delay: " + body);
  if (receives <= message.least_receives || receives > message.most_receives + 1)
    return fail(queue.name + ": receive count " + std::to_string(receives) + " of " + body + " is not one more than " +
                std::to_string(message.least_receives) + ".." + std::to_string(message.most_receives));
  if (queue.place == Place::Standard && receives > receives_before_dead) return fail(queue.name + ": received too often: " + body);
  if (queue.place == Place::Fifo) check_group(body, message, latest, batch);
}

void SqsWorkload::check_group(const std::string& body, const Message& message, Instant latest, const std::vector<std::string>& batch) {
  std::vector<std::string> missing;
  for (const auto& [other_body, other] : fifo_) {
    if (other_body == body || other.group != message.group || contains(batch, other_body)) continue;
    if (other.is_certain && other.least_receives > 0 && other.hidden_until > latest)
      return fail("the group of " + body + " was locked by " + other_body);
    if (!other.is_order_certain || !message.is_order_certain || other.order > message.order) continue;
    if (other.is_certain) return fail(body + " was delivered before " + other_body + " of the same group");
    missing.push_back(other_body);  // sent or received by an operation that a crash has undone, or deleted by one that it has not
  }
  for (const auto& other : missing) fifo_.erase(other);
}

void SqsWorkload::check_nothing_overlooked(const Queue& queue, const std::vector<std::string>& batch) {
  for (const auto& [body, message] : messages_of(queue)) {
    if (!message.is_certain || message.visible_from > queue.asked || contains(batch, body)) continue;
    if (queue.place == Place::Dead && !message.was_in_dead) continue;  // on its way, perhaps
    if (queue.place == Place::Standard && (message.was_in_dead || message.most_receives >= receives_before_dead)) continue;
    if (queue.place == Place::Fifo) {
      const bool may_be_locked = std::any_of(fifo_.begin(), fifo_.end(), [&, &mine = message](const auto& other) {
        return other.second.group == mine.group && other.second.visible_from > queue.asked;
      });
      if (may_be_locked) continue;
    }
    return fail(queue.name + ": a receive overlooked " + body);
  }
}

void SqsWorkload::remove(World& world, Queue& queue) {
  auto& messages = messages_of(queue);
  std::vector<std::string> received;
  for (const auto& [body, message] : messages) {
    // FIFO handles end with the visibility; those of standard queues when the message is received again.
    const bool is_valid = queue.place != Place::Fifo || (message.hidden_until > world.now() && message.is_handle_last);
    if (!message.handle.empty() && message.handle_place == queue.place && is_valid) received.push_back(body);
  }
  if (received.empty()) return;
  queue.body = received[world.random().below(received.size())];
  call(world, queue, Doing::Delete, "DeleteMessage",
       text_member("QueueUrl", url_start + queue.name) + "," + text_member("ReceiptHandle", messages[queue.body].handle),
       &SqsWorkload::was_removed);
}

void SqsWorkload::was_removed(Queue& queue, const JsonValue&, Instant) {
  auto& messages = messages_of(queue);
  auto& message = messages[queue.body];
  // A crash may have swallowed a later receive; and what was visible again and received too often may have moved on.
  const bool may_have_moved =
      queue.place == Place::Standard && message.most_receives >= receives_before_dead && message.hidden_until <= queue.asked;
  if (message.is_handle_last && message.handle_place == queue.place && !may_have_moved) {
    messages.erase(queue.body);
  } else {
    message.is_certain = false;
  }
}

void SqsWorkload::change_visibility(World& world, Queue& queue) {
  auto& messages = messages_of(queue);
  for (auto& [body, message] : messages) {
    const bool is_in_flight =
        message.is_certain && message.is_handle_last && message.handle_place == queue.place && message.hidden_until > world.now();
    if (!is_in_flight || !world.random().chance(40)) continue;
    queue.body = body;
    queue.visibility = seconds(static_cast<std::int64_t>(world.random().below(90)));
    return call(world, queue, Doing::ChangeVisibility, "ChangeMessageVisibility",
                text_member("QueueUrl", url_start + queue.name) + "," + text_member("ReceiptHandle", message.handle) + "," +
                    number_member("VisibilityTimeout", queue.visibility.us / seconds(1).us),
                &SqsWorkload::was_changed);
  }
}

void SqsWorkload::was_changed(Queue& queue, const JsonValue&, Instant) {
  auto& message = messages_of(queue)[queue.body];
  message.hidden_until = message.visible_from = queue.asked + queue.visibility;
}

void SqsWorkload::crashed() {
  ++life_;
  constexpr auto longest_wait = seconds(60);
  for (auto& queue : queues_) {
    auto& messages = messages_of(queue);
    const auto known = messages.find(queue.body);
    const auto until = queue.asked + queue.visibility;
    if (queue.doing == Doing::Delete && known != messages.end()) known->second.is_certain = false;
    if (queue.doing == Doing::ChangeVisibility && known != messages.end()) {
      known->second.hidden_until = std::min(known->second.hidden_until, until);
      known->second.visible_from = std::max(known->second.visible_from, until);
    }
    if (queue.doing == Doing::Receive) {
      for (auto& [body, message] : messages) {
        if (!can_be_in(message, queue.place)) continue;
        ++message.most_receives;
        message.visible_from = std::max(message.visible_from, until + (queue.is_long ? longest_wait : Duration{}));
        message.is_handle_last = false;
      }
    }
    queue.doing = Doing::Nothing;
  }
}

void SqsWorkload::drain(World& world) {
  std::vector<std::pair<Queue*, std::string>> received;
  for (auto& queue : queues_) {
    if (!queue.is_created) continue;
    receive(world, queue);
    world.settle();
  }
  for (auto& queue : queues_) {
    std::vector<std::string> bodies;
    for (const auto& [body, message] : messages_of(queue))
      if (message.handle_place == queue.place && message.is_handle_last && message.hidden_until > world.now()) bodies.push_back(body);
    for (const auto& body : bodies) {
      if (failure_) return;
      queue.body = body;
      call(world, queue, Doing::Delete, "DeleteMessage",
           text_member("QueueUrl", url_start + queue.name) + "," + text_member("ReceiptHandle", messages_of(queue)[body].handle),
           &SqsWorkload::was_removed);
      world.settle();
    }
  }
}

void SqsWorkload::verify(World& world) {
  world.pass(minutes(1));  // waiting receives come back
  is_draining_ = true;
  world.pass(hours(1));  // everything is visible again
  for (int round = 0; round < 200 && !failure_; ++round) {
    drain(world);
    const auto is_certain = [](const auto& each) { return each.second.is_certain; };
    if (std::none_of(standard_.begin(), standard_.end(), is_certain) && std::none_of(fifo_.begin(), fifo_.end(), is_certain)) return;
    world.pass(seconds(1));
  }
  for (const auto* messages : {&standard_, &fifo_})
    for (const auto& [body, message] : *messages)
      if (message.is_certain) fail("lost: " + body);
}

}  // namespace surgetank::sim
