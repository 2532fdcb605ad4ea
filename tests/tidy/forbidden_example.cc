// Compiled for the test of check_symbols only: an archive with what the libraries may not ask for.
#include <ctime>
#include <fstream>

namespace tcptwin::tidy {

std::time_t forbidden_clock() { return std::time(nullptr); }
bool forbidden_file() { return std::ifstream("example").good(); }

}  // namespace tcptwin::tidy
