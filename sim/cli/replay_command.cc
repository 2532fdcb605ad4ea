// replay_command.cc: tcptwin replay.
#include <iostream>
#include <optional>

#include "models/json/units.h"
#include "sim/cli/command.h"
#include "sim/cli/outputs.h"
#include "sim/report/report.h"
#include "sim/report/story.h"
#include "sim/session/replay.h"
#include "sim/session/words.h"

namespace tcptwin::cli {

namespace po = boost::program_options;

namespace {

constexpr std::string_view kReplayExamples =
    "  tcptwin replay session.pcapng\n"
    "  tcptwin replay session.pcapng --pcap all.pcapng --story\n"
    "  tcptwin replay session.pcapng --set /hosts/server/set/delayed_ack/min=10ms\n";

struct ReplayOptions {
  std::string file;
  std::vector<scenario::Override> changes;
  std::string pcap, json;
  bool explain = false;
  bool story = false;

  bool wants_records() const { return explain || story || !pcap.empty(); }
};

// The session and its scenario as it ran.
struct Opened {
  std::string bytes;
  session::Session session;
  session::Staged staged;
};

// Sessions of another version may not even load.
std::string version_remark(const session::Session& s) {
  if (s.head.version == report::version()) return "";
  return "it was recorded by tcptwin " + s.head.version + ", and this is " + report::version() +
         ": what they simulate may differ\n";
}

int cannot_be_played(const ReplayOptions& options, const session::Session& s,
                     const std::string& problem) {
  std::cerr << options.file << ": the session cannot be played: " << problem << version_remark(s);
  return kInvalidInput;
}

// Nothing after a message.
std::optional<Opened> open_session(const ReplayOptions& options) {
  auto bytes = read_file(options.file);
  if (!bytes) return std::nullopt;
  Opened opened;
  opened.bytes = std::move(*bytes);
  std::string problem;
  auto session = session::read(opened.bytes, problem);
  if (!session) {
    std::cerr << options.file << ": " << problem << "\n";
    return std::nullopt;
  }
  opened.session = std::move(*session);
  opened.staged = session::stage(opened.session, {});
  if (opened.staged.problem.empty()) return opened;
  cannot_be_played(options, opened.session, opened.staged.problem);
  return std::nullopt;
}

std::string found_text(const session::Session& s, const session::Outcome& outcome) {
  std::string text = session::head_text(s.head) + session::events_text(s);
  text += "played " + std::to_string(outcome.arrivals) + " packets of the real machines; " +
          std::to_string(outcome.departures) + " to them were the same\n";
  if (!s.cut_off.empty()) {
    text += "the session breaks off (" + s.cut_off + "): it was played up to " +
            session::exact_seconds(s.ended()) + " s, and has no digest\n";
  }
  if (const session::Event* end = s.end(); end != nullptr && end->late()) {
    text += "the run was LATE when it was recorded: an event came " +
            json::pretty_duration(Duration(end->max_ns.value_or(0))) + " late\n";
  }
  return text;
}

json::Node replay_json(const session::Session& s, const session::Outcome& outcome, bool same) {
  json::Node node = json::Node::object();
  node.set("recorded_by", json::Node::string(s.head.version));
  node.set("same", json::Node::boolean(same));
  node.set("from_real_machines", json::Node::integer(static_cast<int64_t>(outcome.arrivals)));
  node.set("the_same_to_them", json::Node::integer(static_cast<int64_t>(outcome.departures)));
  if (s.end() != nullptr) {
    node.set("recorded_digest", json::Node::string(s.end()->digest.value_or("")));
    node.set("late", json::Node::boolean(s.end()->late()));
  } else {
    node.set("cut_off", json::Node::string(s.cut_off));
  }
  if (outcome.difference) node.set("difference", session::json(*outcome.difference));
  return node;
}

bool write_json(const ReplayOptions& options, json::Node result, json::Node replay) {
  if (options.json.empty()) return true;
  result.set("replay", std::move(replay));
  return write_file(options.json, json::write(result, json::Style::kPretty) + "\n");
}

// What the digests say; `same` becomes false when they differ.
std::string digest_text(const session::Session& s, const std::string& digest, bool& same) {
  const session::Event* end = s.end();
  if (end == nullptr) return "digest " + digest + "\n";
  if (end->digest == digest) return "digest " + digest + ", as recorded\n";
  same = false;
  return "digest " + digest + ", recorded was " + end->digest.value_or("none") + "\n";
}

// Plays it as it was.
int replay_as_it_was(const ReplayOptions& options, const Opened& opened) {
  const session::Session& s = opened.session;
  const scenario::Scenario& scenario = opened.staged.scenario;
  session::Player player(
      s, scenario, options.wants_records() ? trace::Detail::kRecords : trace::Detail::kRecent);
  const session::Outcome outcome = session::replay(s, player);
  if (!outcome.problem.empty()) return cannot_be_played(options, s, outcome.problem + "\n");
  scenario::RunResult run = player.finish();
  bool same = !outcome.difference;
  std::string told = found_text(s, outcome);
  if (outcome.difference) told += session::text(*outcome.difference, {});
  if (same) told += digest_text(s, run.digest, same);
  if (!same) told += version_remark(s);
  if (!options.pcap.empty() && !write_capture(options.pcap, "", scenario, run)) {
    return kInvalidInput;
  }
  if (options.story) told += report::story(scenario, run);
  if (options.explain) told += explanations(s.head.variant, scenario, run);
  run.journal.reset();
  report::ScenarioReport r{.file = s.head.file,
                           .seed = s.head.seed,
                           .overrides = s.head.overrides,
                           .variants = {opened.staged.variant}};
  r.results.push_back(std::move(run));
  if (!r.results.front().metrics.empty() || !r.held()) told += report::text(r, false);
  if (options.json != "-") std::cout << told;
  if (!write_json(options, report::result_json(r), replay_json(s, outcome, same))) {
    return kInvalidInput;
  }
  return same ? kHeld : kFailed;
}

// Plays it as it was and changed, side by side.
int replay_changed(const ReplayOptions& options, const Opened& opened) {
  const session::Session& s = opened.session;
  const session::Staged changed = session::stage(s, options.changes);
  if (!changed.problem.empty()) {
    std::cerr << changed.problem;
    return kInvalidInput;
  }
  session::Player a(s, opened.staged.scenario, trace::Detail::kRecent);
  session::Player b(s, changed.scenario, trace::Detail::kRecent);
  const session::Outcome outcome = session::compare(s, a, b);
  if (options.json != "-") {
    std::cout << found_text(s, outcome);
    if (!outcome.problem.empty()) std::cout << outcome.problem << "\n";
    if (outcome.difference) {
      std::cout << session::text(*outcome.difference, {"as it ran", "changed"})
                << "it ends here: from there on a real program may have done something else\n";
    } else if (outcome.problem.empty()) {
      std::cout << "nothing that the real machines got would have been different\n";
    }
  }
  const bool same = !outcome.difference && outcome.problem.empty();
  json::Node result = json::Node::object();
  result.set("schema", json::Node::string("tcptwin/replay/1"));
  if (!write_json(options, std::move(result), replay_json(s, outcome, same))) return kInvalidInput;
  return same ? kHeld : kFailed;
}

}  // namespace

int replay_command(const Arguments& arguments) {
  ReplayOptions o;
  Arguments sets;
  po::options_description options;
  auto add = options.add_options();
  add("session", po::value(&o.file), "");
  add("set", po::value(&sets)->composing(),
      "POINTER=VALUE: change the scenario, and show the first difference in what the real machines "
      "would have got (may be repeated)");
  add("pcap", po::value(&o.pcap),
      "write a capture of all hosts, with the reasons; by its ending .pcapng (one file), .pcap or "
      ".txt (a file for each host)");
  add("json", po::value(&o.json), "write the result as JSON; - for standard output");
  add("explain", po::bool_switch(&o.explain),
      "show why the longest round of each measure took so long");
  add("story", po::bool_switch(&o.story),
      "show every packet, call, timer and hold as each host saw it, and why");
  po::positional_options_description positional;
  positional.add("session", 1);
  const Parsed parsed =
      parse(arguments, "replay SESSION [OPTIONS]", kReplayExamples, options, positional);
  if (parsed.exit_status) return *parsed.exit_status;
  if (o.file.empty()) return wrong_usage("replay", "no session is named");
  if (!o.pcap.empty() && capture_format(o.pcap) == CaptureFormat::kUnknown) {
    return wrong_usage(
        "replay", "--pcap " + o.pcap + ": expected a name that ends in .pcapng, .pcap or .txt");
  }
  const auto changes = parse_sets("replay", sets);
  if (!changes) return kUsage;
  o.changes = *changes;
  if (!o.changes.empty() && o.wants_records()) {
    return wrong_usage("replay",
                       "--pcap, --explain and --story show the session as it was: leave "
                       "--set away");
  }
  const auto opened = open_session(o);
  if (!opened) return kInvalidInput;
  return o.changes.empty() ? replay_as_it_was(o, *opened) : replay_changed(o, *opened);
}

}  // namespace tcptwin::cli
