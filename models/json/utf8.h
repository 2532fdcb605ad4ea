// utf8.h: where a text stops being UTF-8 (RFC 3629).
#pragma once

#include <cstddef>
#include <string_view>

namespace tcptwin::json {

// Bytes of the well-formed code point at the start of `text` (1 to 4); 0 when it is malformed, cut
// off, or empty.
size_t code_point_length(std::string_view text);

// Position of the first byte that is not part of a well-formed code point; text.size() when all is
// well.
size_t find_bad_utf8(std::string_view text);

// How many code points; a malformed byte counts as one.
size_t count_code_points(std::string_view text);

}  // namespace tcptwin::json
