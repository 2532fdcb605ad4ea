#include "sim/app/program.h"

#include <utility>

#include "sim/app/machine.h"

namespace tcptwin::app {

Task run_program(SocketApi api, const Program& program, std::string process, uint64_t pattern,
                 Metrics& metrics, ProcessOutcome& outcome) {
  Machine machine(api, program, process, pattern, metrics, outcome);
  outcome.started = api.now();
  const Task body = machine.run();
  co_await body;
  machine.conclude_process();
}

}  // namespace tcptwin::app
