// errno.h: why a system call failed.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

namespace tcptwin {

// Why a call failed, by POSIX name; the number that a program sees is the host's own.
enum class Errno : uint8_t {
  kEAGAIN,
  kEADDRINUSE,
  kEADDRNOTAVAIL,
  kEAFNOSUPPORT,
  kEALREADY,
  kEBADF,
  kECANCELED,
  kECONNABORTED,
  kECONNREFUSED,
  kECONNRESET,
  kEDEADLK,
  kEDESTADDRREQ,
  kEDOM,
  kEEXIST,
  kEHOSTUNREACH,
  kEINPROGRESS,
  kEINTR,
  kEINVAL,
  kEISCONN,
  kEMFILE,
  kENETUNREACH,
  kENFILE,
  kENOBUFS,
  kENOENT,
  kENOPROTOOPT,
  kENOSYS,
  kENOTCONN,
  kENOTSOCK,
  kEOPNOTSUPP,
  kEPERM,
  kEPIPE,
  kETIMEDOUT,
  kEMSGSIZE,
  kENOMEM,
  kENOSPC,
};
inline constexpr Errno kLastErrno = Errno::kENOSPC;

// "ECONNRESET" for kECONNRESET.
const char* errno_name(Errno e);
// kECONNRESET for "ECONNRESET"; nothing: no error is called so.
std::optional<Errno> errno_named(std::string_view name);

}  // namespace tcptwin
