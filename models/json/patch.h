// patch.h: changes documents by JSON Merge Patch (RFC 7386) and by JSON Patch (RFC 6902).
#pragma once

#include <string_view>

#include "models/json/diagnostic.h"
#include "models/json/node.h"

namespace tcptwin::json {

// RFC 7386: members of `patch` replace those of `target`, object by object; null removes. Cannot
// fail. What was put in keeps its origin in the patch.
void merge(Node& target, const Node& patch);

// RFC 6902: add, remove, replace, move, copy, test, in order, all or nothing. `label` names the
// patch in messages: `variant "nodelay"`. What an operation puts in keeps its own file, line and
// column and gets the note `in variant "nodelay", operation 2` (counted from 0, as in a pointer); a
// container that loses something gets the note as well. False and *error: a malformed operation, a
// place that does not exist, a failed test, nesting over kMaxDepth, or copies that blow the
// document up. `doc` is then unchanged. `error` may be null.
bool apply_patch(Node& doc, const Node& operations, std::string_view label, Diagnostic* error);

}  // namespace tcptwin::json
