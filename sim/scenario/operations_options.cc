// operations_options.cc: the operations that set and ask what a socket is like.
#include <utility>

#include "sim/scenario/operation_tables.h"

namespace tcptwin::scenario {

namespace {

ArgumentTable& with_option(ArgumentTable& table) {
  return table
      .raw("level", &Arguments::level, "IPPROTO_TCP (the default), SOL_SOCKET, or its number")
      .raw("option", &Arguments::option, "TCP_NODELAY and the like, or its number",
           {.required = true});
}

}  // namespace

const ArgumentTable& setsockopt_fields() {
  static const ArgumentTable t = [] {
    ArgumentTable f("setsockopt",
                    "sets an option by the host's own name or number; a failure is noted and "
                    "ignored");
    with_option(f).raw("value", &Arguments::value,
                       "a number, 1 unless given; a duration for a time; false for SO_LINGER: off");
    with_result(with_socket(f));
    return f;
  }();
  return t;
}

const ArgumentTable& getsockopt_fields() {
  static const ArgumentTable t = [] {
    ArgumentTable f("getsockopt",
                    "asks for an option; records its number: struct timeval in microseconds, "
                    "SO_LINGER in seconds or -1 when it is off, SO_ERROR as 1 when there was one "
                    "(and counts it under its name)");
    with_option(f).raw("equals", &Arguments::equals,
                       "it must be this: a number, a duration, true or false");
    with_result(with_socket(f));
    return f;
  }();
  return t;
}

const ArgumentTable& tcp_info_fields() {
  static const ArgumentTable t = [] {
    ArgumentTable f("tcp_info", "asks for one member of struct tcp_info; times in microseconds");
    f.text("field", &Arguments::field, "tcpi_snd_cwnd and the like",
           {.required = true, .non_empty = true})
        .raw("equals", &Arguments::equals, "it must be this number");
    with_result(with_socket(f));
    return f;
  }();
  return t;
}

const ArgumentTable& ioctl_fields() {
  static const ArgumentTable t = [] {
    ArgumentTable f("ioctl", "one request");
    f.text("request", &Arguments::field, "FIONREAD and the like, as the host names them",
           {.required = true, .non_empty = true})
        .integer("value", &Arguments::number, "FIONBIO: 1 or 0", {.at_least = 0, .at_most = 1})
        .raw("equals", &Arguments::equals, "it must find this number");
    with_result(with_socket(f));
    return f;
  }();
  return t;
}

const ArgumentTable& nonblocking_fields() {
  static const ArgumentTable t = [] {
    ArgumentTable f("nonblocking", "O_NONBLOCK: calls fail with EAGAIN instead of sleeping");
    f.boolean("on", &Arguments::on, "whether it is to be set");
    with_result(with_socket(f));
    return f;
  }();
  return t;
}

}  // namespace tcptwin::scenario
