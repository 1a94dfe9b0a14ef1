#pragma once
// One prediction under way: the machines of the live system and the event heap that drives them. The parts are in simulation_*.cc:
// requests (arrival, gateway, answer), functions (pool, steps, timeouts), queues (messages, pollers), events (asynchronous invocations),
// work (processors and waiting), figures (what is reported). Used once, by predict(); one thread.
#include <array>
#include <cstdint>
#include <deque>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/random.h"
#include "engine/environment_pool.h"
#include "kernel/concurrency.h"
#include "kernel/quotas.h"
#include "kernel/token_bucket.h"
#include "services/lambda/async_queue.h"
#include "services/lambda/async_retry.h"
#include "services/lambda/event_source_poller.h"
#include "services/sqs/queue.h"
#include "windtunnel/load/traffic.h"
#include "windtunnel/prediction/deadline_line.h"
#include "windtunnel/prediction/event_heap.h"
#include "windtunnel/prediction/histogram.h"
#include "windtunnel/prediction/limit_ledger.h"
#include "windtunnel/prediction/pool_of.h"
#include "windtunnel/prediction/prediction.h"
#include "windtunnel/prediction/shared_processors.h"

namespace surgetank::prediction {

enum class EventKind : std::uint8_t {
  Arrival,
  RequestEnters,    // request: through the gateway
  RequestRetries,   // request
  GatewayTimeout,   // route
  StepDone,         // invocation
  StepAgain,        // invocation: a throttled call is repeated
  InitDone,         // environment
  FunctionTimeout,  // function
  EnvironmentGone,  // environment
  PoolTick,
  ProcessorsDone,   // processors
  BesideDone,       // work beside a request; nobody waits for it
  ReceiveAnswered,  // receive
  LongPollEnds,     // receive
  PollerWakes,      // mapping
  QueueWakes,       // queue
  EventsWake,       // function
  Second,
};

class Simulation {
 public:
  Simulation(const Profile& profile, const windtunnel::Traffic& traffic, const Conditions& conditions);
  Outcome run();

 private:
  static constexpr std::uint32_t none = ~std::uint32_t{0};
  static constexpr double used_up_share = 0.98;  // of processors, over a second: what comes now waits

  // ---- what there is ----
  struct CompiledStep {
    const Step* step = nullptr;
    std::uint32_t target = none;
    std::vector<const QuotaRow*> quotas = {};
    std::vector<LimitNumber> quota_limits = {};
  };
  struct Function {
    const FunctionProfile* profile = nullptr;
    std::vector<CompiledStep> steps = {};
    double slowdown = 1;  // of computing, by the processor share of its memory
    Duration timeout = {};
    DeadlineLine deadlines{Duration{}};
    LimitNumber timeout_limit = no_limit;
    LimitNumber own_error = no_limit;
    LimitNumber reserved_limit = no_limit;
    FunctionConcurrency* concurrency = nullptr;
    lambda::EventQueue events{{.window = SIZE_MAX, .running = SIZE_MAX, .running_bytes = SIZE_MAX}};
    std::uint32_t events_generation = 0;
    std::optional<Instant> events_wake = {};
    std::int64_t running = 0;
    // figures
    std::uint64_t invocations = 0;
    std::uint64_t errors = 0;
    std::uint64_t throttles = 0;
    std::uint64_t cold_starts = 0;
    std::int64_t running_peak = 0;
    double billed_gb_seconds = 0;
    Histogram durations = {};
  };
  struct Route {
    const RouteProfile* profile = nullptr;
    std::uint32_t function = none;
    std::uint32_t queue = none;
    double weight_until = 0;  // cumulated
    DeadlineLine deadlines{Duration{}};
    LimitNumber timeout_limit = no_limit;
    LimitNumber throttle_limit = no_limit;
    std::unique_ptr<TokenBucket> throttle = {};  // of the stage or route; null: none
    RequestFigures figures = {};
    Histogram latency = {};
    Histogram success_latency = {};
  };
  struct WaitingReceive {
    std::uint32_t receive = 0;
    std::uint32_t generation = 0;
  };
  struct QueueState {
    explicit QueueState(const QueueProfile& its_profile);
    const QueueProfile* profile;
    sqs::Queue queue;
    std::uint32_t dead_letters = none;
    std::vector<std::uint32_t> mappings = {};
    std::deque<WaitingReceive> waiting = {};
    std::uint32_t wake_generation = 0;
    std::optional<Instant> wake = {};
    LimitNumber in_flight_limit = no_limit;
    LimitNumber dead_letter_limit = no_limit;
    QueueFigures figures = {};
    Histogram accepted_to_done = {};
  };
  struct Mapping {
    const MappingProfile* profile = nullptr;
    std::uint32_t queue = none;
    std::uint32_t function = none;
    std::unique_ptr<lambda::EventSourcePoller> poller = {};
    std::uint32_t wake_generation = 0;
    LimitNumber concurrency_limit = no_limit;
    std::int64_t most_batches = 0;
  };
  struct Database {
    const DatabaseProfile* profile = nullptr;
    std::int64_t most_connections = 0;
    std::int64_t connections = 0;
    std::int64_t connections_peak = 0;
    std::uint64_t refused = 0;
    std::uint32_t processors = none;  // in stations_
    LimitNumber connection_limit = no_limit;
    double use_peak = 0;
  };
  struct Station {
    explicit Station(double count) : processors(count) {}
    SharedProcessors processors;
    std::uint32_t generation = 0;
    LimitNumber limit = no_limit;
    Duration busy_before = {};  // at the last second
    Duration waited_before = {};
    double use = 0;  // share in the last second
  };

  // ---- what comes and goes ----
  struct Request {
    std::uint32_t generation = 0;
    std::uint32_t route = 0;
    Instant arrived = {};
    int tries = 0;
    bool is_measured = false;
  };
  enum class OriginKind : std::uint8_t { Request, Batch, Event, Invocation };
  struct Origin {
    OriginKind kind = OriginKind::Request;
    std::uint32_t subject = none;
    std::uint32_t generation = 0;
    std::uint64_t detail = 0;  // Batch: its number; Event: its function
  };
  struct Invocation {
    std::uint32_t generation = 0;
    std::uint32_t function = none;
    std::uint32_t environment = none;
    Origin origin = {};
    std::size_t step = 0;
    int tries_of_step = 0;
    bool is_initializing = false;
    bool is_warming_up = false;
    Instant started = {};
    double pace = 0;                // standard normal: how slow it is all over
    std::uint64_t connections = 0;  // databases that it is connected to, for itself
  };
  struct Environment {
    std::uint32_t generation = 0;
    std::uint32_t function = none;
    std::uint32_t invocation = none;
    EnvironmentId id = {};
    Instant started = {};
    std::int64_t dispatched = 0;    // invocations, since its process was started
    std::uint64_t connections = 0;  // databases that it stays connected to
    std::uint64_t done_once = 0;    // steps
  };
  struct PendingEvent {
    std::uint32_t generation = 0;
    lambda::EventHistory history = {};
    lambda::EventKey key = {};
  };
  struct Receive {
    std::uint32_t generation = 0;
    std::uint32_t mapping = none;
    lambda::PollerOrders::Receive order = {};
  };

  // ---- simulation.cc: set up, loop ----
  void add_limits();
  void add_functions();
  void add_routes();
  void add_queues();
  void add_databases();
  CompiledStep compile(const Step& step);
  void take(const EventHeap<EventKind>::Event& event);
  void each_second();
  bool is_over() const;
  Instant now() const { return heap_.now(); }
  const QuotaRow* row(std::string_view id) const { return quotas_.find(id); }
  std::int64_t quota_value(std::string_view id, std::int64_t otherwise) const;
  // How many times as large as it is the limit is tried.
  double raised(const std::string& id) const;
  std::int64_t raised(const std::string& id, std::int64_t value) const;
  Duration raised(const std::string& id, Duration value) const;
  void raise_quotas();
  std::uint32_t function_number(const std::string& name) const;
  std::uint32_t queue_number(const std::string& name) const;

  // ---- simulation_work.cc ----
  // `kind` happens to the subject after `time`, of which `cpu_share` is work that station `station` (none: nobody shares it) does.
  void work(EventKind kind, std::uint32_t subject, std::uint32_t generation, Duration time, double cpu_share, std::uint32_t station);
  void arm_station(std::uint32_t number);
  void processors_done(std::uint32_t number);
  void drop_work(EventKind kind, std::uint32_t subject, std::uint32_t generation);
  std::uint32_t station_of_code() const { return host_station_; }

  // ---- simulation_requests.cc ----
  void next_arrival();
  void arrival();
  void enter(std::uint32_t number);
  void request_enters(std::uint32_t number);
  void answer(std::uint32_t number, LimitNumber reason);
  void count_answer(const Request& request, LimitNumber reason);
  void gateway_timeouts(std::uint32_t route);
  std::uint32_t choose_route();

  // ---- simulation_functions.cc ----
  void provision();
  void submit(std::uint32_t function, const Origin& origin);
  void settle();
  void note_waiting();
  void waited(LimitNumber limit, double waited_seconds);
  void apply(const PoolAction& action);
  void start_environment(const PoolAction& action);
  void init_done(std::uint32_t environment);
  void dispatch(const PoolAction& action);
  void begin(std::uint32_t invocation);
  void work_beside(Duration demand);
  void next_step(std::uint32_t invocation);
  bool occurs(Invocation& invocation, std::size_t step);
  Duration time_of(const Invocation& invocation, const Step& step);
  void begin_step(std::uint32_t invocation);
  void call_service(std::uint32_t invocation);
  void connect(std::uint32_t invocation);
  void step_done(std::uint32_t invocation);
  void repeat_or_fail(std::uint32_t invocation, LimitNumber reason);
  void environment_gone(std::uint32_t environment);
  void disconnect(std::uint64_t& databases);
  void pool_tick();
  void update_running(Function& function, std::int64_t by_one);
  LimitNumber limit_of(ThrottleReason reason, std::uint32_t function);

  // ---- simulation_endings.cc ----
  void finish(std::uint32_t invocation, LimitNumber reason);
  void refuse(std::uint32_t invocation, LimitNumber reason);
  void function_timeouts(std::uint32_t function);
  void bill(Function& function, const Invocation& invocation);
  void complete(const Origin& origin, LimitNumber reason);

  // ---- simulation_queues.cc ----
  void send(std::uint32_t queue);
  void pay(const QueueState& queue, double requests, std::int64_t bytes);
  void add_message(QueueState& queue, Instant sent);
  void advance_queue(QueueState& queue);
  void serve_waiting(std::uint32_t queue);
  void arm_queue(std::uint32_t queue);
  void ask_poller(std::uint32_t mapping);
  void receive_answered(std::uint32_t receive);
  bool try_receive(std::uint32_t receive);
  void long_poll_ends(std::uint32_t receive);
  void give_messages(std::uint32_t receive, const std::vector<sqs::Slot>& taken);
  void move_exhausted(QueueState& queue, const std::vector<sqs::Slot>& exhausted);
  void batch_ended(std::uint32_t mapping, std::uint64_t batch, LimitNumber reason);
  void delete_message(QueueState& queue, const lambda::QueuedMessage& message);

  // ---- simulation_events.cc ----
  void add_event(std::uint32_t function);
  void run_events(std::uint32_t function);
  void event_ended(std::uint32_t event, std::uint32_t function, LimitNumber reason);

  // ---- simulation_figures.cc ----
  Outcome figures();
  void add_moment();
  bool is_worth_naming(const LimitUse& limit) const;
  std::optional<LimitUse> bottleneck() const;
  std::optional<LimitUse> first_limit() const;
  std::vector<CostLine> costs();

  const Profile& profile_;
  const windtunnel::Traffic& traffic_;
  const Conditions& conditions_;
  Instant begin_;
  EventHeap<EventKind> heap_;
  windtunnel::ArrivalSchedule schedule_;
  Random choices_;  // routes, services, failures
  const QuotaProfile quota_profile_;
  const std::map<std::string, std::int64_t> quota_values_;  // instead of the profile's
  Quotas quotas_;
  LimitLedger ledger_;
  std::unique_ptr<AccountConcurrency> account_;
  std::deque<FunctionConcurrency> concurrency_;  // beside functions_
  std::deque<ProvisionedConcurrency> provisioned_;
  HostProcesses host_processes_;
  std::unique_ptr<EnvironmentPool> pool_;
  PoolActions actions_;
  bool is_settling_ = false;

  std::vector<Route> routes_;
  std::vector<Function> functions_;
  std::deque<QueueState> queues_;
  std::vector<Mapping> mappings_;
  std::vector<Database> databases_;
  std::deque<Station> stations_;
  std::uint32_t host_station_ = none;

  PoolOf<Request> requests_;
  PoolOf<Invocation> invocations_;
  PoolOf<Environment> environments_;
  PoolOf<PendingEvent> events_;
  PoolOf<Receive> receives_;
  std::vector<std::uint32_t> environment_numbers_;  // by EnvironmentId
  std::vector<sqs::Slot> taken_;                    // scratch
  std::vector<sqs::Slot> exhausted_;
  std::vector<std::uint64_t> expired_;
  std::uint64_t sequence_ = 0;
  std::uint64_t event_ids_ = 0;

  const QuotaRow* gateway_row_ = nullptr;
  LimitNumber gateway_limit_ = no_limit;
  LimitNumber concurrency_limit_ = no_limit;
  LimitNumber rate_limit_ = no_limit;
  LimitNumber scaling_limit_ = no_limit;
  LimitNumber processes_limit_ = no_limit;
  LimitNumber starts_limit_ = no_limit;

  std::int64_t unserved_ = 0;  // invocations without a process in sight, since `unserved_since_`
  Instant unserved_since_;

  Instant traffic_end_;
  Instant end_;
  bool has_arrivals_ = true;
  bool is_ended_ = false;
  std::int64_t running_ = 0;
  std::int64_t running_peak_ = 0;
  std::int64_t environments_peak_ = 0;
  double requests_seconds_ = 0;  // sum over measured seconds of requests under way
  std::uint64_t measured_seconds_ = 0;
  double host_use_sum_ = 0;
  Use use_;
  std::vector<Moment> timeline_;
  Moment moment_;
  Histogram moment_latency_;
};

}  // namespace surgetank::prediction
