#include "storage/durable_queue.h"

#include <utility>

namespace surgetank {

void DurableQueue::add(Sequence sequence, Done done) {
  // Nearly always the newest sequence, so the search from the back ends at once.
  auto position = waiting_.end();
  while (position != waiting_.begin() && std::prev(position)->sequence > sequence) --position;
  waiting_.insert(position, Waiting{sequence, std::move(done)});
}

std::vector<DurableQueue::Done> DurableQueue::take(Sequence up_to) {
  std::vector<Done> taken;
  while (!waiting_.empty() && waiting_.front().sequence <= up_to) {
    taken.push_back(std::move(waiting_.front().done));
    waiting_.pop_front();
  }
  return taken;
}

}  // namespace surgetank
