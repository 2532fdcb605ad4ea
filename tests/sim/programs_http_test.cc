// The ready-made web server, load generator and proxy, against each other and against what
// strangers may send.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include "sim/programs/http_message.h"
#include "sim/programs/sha256.h"
#include "tests/support/simulation.h"

namespace tcptwin {
namespace {

using programs::HeadState;
using programs::HttpHead;
using support::simulate;
using support::Simulation;
using testing::Each;
using testing::HasSubstr;

// A server on host "s" and another process on host "c", 5 ms apart, of linux-6.18.
Simulation web(const std::string& server, const std::string& client, const std::string& more = "",
               const std::string& profile = "linux-6.18") {
  return simulate(R"({"schema": "tcptwin/scenario/1", "name": "web", "until": "1min",
    "hosts": {"c": {"profile": ")" +
                  profile + R"("}, "s": {"profile": "linux-6.18"}},
    "links": [{"between": ["c", "s"], "delay": "5ms"}],
    "processes": [
      {"name": "server", "host": "s", "run": {"program": "http_server")" +
                  server + R"(}},
      {"name": "client", "host": "c", "start": "1ms", )" +
                  client + "}" + more + "]}");
}
std::string load(const std::string& keys) {
  return R"("run": {"program": "http_load", "to": "s", "port": 80, )" + keys + "}";
}
size_t count(const Simulation& s, const std::string& measure) {
  return s.measure(measure).values.size();
}

TEST(HttpHeads, EndWithAnEmptyLine) {
  HttpHead head;
  EXPECT_EQ(parse_head("GET / HTTP/1.1\r\nHost: a\r\n", &head), HeadState::kIncomplete);
  EXPECT_EQ(parse_head("GET /x HTTP/1.1\r\nHost: a\r\n\r\nmore", &head), HeadState::kComplete);
  EXPECT_EQ(head.target(), "/x");
  EXPECT_EQ(head.size, 28U);
}

TEST(HttpHeads, NamesOfFieldsHaveNoCase) {
  HttpHead head;
  ASSERT_EQ(parse_head("HTTP/1.1 200 OK\r\ncontent-LENGTH: \t12 \r\n\r\n", &head),
            HeadState::kComplete);
  EXPECT_EQ(head.content_length, 12);
}

TEST(HttpHeads, AConnectionStaysByVersionAndField) {
  const auto stays = [](const std::string& text) {
    HttpHead head;
    EXPECT_EQ(parse_head(text, &head), HeadState::kComplete);
    return head.keeps_alive;
  };
  EXPECT_TRUE(stays("GET / HTTP/1.1\r\n\r\n"));
  EXPECT_FALSE(stays("GET / HTTP/1.1\r\nConnection: close\r\n\r\n"));
  EXPECT_FALSE(stays("GET / HTTP/1.0\r\n\r\n"));
  EXPECT_TRUE(stays("GET / HTTP/1.0\r\nConnection: keep-alive\r\n\r\n"));
}

TEST(HttpHeads, ALengthThatIsNoNumberIsMalformed) {
  HttpHead head;
  for (const char* length : {"-1", "", "1x", "99999999999999999999"}) {
    const std::string text =
        "GET / HTTP/1.1\r\nContent-Length: " + std::string(length) + "\r\n\r\n";
    EXPECT_EQ(parse_head(text, &head), HeadState::kMalformed) << length;
  }
}

TEST(HttpHeads, AHeadWithoutEndIsMalformedWhenItIsTooLong) {
  HttpHead head;
  EXPECT_EQ(parse_head(std::string(programs::kLargestHead - 1, 'x'), &head),
            HeadState::kIncomplete);
  EXPECT_EQ(parse_head(std::string(programs::kLargestHead, 'x'), &head), HeadState::kMalformed);
}

// What host 1 sent over a link without losses, connection after connection.
std::string sent_by_server(const Simulation& s) {
  std::string text;
  for (const trace::Record& record : s.result.journal->records()) {
    const auto* sent = std::get_if<trace::PacketSent>(&record.event);
    if (sent == nullptr || record.host() != 1) continue;
    for (const uint8_t byte : sent->packet.tcp.payload.bytes()) text += static_cast<char>(byte);
  }
  return text;
}

TEST(HttpServer, TellsTheHashOfEachBody) {
  const Simulation s =
      web(R"(, "paths": {"/a": 5000, "/b": 100}, "hash_header": "X-Content-SHA256")",
          load(R"("workers": 1, "requests": 2, "path": "/a")"));
  std::string rest = sent_by_server(s);
  for (int answer = 0; answer < 2; ++answer) {
    HttpHead head;
    ASSERT_EQ(parse_head(rest, &head), HeadState::kComplete);
    ASSERT_EQ(head.content_length, 5000);
    const std::string hash = programs::sha256_hex(Payload::text(rest.substr(head.size, 5000)));
    EXPECT_THAT(rest.substr(0, head.size), HasSubstr("\r\nX-Content-SHA256: " + hash + "\r\n"));
    rest.erase(0, head.size + 5000);
  }
  EXPECT_EQ(rest, "");
}

TEST(HttpServer, TellsTheHashOfWhatItMakesAtARate) {
  const Simulation s =
      web(R"(, "body": 3000, "rate": "8Mbit/s", "chunk": 700, "hash_header": "X-H")",
          load(R"("workers": 1, "requests": 1)"));
  const std::string text = sent_by_server(s);
  HttpHead head;
  ASSERT_EQ(parse_head(text, &head), HeadState::kComplete);
  EXPECT_THAT(text,
              HasSubstr("X-H: " + programs::sha256_hex(Payload::text(text.substr(head.size)))));
}

TEST(HttpServer, TellsNoHashUnlessAsked) {
  const Simulation s = web(R"(, "body": 10)", load(R"("workers": 1, "requests": 1)"));
  EXPECT_EQ(sent_by_server(s).find("X-"), std::string::npos);
}

TEST(HttpServer, HashesAtMostOneGiB) {
  EXPECT_FALSE(scenario::load("test.json", R"({"schema": "tcptwin/scenario/1", "name": "web",
    "hosts": {"s": {"profile": "rfc"}}, "links": [], "processes": [{"name": "s", "host": "s",
    "run": {"program": "http_server", "hash_header": "X-H", "body": "2GiB"}}]})",
                              {})
                   .ok());
}

TEST(HttpLoad, AsksSoManyTimesOverAllWorkers) {
  const Simulation s = web(R"(, "body": 1000)", load(R"("workers": 3, "requests": 10)"));
  EXPECT_EQ(count(s, "client.request"), 10U);
  EXPECT_EQ(count(s, "client.connect"), 10U);
  EXPECT_THAT(s.measure("client.received").values, Each(1000));
  EXPECT_EQ(count(s, "server.request"), 10U);
}

TEST(HttpLoad, AKeptConnectionServesAllRequestsOfItsWorker) {
  const Simulation s =
      web(R"(, "body": 100000)", load(R"("workers": 2, "requests": 10, "keep_alive": true)"));
  EXPECT_EQ(count(s, "client.request"), 10U);
  EXPECT_EQ(count(s, "client.connect"), 2U);
  EXPECT_THAT(s.measure("client.received").values, Each(100000));
}

TEST(HttpLoad, CountsOnlyRequestsThatEndInItsTime) {
  const Simulation s =
      web(R"(, "body": 10, "think": "100ms")", load(R"("workers": 4, "lasts": "300ms")"));
  EXPECT_EQ(count(s, "client.request"), 8U);  // two of 121 ms a worker
  EXPECT_LT(s.result.processes[1].outcome.ended - s.result.processes[1].outcome.started, 301ms);
}

TEST(HttpLoad, TheServerClosesFirstUnlessSaidOtherwise) {
  const std::string one = R"("workers": 1, "requests": 1)";
  const auto first_fin = [](const Simulation& s) {
    for (const std::string& line : s.packets()) {
      if (line.find(" F") != std::string::npos) return line.substr(0, 1);
    }
    return std::string();
  };
  EXPECT_EQ(first_fin(web(R"(, "body": 10)", load(one))), "<");
  EXPECT_EQ(first_fin(web(R"(, "body": 10)", load(one + R"(, "closes": "client")"))), ">");
}

TEST(HttpLoad, AWorkerWithoutRetryEndsAtItsFirstError) {
  const Simulation s = web(R"(, "port": 81)", load(R"("workers": 2, "requests": 10)"));
  EXPECT_EQ(count(s, "client.ECONNREFUSED"), 2U);
  EXPECT_EQ(s.result.processes[1].outcome.end, app::ProcessOutcome::End::kFinished);
}

TEST(HttpLoad, AWorkerWithRetryGoesOnAfterAnError) {
  const Simulation s =
      web(R"(, "port": 81)", load(R"("workers": 1, "lasts": "1s", "retry": "90ms")"));
  EXPECT_EQ(count(s, "client.ECONNREFUSED"), 10U);
}

TEST(HttpServer, ASerialServerLetsOthersWait) {
  const std::string two = load(R"("workers": 2, "requests": 2)");
  const std::string slow = R"(, "body": 10, "think": "1s")";
  EXPECT_LT(web(slow, two).result.ended - Instant(), 1500ms);
  EXPECT_GT(web(slow + R"(, "way": "serial")", two).result.ended - Instant(), 2s);
}

TEST(HttpServer, AnswersByPath) {
  const auto received = [](const std::string& path) {
    return web(R"(, "paths": {"/a": 5, "/b": "1MiB"})",
               load(R"("workers": 1, "requests": 1, "path": ")" + path + "\""))
        .measure("client.received")
        .values.front();
  };
  EXPECT_EQ(received("/a"), 5);
  EXPECT_EQ(received("/b"), 1048576);
  EXPECT_EQ(received("/c"), 0);
}

TEST(HttpServer, MakesABodyAtItsRate) {
  const Simulation s =
      web(R"(, "body": 1000000, "rate": "8Mbit/s")", load(R"("workers": 1, "requests": 1)"));
  EXPECT_NEAR(static_cast<double>(s.measure("server.request").values.front()), 1e9, 2e7);
}

TEST(HttpServer, HeadAndBodyInTwoSendsAreTwoSegments) {
  const auto segments = [](const std::string& sends) {
    const Simulation s =
        web(R"(, "body": 10, "sends": ")" + sends + "\"", load(R"("workers": 1, "requests": 1)"));
    int data = 0;
    for (const std::string& line : s.packets())
      data += line.starts_with("< ") && line.find("(0)") == std::string::npos;
    return data;
  };
  EXPECT_EQ(segments("together"), 1);
  EXPECT_EQ(segments("apart"), 2);
  EXPECT_EQ(segments("more"), 1);
  EXPECT_EQ(segments("corked"), 1);
}

TEST(HttpServer, AConnectionThatSendsNoHttpIsClosed) {
  const Simulation s = web(R"(, "body": 10)", R"("program": [{"connect": {"to": "s", "port": 80}},
      {"write": {"text": "no colon\r\nhere\r\n\r\n"}}, {"recv": {"bytes": 10},
      "at_end": [{"close": {"record": "ended"}}]}])");
  EXPECT_EQ(count(s, "client.ended"), 1U);
}

TEST(HttpServer, AServerThatCannotListenFails) {
  const Simulation s =
      web("", R"("program": [])",
          R"(, {"name": "second", "host": "s", "start": "1s", "run": {"program": "http_server"}})");
  EXPECT_EQ(s.result.processes[2].outcome.failure, "bind: EADDRINUSE");
}

TEST(HttpProxy, HandsTheAnswersOfTheOriginOn) {
  const std::string proxy = R"(, {"name": "proxy", "host": "s",
      "run": {"program": "http_proxy", "listen": 8080, "to": "s", "port": 80, "keeps_origin": )";
  const std::string client = R"("run": {"program": "http_load", "to": "s", "port": 8080,
      "workers": 2, "requests": 10, "keep_alive": true})";
  for (const char* keeps : {"true", "false"}) {
    const Simulation s = web(R"(, "body": 12345)", client, proxy + keeps + "}}");
    EXPECT_EQ(count(s, "client.request"), 10U);
    EXPECT_THAT(s.measure("client.received").values, Each(12345));
    EXPECT_EQ(count(s, "proxy.answer"), 10U);
  }
}

TEST(ReadyPrograms, AChainReachesThroughTheSpawnOfAThreadToTheFirstCall) {
  const Simulation s = web(R"(, "body": 10)", load(R"("workers": 2, "requests": 2)"));
  const trace::Chain chain = s.chain("client.connect");
  EXPECT_TRUE(chain.complete());
}

TEST(ReadyPrograms, AProcessHasEitherAProgramOrARun) {
  const auto loaded = scenario::load("x", R"({"schema": "tcptwin/scenario/1", "name": "x",
    "hosts": {"a": {"profile": "rfc"}}, "processes": [{"name": "p", "host": "a"}]})",
                                     {});
  ASSERT_EQ(loaded.diagnostics.size(), 1U);
  EXPECT_THAT(loaded.diagnostics[0].message, HasSubstr("either \"program\" or \"run\""));
}

TEST(ReadyPrograms, AnUnknownProgramIsNamedWithItsNearest) {
  const auto loaded = scenario::load("x", R"({"schema": "tcptwin/scenario/1", "name": "x",
    "hosts": {"a": {"profile": "rfc"}},
    "processes": [{"name": "p", "host": "a", "run": {"program": "http_serve"}}]})",
                                     {});
  ASSERT_FALSE(loaded.ok());
  EXPECT_THAT(json::to_string(loaded.diagnostics[0]), HasSubstr("did you mean \"http_server\""));
}

TEST(ReadyPrograms, APeerWithoutALinkIsAnError) {
  const auto loaded = scenario::load("x", R"({"schema": "tcptwin/scenario/1", "name": "x",
    "hosts": {"a": {"profile": "rfc"}, "b": {"profile": "rfc"}},
    "processes": [{"name": "p", "host": "a",
                   "run": {"program": "http_load", "to": "b", "port": 1, "requests": 1}}]})",
                                     {});
  ASSERT_FALSE(loaded.ok());
  EXPECT_THAT(json::to_string(loaded.diagnostics[0]), HasSubstr("no link between"));
}

}  // namespace
}  // namespace tcptwin
