#include "tun/oracle_options.h"

namespace tcptwin::tun {

namespace po = boost::program_options;

namespace {

constexpr std::string_view kOracleExamples =
    "  tcptwin oracle traces/documents/write-write-read/scenario.json --set "
    "/processes/0/program/1/repeat=50\n"
    "  tcptwin oracle scenario.json --variant client-nodelay --pcap captures\n"
    "  tcptwin oracle scenario.json --runs 3        and what the kernel itself repeats\n"
    "  tcptwin oracle scenario.json --peer server   the kernel at one end only\n";
constexpr int64_t kMostRuns = 100;

po::options_description oracle_options() {
  po::options_description options;
  auto add = options.add_options();
  add("file", po::value<std::string>(), "");
  add("variant", po::value<std::string>()->default_value(""), "one of the scenario's variants");
  add("set", po::value<cli::Arguments>()->composing(),
      "/POINTER=VALUE: change the scenario; may be repeated");
  add("seed", po::value<std::string>()->default_value("0"), "of all random streams");
  add("peer", po::value<cli::Arguments>()->composing(),
      "the kernel is at this host only, the others stay simulated; may be repeated");
  add("runs", po::value<int64_t>()->default_value(1),
      "runs of the kernel: from two on it is said what it repeats itself");
  add("pcap", po::value<std::string>()->default_value(""),
      "write the captures into this folder: kernel-1.pcapng, simulated-1.pcapng, ...");
  add("json", po::value<std::string>()->default_value(""),
      "write what came of it to this file (- for stdout)");
  add("quiet", "say nothing but errors");
  return options;
}

cli::Arguments words(const po::variables_map& values, const std::string& name) {
  return values.count(name) > 0 ? values[name].as<cli::Arguments>() : cli::Arguments();
}

}  // namespace

std::variant<OracleOptions, int> parse_oracle(const cli::Arguments& arguments) {
  po::positional_options_description positional;
  positional.add("file", 1);
  const cli::Parsed parsed = cli::parse(arguments, "oracle SCENARIO [OPTIONS]", kOracleExamples,
                                        oracle_options(), positional);
  if (parsed.exit_status) return *parsed.exit_status;
  const po::variables_map& values = parsed.values;
  if (values.count("file") == 0) return cli::wrong_usage("oracle", "no scenario file is named");
  const auto seed = cli::parse_seed("oracle", values["seed"].as<std::string>());
  const auto sets = cli::parse_sets("oracle", words(values, "set"));
  if (!seed || !sets) return cli::kUsage;
  OracleOptions o{.file = values["file"].as<std::string>(),
                  .variant = values["variant"].as<std::string>(),
                  .overrides = *sets,
                  .seed = *seed,
                  .hosts = words(values, "peer"),
                  .runs = values["runs"].as<int64_t>(),
                  .pcap = values["pcap"].as<std::string>(),
                  .json = values["json"].as<std::string>(),
                  .quiet = values.count("quiet") > 0};
  if (o.runs < 1 || o.runs > kMostRuns) {
    return cli::wrong_usage("oracle", "--runs " + std::to_string(o.runs) + ": expected 1 to " +
                                          std::to_string(kMostRuns));
  }
  return o;
}

}  // namespace tcptwin::tun
