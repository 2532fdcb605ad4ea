// What a host saw, as text.
#include <gtest/gtest.h>

#include <string>

#include "sim/trace/text_view.h"
#include "tests/sim/trace_story.h"

namespace tcptwin::trace {
namespace {

std::string view(Story& story, HostViewOptions options = {}) {
  options.zero = first_departure(story.journal());
  std::string text;
  write_host_view(story.journal(), options, text);
  return text;
}

HostViewOptions human(uint16_t host = kClient) {
  return {.host = host, .letters = {{0, 'C'}, {1, 'S'}}, .human = true, .ticks = {4ms, 4ms}};
}

TEST(HostView, PacketsReadAsInTheCaptures) {
  Story story;
  story.handshake();
  story.passes(kClient, 91, "P. 1:11(10) ack 1 win 65536");
  EXPECT_EQ(view(story),
            "0.000000 > S 0:0(0) win 64240 <mss 1460,nop,wscale 7>\n"
            "0.000050 < S. 0:0(0) ack 1 win 65160 <mss 1460,nop,wscale 7>\n"
            "0.000060 > . 1:1(0) ack 1 win 64256\n"
            "0.000091 > P. 1:11(10) ack 1 win 65536\n");
}

TEST(HostView, TheServerSeesItsOwnTimesOnTheSameClock) {
  Story story;
  story.handshake(1'000);
  EXPECT_EQ(view(story, {.host = kServer}),
            "0.000020 > S 0:0(0) win 64240 <mss 1460,nop,wscale 7>\n"
            "0.000030 < S. 0:0(0) ack 1 win 65160 <mss 1460,nop,wscale 7>\n"
            "0.000080 > . 1:1(0) ack 1 win 64256\n");
}

TEST(HostView, CallsStandWhereTheyBeganWithTheMicrosecondsInside) {
  Story story;
  const RecordId call = story.calls(kClient, 100, CallKind::kSend, 10);
  story.sends(kClient, 104, "P. 1:11(10) ack 1", call);
  story.returns(kClient, 129, call, call, 10);
  EXPECT_EQ(view(story, {.letters = {{0, 'C'}}}),
            "-0.000004 C send(10) = 10 [29]\n"
            "0.000000 > P. 1:11(10) ack 1 win 65535\n");
}

TEST(HostView, AFailedCallTellsItsError) {
  Story story;
  story.fails(kClient, 9, story.calls(kClient, 0, CallKind::kConnect), Errno::kECONNREFUSED);
  EXPECT_EQ(view(story, {.letters = {{0, 'C'}}}), "0.000000 C connect = -1 ECONNREFUSED [9]\n");
}

TEST(HostView, CallsOfProcessesWithoutALetterAreNotShown) {
  Story story;
  const RecordId call = story.calls(kClient, 0, CallKind::kClose);
  story.returns(kClient, 1, call, call, 0);
  EXPECT_EQ(view(story, {.letters = {{1, 'S'}}}), "");
}

TEST(HostView, PacketsComeBeforeCallsOfTheSameInstant) {
  Story story;
  const RecordId call = story.calls(kClient, 5, CallKind::kClose);
  story.returns(kClient, 6, call, call, 0);
  story.sends(kClient, 5, "F. 1:1(0) ack 1", call);
  EXPECT_EQ(view(story, {.letters = {{0, 'C'}}}),
            "0.000000 > F. 1:1(0) ack 1 win 65535\n"
            "0.000000 C close = 0 [1]\n");
}

TEST(HostView, WindowsAreScaledOnlyWhenBothEndsOfferedIt) {
  Story story;
  story.passes(kClient, 0, "S 0:0(0) win 64240 <mss 1460,nop,wscale 7>");
  story.passes(kServer, 30, "S. 0:0(0) ack 1 win 65160 <mss 1460>");
  story.passes(kClient, 60, ". 1:1(0) ack 1 win 502");
  EXPECT_NE(view(story).find("0.000060 > . 1:1(0) ack 1 win 502\n"), std::string::npos);
}

TEST(HostView, SeveralConnectionsShowTheClientsPort) {
  Story story;
  story.passes(kClient, 0, "S 0:0(0) win 64240 <mss 1460>");
  story.use_client_port(40'001);
  story.passes(kClient, 10, "S 0:0(0) win 64240 <mss 1460>");
  story.passes(kServer, 20, "S. 0:0(0) ack 1 win 65160 <mss 1460>");
  EXPECT_EQ(view(story),
            "0.000000 >40000 S 0:0(0) win 64240 <mss 1460>\n"
            "0.000010 >40001 S 0:0(0) win 64240 <mss 1460>\n"
            "0.000040 <40001 S. 0:0(0) ack 1 win 65160 <mss 1460>\n");
}

TEST(HostView, AnAnsweredSynOfAUsedPortBeginsANewConnection) {
  Story story;
  story.handshake();
  story.scale_windows(false);
  story.use_client_isn(900'000);
  story.passes(kClient, 500, "S 0:0(0) win 64240 <mss 1460>");
  story.passes(kServer, 530, "S. 0:0(0) ack 1 win 65160 <mss 1460>");
  EXPECT_NE(view(story).find("0.000500 > S 0:0(0) win 64240 <mss 1460>\n"
                             "0.000550 < S. 0:0(0) ack 1 win 65160 <mss 1460>\n"),
            std::string::npos);
}

TEST(HostView, AnUnansweredSynOfAUsedPortStaysInTheOldConnection) {
  Story story;
  story.handshake();
  story.scale_windows(false);
  story.use_client_isn(900'000);
  story.passes(kClient, 500, "S 0:0(0) win 64240 <mss 1460>");
  EXPECT_NE(view(story).find("0.000500 > S 899000:899000(0)"), std::string::npos);
}

TEST(HostView, AResetOfAnUnknownConnectionBeginsAtOne) {
  Story story;
  story.passes(kClient, 0, "S 0:0(0) win 64240 <mss 1460>");
  story.passes(kServer, 30, "R. 0:0(0) ack 1 win 0");  // as the captures show it
  EXPECT_NE(view(story).find("0.000050 < R. 1:1(0) ack 1 win 0\n"), std::string::npos);
}

TEST(HostView, ALoopbackPacketStandsOnceAsItLeft) {
  Story story(true);
  story.passes(kClient, 0, "P. 1:11(10) ack 1");
  EXPECT_EQ(view(story), "0.000000 > P. 1:11(10) ack 1 win 65535\n");
}

TEST(HostView, PeopleReadTheReasonBehindThePacket) {
  Story story;
  story.passes(kClient, 0, "P. 1:11(10) ack 1");
  EXPECT_EQ(view(story, human()),
            "0.000000 > P. 1:11(10) ack 1 win 65535  # data, sent without waiting\n");
}

TEST(HostView, AReasonOfTheOtherHostBearsItsName) {
  Story story;
  story.passes(kClient, 0, "P. 1:11(10) ack 1");
  EXPECT_EQ(view(story, human(kServer)),
            "0.000020 > P. 1:11(10) ack 1 win 65535  # client: data, sent without waiting\n");
}

TEST(HostView, PeopleReadWhichReasonsWereInferred) {
  Story story;
  story.infer_reasons(true);
  story.passes(kClient, 0, "P. 1:11(10) ack 1");
  EXPECT_EQ(view(story, human(kServer)),
            "0.000020 > P. 1:11(10) ack 1 win 65535  # client: data, sent without waiting "
            "(inferred)\n");
}

TEST(HostView, PeopleReadTimersOnTheSideOfTheirConnection) {
  Story story;
  const RecordId data = story.passes(kClient, 0, "P. 1:11(10) ack 1");
  story.notes(kServer, 43'920, data,
              tcp::TimerFired{tcp::TimerKind::kDelayedAck, {}, 40ms, at_us(20), at_us(43'900)});
  const std::string text = view(story, human(kServer));
  EXPECT_NE(text.find("0.043920 < # delayed-ACK timer of 40 ms fired after 43.9 ms "
                      "(rounded up to the 4 ms tick)\n"),
            std::string::npos)
      << text;
}

TEST(HostView, PeopleReadLosses) {
  Story story;
  story.drops(kClient, 0, story.sends(kClient, 0, "P. 1:11(10) ack 1"));
  EXPECT_NE(view(story, human())
                .find("0.000000 > # client#1 lost on link wire: listed by the scenario\n"),
            std::string::npos);
}

TEST(HostView, PeopleReadCallsThatNeverCameBack) {
  Story story;
  story.calls(kClient, 0, CallKind::kRecv, 6'000'000);
  EXPECT_EQ(view(story, human()), "0.000000 C recv(6000000) = ?\n");
  EXPECT_EQ(view(story, {.letters = {{0, 'C'}}}), "");
}

TEST(SecondsText, RoundsToTheMicrosecond) {
  EXPECT_EQ(seconds_text(1'499ns), "0.000001");
  EXPECT_EQ(seconds_text(1'500ns), "0.000002");
  EXPECT_EQ(seconds_text(-199us), "-0.000199");
  EXPECT_EQ(seconds_text(-1ns), "0.000000");
  EXPECT_EQ(seconds_text(61s), "61.000000");
}

}  // namespace
}  // namespace tcptwin::trace
