// nearest.h: guesses which known word was meant.
#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <string_view>

namespace tcptwin::json {

// The known word most like `word`: equal but for case and the signs - _ . or a few edits away (a
// third of its length at most, neighbours swapped count one). The first of equals; "" when nothing
// is near.
std::string nearest(std::string_view word, std::span<const std::string> known);

// `"a", "b" or "c"`; `last` joins the last two. More than `limit` words end in "...".
std::string quoted_list(std::span<const std::string> words, std::string_view last = "or",
                        size_t limit = 12);

}  // namespace tcptwin::json
