# Configures a build tree where there is no source of lwIP: it works, says so, needs no compiler for C, and makes the
# same file (EXPECTED) of which the tests made PROGRAM, which has nothing of lwIP.
#   cmake -DSOURCE=... -DSCRATCH=... -DEXPECTED=... -DPROGRAM=... -DCXX=... -DNM=... -P without_lwip.cmake
file(REMOVE_RECURSE ${SCRATCH})
execute_process(COMMAND ${CMAKE_COMMAND} -S ${SOURCE} -B ${SCRATCH} -G Ninja -DCMAKE_CXX_COMPILER=${CXX}
    -DCMAKE_C_COMPILER=/nonexistent/cc -DTCPTWIN_LWIP_SOURCE=/nonexistent -DTCPTWIN_TESTS=OFF
  OUTPUT_VARIABLE output ERROR_VARIABLE output RESULT_VARIABLE status)
if(NOT status EQUAL 0)
  message(FATAL_ERROR "configuring failed: ${output}")
endif()
if(NOT output MATCHES "profiles of lwIP are left out: there was no source of lwIP in /nonexistent; run tools/install")
  message(FATAL_ERROR "it does not say that lwIP is missing, and what to do: ${output}")
endif()
execute_process(COMMAND ${CMAKE_COMMAND} -E compare_files ${SCRATCH}/generated/lwip_builds.cc ${EXPECTED}
  RESULT_VARIABLE differs)
if(differs)
  message(FATAL_ERROR "${SCRATCH}/generated/lwip_builds.cc is not ${EXPECTED}")
endif()
execute_process(COMMAND ${NM} ${PROGRAM} OUTPUT_VARIABLE symbols COMMAND_ERROR_IS_FATAL ANY)
if(symbols MATCHES "tcptwin_lwip_[a-z]+|tcp_slowtmr")
  message(FATAL_ERROR "${PROGRAM} has ${CMAKE_MATCH_0}")
endif()
file(REMOVE_RECURSE ${SCRATCH})
