// catalogue.h: the built-in profiles by name: what each operating system does, as data that was
// compiled in.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "models/json/context.h"
#include "models/json/fields.h"
#include "models/json/node.h"
#include "stack/host/host_stack.h"
#include "stack/host/native_stack.h"
#include "stack/policy/profile.h"

namespace tcptwin::catalogue {

// All names, sorted.
std::vector<std::string> profile_names();
// The names of those that this program lacks because it was built without lwIP, sorted.
std::vector<std::string> absent_profile_names();
// Why this profile is one of them, and what to do about it; empty when it is not.
std::string why_absent(std::string_view name);
// Of those whose hosts run our own stack, sorted.
std::vector<std::string> native_profile_names();

// The JSON document of a profile, with its sources; nothing when there is no such profile. A
// profile that names a "base" is that profile's document with its own as a JSON Merge Patch on it.
std::optional<json::Node> profile_document(std::string_view name);
// The same before the base is filled in.
std::optional<json::Node> profile_as_written(std::string_view name);

// The table that decodes profiles; schema and reference manual come from it too.
const json::Fields<policy::Profile>& profile_fields();

// A profile from a document, such as one that a scenario's "set" has changed. Errors go to the
// context.
policy::Profile decode_profile(const json::Node& document, json::Context& context);

// The stack that a profile asks for.
std::unique_ptr<host::HostStack> make_stack(const host::NativeStackSetup& setup);

}  // namespace tcptwin::catalogue
