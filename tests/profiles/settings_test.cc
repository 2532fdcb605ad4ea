// Settings by the names that systems give them: each stands for places of the profile, in its own
// unit.
#include "models/catalogue/settings.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "models/catalogue/catalogue.h"
#include "models/json/parse.h"
#include "models/json/patch.h"
#include "models/json/pointer.h"

namespace tcptwin::catalogue {
namespace {

struct Changed {
  json::Node profile;
  std::vector<json::Diagnostic> errors;

  std::string at(const std::string& pointer) const {
    const json::Node* node = json::resolve(profile, *json::Pointer::parse(pointer));
    return node == nullptr ? "missing" : json::write(*node, json::Style::kCompact);
  }
};

// `settings`: JSON object.
Changed change(const std::string& name, const std::string& settings) {
  Changed changed{.profile = *profile_document(name), .errors = {}};
  json::Context context;
  const json::Node values = *json::parse("test", settings, nullptr);
  apply_settings(changed.profile, values, context);
  if (context.ok()) decode_profile(changed.profile, context);
  changed.errors = context.diagnostics();
  return changed;
}

std::string only_error(const std::string& name, const std::string& settings) {
  const Changed changed = change(name, settings);
  return changed.errors.size() == 1 ? json::to_string(changed.errors[0]) : "no single error";
}

TEST(Settings, FlagsBecomeBooleans) {
  EXPECT_EQ(change("linux-6.18", R"({"net.ipv4.tcp_dsack": 0})").at("/recovery/duplicate_sack"),
            "false");
}

TEST(Settings, TimesKeepTheUnitOfTheirSystem) {  // facts/darwin.md 8: ms; facts/linux.md I: s
  EXPECT_EQ(change("macos-14", R"({"net.inet.tcp.msl": 1000})").at("/close/msl"), R"("1s")");
  EXPECT_EQ(change("linux-6.18", R"({"net.ipv4.tcp_keepalive_time": 600})").at("/keep_alive/idle"),
            R"("600s")");
  EXPECT_EQ(change("linux-6.18", R"({"net.ipv4.tcp_rto_min_us": 5000})").at("/rto/min"),
            R"("5ms")");
}

TEST(Settings, TimedWaitDelayIsTwiceTheLifetime) {  // facts/windows.md E1
  EXPECT_EQ(change("windows-11", R"({"TcpTimedWaitDelay": 30})").at("/close/msl"), R"("15s")");
}

TEST(Settings, SeveralNumbersComeAsTextOrAsAList) {
  for (const char* value : {R"("4096 87381 6291456")", "[4096, 87381, 6291456]"}) {
    const Changed changed =
        change("linux-6.18", R"({"net.ipv4.tcp_rmem": )" + std::string(value) + "}");
    EXPECT_EQ(changed.at("/receive_window/buffer"), "87381");
    EXPECT_EQ(changed.at("/receive_window/max_buffer"), "6291456");
  }
}

TEST(Settings, OneValueMayGoToSeveralPlaces) {
  const Changed changed = change("linux-6.18", R"({"net.ipv4.tcp_retries2": 8})");
  EXPECT_EQ(changed.at("/rto/data_retries"), "8");
  EXPECT_EQ(changed.at("/persist/unanswered"), "8");
}

TEST(Settings, WordsChooseABehaviour) {
  EXPECT_EQ(change("windows-11", R"({"CwndRestart": "True"})").at("/congestion/idle_restart"),
            R"("initial_window")");
  const Changed legacy = change("macos-14", R"({"net.inet.tcp.ack_strategy": 0})");
  EXPECT_EQ(legacy.at("/delayed_ack/behaviour"), R"("stretch_acks")");
  EXPECT_TRUE(legacy.errors.empty());
}

TEST(Settings, AnUnknownNameIsRejectedWithWhatWasMeant) {
  const Changed changed = change("linux-6.18", R"({"net.ipv4.tcp_dsak": 0})");
  ASSERT_EQ(changed.errors.size(), 1u);
  EXPECT_EQ(changed.errors[0].suggestion, "net.ipv4.tcp_dsack");
}

TEST(Settings, NamesOfAnotherSystemAreUnknown) {
  EXPECT_NE(only_error("freebsd-14", R"({"net.ipv4.tcp_dsack": 0})").find("unknown setting"),
            std::string::npos);
}

TEST(Settings, NamesOfAnotherVersionAreUnknown) {  // facts/linux.md I: 6.11 and later
  EXPECT_NE(only_error("linux-2.6.32", R"({"net.ipv4.tcp_rto_min_us": 5000})").find("unknown"),
            std::string::npos);
}

TEST(Settings, WhatHasNoMechanismIsRefusedWithTheReason) {
  EXPECT_NE(only_error("linux-6.18", R"({"net.ipv4.tcp_frto": 0})").find("not modelled"),
            std::string::npos);
}

TEST(Settings, AValueOutOfRangeIsRejected) {  // facts/windows.md I: 10 to 600
  EXPECT_NE(only_error("windows-11", R"({"DelayedAckTimeoutMs": 5})").find("at least 10"),
            std::string::npos);
  EXPECT_NE(only_error("linux-6.18", R"({"net.ipv4.tcp_dsack": 2})").find("at most 1"),
            std::string::npos);
  EXPECT_NE(only_error("linux-6.18", R"({"net.ipv4.tcp_rmem": 4096})").find("takes 3 numbers"),
            std::string::npos);
}

// ---- single names: what the value becomes

struct Named {
  const char* profile;
  const char* name;
  const char* value;
  const char* pointer;
  const char* becomes;
};

TEST(Settings, NamesOfLinuxMeanTheirMechanism) {  // facts/linux.md I
  const Named all[] = {
      {"linux-6.18", "net.ipv4.tcp_moderate_rcvbuf", "0", "/receive_window/autotune", R"("none")"},
      {"linux-2.6.32", "net.ipv4.tcp_moderate_rcvbuf", "0", "/receive_window/autotune",
       R"("none")"},
      {"linux-6.18", "net.ipv4.tcp_wmem", R"("4096 16384 65536")", "/send_buffer/max_buffer",
       "65536"},
      {"linux-6.18", "net.ipv4.tcp_sack", "0", "/syn/options",
       R"(["mss","nop","nop","timestamps","nop","window_scale"])"},
      {"linux-6.18", "net.ipv4.tcp_syncookies", "2", "/listen/cookies/when", R"("always")"},
      {"linux-2.6.32", "net.ipv4.tcp_syncookies", "1", "/listen/cookies/when", R"("when_full")"},
      {"linux-6.18", "net.ipv4.tcp_abort_on_overflow", "1", "/listen/full_ack", R"("reset")"},
      {"linux-6.18", "net.ipv4.tcp_no_metrics_save", "1", "/destination_cache/enabled", "false"},
      {"linux-6.18", "net.ipv4.tcp_no_ssthresh_metrics_save", "0", "/destination_cache/threshold",
       R"("by_phase")"},
      {"linux-6.18", "net.ipv4.tcp_max_tw_buckets", "5", "/time_wait/most", "5"},
      {"linux-6.18", "net.ipv4.tcp_min_tso_segs", "4", "/bursts/least_segments", "4"},
      {"linux-6.18", "net.ipv4.tcp_pacing_ss_ratio", "100", "/bursts/slow_start_percent", "100"},
      {"linux-6.18", "net.ipv4.tcp_pacing_ca_ratio", "100", "/bursts/avoidance_percent", "100"},
      {"linux-2.6.32", "net.ipv4.tcp_tso_win_divisor", "1", "/bursts/window_divisor", "1"},
      {"linux-6.18", "net.ipv4.ip_no_pmtu_disc", "1", "/ip/dont_fragment", "false"},
      {"linux-6.18", "net.ipv4.route.min_pmtu", "1000", "/icmp/least_path_mtu", "1000"},
      {"linux-6.18", "net.ipv4.route.mtu_expires", "60", "/icmp/path_mtu_lifetime", R"("60s")"},
      {"linux-6.18", "net.ipv4.icmp_msgs_per_sec", "7", "/icmp/errors_per_second", "7"},
      {"linux-6.18", "net.ipv4.icmp_msgs_burst", "7", "/icmp/error_burst", "7"},
      {"linux-6.18", "fs.file-max", "500", "/sockets/descriptors_per_host", "500"}};
  for (const Named& n : all) {
    const Changed changed = change(n.profile, "{\"" + std::string(n.name) + "\": " + n.value + "}");
    EXPECT_TRUE(changed.errors.empty()) << n.name << " of " << n.profile;
    EXPECT_EQ(changed.at(n.pointer), n.becomes) << n.name << " of " << n.profile;
  }
}

TEST(Settings, NamesOfTheBsdsMeanTheirMechanism) {  // facts/freebsd.md I, facts/darwin.md 8
  const Named all[] = {
      {"freebsd-14", "net.inet.tcp.recvbuf_auto", "0", "/receive_window/autotune", R"("none")"},
      {"freebsd-14", "net.inet.tcp.sendbuf_auto", "0", "/send_buffer/growth", R"("none")"},
      {"freebsd-14", "net.inet.tcp.sendbuf_inc", "16384", "/send_buffer/growth_step", "16384"},
      {"freebsd-14", "net.inet.tcp.sendbuf_max", "99999", "/send_buffer/max_buffer", "99999"},
      {"freebsd-14", "net.inet.tcp.sack.enable", "0", "/syn/options",
       R"(["mss","nop","window_scale","nop","nop","timestamps"])"},
      {"freebsd-14", "net.inet.tcp.syncookies", "0", "/listen/cookies/when", R"("never")"},
      {"freebsd-14", "net.inet.tcp.syncookies_only", "1", "/listen/cookies/when", R"("always")"},
      {"freebsd-14", "net.inet.tcp.syncache.cachelimit", "9", "/listen/handshakes", "9"},
      {"freebsd-14", "net.inet.tcp.syncache.rst_on_sock_fail", "0", "/listen/full_ack",
       R"("ignore")"},
      {"freebsd-14", "net.inet.tcp.hostcache.enable", "0", "/destination_cache/enabled", "false"},
      {"freebsd-14", "net.inet.tcp.hostcache.expire", "60", "/destination_cache/lifetime",
       R"("60s")"},
      {"freebsd-14", "net.inet.tcp.hostcache.cachelimit", "3", "/destination_cache/entries", "3"},
      {"freebsd-14", "net.inet.tcp.ecn.enable", "1", "/ecn/request", "true"},
      {"freebsd-14", "net.inet.tcp.pmtud_blackhole_detection", "1", "/icmp/black_hole_timeouts",
       "2"},
      {"freebsd-14", "net.inet.tcp.pmtud_blackhole_mss", "1000", "/icmp/black_hole_mss", "1000"},
      {"freebsd-14", "net.inet.icmp.icmplim", "5", "/icmp/errors_per_second", "5"},
      {"freebsd-14", "kern.maxfilesperproc", "9", "/sockets/descriptors_per_process", "9"},
      {"freebsd-14", "kern.maxfiles", "90", "/sockets/descriptors_per_host", "90"},
      {"macos-14", "net.inet.tcp.doautorcvbuf", "0", "/receive_window/autotune", R"("none")"},
      {"macos-14", "net.inet.tcp.autosndbufmax", "99999", "/send_buffer/max_buffer", "99999"},
      {"macos-14", "net.inet.tcp.autosndbufinc", "16384", "/send_buffer/growth_step", "16384"},
      {"macos-14", "net.inet.tcp.sack", "0", "/syn/options",
       R"(["mss","nop","window_scale","nop","nop","timestamps"])"},
      {"macos-14", "net.inet.tcp.path_mtu_discovery", "0", "/ip/dont_fragment", "false"},
      {"macos-14", "net.inet.tcp.pmtud_blackhole_detection", "0", "/icmp/black_hole_timeouts", "0"},
      {"macos-14", "net.inet.tcp.pmtud_blackhole_mss", "1000", "/icmp/black_hole_mss", "1000"}};
  for (const Named& n : all) {
    const Changed changed = change(n.profile, "{\"" + std::string(n.name) + "\": " + n.value + "}");
    EXPECT_TRUE(changed.errors.empty()) << n.name << " of " << n.profile;
    EXPECT_EQ(changed.at(n.pointer), n.becomes) << n.name << " of " << n.profile;
  }
}

TEST(Settings, TheRangeOfPortsOfWindowsIsAFirstOneAndHowMany) {  // facts/windows.md E2, I
  const Changed changed =
      change("windows-11",
             R"({"DynamicPortRangeStartPort": 10000, "DynamicPortRangeNumberOfPorts": 1000})");
  EXPECT_EQ(changed.at("/ports/first"), "10000");
  EXPECT_EQ(changed.at("/ports/last"), "10999");
}

// sb_max_adj of sys/kern/uipc_sockbuf.c: clusters of 2048 bytes, each with an mbuf of 256.
TEST(Settings, TheCapOfFreebsdIsWhatIsLeftWithoutTheMbufs) {
  const Changed changed = change("freebsd-14", R"({"kern.ipc.maxsockbuf": 900000})");
  EXPECT_EQ(changed.at("/sockets/send_cap"), "800000");
  EXPECT_EQ(changed.at("/sockets/receive_cap"), "800000");
}

TEST(Settings, TheProfileRfcHasNone) { EXPECT_TRUE(settings_of(*profile_document("rfc")).empty()); }

// ---- every table

class EveryProfilesSettings : public testing::TestWithParam<std::string> {};

TEST_P(EveryProfilesSettings, HaveEachAnEffectOrAReason) {
  for (const Setting& s : settings_of(*profile_document(GetParam()))) {
    const bool has_effect = !s.places.empty() || s.choices.is_object();
    EXPECT_NE(has_effect, !s.refused.empty()) << s.name;
    EXPECT_EQ(has_effect, !s.doc.empty()) << s.name;
  }
}

TEST_P(EveryProfilesSettings, HaveNamesOfTheirOwn) {
  std::vector<std::string> names;
  for (const Setting& s : settings_of(*profile_document(GetParam()))) names.push_back(s.name);
  std::sort(names.begin(), names.end());
  EXPECT_EQ(std::adjacent_find(names.begin(), names.end()), names.end());
}

TEST_P(EveryProfilesSettings, ChooseOnlyWhatTheProfileCanBe) {
  const json::Node profile = *profile_document(GetParam());
  for (const Setting& s : settings_of(profile)) {
    if (!s.choices.is_object()) continue;
    for (const json::Member& choice : s.choices.members()) {
      json::Node changed = profile;
      json::merge(changed, choice.value);
      json::Context context;
      decode_profile(changed, context);
      for (const auto& d : context.diagnostics()) {
        ADD_FAILURE() << s.name << ' ' << choice.key << ": " << json::to_string(d);
      }
    }
  }
}

// What the system shows is a value that it takes, and taking it changes nothing.
TEST_P(EveryProfilesSettings, ReadBackAsTheyAre) {
  const json::Node profile = *profile_document(GetParam());
  json::Context context;
  const json::Node before = json::encode(profile_fields(), decode_profile(profile, context));
  for (const Setting& s : settings_of(profile)) {
    const std::string shown = value_of(s, profile);
    if (!s.refused.empty() || shown.find('-') == 0 || shown.find(" -") != shown.npos) continue;
    json::Node changed = profile;
    json::Context patching;
    const json::Node values = json::Node::object().set(s.name, json::Node::string(shown));
    apply_settings(changed, values, patching);
    EXPECT_TRUE(patching.ok()) << s.name << ' ' << shown;
    EXPECT_EQ(json::encode(profile_fields(), decode_profile(changed, patching)), before) << s.name;
  }
}

INSTANTIATE_TEST_SUITE_P(Profiles, EveryProfilesSettings, testing::ValuesIn(profile_names()),
                         [](const auto& tested) {
                           std::string name = tested.param;
                           std::replace_if(
                               name.begin(), name.end(),
                               [](char c) { return c == '-' || c == '.'; }, '_');
                           return name;
                         });

}  // namespace
}  // namespace tcptwin::catalogue
