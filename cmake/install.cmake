# What `cmake --install` puts where. Component "library": the archives, the headers and the files
# by which find_package(tcptwin) finds them. Component "program": tcptwin.
include(CMakePackageConfigHelpers)
get_property(libraries GLOBAL PROPERTY TCPTWIN_LIBRARIES)
set(package_dir ${CMAKE_INSTALL_LIBDIR}/cmake/tcptwin)

# In a folder of their own, because their names are short.
install(TARGETS ${libraries} tcptwin_sim EXPORT tcptwin
  ARCHIVE DESTINATION ${CMAKE_INSTALL_LIBDIR}/tcptwin COMPONENT library)
install(DIRECTORY stack models sim DESTINATION ${CMAKE_INSTALL_INCLUDEDIR}/tcptwin COMPONENT library
  FILES_MATCHING PATTERN "*.h" PATTERN "sim/cli" EXCLUDE PATTERN "models/profiles" EXCLUDE)
install(EXPORT tcptwin NAMESPACE tcptwin:: FILE tcptwin-targets.cmake DESTINATION ${package_dir}
  COMPONENT library)

# What is installed then contains lwIP, whose licence is to go with it.
if(NOT lwip_absence)
  foreach(component library program)
    install(FILES ${TCPTWIN_LWIP_SOURCE}/COPYING DESTINATION ${CMAKE_INSTALL_DOCDIR} RENAME lwIP-COPYING
      COMPONENT ${component})
  endforeach()
endif()

# Before 1.0 every minor version may change the library.
write_basic_package_version_file(${PROJECT_BINARY_DIR}/tcptwin-config-version.cmake
  COMPATIBILITY SameMinorVersion)
configure_file(${PROJECT_SOURCE_DIR}/cmake/tcptwin-config.cmake
  ${PROJECT_BINARY_DIR}/tcptwin-config.cmake COPYONLY)
install(FILES ${PROJECT_BINARY_DIR}/tcptwin-config.cmake
  ${PROJECT_BINARY_DIR}/tcptwin-config-version.cmake DESTINATION ${package_dir} COMPONENT library)
# The build tree is found in the same way: find_package(tcptwin PATHS BUILD_DIRECTORY).
export(EXPORT tcptwin NAMESPACE tcptwin:: FILE ${PROJECT_BINARY_DIR}/tcptwin-targets.cmake)

if(TCPTWIN_CLI)
  install(TARGETS tcptwin RUNTIME DESTINATION ${CMAKE_INSTALL_BINDIR} COMPONENT program)
  if(TCPTWIN_HAS_BRIDGE)
    install(TARGETS tcptwin-bridge RUNTIME DESTINATION ${CMAKE_INSTALL_BINDIR} COMPONENT program)
  endif()
endif()
