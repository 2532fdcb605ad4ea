# What cmake/check_lwip_object.cmake says of an object whose C source is CODE: nothing, or EXPECTED and a failure.
#   cmake -DCODE=... -DEXPECTED=... -DCHECK=... -DCC=... -DNM=... -DREADELF=... -DSCRATCH=... -P lwip_object.cmake
file(WRITE ${SCRATCH}.c "static int of_the_host __attribute__((used, section(\"lwip_state_test\"))) = 1;\n${CODE}\n")
execute_process(COMMAND ${CC} -O2 -fPIC -fvisibility=hidden -c ${SCRATCH}.c -o ${SCRATCH}.o COMMAND_ERROR_IS_FATAL ANY)
execute_process(COMMAND ${CMAKE_COMMAND} -DOBJECT=${SCRATCH}.o -DNAME=test -DNM=${NM} -DREADELF=${READELF} -P ${CHECK}
  ERROR_VARIABLE said RESULT_VARIABLE status)
string(REGEX REPLACE "[ \n]+" " " said "${said}")
if(EXPECTED STREQUAL "")
  if(NOT status EQUAL 0)
    message(FATAL_ERROR "it was refused: ${said}")
  endif()
elseif(status EQUAL 0 OR NOT said MATCHES "${EXPECTED}")
  message(FATAL_ERROR "status ${status}, and it does not say \"${EXPECTED}\": ${said}")
endif()
