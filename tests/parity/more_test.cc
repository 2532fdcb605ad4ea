// The captures of MSG_MORE and TCP_CORK (traces/kernel-6.18/e_more), replayed.
#include "tests/parity/group.h"

namespace tcptwin::parity {
namespace {

constexpr const char* kMore = "MSG_MORE and TCP_CORK are not there yet";

const Group kGroup = {.folder = "e_more",
                      .pending = {{"lo_final_r1", kMore},
                                  {"lo_full20x100_nothing_r1", kMore},
                                  {"lo_inflight_nothing_r1", kMore},
                                  {"lo_nodelay_r1", kMore},
                                  {"lo_nothing_r1", kMore},
                                  {"lo_shutdown_r1", kMore},
                                  {"lo_uncork_r1", kMore},
                                  {"lo_zero_r1", kMore},
                                  {"tun100_final_r1.A", kMore},
                                  {"tun100_full20x100_nothing_r1.A", kMore},
                                  {"tun100_inflight_nothing_r1.A", kMore},
                                  {"tun100_nodelay_r1.A", kMore},
                                  {"tun100_nothing_r1.A", kMore},
                                  {"tun100_shutdown_r1.A", kMore},
                                  {"tun100_uncork_r1.A", kMore},
                                  {"tun100_zero_r1.A", kMore},
                                  {"tun1_final_r1.A", kMore},
                                  {"tun1_full20x100_nothing_r1.A", kMore},
                                  {"tun1_inflight_nothing_r1.A", kMore},
                                  {"tun1_nodelay_r1.A", kMore},
                                  {"tun1_nothing_r1.A", kMore},
                                  {"tun1_shutdown_r1.A", kMore},
                                  {"tun1_uncork_r1.A", kMore},
                                  {"tun1_zero_r1.A", kMore},
                                  {"tun20_final_r1.A", kMore},
                                  {"tun20_full20x100_nothing_r1.A", kMore},
                                  {"tun20_inflight_nothing_r1.A", kMore},
                                  {"tun20_nodelay_r1.A", kMore},
                                  {"tun20_nothing_r1.A", kMore},
                                  {"tun20_shutdown_r1.A", kMore},
                                  {"tun20_uncork_r1.A", kMore},
                                  {"tun20_zero_r1.A", kMore}},
                      .late = {}};

class MoreAndCork : public testing::TestWithParam<std::string> {};

TEST_P(MoreAndCork, IsTheCapture) { expect_parity(kGroup, GetParam()); }

INSTANTIATE_TEST_SUITE_P(Kernel618, MoreAndCork, testing::ValuesIn(captures_in("e_more")),
                         test_name);

}  // namespace
}  // namespace tcptwin::parity
