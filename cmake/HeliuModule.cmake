# A room is one static library. Its floor, its wing and its neighbours are declared here, and
# configuring fails when a file looks elsewhere (ARCHITECTURE.md says why).
#
#   heliu_module(cost WING office FLOOR 2 USES base spec SOURCES a.cpp b.cpp
#                TESTS a_test.cpp LINK fmt::fmt)
#
# Rules checked: a room uses only lower floors; the office and the workshop never include each
# other, only the hall (and the hall's top room, app, may use both); every #include "room/..." names
# a room in USES.
include_guard()

function(heliu_refuse)
  string(JOIN "" text ${ARGN})
  message(FATAL_ERROR "layering: ${text}")
endfunction()

function(heliu_check_use room wing floor neighbour)
  get_property(known GLOBAL PROPERTY HELIU_FLOOR_${neighbour} SET)
  if(NOT known)
    heliu_refuse("${room} uses ${neighbour}, which is not declared before it")
  endif()
  get_property(neighbour_floor GLOBAL PROPERTY HELIU_FLOOR_${neighbour})
  get_property(neighbour_wing GLOBAL PROPERTY HELIU_WING_${neighbour})
  if(NOT neighbour_floor LESS floor)
    heliu_refuse("${room} (floor ${floor}) uses ${neighbour} (floor ${neighbour_floor}): "
                 "a room uses only lower floors")
  endif()
  if(NOT wing STREQUAL neighbour_wing AND NOT wing STREQUAL "hall" AND NOT neighbour_wing STREQUAL "hall")
    heliu_refuse("${room} (${wing}) uses ${neighbour} (${neighbour_wing}): the wings never include each other")
  endif()
endfunction()

# Every file below the room's folder, compiled or not, so that a header cannot slip through. Other rooms
# are the folders of src/; what else is included is a library's.
function(heliu_check_includes room)
  file(GLOB_RECURSE files CONFIGURE_DEPENDS "${CMAKE_CURRENT_SOURCE_DIR}/*.h" "${CMAKE_CURRENT_SOURCE_DIR}/*.cpp"
       "${CMAKE_CURRENT_SOURCE_DIR}/*.inl")
  foreach(file IN LISTS files)
    file(RELATIVE_PATH where "${PROJECT_SOURCE_DIR}" "${file}")
    file(STRINGS "${file}" lines REGEX "^[ \t]*#[ \t]*include[ \t]*[<\"][a-z_.]+/")
    foreach(line IN LISTS lines)
      string(REGEX REPLACE "^[ \t]*#[ \t]*include[ \t]*[<\"]([a-z_.]+)/.*" "\\1" neighbour "${line}")
      if(neighbour MATCHES "^\\.")
        heliu_refuse("${where} includes by a relative path; begin with the room's name")
      elseif(IS_DIRECTORY "${PROJECT_SOURCE_DIR}/src/${neighbour}" AND NOT neighbour STREQUAL room
             AND NOT neighbour IN_LIST ARGN)
        heliu_refuse("${where} includes ${neighbour}/, which ${room} does not declare in USES")
      endif()
    endforeach()
  endforeach()
endfunction()

function(heliu_module room)
  cmake_parse_arguments(M "" "WING;FLOOR" "USES;SOURCES;TESTS;LINK" ${ARGN})
  if(NOT M_WING MATCHES "^(office|hall|workshop)$")
    heliu_refuse("${room}: wing must be office, hall or workshop, not '${M_WING}'")
  endif()
  foreach(neighbour IN LISTS M_USES)
    heliu_check_use(${room} ${M_WING} ${M_FLOOR} ${neighbour})
  endforeach()
  heliu_check_includes(${room} ${M_USES})
  set_property(GLOBAL PROPERTY HELIU_FLOOR_${room} ${M_FLOOR})
  set_property(GLOBAL PROPERTY HELIU_WING_${room} ${M_WING})

  add_library(heliu_${room} STATIC ${M_SOURCES})
  target_include_directories(heliu_${room} PUBLIC "${PROJECT_SOURCE_DIR}/src")
  target_link_libraries(heliu_${room} PUBLIC heliu_flags ${M_LINK})
  foreach(neighbour IN LISTS M_USES)
    target_link_libraries(heliu_${room} PUBLIC heliu_${neighbour})
  endforeach()
  if(HELIU_TESTS AND M_TESTS)
    add_executable(heliu_${room}_test ${M_TESTS})
    target_link_libraries(heliu_${room}_test PRIVATE heliu_${room} GTest::gtest GTest::gtest_main)
    gtest_discover_tests(heliu_${room}_test DISCOVERY_MODE PRE_TEST PROPERTIES TIMEOUT 300
                         TEST_PREFIX "${room}/")
  endif()
endfunction()
