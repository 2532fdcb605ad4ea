// window_fields.cc: the keys of the receive window.
#include "models/catalogue/window_fields.h"

namespace tcptwin::catalogue {

using json::Fields;
using policy::Autotune;

namespace {

using Window = policy::ReceiveWindowConfig;

void add_handshake_keys(Fields<Window>& fields) {
  using C = Window;
  fields
      .enumeration("scale", &C::scale, "the shift offered for the largest window M",
                   {{"fits", C::Scale::kFits, "the smallest with M >> shift <= 65535"},
                    {"covers", C::Scale::kCovers, "the smallest with 65536 << shift >= M"}})
      .integer("least_shift", &C::least_shift, "no smaller one is offered",
               {.at_least = 0, .at_most = 14})
      .enumeration(
          "first_window", &C::first_window, "what a SYN or SYN-ACK allows",
          {{"buffer", C::First::kBuffer, "what the buffer holds"},
           {"by_mss", C::First::kByMss, "2 segments above 4380 bytes, 3 above 1460, else 4"},
           {"segments", C::First::kSegments, "first_segments"}})
      .integer("first_segments", &C::first_segments, "segments: so many",
               {.at_least = 1, .at_most = 1000});
}

void add_buffer_keys(Fields<Window>& fields) {
  using C = Window;
  fields
      .enumeration(
          "autotune", &C::autotune, "how the buffer grows by itself",
          {{"none", Autotune::kNone, "not at all"},
           {"pace", Autotune::kPace,
            "to twice what a round trip brought, and more while that rises"},
           {"largest_pace", Autotune::kLargestPace, "to twice the most that a round trip brought"},
           {"half_again", Autotune::kHalfAgain,
            "by half of itself when half a round trip brought three eighths of it"},
           {"best_round_trip", Autotune::kBestRoundTrip,
            "to twice the best round trip, four times when that is half as much again"}})
      .size("best_at_first", &C::best_at_first,
            "best_round_trip: what the first round trips must exceed")
      .integer("step_segments", &C::step_segments,
               "fewer segments free: the buffer grows by as many at once, to no more than a step "
               "beyond what autotuning has called for; 0: never",
               {.at_least = 0, .at_most = 1000})
      .enumeration(
          "edge", &C::edge, "fixed_buffer: when the right edge moves",
          {{"useful_steps", C::Edge::kUsefulSteps, "by half the buffer or a segment at least"},
           {"quarter", C::Edge::kQuarter,
            "always; below a quarter of the buffer and a segment there is no window"}})
      .enumeration("rounding", &C::rounding,
                   "fixed_buffer: windows that the field cannot say exactly",
                   {{"down", C::Rounding::kDown, "are made smaller"},
                    {"up", C::Rounding::kUp, "are made larger"}})
      .enumeration("update", &C::update, "fixed_buffer: when a read is worth a segment of its own",
                   {{"any_step", C::Update::kAnyStep, "the edge moves"},
                    {"two_segments_and_share", C::Update::kTwoSegmentsAndShare,
                     "by two segments and a fair share, or by half the buffer"},
                    {"two_segments_or_quarter", C::Update::kTwoSegmentsOrQuarter,
                     "by two segments when all is read, or by a quarter of the buffer"},
                    {"two_segments_or_half", C::Update::kTwoSegmentsOrHalf,
                     "by two segments, or by half the buffer"}})
      .boolean("whole_segments", &C::whole_segments, "the buffer is a multiple of the MSS");
}

void add_memory_keys(Fields<Window>& fields) {
  using C = Window;
  fields
      .size("headroom", &C::headroom, "memory_charged: bytes added to a segment before rounding up",
            {.at_most = 65536})
      .size("segment_struct", &C::segment_struct, "memory_charged: bytes added after it",
            {.at_most = 65536})
      .integer("ratio_256", &C::ratio_256, "memory_charged: window per 256 bytes of memory",
               {.at_least = 1, .at_most = 256})
      .boolean("ratio_follows_segments", &C::ratio_follows_segments,
               "memory_charged: ratio_256 becomes that of the segments that come")
      .size("own_host_overhead", &C::own_host_overhead,
            "memory_charged: bytes besides the payload of a segment from the host itself; 0: "
            "as of any other",
            {.at_most = 65536})
      .integer("own_host_blocks", &C::own_host_blocks,
               "memory_charged: a segment from the host itself joins the one before it, at no "
               "charge but its payload, once the sender has let go of that one and while both lie "
               "in so many blocks of memory at most; 0: never",
               {.at_least = 0, .at_most = 1024})
      .size("own_host_block", &C::own_host_block,
            "memory_charged: bytes of such a block, which a writer fills one after the other",
            {.at_least = 1, .at_most = 1 << 30})
      .size("pinned_read_above", &C::pinned_read_above,
            "memory_charged: a read of more bytes that has to wait keeps what it takes from the "
            "queue charged until it returns, and is handed past the queue what comes while it "
            "sleeps; 0: never",
            {.at_most = 1 << 30})
      .boolean("small_share_closes", &C::small_share_closes,
               "memory_charged: no window below a sixteenth of the buffer")
      .boolean("gap_opens", &C::gap_opens,
               "memory_charged: with SACK, data behind a gap opens the window as any other");
}

}  // namespace

const Fields<Window>& receive_window_fields() {
  using C = Window;
  static const Fields<C> fields = [] {
    Fields<C> f("receive_window", "how much the peer may send");
    f.enumeration("behaviour", &C::behaviour, "what the window is made of",
                  {{"fixed_buffer", C::Behaviour::kFixedBuffer, "the buffer less unread bytes"},
                   {"memory_charged", C::Behaviour::kMemoryCharged,
                    "a share of the memory that segments take"}},
                  {.required = true})
        .size("buffer", &C::buffer, "what a socket starts with",
              {.at_least = 256, .at_most = 1 << 30})
        .size("max_buffer", &C::max_buffer, "the largest it may become; sets the window scale",
              {.at_least = 256, .at_most = 1 << 30})
        .boolean("scaling", &C::scaling, "offer and accept a window scale");
    add_handshake_keys(f);
    add_buffer_keys(f);
    add_memory_keys(f);
    f.allow_source();
    return f;
  }();
  return fields;
}

}  // namespace tcptwin::catalogue
