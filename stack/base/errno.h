// errno.h: why a system call failed.
#pragma once

#include <cstdint>

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

}  // namespace tcptwin
