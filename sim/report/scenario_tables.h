// scenario_tables.h: the tables that a scenario asks for, filled in from what its variants
// measured.
#pragma once

#include <string>
#include <vector>

#include "models/json/node.h"
#include "sim/expect/evaluate.h"
#include "sim/scenario/scenario.h"

namespace tcptwin::report {

// Rows none of whose variants ran are left out, and so are tables without rows.
std::string scenario_tables(const scenario::Scenario& scenario, const expect::Runs& runs);
// The same cells: [{"title", "columns": [...], "rows": [{"name", "cells": [...]}]}].
json::Node scenario_tables_json(const scenario::Scenario& scenario, const expect::Runs& runs);

}  // namespace tcptwin::report
