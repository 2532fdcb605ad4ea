#include "tun/kernel_programs.h"

#include <sys/eventfd.h>

#include "tun/failure.h"

namespace tcptwin::tun {

KernelPrograms::KernelPrograms(const scenario::Scenario& scenario, const RealHosts& hosts,
                               const std::map<std::string, size_t>& sends)
    : over_fd_(checked(::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK), "an event descriptor")) {
  bool ipv6 = false;
  for (const scenario::ProcessSpec& spec : scenario.processes) ipv6 = ipv6 || uses_ipv6(spec);
  for (size_t i = 0; i < scenario.processes.size(); ++i) {
    const scenario::ProcessSpec& spec = scenario.processes[i];
    const auto where = hosts.find(spec.host);
    if (where == hosts.end()) continue;
    if (const auto problem = unsuitable(spec)) throw Failure(*problem);
    const bool counts = !(spec.ready && programs::serves_for_ever(*spec.ready));
    if (counts) ++ending_;
    const auto known = sends.find(spec.name);
    processes_.emplace_back(
        KernelProcessSetup{.spec = &spec,
                           .profile = &scenario.host(spec.host)->resolved,
                           .where = where->second.where,
                           .congestion = where->second.congestion,
                           .number = static_cast<uint32_t>(i),
                           .pattern_bytes = known == sends.end() ? 0 : known->second,
                           .ipv6 = ipv6,
                           .over = [this, counts] {
                             if (counts) ++over_;
                             ::eventfd_write(over_fd_.get(), 1);
                           }});
  }
}

void KernelPrograms::launch() {
  for (KernelProcess& process : processes_) process.launch();
}

void KernelPrograms::go(const Clock& clock) {
  for (KernelProcess& process : processes_) process.go(clock);
}

void KernelPrograms::stop() {
  for (KernelProcess& process : processes_) process.stop();
}

void KernelPrograms::acknowledge_over() {
  eventfd_t count = 0;
  ::eventfd_read(over_fd_.get(), &count);
}

app::Metrics KernelPrograms::metrics() const {
  app::Metrics all;
  for (const KernelProcess& process : processes_) {
    all.insert(process.metrics().begin(), process.metrics().end());
  }
  return all;
}

}  // namespace tcptwin::tun
