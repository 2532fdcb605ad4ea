// kernel_programs.h: those processes of a scenario that run over this machine's own sockets.
#pragma once

#include <atomic>
#include <deque>
#include <map>
#include <string>

#include "sim/app/metrics.h"
#include "sim/scenario/scenario.h"
#include "tun/kernel_process.h"
#include "tun/net_namespace.h"
#include "tun/unique_fd.h"

namespace tcptwin::tun {

struct RealHost {
  const NetNamespace* where = nullptr;
  std::string congestion{};  // of its TCP sockets; empty: the namespace's
};
using RealHosts = std::map<std::string, RealHost, std::less<>>;  // by name

class KernelPrograms {
 public:
  // All outlive it. Throws Failure when a program asks for what this kernel has not.
  KernelPrograms(const scenario::Scenario& scenario, const RealHosts& hosts);

  // Their threads stand ready.
  void launch();
  // They begin, each at its start in the virtual time of `clock`, which outlives them.
  void go(const Clock& clock);
  // Ends what has not ended. The results are for afterwards.
  void stop();

  // Readable whenever one more has come to its end.
  int over_fd() const { return over_fd_.get(); }
  void acknowledge_over();
  // All that come to an end have done so.
  bool are_over() const { return over_ >= ending_; }

  const std::deque<KernelProcess>& processes() const { return processes_; }
  // Of all of them.
  app::Metrics metrics() const;

 private:
  UniqueFd over_fd_;
  std::atomic<size_t> over_ = 0;
  size_t ending_ = 0;
  std::deque<KernelProcess> processes_;  // ends before what it reports to
};

}  // namespace tcptwin::tun
