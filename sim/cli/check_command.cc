// check_command.cc: tcptwin check, list and schema.
#include <algorithm>
#include <filesystem>
#include <iostream>

#include "models/catalogue/catalogue.h"
#include "sim/cli/command.h"
#include "sim/scenario/load.h"
#include "sim/scenario/program_decoder.h"

namespace tcptwin::cli {

namespace po = boost::program_options;

namespace {

po::positional_options_description files_only() {
  po::positional_options_description positional;
  positional.add("file", -1);
  return positional;
}

po::options_description file_option() {
  po::options_description options;
  options.add_options()("file", po::value<Arguments>(), "");
  return options;
}

void list_scenario(const std::string& file, const scenario::Loaded& loaded) {
  const scenario::Scenario& s = loaded.variants.front().scenario;
  std::cout << file << ": " << s.name << (s.title.empty() ? "" : ": " + s.title) << "\n";
  for (const auto& [name, host] : s.hosts)
    std::cout << "  host     " << name << " (" << host.profile << ")\n";
  for (const scenario::ProcessSpec& p : s.processes)
    std::cout << "  process  " << p.name << " on " << p.host << "\n";
  for (const std::string& m : scenario::measures_of(s)) std::cout << "  measure  " << m << "\n";
  for (const scenario::Variant& v : loaded.variants) std::cout << "  variant  " << v.name << "\n";
}

// One line: where it lies, its size, its title.
void list_briefly(const std::string& file, const scenario::Loaded& loaded) {
  const scenario::Scenario& s = loaded.variants.front().scenario;
  std::cout << file << ": " << loaded.variants.size() << " variants, " << s.expect.size()
            << " expectations; " << s.title << "\n";
}

// The scenarios of the documents, below the current directory, by name.
Arguments shipped_scenarios() {
  namespace fs = std::filesystem;
  Arguments files;
  std::error_code error;
  for (const fs::directory_entry& entry : fs::directory_iterator("traces/documents", error)) {
    const fs::path file = entry.path() / "scenario.json";
    if (fs::exists(file, error)) files.push_back(file.string());
  }
  std::sort(files.begin(), files.end());
  return files;
}

// Loads every file and hands the good ones on; the worst exit status of all.
template <class Use>
int for_each_file(const Arguments& files, Use&& use) {
  int status = kHeld;
  for (const std::string& file : files) {
    const auto text = read_file(file);
    if (!text) {
      status = kInvalidInput;
      continue;
    }
    const scenario::Loaded loaded = scenario::load(file, *text, {});
    status = std::max(status, loaded.ok() ? use(file, loaded) : report(loaded.diagnostics));
  }
  return status;
}

// What programs name at the wrong level means on every system there is; each once, though several
// variants may do it.
void warn_of_options(const std::string& file, const scenario::Loaded& loaded) {
  std::set<std::string> told;
  for (const scenario::Variant& variant : loaded.variants) {
    for (const scenario::ProcessSpec& process : variant.scenario.processes) {
      for (const scenario::MisplacedOption& misplaced : process.misplaced) {
        const std::string text = scenario::misplaced_everywhere(process.name, misplaced);
        if (told.insert(text).second) std::cerr << file << ": warning: " << text << "\n";
      }
    }
  }
}

}  // namespace

int check_command(const Arguments& arguments) {
  Parsed parsed =
      parse(arguments, "check FILE...", "  tcptwin check traces/documents/*/scenario.json\n",
            file_option(), files_only());
  if (parsed.exit_status) return *parsed.exit_status;
  if (parsed.values.count("file") == 0) return wrong_usage("check", "no scenario file is named");
  return for_each_file(parsed.values["file"].as<Arguments>(),
                       [](const std::string& file, const scenario::Loaded& loaded) -> int {
                         // What real programs do in it, nobody can promise.
                         const bool lives = loaded.variants.front().scenario.has_real_host();
                         if (!lives) {
                           const auto missing = scenario::demand_expectations(file, loaded);
                           if (!missing.empty()) return report(missing);
                         }
                         warn_of_options(file, loaded);
                         for (const scenario::Variant& v : loaded.variants) {
                           if (v.refused.empty()) continue;
                           std::cerr << "cannot check the variant " << v.name << ": "
                                     << json::to_string(v.refused.front()) << "\n";
                         }
                         std::cout << file << ": " << loaded.variants.size() << " variants, "
                                   << loaded.variants.front().scenario.expect.size()
                                   << " expectations, no mistake found\n";
                         return kHeld;
                       });
}

int list_command(const Arguments& arguments) {
  Parsed parsed = parse(arguments, "list [FILE...]",
                        "  tcptwin list                    the scenarios of traces/documents\n"
                        "  tcptwin list scenario.json      hosts, processes, measures, variants\n",
                        file_option(), files_only());
  if (parsed.exit_status) return *parsed.exit_status;
  const bool named = parsed.values.count("file") > 0;
  const Arguments files = named ? parsed.values["file"].as<Arguments>() : shipped_scenarios();
  if (files.empty()) {
    return wrong_usage("list",
                       "no scenario file is named, and there is no traces/documents in this "
                       "directory: name files, or go to the top of tcptwin's repository");
  }
  return for_each_file(files, [&](const std::string& file, const scenario::Loaded& loaded) -> int {
    named ? list_scenario(file, loaded) : list_briefly(file, loaded);
    return kHeld;
  });
}

int schema_command(const Arguments& arguments) {
  po::options_description options;
  options.add_options()("what", po::value<std::string>()->default_value("scenario"), "");
  po::positional_options_description positional;
  positional.add("what", 1);
  Parsed parsed = parse(arguments, "schema [scenario|profile|manual]",
                        "  tcptwin schema > scenario.schema.json\n"
                        "  tcptwin schema profile\n"
                        "  tcptwin schema manual > reference.md\n",
                        options, positional);
  if (parsed.exit_status) return *parsed.exit_status;
  const auto what = parsed.values["what"].as<std::string>();
  if (what == "scenario") {
    std::cout << json::write(json::schema(scenario::scenario_fields()), json::Style::kPretty)
              << "\n";
  } else if (what == "profile") {
    std::cout << json::write(json::schema(catalogue::profile_fields()), json::Style::kPretty)
              << "\n";
  } else if (what == "manual") {
    std::cout << "<!-- Made by `tcptwin schema manual`. -->\n\n"
              << json::manual(scenario::scenario_fields(), "Scenario files") << "\n## Programs\n\n"
              << scenario::program_manual() << "\n"
              << json::manual(catalogue::profile_fields(), "Profiles");
  } else {
    return wrong_usage(
        "schema", "there is no schema \"" + what + "\"; there are scenario, profile and manual");
  }
  return kHeld;
}

}  // namespace tcptwin::cli
