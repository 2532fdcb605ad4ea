#include "tun/system_errno.h"

#include <cerrno>

namespace tcptwin::tun {

std::optional<Errno> errno_of(int system_errno) {
  switch (system_errno) {
    case EAGAIN: return Errno::kEAGAIN;
    case EADDRINUSE: return Errno::kEADDRINUSE;
    case EADDRNOTAVAIL: return Errno::kEADDRNOTAVAIL;
    case EAFNOSUPPORT: return Errno::kEAFNOSUPPORT;
    case EALREADY: return Errno::kEALREADY;
    case EBADF: return Errno::kEBADF;
    case ECANCELED: return Errno::kECANCELED;
    case ECONNABORTED: return Errno::kECONNABORTED;
    case ECONNREFUSED: return Errno::kECONNREFUSED;
    case ECONNRESET: return Errno::kECONNRESET;
    case EDEADLK: return Errno::kEDEADLK;
    case EDESTADDRREQ: return Errno::kEDESTADDRREQ;
    case EDOM: return Errno::kEDOM;
    case EEXIST: return Errno::kEEXIST;
    case EHOSTUNREACH: return Errno::kEHOSTUNREACH;
    case EINPROGRESS: return Errno::kEINPROGRESS;
    case EINTR: return Errno::kEINTR;
    case EINVAL: return Errno::kEINVAL;
    case EISCONN: return Errno::kEISCONN;
    case EMFILE: return Errno::kEMFILE;
    case ENETUNREACH: return Errno::kENETUNREACH;
    case ENFILE: return Errno::kENFILE;
    case ENOBUFS: return Errno::kENOBUFS;
    case ENOENT: return Errno::kENOENT;
    case ENOPROTOOPT: return Errno::kENOPROTOOPT;
    case ENOSYS: return Errno::kENOSYS;
    case ENOTCONN: return Errno::kENOTCONN;
    case ENOTSOCK: return Errno::kENOTSOCK;
    case EOPNOTSUPP: return Errno::kEOPNOTSUPP;
    case EPERM: return Errno::kEPERM;
    case EPIPE: return Errno::kEPIPE;
    case ETIMEDOUT: return Errno::kETIMEDOUT;
    case EMSGSIZE: return Errno::kEMSGSIZE;
    case ENOMEM: return Errno::kENOMEM;
    case ENOSPC: return Errno::kENOSPC;
    default: return std::nullopt;
  }
}

}  // namespace tcptwin::tun
