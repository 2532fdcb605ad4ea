#include "tun/link_options.h"

#include <algorithm>

#include "sim/scenario/scenario.h"

namespace tcptwin::tun {

namespace po = boost::program_options;

namespace {

constexpr std::string_view kLinkExamples =
    "  tcptwin link --delay 10ms --rate 100Mbit/s -- curl http://b:8000/ -o /dev/null -- python3 "
    "-m http.server\n"
    "  tcptwin link --delay 10ms --loss 1% --seed 1 -- ping -c 100 b      b answers by itself\n"
    "  tcptwin link --delay 50ms --queue 64KiB --pcap - -- ./client b -- ./server | wireshark -k "
    "-i -\n"
    "  tcptwin link --set '/links/0/loss=[{\"from\": \"a\", \"data_packets\": [3]}]' -- ./client b "
    "-- ./server\n"
    "  tcptwin link scenario.json --host client --host server -- ./client server -- ./server\n"
    "\n"
    "Two machines, a and b, each a network namespace, joined by a simulated link. The first "
    "command runs on a,\n"
    "the second on b; inside, a and b are names of hosts. The command of b starts first, that of a "
    "as soon as\n"
    "something listens on b. The link ends with the command of a: once nothing has passed for a "
    "while, that of\n"
    "b gets SIGTERM. Exit status: that of a's command, if it is 0 that of b's where it ended by "
    "itself.\n"
    "What chance does to packets depends on the seed and their number alone, not on their time.\n";

// Options that stand for a key of the link.
struct Key {
  const char* option;
  const char* pointer;
  const char* meaning;
};
constexpr std::array<Key, 9> kKeys = {{
    {"delay", "/links/0/delay", "propagation, each way, such as 10ms"},
    {"rate", "/links/0/rate", "such as 100Mbit/s; infinitely fast when nothing is said"},
    {"queue", "/links/0/queue", "bytes that may wait at each end, such as 256KiB"},
    {"mtu", "/links/0/mtu", "largest IP packet"},
    {"loss", "/links/0/directions/0/loss", "probability that a packet is lost, such as 1%"},
    {"jitter", "/links/0/directions/0/jitter", "each packet takes up to so much longer"},
    {"duplication", "/links/0/directions/0/duplication", "that a packet arrives twice"},
    {"reordering", "/links/0/directions/0/reordering/probability", "that others overtake it"},
    {"corruption", "/links/0/directions/0/corruption", "that one of its bits is turned over"},
}};

po::options_description link_options() {
  po::options_description options;
  auto add = options.add_options();
  add("file", po::value<std::string>(), "");
  for (const Key& key : kKeys) add(key.option, po::value<std::string>(), key.meaning);
  add("host", po::value<cli::Arguments>()->composing(),
      "of a scenario: a host whose place a real machine takes; to be given twice, unless there are "
      "two only");
  add("wait", po::value<std::string>()->default_value("1s"),
      "a's command starts when b's listens, after so long in any case");
  add("grace", po::value<std::string>()->default_value("500ms"),
      "b's command is ended after so long a silence");
  add("until-both", "end when both commands are over");
  add_live_options(options);
  return options;
}

// The overrides that those options are; those of --set come behind them.
void take_keys(const po::variables_map& values, LinkOptions& out) {
  std::vector<scenario::Override> keys;
  for (const Key& key : kKeys) {
    if (values.count(key.option) == 0) continue;
    keys.push_back(
        {key.pointer, values[key.option].as<std::string>(), std::string("--") + key.option});
  }
  out.overrides.insert(out.overrides.begin(), keys.begin(), keys.end());
}

}  // namespace

std::string plain_link() {
  return R"({"schema": ")" + std::string(scenario::kSchema) +
         R"(", "name": "link", "title": "two real machines", )"
         R"("hosts": {"a": {"kind": "real"}, "b": {"kind": "real"}}, )"
         R"("links": [{"between": ["a", "b"], "directions": [{}]}], "processes": []})";
}

std::variant<LinkOptions, int> parse_link(const cli::Arguments& arguments) {
  const auto first = std::find(arguments.begin(), arguments.end(), "--");
  const auto behind = first == arguments.end() ? first : first + 1;
  const auto second = std::find(behind, arguments.end(), "--");
  po::positional_options_description positional;
  positional.add("file", 1);
  const cli::Parsed parsed = cli::parse(cli::Arguments(arguments.begin(), first),
                                        "link [SCENARIO] [OPTIONS] [-- COMMAND-OF-A... [-- "
                                        "COMMAND-OF-B...]]",
                                        kLinkExamples, link_options(), positional);
  if (parsed.exit_status) return *parsed.exit_status;
  const po::variables_map& values = parsed.values;
  LinkOptions o;
  if (!take_live_options("link", values, o)) return cli::kUsage;
  const size_t set = o.overrides.size();
  take_keys(values, o);
  o.file = text_option(values, "file");
  if (!o.file.empty() && o.overrides.size() > set) {
    return cli::wrong_usage("link", o.overrides.front().option +
                                        ": a scenario says itself what its links are like; "
                                        "change it with --set");
  }
  if (values.count("host") > 0) o.hosts = values["host"].as<cli::Arguments>();
  if (o.file.empty() && !o.hosts.empty()) {
    return cli::wrong_usage("link", "--host: of which scenario? Without one the hosts are a and b");
  }
  const auto wait = duration_option("link", values, "wait");
  const auto grace = duration_option("link", values, "grace");
  if (!wait || !grace) return cli::kUsage;
  o.wait = *wait;
  o.grace = *grace;
  o.until_both = values.count("until-both") > 0;
  o.commands[0].assign(behind, second);
  if (second != arguments.end()) o.commands[1].assign(second + 1, arguments.end());
  return o;
}

}  // namespace tcptwin::tun
