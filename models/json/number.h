// number.h: JSON numbers as text: their grammar and their equality by value, without floating
// point.
#pragma once

#include <cstddef>
#include <string_view>

namespace tcptwin::json {

// Length of the JSON number (RFC 8259 6) at the start of `text`; 0 when there is none.
size_t number_length(std::string_view text);

bool is_json_number(std::string_view text);

// Whether two JSON numbers have the same value: 1 == 1.0 == 10e-1.
bool same_number(std::string_view a, std::string_view b);

}  // namespace tcptwin::json
