// operations_process.cc: the operations on the process itself: its threads, mutexes, limits, end;
// and the server that has many clients.
#include <utility>

#include "sim/scenario/operation_tables.h"

namespace tcptwin::scenario {

namespace {

ArgumentTable mutex_table(const char* name, const char* doc) {
  ArgumentTable f(name, doc);
  f.text("mutex", &Arguments::name, "by its name; the first use makes it",
         {.required = true, .non_empty = true});
  with_result(f);
  return f;
}

}  // namespace

const ArgumentTable& serve_fields() {
  using Way = app::ServePlan::Way;
  using Plan = app::ServePlan;
  static const json::Fields<Plan> plan = [] {
    json::Fields<Plan> f("serve", "");
    f.enumeration("with", &Plan::way, "how it waits for its clients",
                  {{"one_by_one", Way::kOneByOne, "the next connection after the end of the last"},
                   {"threads", Way::kThreads, "a thread for each connection"},
                   {"select", Way::kSelect, "one thread, non-blocking sockets, select"},
                   {"poll", Way::kPoll, "likewise with poll"},
                   {"epoll", Way::kEpoll, "likewise with epoll, level-triggered"},
                   {"epoll_edge", Way::kEpollEdge, "likewise, edge-triggered"},
                   {"kqueue", Way::kKqueue, "likewise with kqueue"}})
        .size("read", &Plan::request, "bytes of a request", {.at_least = 1, .at_most = 1 << 30})
        .size("answer", &Plan::answer, "bytes of its answer", {.at_most = int64_t{1} << 40})
        .duration("think", &Plan::think, "time between the two, slept")
        .boolean("keep_open", &Plan::keeps_open,
                 "waits for another request; else it closes after the answer")
        .integer("connections", &Plan::connections, "ends after so many; 0: never",
                 {.at_least = 0, .at_most = 1 << 30})
        .duration("pause", &Plan::pause, "sleeps so long when no descriptor is left (EMFILE)",
                  {.non_zero = true});
    return f;
  }();
  static const ArgumentTable t = [] {
    ArgumentTable f("serve",
                    "accepts connections and answers the requests of each; an error of one "
                    "connection ends it and is counted");
    f.text("from", &Arguments::from, "the listening socket", {.non_empty = true})
        .include(&Arguments::serve, plan)
        .text("measure", &Arguments::name,
              "takes the time from a request's first byte to the end of its answer, as "
              "PROCESS.MEASURE",
              {.non_empty = true});
    with_result(f);
    return f;
  }();
  return t;
}
const ArgumentTable& join_fields() {
  static const ArgumentTable t = [] {
    ArgumentTable f("join", "waits for the end of all threads of that name that this one has made");
    f.text("thread", &Arguments::name, "the name that `spawn` gave",
           {.required = true, .non_empty = true});
    return f;
  }();
  return t;
}
const ArgumentTable& lock_fields() {
  static const ArgumentTable t = mutex_table("lock", "pthread_mutex_lock");
  return t;
}
const ArgumentTable& unlock_fields() {
  static const ArgumentTable t = mutex_table("unlock", "pthread_mutex_unlock");
  return t;
}
const ArgumentTable& snapshot_fields() {
  static const ArgumentTable t =
      ArgumentTable("snapshot", "keeps all sockets of the host as they are now; takes no time")
          .text("as", &Arguments::name, "name in the result",
                {.required = true, .non_empty = true});
  return t;
}
const ArgumentTable& setrlimit_fields() {
  static const ArgumentTable t = [] {
    ArgumentTable f("setrlimit", "RLIMIT_NOFILE: how many descriptors the process may have open");
    f.integer("descriptors", &Arguments::descriptors, "the soft limit, standard streams included",
              {.required = true, .at_least = 0, .at_most = 1 << 30})
        .integer("hard", &Arguments::hard,
                 "the limit of this limit, which only falls; absent: as it is",
                 {.at_least = 0, .at_most = 1 << 30});
    with_result(f);
    return f;
  }();
  return t;
}
const ArgumentTable& exit_process_fields() {
  static const ArgumentTable t =
      ArgumentTable("exit_process", "ends all threads and closes all descriptors");
  return t;
}

}  // namespace tcptwin::scenario
