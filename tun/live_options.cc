#include "tun/live_options.h"

#include "models/json/units.h"

namespace tcptwin::tun {

namespace po = boost::program_options;

void add_live_options(po::options_description& options) {
  auto add = options.add_options();
  add("variant", po::value<std::string>(), "one of the scenario's variants");
  add("set", po::value<cli::Arguments>()->composing(),
      "/POINTER=VALUE: change the scenario; may be repeated");
  add("seed", po::value<std::string>()->default_value("0"), "of all random streams");
  add("pcap", po::value<std::string>(),
      "capture what passes the devices, with reasons (- for stdout)");
  add("json", po::value<std::string>(), "write what came of it to this file (- for stdout)");
  add("record", po::value<std::string>(),
      "write down all that happens, for tcptwin replay (- for stdout)");
  add("late", po::value<std::string>()->default_value("1ms"),
      "an event later than this marks the run as late");
  add("spin", po::value<std::string>()->default_value("80us"),
      "the last part of a wait that is spent without sleeping");
  add("quiet", "say nothing but errors");
}

std::optional<Duration> duration_option(const std::string& command, const po::variables_map& values,
                                        const std::string& name) {
  const auto& text = values[name].as<std::string>();
  const auto duration = json::parse_duration(text);
  if (duration && *duration >= Duration(0)) return *duration;
  cli::wrong_usage(command, "--" + name + " " + text + ": expected a duration, such as 1ms");
  return std::nullopt;
}

std::string text_option(const po::variables_map& values, const std::string& name) {
  return values.count(name) > 0 ? values[name].as<std::string>() : "";
}

bool take_live_options(const std::string& command, const po::variables_map& values,
                       LiveOptions& out) {
  const auto seed = cli::parse_seed(command, values["seed"].as<std::string>());
  const auto sets = cli::parse_sets(
      command, values.count("set") > 0 ? values["set"].as<cli::Arguments>() : cli::Arguments());
  const auto late = duration_option(command, values, "late");
  const auto spin = duration_option(command, values, "spin");
  if (!seed || !sets || !late || !spin) return false;
  out.variant = text_option(values, "variant");
  out.overrides = *sets;
  out.seed = *seed;
  out.pcap = text_option(values, "pcap");
  out.json = text_option(values, "json");
  out.record = text_option(values, "record");
  out.late = *late;
  out.spin = *spin;
  out.quiet = values.count("quiet") > 0;
  return true;
}

}  // namespace tcptwin::tun
