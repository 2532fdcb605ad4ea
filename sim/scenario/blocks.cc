#include "sim/scenario/blocks.h"

namespace tcptwin::scenario {

namespace {

using Kind = app::Instruction::Kind;

const BlockTable& no_block_fields() {
  static const BlockTable t("block", "");
  return t;
}
const BlockTable& repeat_fields() {
  static const BlockTable t = [] {
    BlockTable f("repeat", "");
    f.text("index", &BlockArguments::index,
           "a name for the number of the round, from 0: \"conn[i]\" is another socket in each",
           {.non_empty = true, .pattern = "^[a-z_]+$"});
    return f;
  }();
  return t;
}
const BlockTable& if_ready_fields() {
  static const json::Fields<Arguments> events = [] {
    json::Fields<Arguments> f("for", "");
    with_ready_events(f);
    return f;
  }();
  static const BlockTable t = [] {
    BlockTable f("if_ready", "");
    f.include(&BlockArguments::ready, events);
    return f;
  }();
  return t;
}
const BlockTable& each_ready_fields() {
  static const BlockTable t = [] {
    BlockTable f = if_ready_fields();
    f.list("except", &BlockArguments::except, "sockets to leave out, such as the listener",
           json::text_of({.non_empty = true}));
    return f;
  }();
  return t;
}

constexpr Block kBlocks[] = {
    {"repeat", Kind::kRepeat, Kind::kRepeatEnd, repeat_fields, "{\"repeat\": N, \"do\": [...]}",
     "does the operations N times; \"forever\" for N: as long as the program lives. "
     "`\"index\": \"i\"` names the number of the round, from 0: \"conn[i]\" is then another "
     "socket in each"},
    {"loop", Kind::kLoop, Kind::kLoopEnd, no_block_fields, "{\"loop\": [...]}",
     "does them until a `read` or `recv` inside meets the end of the stream"},
    {"measure", Kind::kMeasure, Kind::kMeasureEnd, no_block_fields,
     "{\"measure\": \"NAME\", \"do\": [...]}", "takes the time they need, as `PROCESS.NAME`"},
    {"each_ready", Kind::kEachReady, Kind::kEachReadyEnd, each_ready_fields,
     "{\"each_ready\": \"NAME\", \"do\": [...]}",
     "does them for each socket that the last poll, select, epoll_wait or kevent named, which is "
     "NAME inside; `\"except\"` leaves some out, `\"for\"` takes only those with an event"},
    {"if_ready", Kind::kIfReady, Kind::kBlockEnd, if_ready_fields,
     "{\"if_ready\": \"NAME\", \"do\": [...]}", "does them if the last wait named that socket"},
    {"spawn", Kind::kSpawn, Kind::kSpawnEnd, no_block_fields,
     "{\"spawn\": \"NAME\", \"do\": [...]}",
     "a thread of the same process does them: the descriptors are shared, the names are copied"}};

}  // namespace

std::span<const Block> blocks() { return kBlocks; }

}  // namespace tcptwin::scenario
