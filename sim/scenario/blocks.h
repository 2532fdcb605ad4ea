// blocks.h: the operations that hold others, as data: their keys and arguments. What follows from
// them is the decoder's.
#pragma once

#include <span>
#include <string>
#include <vector>

#include "models/json/fields.h"
#include "sim/app/program.h"
#include "sim/scenario/operations.h"

namespace tcptwin::scenario {

// What stands beside the key and "do".
struct BlockArguments {
  std::string index;
  Arguments ready;
  std::vector<std::string> except;
};
using BlockTable = json::Fields<BlockArguments>;

// {"repeat": 5, "do": [...]}.
struct Block {
  const char* key;
  app::Instruction::Kind begin;
  app::Instruction::Kind end;
  const BlockTable& (*fields)();
  const char* form;  // for the manual
  const char* doc;
};
std::span<const Block> blocks();

}  // namespace tcptwin::scenario
