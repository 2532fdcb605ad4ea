# find_package(tcptwin) gives the target tcptwin::sim.
include(CMakeFindDependencyMacro)
find_dependency(nlohmann_json 3.11)
find_dependency(fmt)
include(${CMAKE_CURRENT_LIST_DIR}/tcptwin-targets.cmake)
