# lwIP's own code in models_lwip, when its source is there: tools/install brings it, nothing of it is
# part of this project. Each variant ("build") of it becomes one object: lwIP's core files and
# models/lwip/glue compiled with the options of that variant (lwipopts.h). The object offers a single
# symbol, tcptwin_lwip_NAME, and keeps everything that it writes in the section lwip_state_NAME, so
# that a host is a copy of that section. Whether there are any is said by lwip::builds() alone: no
# other line of the program depends on it.
set(lwip_version 2.1.3)
set(TCPTWIN_LWIP_SOURCE ${PROJECT_SOURCE_DIR}/build/sources/lwip-${lwip_version} CACHE PATH
  "where the source of lwIP ${lwip_version} lies")
option(TCPTWIN_LWIP "build the hosts that run lwIP, when its source is there" ON)

set(lwip_core def inet_chksum init ip mem netif pbuf raw stats sys tcp tcp_in tcp_out udp
  ipv4/icmp ipv4/ip4 ipv4/ip4_addr ipv4/ip4_frag
  ipv6/icmp6 ipv6/inet6 ipv6/ip6 ipv6/ip6_addr ipv6/ip6_frag ipv6/nd6)
list(TRANSFORM lwip_core PREPEND ${TCPTWIN_LWIP_SOURCE}/src/core/)
list(TRANSFORM lwip_core APPEND .c)

# Why lwIP cannot be built and what to do, as one sentence; empty when it can.
function(find_lwip result)
  # Paths in the source tree are said from there: no output depends on where that lies.
  cmake_path(IS_PREFIX PROJECT_SOURCE_DIR "${TCPTWIN_LWIP_SOURCE}" inside)
  set(place "${TCPTWIN_LWIP_SOURCE}")
  if(inside)
    cmake_path(RELATIVE_PATH place BASE_DIRECTORY ${PROJECT_SOURCE_DIR})
  endif()
  # Globbed and not only looked at: a build configures again by itself when the source has come or gone.
  file(GLOB header CONFIGURE_DEPENDS ${TCPTWIN_LWIP_SOURCE}/src/include/lwip/init.h)
  set(found "")
  if(header)
    foreach(part MAJOR MINOR REVISION)
      file(STRINGS ${header} line REGEX "define LWIP_VERSION_${part} +[0-9]+")
      string(REGEX MATCH "[0-9]+$" number "${line}")
      list(APPEND found ${number})
    endforeach()
    list(JOIN found . found)
  endif()

  set(why "")
  if(NOT TCPTWIN_LWIP)
    set(why "it was configured with TCPTWIN_LWIP=OFF; configure with -DTCPTWIN_LWIP=ON and build again")
  elseif(NOT CMAKE_SYSTEM_NAME STREQUAL "Linux" OR NOT CMAKE_OBJCOPY OR NOT CMAKE_READELF)
    set(why "it was built without GNU binutils, or for a system other than Linux; build it there")
  elseif(NOT header)
    set(why "there was no source of lwIP in ${place}; run tools/install and build again")
  elseif(NOT found VERSION_EQUAL lwip_version)
    set(why "${place} holds lwIP ${found} and not ${lwip_version}; run tools/install, set TCPTWIN_LWIP_SOURCE and build again")
  endif()
  set(${result} "${why}" PARENT_SCOPE)
endfunction()

# Everything that lwIP and the glue write lies in one section; pointers that only the dynamic linker
# writes are the same for all hosts.
function(write_state_script name path)
  file(CONFIGURE OUTPUT ${path} CONTENT "SECTIONS
{
  .data.rel.ro 0 : { *(.data.rel.ro .data.rel.ro.*) }
  lwip_state_@name@ 0 : { *(.data .data.* .bss .bss.* COMMON) }
}
" @ONLY)
endfunction()

function(add_lwip_build name)
  string(TOUPPER ${name} upper)
  set(objects lwip_${name})
  file(GLOB glue CONFIGURE_DEPENDS ${PROJECT_SOURCE_DIR}/models/lwip/glue/*.c)
  add_library(${objects} OBJECT ${lwip_core} ${glue})
  target_include_directories(${objects} PRIVATE ${PROJECT_SOURCE_DIR} ${PROJECT_SOURCE_DIR}/models/lwip/glue)
  target_include_directories(${objects} SYSTEM PRIVATE ${TCPTWIN_LWIP_SOURCE}/src/include)
  target_compile_definitions(${objects} PRIVATE TCPTWIN_LWIP_BUILD_${upper}=1 TCPTWIN_LWIP_NAME=${name})
  # In place of the options of the C++ code.
  set_target_properties(${objects} PROPERTIES
    COMPILE_OPTIONS "-O2;-fno-common;-fno-data-sections"
    C_STANDARD 99 C_EXTENSIONS ON C_VISIBILITY_PRESET hidden POSITION_INDEPENDENT_CODE ON
    INTERPROCEDURAL_OPTIMIZATION OFF UNITY_BUILD OFF EXPORT_COMPILE_COMMANDS OFF)
  if(NOT CMAKE_C_COMPILER_LAUNCHER)
    set_target_properties(${objects} PROPERTIES C_COMPILER_LAUNCHER "${CMAKE_CXX_COMPILER_LAUNCHER}")
  endif()
  # Foreign code keeps its warnings to itself. init.c compares settings in #if, so that they must be
  # constants there; elsewhere they may be variables.
  set_source_files_properties(${lwip_core} PROPERTIES COMPILE_OPTIONS -w)
  set_source_files_properties(${TCPTWIN_LWIP_SOURCE}/src/core/init.c PROPERTIES
    COMPILE_DEFINITIONS TCPTWIN_LWIP_CONSTANTS=1)
  set_source_files_properties(${glue} PROPERTIES COMPILE_OPTIONS "-Wall;-Wextra;-Wshadow;-Werror")

  set(script ${PROJECT_BINARY_DIR}/generated/lwip_${name}.ld)
  write_state_script(${name} ${script})
  set(object ${PROJECT_BINARY_DIR}/generated/lwip_${name}.o)
  set(check ${PROJECT_SOURCE_DIR}/cmake/check_lwip_object.cmake)
  add_custom_command(OUTPUT ${object}
    COMMAND ${CMAKE_C_COMPILER} -r -nostdlib -fuse-ld=bfd -Wl,-T,${script} -o ${object}.all
      $<TARGET_OBJECTS:${objects}>
    COMMAND ${CMAKE_OBJCOPY} --keep-global-symbol=tcptwin_lwip_${name} ${object}.all ${object}.tried
    COMMAND ${CMAKE_COMMAND} -DOBJECT=${object}.tried -DNAME=${name} -DNM=${CMAKE_NM}
      -DREADELF=${CMAKE_READELF} -P ${check}
    COMMAND ${CMAKE_COMMAND} -E rename ${object}.tried ${object}
    DEPENDS ${objects} $<TARGET_OBJECTS:${objects}> ${script} ${check}
    BYPRODUCTS ${object}.all
    COMMENT "Making one object of lwIP, build ${name}" COMMAND_EXPAND_LISTS VERBATIM)
  target_sources(models_lwip PRIVATE ${object})
  set_source_files_properties(${object} PROPERTIES EXTERNAL_OBJECT ON GENERATED ON)
endfunction()

# The definitions of models/lwip/builds.h.
function(write_lwip_builds path absence)
  set(declarations "")
  set(entries "")
  foreach(name ${ARGN})
    string(APPEND declarations "extern \"C\" const LwipBuild tcptwin_lwip_${name};\n")
    string(APPEND entries "      {\"${name}\", &tcptwin_lwip_${name}},\n")
  endforeach()
  set(builds "{}")
  if(entries)
    string(APPEND declarations "\n")
    set(builds "kBuilds")
    set(entries "  static const Build kBuilds[] = {\n${entries}  };\n")
  endif()
  file(CONFIGURE OUTPUT ${path} CONTENT
[[// Made by cmake/lwip.cmake.
#include "models/lwip/builds.h"

@declarations@namespace tcptwin::lwip {

std::span<const Build> builds() {
@entries@  return @builds@;
}
std::string_view absence() { return "@absence@"; }

}  // namespace tcptwin::lwip
]] @ONLY)
endfunction()

find_lwip(lwip_absence)
set(lwip_builds "")
if(NOT lwip_absence)
  enable_language(C)
  # They would bring state of their own.
  string(REGEX REPLACE "(-f(sanitize|lto|profile|coverage|test-coverage)|--coverage)[^ ]*" "" CMAKE_C_FLAGS
    "${CMAKE_C_FLAGS}")
  set(lwip_builds default debian large)
  foreach(name ${lwip_builds})
    add_lwip_build(${name})
  endforeach()
else()
  message(STATUS "The profiles of lwIP are left out: ${lwip_absence}")
endif()
set(generated ${PROJECT_BINARY_DIR}/generated/lwip_builds.cc)
write_lwip_builds(${generated} "${lwip_absence}" ${lwip_builds})
target_sources(models_lwip PRIVATE ${generated})
# On its own in the archive, so that a program may bring another answer.
set_source_files_properties(${generated} PROPERTIES SKIP_UNITY_BUILD_INCLUSION ON)
