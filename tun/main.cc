// main.cc: tcptwin-bridge: the part of tcptwin that meets real programs. `tcptwin bridge` and its
// like start it.
#include <exception>
#include <iostream>

#include "tun/bridge.h"
#include "tun/failure.h"
#include "tun/link.h"
#include "tun/oracle.h"

namespace {

constexpr int kLacking = 77, kFailure = 70;

int dispatch(const tcptwin::cli::Arguments& words) {
  const std::string name = words.empty() ? "" : words[0];
  const tcptwin::cli::Arguments rest(words.begin() + (words.empty() ? 0 : 1), words.end());
  if (name == "bridge") return tcptwin::tun::bridge_command(rest);
  if (name == "link") return tcptwin::tun::link_command(rest);
  if (name == "oracle") return tcptwin::tun::oracle_command(rest);
  std::cerr << "tcptwin-bridge is started by tcptwin bridge, link and oracle\n";
  return tcptwin::cli::kUsage;
}

}  // namespace

int main(int argc, char** argv) {
  try {
    return dispatch(tcptwin::cli::Arguments(argv + 1, argv + argc));
  } catch (const tcptwin::tun::Lacking& lacking) {
    std::cerr << "tcptwin: " << lacking.what() << "\n";
    return kLacking;
  } catch (const std::exception& error) {
    std::cerr << "tcptwin: " << error.what() << "\n";
    return kFailure;
  }
}
