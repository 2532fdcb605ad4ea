#include "stack/base/errno.h"

#include "stack/base/check.h"

namespace tcptwin {

const char* errno_name(Errno e) {
  switch (e) {
    case Errno::kEAGAIN: return "EAGAIN";
    case Errno::kEADDRINUSE: return "EADDRINUSE";
    case Errno::kEADDRNOTAVAIL: return "EADDRNOTAVAIL";
    case Errno::kEAFNOSUPPORT: return "EAFNOSUPPORT";
    case Errno::kEALREADY: return "EALREADY";
    case Errno::kEBADF: return "EBADF";
    case Errno::kECANCELED: return "ECANCELED";
    case Errno::kECONNABORTED: return "ECONNABORTED";
    case Errno::kECONNREFUSED: return "ECONNREFUSED";
    case Errno::kECONNRESET: return "ECONNRESET";
    case Errno::kEDEADLK: return "EDEADLK";
    case Errno::kEDESTADDRREQ: return "EDESTADDRREQ";
    case Errno::kEDOM: return "EDOM";
    case Errno::kEEXIST: return "EEXIST";
    case Errno::kEHOSTUNREACH: return "EHOSTUNREACH";
    case Errno::kEINPROGRESS: return "EINPROGRESS";
    case Errno::kEINTR: return "EINTR";
    case Errno::kEINVAL: return "EINVAL";
    case Errno::kEISCONN: return "EISCONN";
    case Errno::kEMFILE: return "EMFILE";
    case Errno::kENETUNREACH: return "ENETUNREACH";
    case Errno::kENFILE: return "ENFILE";
    case Errno::kENOBUFS: return "ENOBUFS";
    case Errno::kENOENT: return "ENOENT";
    case Errno::kENOPROTOOPT: return "ENOPROTOOPT";
    case Errno::kENOSYS: return "ENOSYS";
    case Errno::kENOTCONN: return "ENOTCONN";
    case Errno::kENOTSOCK: return "ENOTSOCK";
    case Errno::kEOPNOTSUPP: return "EOPNOTSUPP";
    case Errno::kEPERM: return "EPERM";
    case Errno::kEPIPE: return "EPIPE";
    case Errno::kETIMEDOUT: return "ETIMEDOUT";
    case Errno::kEMSGSIZE: return "EMSGSIZE";
    case Errno::kENOMEM: return "ENOMEM";
    case Errno::kENOSPC: return "ENOSPC";
  }
  CHECK(false);
}

std::optional<Errno> errno_named(std::string_view name) {
  for (int value = 0; value <= static_cast<int>(kLastErrno); ++value) {
    if (name == errno_name(static_cast<Errno>(value))) return static_cast<Errno>(value);
  }
  return std::nullopt;
}

}  // namespace tcptwin
