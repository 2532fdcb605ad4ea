#include "tests/lwip_package/library.h"

#include <dlfcn.h>
#include <sys/mman.h>
#include <unistd.h>

#include <fstream>
#include <iterator>
#include <string>

#include "stack/base/check.h"

namespace tcptwin::lwip_package {

namespace {

// The dynamic linker knows a library by its path, and a file in memory has another one each time.
// The descriptor stays open: its number is the path.
void* load_copy() {
  std::ifstream file(TCPTWIN_LWIP_PACKAGE, std::ios::binary);
  const std::string bytes{std::istreambuf_iterator<char>(file), {}};
  CHECK(!bytes.empty());
  const int fd = memfd_create("liblwip", MFD_CLOEXEC);
  CHECK(fd >= 0 && write(fd, bytes.data(), bytes.size()) == static_cast<ssize_t>(bytes.size()));
  const std::string path = "/proc/self/fd/" + std::to_string(fd);
  void* handle = dlopen(path.c_str(), RTLD_NOW | RTLD_LOCAL);
  CHECK(handle != nullptr);
  return handle;
}

template <class Function>
void find(void* handle, const char* name, Function& function) {
  function = reinterpret_cast<Function>(dlsym(handle, name));
  CHECK(function != nullptr);
}

}  // namespace

Library::Library() {
  void* handle = load_copy();
  find(handle, "tcpip_init", tcpip_init);
  find(handle, "netif_add", netif_add);
  find(handle, "netif_set_up", netif_set_up);
  find(handle, "netif_set_link_up", netif_set_link_up);
  find(handle, "ip_input", ip_input);
  find(handle, "pbuf_alloc", pbuf_alloc);
  find(handle, "pbuf_take", pbuf_take);
  find(handle, "pbuf_copy_partial", pbuf_copy_partial);
  find(handle, "sys_check_timeouts", sys_check_timeouts);
  find(handle, "sys_timeouts_sleeptime", sys_timeouts_sleeptime);
  find(handle, "sys_lock_tcpip_core", sys_lock_tcpip_core);
  find(handle, "sys_unlock_tcpip_core", sys_unlock_tcpip_core);
  find(handle, "sys_sem_signal", sys_sem_signal);
  find(handle, "sys_arch_sem_wait", sys_arch_sem_wait);
  find(handle, "lwip_socket", lwip_socket);
  find(handle, "lwip_bind", lwip_bind);
  find(handle, "lwip_listen", lwip_listen);
  find(handle, "lwip_accept", lwip_accept);
  find(handle, "lwip_connect", lwip_connect);
  find(handle, "lwip_send", lwip_send);
  find(handle, "lwip_recv", lwip_recv);
  find(handle, "lwip_setsockopt", lwip_setsockopt);
  find(handle, "lwip_shutdown", lwip_shutdown);
  find(handle, "lwip_close", lwip_close);
}

}  // namespace tcptwin::lwip_package
