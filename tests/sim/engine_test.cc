// The order of events: time, then packets before stacks before applications, then the node's
// number.
#include "sim/engine/engine.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace tcptwin::engine {
namespace {

using Log = std::vector<std::string>;

// Does what a list tells it, and writes down when.
class Scripted final : public Node {
 public:
  Scripted(std::string name, std::vector<Due> script, Log& log)
      : name_(std::move(name)), script_(std::move(script)), log_(&log) {}

  void on_packet(Instant, Transit&&, uint32_t) override {}
  Due next() const override { return script_.empty() ? Due{} : script_.front(); }
  void run(Instant now, Phase phase) override {
    log_->push_back(name_ + "@" + std::to_string(now.ns()) + "/" +
                    std::to_string(static_cast<int>(phase)));
    script_.erase(script_.begin());
    if (tells_ != nullptr) tells_->add_due(now);
  }
  void add_due(Instant at) {
    script_.insert(script_.begin(), Due{at, Phase::kPacket});
    reschedule();
  }
  void tell(Scripted& other) { tells_ = &other; }

 private:
  std::string name_;
  std::vector<Due> script_;
  Log* log_;
  Scripted* tells_ = nullptr;
};

Due at(int64_t ns, Phase phase) { return {Instant::from_ns(ns), phase}; }

TEST(Engine, EarlierEventsComeFirst) {
  Log log;
  Scripted a("a", {at(20, Phase::kPacket)}, log);
  Scripted b("b", {at(10, Phase::kApplication)}, log);
  Engine engine;
  engine.add(a);
  engine.add(b);
  engine.run_until(Instant::never());
  EXPECT_EQ(log, (Log{"b@10/2", "a@20/0"}));
}

TEST(Engine, AtOneInstantPacketsComeBeforeStacksBeforeApplications) {
  Log log;
  Scripted a("a", {at(10, Phase::kApplication)}, log);
  Scripted b("b", {at(10, Phase::kStack)}, log);
  Scripted c("c", {at(10, Phase::kPacket)}, log);
  Engine engine;
  engine.add(a);
  engine.add(b);
  engine.add(c);
  engine.run_until(Instant::never());
  EXPECT_EQ(log, (Log{"c@10/0", "b@10/1", "a@10/2"}));
}

TEST(Engine, InOnePhaseTheNodeWithTheSmallerNumberComesFirst) {
  Log log;
  Scripted a("a", {at(10, Phase::kStack)}, log);
  Scripted b("b", {at(10, Phase::kStack)}, log);
  Engine engine;
  engine.add(b);
  engine.add(a);
  engine.run_until(Instant::never());
  EXPECT_EQ(log, (Log{"b@10/1", "a@10/1"}));
}

TEST(Engine, AnEventMayCauseAnotherAtTheSameInstant) {
  Log log;
  Scripted a("a", {at(10, Phase::kStack)}, log);
  Scripted b("b", {at(30, Phase::kStack)}, log);
  a.tell(b);
  Engine engine;
  engine.add(a);
  engine.add(b);
  engine.run_until(Instant::never());
  EXPECT_EQ(log, (Log{"a@10/1", "b@10/0", "b@30/1"}));
}

TEST(Engine, RunsUpToAndIncludingTheLimit) {
  Log log;
  Scripted a("a", {at(10, Phase::kStack), at(20, Phase::kStack), at(21, Phase::kStack)}, log);
  Engine engine;
  engine.add(a);
  EXPECT_EQ(engine.run_until(Instant::from_ns(20)), Instant::from_ns(20));
  EXPECT_EQ(log.size(), 2u);
}

}  // namespace
}  // namespace tcptwin::engine
