// What is left of a live run when it ends, however it ends; and who may start one.
#include <gmock/gmock.h>
#include <signal.h>
#include <unistd.h>

#include <string>

#include "tests/live/machine.h"

namespace tcptwin::live {
namespace {

using testing::AnyOf;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;

constexpr int kLacking = 77, kKilled = 128 + SIGKILL, kInterrupted = 128 + SIGINT;

class Teardown : public LiveTest {
 protected:
  void SetUp() override {
    LiveTest::SetUp();
    if (IsSkipped() || HasFatalFailure()) return;
    scenario_ = file("scenario.json", R"({"schema": "tcptwin/scenario/1", "name": "live",
      "hosts": {"outside": {"kind": "real"}, "server": {"profile": "linux-6.18"}},
      "links": [{"between": ["outside", "server"]}], "processes": []})");
    before_ = OwnThings::now();
  }

  std::string bridge(const std::string& command) const {
    return "exec " + tcptwin() + " bridge " + scenario_ + " --quiet -- " + command;
  }
  std::string link() const {
    return "exec " + tcptwin() + " link --quiet --wait 0s -- " + sleep() + " -- " + sleep();
  }
  // A command that can be told from all others.
  std::string sleep() const { return "sleep 1000." + std::to_string(::getpid()); }

  // Starts it, and waits until its command runs.
  pid_t command_of(Running& running) {
    EXPECT_TRUE(becomes([&] { return !commands().empty(); })) << running.output();
    const pid_t command = commands().front();
    EXPECT_TRUE(becomes([&] { return !namespaces_of(command).empty(); }));
    inside_ = namespaces_of(command);
    EXPECT_THAT(inside_, Not(IsEmpty()));
    return command;
  }
  std::vector<pid_t> commands() const {
    return processes_called({"sleep", "1000." + std::to_string(::getpid())});
  }
  void expect_nothing_left() {
    EXPECT_TRUE(becomes([&] { return commands().empty() && !are_inhabited(inside_); }));
    EXPECT_EQ(OwnThings::now(), before_);
  }

  std::string scenario_;
  OwnThings before_;
  std::set<std::string> inside_;
};

TEST_F(Teardown, AfterTheEndOfTheCommandNothingIsLeft) {
  Running running(bridge(sleep()));
  ::kill(command_of(running), SIGTERM);
  EXPECT_EQ(running.end().status, 128 + SIGTERM);
  expect_nothing_left();
}

TEST_F(Teardown, AfterTheViolentDeathOfTheBridgeNothingIsLeft) {
  Running running(bridge(sleep()));
  command_of(running);
  ::kill(running.pid(), SIGKILL);
  EXPECT_EQ(running.end().status, kKilled);
  expect_nothing_left();
}

TEST_F(Teardown, AfterTheViolentDeathOfTheLinkNothingIsLeft) {
  Running running(link());
  command_of(running);
  EXPECT_TRUE(becomes([&] { return commands().size() == 2; }));
  ::kill(running.pid(), SIGKILL);
  EXPECT_EQ(running.end().status, kKilled);
  expect_nothing_left();
}

TEST_F(Teardown, AfterTheViolentDeathOfTheCommandNothingIsLeft) {
  Running running(bridge(sleep()));
  ::kill(command_of(running), SIGKILL);
  EXPECT_EQ(running.end().status, kKilled);
  expect_nothing_left();
}

TEST_F(Teardown, WhatTheCommandLeavesInTheBackgroundEndsWithIt) {
  Running running(bridge("sh -c '" + sleep() + " & exec sleep 0.2'"));
  command_of(running);
  EXPECT_EQ(running.end().status, 0);
  expect_nothing_left();
}

TEST_F(Teardown, AnInterruptEndsTheCommandAndTheBridge) {
  Running running(bridge(sleep()));
  command_of(running);
  ::kill(running.pid(), SIGINT);
  EXPECT_EQ(running.end().status, kInterrupted);
  expect_nothing_left();
}

TEST_F(Teardown, AnInterruptEndsBothCommandsOfALink) {
  Running running(link());
  command_of(running);
  ::kill(running.pid(), SIGINT);
  EXPECT_EQ(running.end().status, kInterrupted);
  expect_nothing_left();
}

TEST_F(Teardown, ASecondInterruptEndsACommandThatIgnoresTheFirst) {
  Running running(bridge("sh -c 'trap \"\" INT; " + sleep() + "; true'"));
  command_of(running);
  ::kill(running.pid(), SIGINT);
  ::usleep(50'000);  // signals that are not taken yet count as one
  ::kill(running.pid(), SIGINT);
  EXPECT_EQ(running.end().status, kInterrupted);
  expect_nothing_left();
}

TEST_F(Teardown, CtrlCEndsTheCommandAndTheBridge) {
  Running running(bridge(sleep()), true);
  command_of(running);
  running.press("\x03");
  EXPECT_EQ(running.end().status, kInterrupted);
  expect_nothing_left();
}

TEST_F(Teardown, CtrlCEndsALink) {
  Running running(link(), true);
  command_of(running);
  running.press("\x03");
  EXPECT_EQ(running.end().status, kInterrupted);
  expect_nothing_left();
}

TEST_F(Teardown, TheCommandIsTheForegroundOfTheTerminal) {
  Running running(bridge("sh -c 'read line; echo got $line; exit 5'"), true);
  running.press("words\n");
  const Ended ended = running.end();
  EXPECT_EQ(ended.status, 5);
  EXPECT_THAT(ended.output, HasSubstr("got words"));
}

// ---- who may start one

class Unprivileged : public Teardown {
 protected:
  // As nobody, with /dev/net/tun of that mode, which other processes do not see. The programs are
  // copies: nobody may not be able to reach them where they are.
  Ended as_nobody(const std::string& mode) const {
    return shell("unshare --mount sh -c 'cp " + tcptwin() + " " + tcptwin() + "-bridge " +
                 path("") +
                 " && mount -t tmpfs none /mnt && cp -a /dev/net/tun /mnt/tun && chmod " + mode +
                 " /mnt/tun && mount --bind /mnt/tun /dev/net/tun && setpriv --reuid=65534 "
                 "--regid=65534 --clear-groups " +
                 path("tcptwin") + " bridge " + scenario_ + " --quiet -- ping -c 1 server'");
  }
  void SetUp() override {
    Teardown::SetUp();
    if (!IsSkipped() && ::geteuid() != 0) GTEST_SKIP() << "needs root to become nobody";
  }
};

// Where user namespaces are not to be had it does not come to the device.
const auto names_user_namespaces = HasSubstr("kernel.unprivileged_userns_clone=1");

TEST_F(Unprivileged, WithoutTheDeviceTheRemedyIsNamed) {
  const Ended ended = as_nobody("600");
  EXPECT_EQ(ended.status, kLacking) << ended.errors;
  EXPECT_THAT(ended.errors, AnyOf(HasSubstr("chmod 666 /dev/net/tun"), names_user_namespaces));
}

TEST_F(Unprivileged, WithTheDeviceABridgeStands) {
  const Ended ended = as_nobody("666");
  if (ended.status == kLacking) {
    EXPECT_THAT(ended.errors, names_user_namespaces);
  } else {
    EXPECT_EQ(ended.status, 0) << ended.errors;
  }
}

}  // namespace
}  // namespace tcptwin::live
