// paths.h: where the files of the checkout are that tests read.
#pragma once

#include <string>
#include <string_view>

namespace tcptwin::support {

// Of a file or folder of the checkout: source_path("traces") is ".../traces".
std::string source_path(std::string_view below_root);

}  // namespace tcptwin::support
