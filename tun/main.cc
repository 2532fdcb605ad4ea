// main.cc: tcptwin-bridge: the part of tcptwin that meets real programs. `tcptwin bridge` and its
// like start it.
#include <iostream>

int main() {
  std::cerr << "tcptwin-bridge is started by tcptwin bridge, link and oracle\n";
  return 2;
}
