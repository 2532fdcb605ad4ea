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
    case Errno::kECONNREFUSED: return "ECONNREFUSED";
    case Errno::kECONNRESET: return "ECONNRESET";
    case Errno::kEDESTADDRREQ: return "EDESTADDRREQ";
    case Errno::kEHOSTUNREACH: return "EHOSTUNREACH";
    case Errno::kEINPROGRESS: return "EINPROGRESS";
    case Errno::kEINVAL: return "EINVAL";
    case Errno::kEISCONN: return "EISCONN";
    case Errno::kEMFILE: return "EMFILE";
    case Errno::kENETUNREACH: return "ENETUNREACH";
    case Errno::kENOPROTOOPT: return "ENOPROTOOPT";
    case Errno::kENOTCONN: return "ENOTCONN";
    case Errno::kEOPNOTSUPP: return "EOPNOTSUPP";
    case Errno::kEPIPE: return "EPIPE";
    case Errno::kETIMEDOUT: return "ETIMEDOUT";
  }
  CHECK(false);
}

}  // namespace tcptwin
