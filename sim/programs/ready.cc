#include "sim/programs/ready.h"

#include <utility>

namespace tcptwin::programs {

namespace {

// Coroutine and measures of each plan.
Task start(SocketApi api, const HttpServerPlan& plan, ProgramRun& run) {
  return http_server(api, plan, run);
}
Task start(SocketApi api, const HttpLoadPlan& plan, ProgramRun& run) {
  return http_load(api, plan, run);
}
Task start(SocketApi api, const HttpProxyPlan& plan, ProgramRun& run) {
  return http_proxy(api, plan, run);
}
Task start(SocketApi api, const GameServerPlan& plan, ProgramRun& run) {
  return game_server(api, plan, run);
}
Task start(SocketApi api, const NetworkAppPlan& plan, ProgramRun& run) {
  return network_app(api, plan, run);
}

Task start(SocketApi api, const BulkSendPlan& plan, ProgramRun& run) {
  return bulk_send(api, plan, run);
}
Task start(SocketApi api, const BulkReceivePlan& plan, ProgramRun& run) {
  return bulk_receive(api, plan, run);
}
Task start(SocketApi api, const MessageWorkersPlan& plan, ProgramRun& run) {
  return message_workers(api, plan, run);
}
Task start(SocketApi api, const RequestResponsePlan& plan, ProgramRun& run) {
  return request_response(api, plan, run);
}
Task start(SocketApi api, const FileServerPlan& plan, ProgramRun& run) {
  return file_server(api, plan, run);
}

std::vector<std::string> measures(const HttpServerPlan&) { return {"request"}; }
std::vector<std::string> measures(const HttpLoadPlan&) {
  return {"request", "connect", "received", "cut_off"};
}
std::vector<std::string> measures(const HttpProxyPlan&) { return {"answer"}; }
std::vector<std::string> measures(const BulkSendPlan&) { return {"transfer", "goodput"}; }
std::vector<std::string> measures(const BulkReceivePlan&) {
  return {"stream", "received", "open", "goodput"};
}
std::vector<std::string> measures(const MessageWorkersPlan&) { return {"message", "connect"}; }
std::vector<std::string> measures(const RequestResponsePlan&) { return {"round"}; }
std::vector<std::string> measures(const GameServerPlan&) { return {"wait"}; }
std::vector<std::string> measures(const NetworkAppPlan&) {
  return {"ready", "answered", "gave_up",     "waiting",      "failed",
          "flows", "sockets",  "descriptors", "still_waiting"};
}
std::vector<std::string> measures(const FileServerPlan&) {
  return {"request", "taken", "first_write", "expired"};
}

Task run_to_its_end(SocketApi api, const Ready& ready, ProgramRun run) {
  using End = app::ProcessOutcome::End;
  app::ProcessOutcome& outcome = *run.outcome;
  outcome.started = api.now();
  const Task body = std::visit([&](const auto& plan) { return start(api, plan, run); }, ready);
  co_await body;
  outcome.ended = api.now();
  outcome.end = run.failed() ? End::kFailed : End::kFinished;
  if (!run.failed()) run.measured("elapsed", outcome.started, api);
}

}  // namespace

Task run_ready(const SocketApi& api, const Ready& ready, std::string process, uint64_t pattern,
               app::Metrics& metrics, app::ProcessOutcome& outcome) {
  ProgramRun run{std::move(process), pattern, &metrics, &outcome};
  if (const auto* server = std::get_if<HttpServerPlan>(&ready)) {
    run.body_hashes = hash_bodies(*server, pattern);
  }
  return run_to_its_end(api, ready, std::move(run));
}

bool serves_for_ever(const Ready& ready) {
  return std::holds_alternative<HttpServerPlan>(ready) ||
         std::holds_alternative<HttpProxyPlan>(ready) ||
         std::holds_alternative<FileServerPlan>(ready);
}

std::vector<std::string> measures_of(const Ready& ready) {
  return std::visit([](const auto& plan) { return measures(plan); }, ready);
}

}  // namespace tcptwin::programs
