#include "tun/bridge_options.h"

#include <algorithm>
#include <charconv>

#include "models/json/units.h"

namespace tcptwin::tun {

namespace po = boost::program_options;

namespace {

constexpr std::string_view kExamples =
    "  tcptwin bridge traces/bridge/http/scenario.json -- curl http://server/10mb -o /dev/null\n"
    "  tcptwin bridge traces/bridge/http/scenario.json          a shell inside\n"
    "  tcptwin bridge scenario.json --host client -- ./my-client server 5001\n"
    "  tcptwin bridge scenario.json --pcap - -- ./my-test | wireshark -k -i -\n"
    "  tcptwin bridge scenario.json --record s.pcapng -- ./my-test && tcptwin replay s.pcapng\n"
    "  tcptwin bridge scenario.json --tap -- ping server\n";

po::options_description all_options() {
  po::options_description options;
  auto add = options.add_options();
  add("file", po::value<std::string>(), "");
  add("variant", po::value<std::string>(), "one of the scenario's variants");
  add("set", po::value<cli::Arguments>()->composing(),
      "/POINTER=VALUE: change the scenario; may be repeated");
  add("seed", po::value<std::string>()->default_value("0"), "of all random streams");
  add("host", po::value<std::string>(),
      "the simulated host whose place the real machine takes; its programs do not run");
  add("tap", "Ethernet frames, with ARP and neighbour discovery, instead of IP packets");
  add("tun", po::value<std::string>(), "use this device, which somebody else has set up");
  add("fd", po::value<int>(), "use the device behind this inherited descriptor");
  add("pcap", po::value<std::string>(),
      "capture what passes the device, with reasons (- for stdout)");
  add("record", po::value<std::string>(),
      "write down all that happens, for tcptwin replay (- for stdout)");
  add("json", po::value<std::string>(), "write what came of it to this file (- for stdout)");
  add("late", po::value<std::string>()->default_value("1ms"),
      "an event later than this marks the run as late");
  add("spin", po::value<std::string>()->default_value("80us"),
      "the last part of a wait that is spent without sleeping");
  add("until-programs", "end when the simulated programs are over, not with COMMAND");
  add("quiet", "say nothing but errors");
  return options;
}

std::optional<Duration> duration_option(const po::variables_map& values, const std::string& name) {
  const auto& text = values[name].as<std::string>();
  const auto duration = json::parse_duration(text);
  if (duration && *duration >= Duration(0)) return *duration;
  cli::wrong_usage("bridge", "--" + name + " " + text + ": expected a duration, such as 1ms");
  return std::nullopt;
}

std::string text_option(const po::variables_map& values, const std::string& name) {
  return values.count(name) > 0 ? values[name].as<std::string>() : "";
}

}  // namespace

std::variant<BridgeOptions, int> parse_bridge(const cli::Arguments& arguments) {
  const auto split = std::find(arguments.begin(), arguments.end(), "--");
  po::positional_options_description positional;
  positional.add("file", 1);
  const cli::Parsed parsed =
      cli::parse(cli::Arguments(arguments.begin(), split),
                 "bridge SCENARIO [OPTIONS] [-- COMMAND...]", kExamples, all_options(), positional);
  if (parsed.exit_status) return *parsed.exit_status;
  const po::variables_map& values = parsed.values;
  if (values.count("file") == 0) return cli::wrong_usage("bridge", "no scenario file is named");
  BridgeOptions o;
  o.file = values["file"].as<std::string>();
  if (split != arguments.end()) o.command.assign(split + 1, arguments.end());
  const auto seed = cli::parse_seed("bridge", values["seed"].as<std::string>());
  const auto sets = cli::parse_sets(
      "bridge", values.count("set") > 0 ? values["set"].as<cli::Arguments>() : cli::Arguments());
  const auto late = duration_option(values, "late");
  const auto spin = duration_option(values, "spin");
  if (!seed || !sets || !late || !spin) return cli::kUsage;
  o.seed = *seed;
  o.overrides = *sets;
  o.late = *late;
  o.spin = *spin;
  o.variant = text_option(values, "variant");
  o.host = text_option(values, "host");
  o.device = text_option(values, "tun");
  o.pcap = text_option(values, "pcap");
  o.json = text_option(values, "json");
  o.record = text_option(values, "record");
  if (values.count("fd") > 0) o.fd = values["fd"].as<int>();
  if (values.count("tap") > 0) o.layer = Layer::kEthernet;
  o.until_programs = values.count("until-programs") > 0;
  o.quiet = values.count("quiet") > 0;
  if (o.fd && !o.device.empty()) return cli::wrong_usage("bridge", "--tun and --fd: one of them");
  return o;
}

}  // namespace tcptwin::tun
