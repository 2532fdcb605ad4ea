// traces/documents/network-framework-sockets: what its expectations do not say: which call fails
// and what the tools show.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <set>
#include <string>
#include <vector>

#include "sim/report/views.h"
#include "sim/trace/calls.h"
#include "tests/support/simulation.h"

namespace tcptwin {
namespace {

using socket::FileKind;
using support::simulate_document;
using support::Simulation;
using testing::HasSubstr;
using testing::Not;

constexpr const char* kScenario = "network-framework-sockets";
constexpr const char* kSocketVariants[] = {"application-firewall",
                                           "vpn",
                                           "interface-filter",
                                           "ip-filter",
                                           "pf-rules",
                                           "five-os-filters",
                                           "bridged-interface",
                                           "loopback",
                                           "macos-11"};

// The app's host at the end.
const scenario::Snapshot& mac(const Simulation& run) {
  const auto& all = run.result.last_sockets;
  return *std::find_if(all.begin(), all.end(), [](const auto& s) { return s.host == "mac"; });
}

struct Count {
  int flows = 0, sockets = 0, clients = 0, channels = 0;
};
Count count_of_app(const scenario::Snapshot& snapshot) {
  Count count;
  for (const scenario::SocketLine& line : snapshot.sockets) {
    if (line.program == "app") ++(line.row.flow ? count.flows : count.sockets);
  }
  for (const scenario::FileLine& line : snapshot.files) {
    count.clients += line.row.kind == FileKind::kFlowClient ? 1 : 0;
    count.channels += line.row.kind == FileKind::kFlowChannel ? 1 : 0;
  }
  return count;
}

std::string view_of(const Simulation& run, const std::string& view) {
  std::string problem;
  const auto choice = report::parse_view(view, problem);
  const scenario::HostSpec& host = *run.loaded.variants.front().scenario.host("mac");
  const std::string text =
      report::view_text(*choice, "", {mac(run), host, catalogue::tools_of(host.profile)});
  return text.substr(text.find('\n') + 1);
}

int64_t lines_of(const std::string& text) { return std::count(text.begin(), text.end(), '\n'); }

// The calls of the app with what they came to.
std::vector<std::string> calls_of_app(const Simulation& run) {
  std::vector<std::string> lines;
  for (const trace::CallSpan& span : trace::calls_of(*run.result.journal)) {
    const auto& call = std::get<trace::CallStarted>(span.started->event);
    if (call.process != 0 || span.returned == nullptr) continue;
    lines.push_back(trace::call_text(call) + " = " +
                    trace::result_text(std::get<trace::CallReturned>(span.returned->event)));
  }
  return lines;
}

TEST(NetworkFrameworkSockets, TenFlowsOfOneProcessHaveTwoDescriptors) {
  const Simulation run = simulate_document(kScenario);
  const Count count = count_of_app(mac(run));
  EXPECT_EQ(count.flows, 10);
  EXPECT_EQ(count.sockets, 0);
  EXPECT_EQ(count.clients, 1);
  EXPECT_EQ(count.channels, 1);
  std::set<wire::Port> ports;
  for (const scenario::SocketLine& line : mac(run).sockets) {
    EXPECT_EQ(line.row.state, tcp::State::kEstablished);
    EXPECT_EQ(line.row.descriptor, -1);
    ports.insert(line.row.local.port);
  }
  EXPECT_EQ(ports.size(), 10U);
}

TEST(NetworkFrameworkSockets, EachCauseMakesThemTenSocketsWithDescriptors) {
  for (const char* variant : kSocketVariants) {
    const Simulation run = simulate_document(kScenario, variant);
    const Count count = count_of_app(mac(run));
    EXPECT_EQ(count.flows, 0) << variant;
    EXPECT_EQ(count.sockets, 10) << variant;
    EXPECT_EQ(count.clients + count.channels, 0) << variant;
    EXPECT_EQ(lines_of(view_of(run, "skywalkctl")), 1) << variant;
  }
}

TEST(NetworkFrameworkSockets, ToolsShowFlowsAsTheReportHasThem) {
  const Simulation run = simulate_document(kScenario);
  const std::string flows = view_of(run, "skywalkctl");
  EXPECT_EQ(lines_of(flows), 11);
  EXPECT_THAT(flows, HasSubstr("Proto Local Address          Remote Address"));
  EXPECT_THAT(flows, HasSubstr("\n tcp4 10.77.0.1."));
  const std::string files = view_of(run, "lsof-all");
  EXPECT_THAT(files, HasSubstr("  3   NPOLICY\n"));
  EXPECT_THAT(files, HasSubstr("  4      CHAN flowsw"));
  EXPECT_THAT(files, Not(HasSubstr("TCP")));
  EXPECT_EQ(lines_of(view_of(run, "netstat")), 2);  // no row: they are no pcbs of the kernel
}

TEST(NetworkFrameworkSockets, ToolsShowSocketsAsTheReportHasThem) {
  const Simulation run = simulate_document(kScenario, "application-firewall");
  const std::string files = view_of(run, "lsof-all");
  EXPECT_THAT(files, HasSubstr(" TCP 10.77.0.1:"));
  EXPECT_THAT(files, HasSubstr("->10.77.0.2:80 (ESTABLISHED)"));
  EXPECT_THAT(files, Not(HasSubstr("NPOLICY")));
  EXPECT_EQ(lines_of(view_of(run, "netstat")), 12);
}

TEST(NetworkFrameworkSockets, TheWireShowsNoDifference) {
  EXPECT_EQ(simulate_document(kScenario).packets(),
            simulate_document(kScenario, "application-firewall").packets());
}

TEST(NetworkFrameworkSockets, ThePrivateRelaySeesOneUdpFlow) {
  const Simulation run = simulate_document(kScenario, "private-relay");
  const std::string flows = view_of(run, "skywalkctl");
  EXPECT_EQ(lines_of(flows), 2);
  EXPECT_THAT(flows, HasSubstr("\n udp4 10.77.1.1."));
}

TEST(NetworkFrameworkSockets, UnixDomainConnectionsLeaveNoPacket) {
  const Simulation run = simulate_document(kScenario, "unix-domain");
  EXPECT_TRUE(run.packets().empty());
  EXPECT_THAT(view_of(run, "lsof-all"), HasSubstr(" unix "));
}

TEST(NetworkFrameworkSockets, TheLastThingOfTheGuiAppIsTheSocketThatItDoesNotGet) {
  const std::vector<std::string> calls = calls_of_app(simulate_document(kScenario, "gui-app"));
  ASSERT_GE(calls.size(), 3U);
  EXPECT_EQ(calls[calls.size() - 2], "socket(application firewall) = -1 EMFILE");
  EXPECT_THAT(calls.back(), HasSubstr("sleep(1 h)"));  // and no program is ever told
}

// Whether the chain has a call of that kind and value.
bool has_call(const trace::Chain& chain, trace::CallKind kind, const std::string& value) {
  return std::any_of(chain.steps.begin(), chain.steps.end(), [&](const trace::Step& step) {
    const auto* call = std::get_if<trace::CallStarted>(&step.record->event);
    return call != nullptr && call->kind == kind && call->value == value;
  });
}

TEST(NetworkFrameworkSockets, TheChainOfTheConnectionThatWaitsNamesTheCallAndTheCause) {
  const Simulation run = simulate_document(kScenario, "gui-app");
  const trace::Chain chain = run.chain("app.gave_up");
  ASSERT_FALSE(chain.steps.empty());
  EXPECT_TRUE(has_call(chain, trace::CallKind::kSocket, "application firewall"));
  const auto* last = std::get_if<trace::CallReturned>(&chain.steps.back().record->event);
  ASSERT_NE(last, nullptr);
  EXPECT_EQ(last->error, Errno::kEMFILE);
}

TEST(NetworkFrameworkSockets, TheChainOfAConnectionBeginsWithItsFlowOrItsSocket) {
  const Simulation flows = simulate_document(kScenario);
  EXPECT_TRUE(has_call(flows.chain("app.ready"), trace::CallKind::kOpenFlow, "TCP"));
  const Simulation sockets = simulate_document(kScenario, "vpn");
  EXPECT_TRUE(
      has_call(sockets.chain("app.ready"), trace::CallKind::kSocket, "third-party socket filter"));
}

TEST(NetworkFrameworkSockets, TheLastThingWithFlowsIsThePlaceThatTheTableDoesNotHave) {
  const std::pair<const char*, const char*> cases[] = {{"flows-20000", "ENOSPC"},
                                                       {"macos-15-flows-20000", "ENOMEM"}};
  for (const auto& [variant, error] : cases) {
    const std::vector<std::string> calls = calls_of_app(simulate_document(kScenario, variant));
    ASSERT_GE(calls.size(), 2U);
    EXPECT_EQ(calls[calls.size() - 2], std::string("open_flow(TCP) = -1 ") + error);
  }
}

TEST(NetworkFrameworkSockets, TheFirstConnectionOpensWhatAllOthersShare) {
  const std::vector<std::string> calls = calls_of_app(simulate_document(kScenario));
  const auto opens = [&](const char* name) {
    return std::count_if(calls.begin(), calls.end(),
                         [&](const std::string& line) { return line.starts_with(name); });
  };
  EXPECT_EQ(opens("open(NECP client)"), 1);
  EXPECT_EQ(opens("open(flow switch)"), 1);
  EXPECT_EQ(opens("open_flow(TCP)"), 10);
  EXPECT_EQ(opens("socket"), 0);
}

}  // namespace
}  // namespace tcptwin
