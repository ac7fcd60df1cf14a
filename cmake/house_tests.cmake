# SPDX-License-Identifier: AGPL-3.0-or-later
#
# Tests of the house itself: its rules hold, each rule can fail, and the sanitizers see what they
# are there for (where ptrace is forbidden, leaks would go unseen in silence).
add_test(NAME "house: the tree keeps the rules of tools/check"
  COMMAND ${PROJECT_SOURCE_DIR}/tools/check)
add_test(NAME "house: each rule of tools/check sees the fault it is there for"
  COMMAND ${PROJECT_SOURCE_DIR}/tools/check --self-test)
set(house_tests
  "house: the tree keeps the rules of tools/check"
  "house: each rule of tools/check sees the fault it is there for")

if(CMAKE_CXX_FLAGS MATCHES "-fsanitize=address")
  add_executable(planted_leak tools/planted/leak.cpp)
  add_test(NAME "house: a leak is seen" COMMAND planted_leak)
  set_tests_properties("house: a leak is seen" PROPERTIES
    PASS_REGULAR_EXPRESSION "detected memory leaks")
  add_executable(planted_overflow tools/planted/overflow.cpp)
  add_test(NAME "house: undefined behaviour is seen" COMMAND planted_overflow)
  set_tests_properties("house: undefined behaviour is seen" PROPERTIES
    PASS_REGULAR_EXPRESSION "runtime error: signed integer overflow")
  list(APPEND house_tests "house: a leak is seen" "house: undefined behaviour is seen")
endif()
if(CMAKE_CXX_FLAGS MATCHES "-fsanitize=thread")
  add_executable(planted_race tools/planted/race.cpp)
  target_link_libraries(planted_race PRIVATE Threads::Threads)
  add_test(NAME "house: a data race is seen" COMMAND planted_race)
  set_tests_properties("house: a data race is seen" PROPERTIES
    PASS_REGULAR_EXPRESSION "data race")
  list(APPEND house_tests "house: a data race is seen")
endif()
set_tests_properties(${house_tests} PROPERTIES TIMEOUT 120 LABELS house)
