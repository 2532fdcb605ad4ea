// parse.h: JSON text to nodes with origins (RFC 8259), or one exact error. Opens no file.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "models/json/diagnostic.h"
#include "models/json/node.h"

namespace tcptwin::json {

inline constexpr int kMaxDepth = 100;  // levels of arrays and objects, the outermost included

// Reads one JSON document. `name`: what messages call it. Empty and *error filled in (unless it is
// null) when the text is not valid JSON or UTF-8, starts with a byte order mark, repeats a key in
// an object, or nests deeper than kMaxDepth.
std::optional<Node> parse(std::string name, std::string_view text, Diagnostic* error);

// A value typed on the command line: JSON where it is valid JSON (true, 5, {"a": 1}), else a string
// (40ms, linux-6.18). `option_text`: the whole option, such as `--set /hosts/a/uptime=1h`; the
// origin of the value and all in it.
Node from_command_line(std::string_view text, std::string_view option_text);

}  // namespace tcptwin::json
