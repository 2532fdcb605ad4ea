// others.h: packets that are no TCP, made comparable.
#pragma once

#include <string>
#include <vector>

#include "sim/capture/view.h"

namespace tcptwin::compare {

// The texts of the view's packets that are no TCP, in their order, with addresses and ports above
// 1023 replaced by the order in which they appear: they are another capture's own business.
std::vector<std::string> other_texts(const capture::View& view);

}  // namespace tcptwin::compare
