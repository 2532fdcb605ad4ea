#include "tun/bridge_options.h"

#include <algorithm>

namespace tcptwin::tun {

namespace po = boost::program_options;

namespace {

constexpr std::string_view kBridgeExamples =
    "  tcptwin bridge traces/bridge/http/scenario.json -- curl http://server/10mb -o /dev/null\n"
    "  tcptwin bridge traces/bridge/http/scenario.json          a shell inside\n"
    "  tcptwin bridge scenario.json --host client -- ./my-client server 5001\n"
    "  tcptwin bridge scenario.json --pcap - -- ./my-test | wireshark -k -i -\n"
    "  tcptwin bridge scenario.json --record s.pcapng -- ./my-test && tcptwin replay s.pcapng\n"
    "  tcptwin bridge scenario.json --tap -- ping server\n";

po::options_description bridge_options() {
  po::options_description options;
  add_live_options(options);
  auto add = options.add_options();
  add("file", po::value<std::string>(), "");
  add("host", po::value<std::string>(),
      "the simulated host whose place the real machine takes; its programs do not run");
  add("tap", "Ethernet frames, with ARP and neighbour discovery, instead of IP packets");
  add("tun", po::value<std::string>(), "use this device, which somebody else has set up");
  add("fd", po::value<int>(), "use the device behind this inherited descriptor");
  add("until-programs", "end when the simulated programs are over, not with COMMAND");
  return options;
}

}  // namespace

std::variant<BridgeOptions, int> parse_bridge(const cli::Arguments& arguments) {
  const auto split = std::find(arguments.begin(), arguments.end(), "--");
  po::positional_options_description positional;
  positional.add("file", 1);
  const cli::Parsed parsed = cli::parse(cli::Arguments(arguments.begin(), split),
                                        "bridge SCENARIO [OPTIONS] [-- COMMAND...]",
                                        kBridgeExamples, bridge_options(), positional);
  if (parsed.exit_status) return *parsed.exit_status;
  const po::variables_map& values = parsed.values;
  if (values.count("file") == 0) return cli::wrong_usage("bridge", "no scenario file is named");
  BridgeOptions o;
  if (!take_live_options("bridge", values, o)) return cli::kUsage;
  o.file = values["file"].as<std::string>();
  if (split != arguments.end()) o.command.assign(split + 1, arguments.end());
  o.host = text_option(values, "host");
  o.device = text_option(values, "tun");
  if (values.count("fd") > 0) o.fd = values["fd"].as<int>();
  if (values.count("tap") > 0) o.layer = Layer::kEthernet;
  o.until_programs = values.count("until-programs") > 0;
  if (o.fd && !o.device.empty()) return cli::wrong_usage("bridge", "--tun and --fd: one of them");
  return o;
}

}  // namespace tcptwin::tun
