#include "tests/support/paths.h"

namespace tcptwin::support {

std::string source_path(std::string_view below_root) {
  return TCPTWIN_SOURCE_DIR "/" + std::string(below_root);
}

}  // namespace tcptwin::support
