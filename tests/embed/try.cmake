# Builds the project of this folder in SCRATCH as a user of the library would, and looks at what its
# tests say.
#   cmake -DWAY=install|subdirectory -DBUILD=... -DSOURCE=... -DSCRATCH=... -DCXX=... -DFLAGS=...
#         -DLAUNCHER=... -P try.cmake
function(run)
  cmake_parse_arguments(RUN "" "STATUS;OUTPUT" "COMMAND" ${ARGN})
  execute_process(COMMAND ${RUN_COMMAND} OUTPUT_VARIABLE output ERROR_VARIABLE output
                  RESULT_VARIABLE status)
  if(NOT status EQUAL "${RUN_STATUS}")
    message(FATAL_ERROR "status ${status}, expected ${RUN_STATUS}: ${RUN_COMMAND}\n${output}")
  endif()
  set(${RUN_OUTPUT} "${output}" PARENT_SCOPE)
endfunction()

function(expect_in text)
  foreach(wanted IN LISTS ARGN)
    string(FIND "${text}" "${wanted}" place)
    if(place EQUAL -1)
      message(FATAL_ERROR "not in the output: ${wanted}\n${text}")
    endif()
  endforeach()
endfunction()

file(REMOVE_RECURSE ${SCRATCH})
if(WAY STREQUAL "install")
  run(STATUS 0 OUTPUT ignored COMMAND ${CMAKE_COMMAND} --install ${BUILD} --component library
      --prefix ${SCRATCH}/prefix)
  file(GLOB_RECURSE config ${SCRATCH}/prefix/tcptwin-config.cmake)
  get_filename_component(folder ${config} DIRECTORY)
  set(place -Dtcptwin_DIR=${folder})
else()
  set(place -DTCPTWIN_SOURCE=${SOURCE})
endif()

# The sources are copied, so that nothing is found by chance beside them.
file(COPY ${SOURCE}/tests/embed/CMakeLists.txt ${SOURCE}/tests/embed/handshake_test.cc
     DESTINATION ${SCRATCH}/source)
run(STATUS 0 OUTPUT ignored COMMAND ${CMAKE_COMMAND} -S ${SCRATCH}/source -B ${SCRATCH}/build
    -G Ninja ${place} -DCMAKE_CXX_COMPILER=${CXX} -DCMAKE_CXX_FLAGS=${FLAGS}
    -DCMAKE_CXX_COMPILER_LAUNCHER=${LAUNCHER} -DCMAKE_BUILD_TYPE=)
run(STATUS 0 OUTPUT ignored COMMAND ${CMAKE_COMMAND} --build ${SCRATCH}/build)
set(program ${SCRATCH}/build/handshake_test)
run(STATUS 0 OUTPUT output COMMAND ${program})
expect_in("${output}" "[  PASSED  ] 1 test.")

run(STATUS 1 OUTPUT output COMMAND ${program} --gtest_also_run_disabled_tests)
expect_in("${output}" "as a saw it:" "P. 1:6(5) ack 1" "data, sent without waiting"
  "to run this test again: ${program} --gtest_filter=Echo.DISABLED_ReplyIsThereBeforeTheRequest")
run(STATUS 1 OUTPUT output COMMAND ${CMAKE_COMMAND} -E env TCPTWIN_SEED=7 ${program}
    --gtest_also_run_disabled_tests)
expect_in("${output}" "again: TCPTWIN_SEED=7 ${program}")
file(REMOVE_RECURSE ${SCRATCH})
