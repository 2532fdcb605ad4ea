// result.h: the outcome of a system call: a value or an errno.
#pragma once

#include <cstdint>
#include <utility>
#include <variant>

#include "stack/base/check.h"

namespace tcptwin {

// Why a call failed, by POSIX name; the number that a program sees is the host's own.
enum class Errno : uint8_t {
  kEAGAIN,
  kEADDRINUSE,
  kEADDRNOTAVAIL,
  kEAFNOSUPPORT,
  kEALREADY,
  kEBADF,
  kECONNREFUSED,
  kECONNRESET,
  kEDESTADDRREQ,
  kEHOSTUNREACH,
  kEINPROGRESS,
  kEINVAL,
  kEISCONN,
  kEMFILE,
  kENETUNREACH,
  kENOPROTOOPT,
  kENOTCONN,
  kEOPNOTSUPP,
  kEPIPE,
  kETIMEDOUT,
};

// "ECONNRESET" for kECONNRESET.
const char* errno_name(Errno e);

// A T, or why there is none. Reading the side that is not there is a bug (CHECK).
template <class T>
class [[nodiscard]] Result {
 public:
  Result(T value) : state_(std::in_place_index<0>, std::move(value)) {}
  Result(Errno e) : state_(std::in_place_index<1>, e) {}

  bool ok() const { return state_.index() == 0; }
  const T& value() const {
    CHECK(ok());
    return *std::get_if<0>(&state_);
  }
  T& value() {
    CHECK(ok());
    return *std::get_if<0>(&state_);
  }
  Errno error() const {
    CHECK(!ok());
    return *std::get_if<1>(&state_);
  }

 private:
  std::variant<T, Errno> state_;
};

}  // namespace tcptwin
