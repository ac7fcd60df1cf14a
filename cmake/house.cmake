# SPDX-License-Identifier: AGPL-3.0-or-later
#
# The calls a folder is made of. A call's arguments are the folder's table of contents:
# explicit lists, no globs, so that a file nobody lists is a fault (tools/check says so).
#
# house_library(<name> FLOOR <n>
#               HEADERS <public headers>          each must compile alone
#               SOURCES <.cpp files and private headers>
#               [DEPENDS <house libraries>]       of strictly lower floors only
#               [DOOR <foreign targets>]          linked privately: their headers stay inside
#               [DOOR_PUBLIC <foreign targets>]   seen through a public header: net's Task only
#               [TESTS <x_test.cpp and headers only tests use>]
#               [TEST_DEPENDS <house libraries>]  only the tests see them; any floor
#               [TEST_STAGES <stages>]            likewise
#               [TEST_DOOR <foreign targets>])    only the tests see them
# house_program(<name> SOURCES ... [DEPENDS ...] [DOOR ...] [STAGES ...]     <name> is the file's name
#               [TESTS <x_test.cpp and headers only tests use>])
#               the tests see every source but main.cpp
# house_stage(<name> SOURCES ... [DEPENDS ...] [STAGES ...])
#               what tests of several folders play on: a library that only tests link, as STAGES
# house_tests(<name> SOURCES ... [DEPENDS ...] [DOOR ...] [STAGES ...] [PROGRAMS <program names>])
# house_script(<name> <sentence> SCRIPT <file> [PROGRAMS <program names>] [TIMEOUT <seconds>])
#               a test that is a script and drives real processes; it ends with 77 to be skipped,
#               after a line "SKIPPED: reason"
# house_bench(<name> SOURCES <x_bench.cpp and headers> [DEPENDS ...] [DOOR ...]
#             [OWN_TABLE] [PROGRAMS <program names>])
#               what `./run bench NAME` runs; ./test sees that it still runs, and nothing of its times.
#               OWN_TABLE: without Google Benchmark; --smallest makes it run at its smallest
# house_fuzz(<name> SOURCES <x_fuzz.cpp> [DEPENDS ...] [STAGES ...] CORPUS <folder> [VARIANTS <n>])
#
# A library `mls` is the target cercle_mls, alias cercle::mls, and its tests are one program,
# mls_tests (one link instead of twenty). ctest knows each test case by its sentence, as
# "mls: a removed member cannot open the next epoch".
#
# A test finds CERCLE_SOURCE_DIR (the tree) as a macro and in its environment; there too, under ctest,
# CERCLE_VECTORS (the folder of vectors, which may be missing: SKIP then, or FAIL when CI=true)
# and, for each of PROGRAMS, its path as CERCLE_PROGRAM_<NAME>, with - as _ and in capitals.
#
# A fuzz target defines LLVMFuzzerTestOneInput. The preset fuzz links it with libFuzzer (./test
# --long fuzz runs it); the presets with tests link it with a driver that replays its corpus, each file
# also cut and flipped at VARIANTS places (512 if not said; fewer for what takes long).

# Adds a folder, if it is there and wanted.
function(house_folder path)
  if(NOT EXISTS ${PROJECT_SOURCE_DIR}/${path}/CMakeLists.txt)
    message(STATUS "${path} is not here yet")
    return()
  endif()
  if(CERCLE_ONLY AND NOT path IN_LIST CERCLE_ONLY)
    return()
  endif()
  add_subdirectory(${path})
endfunction()

function(house_library name)
  cmake_parse_arguments(PARSE_ARGV 1 arg "" "FLOOR"
    "HEADERS;SOURCES;DEPENDS;DOOR;DOOR_PUBLIC;TESTS;TEST_DEPENDS;TEST_STAGES;TEST_DOOR")
  house_refuse_unknown("house_library(${name})" "${arg_UNPARSED_ARGUMENTS}")
  if(NOT arg_FLOOR MATCHES "^[0-9]+$")
    message(FATAL_ERROR "house_library(${name}): FLOOR must be a number, not '${arg_FLOOR}'")
  endif()
  set_property(GLOBAL APPEND PROPERTY CERCLE_LIBRARIES ${name})
  set_property(GLOBAL PROPERTY CERCLE_FLOOR_${name} ${arg_FLOOR})
  set_property(GLOBAL PROPERTY CERCLE_DEPENDS_${name} "${arg_DEPENDS}")
  house_check_floor(${name})

  house_landed(${name} arg_SOURCES)
  set(target cercle_${name})
  add_library(${target} STATIC ${arg_SOURCES})
  add_library(cercle::${name} ALIAS ${target})
  # A header with a source of its name is compiled alone by that: it is its first include
  # (tools/check). The others are compiled alone by the target all_verify_interface_header_sets.
  set(alone "")
  foreach(header IN LISTS arg_HEADERS)
    cmake_path(REPLACE_EXTENSION header .cpp OUTPUT_VARIABLE source)
    if(NOT source IN_LIST arg_SOURCES)
      list(APPEND alone ${header})
    endif()
  endforeach()
  target_sources(${target} PUBLIC
    FILE_SET HEADERS BASE_DIRS ${PROJECT_SOURCE_DIR}/src FILES ${arg_HEADERS}
    FILE_SET alone TYPE HEADERS BASE_DIRS ${PROJECT_SOURCE_DIR}/src FILES ${alone})
  set_target_properties(${target} PROPERTIES LINKER_LANGUAGE CXX
    VERIFY_INTERFACE_HEADER_SETS ON INTERFACE_HEADER_SETS_TO_VERIFY alone)
  target_link_libraries(${target} PRIVATE ${arg_DOOR} PUBLIC ${arg_DOOR_PUBLIC})
  foreach(dependency IN LISTS arg_DEPENDS)
    target_link_libraries(${target} PUBLIC cercle::${dependency})
  endforeach()

  if(arg_TESTS)
    house_tests(${name} SOURCES ${arg_TESTS} DEPENDS ${name} ${arg_TEST_DEPENDS}
      STAGES ${arg_TEST_STAGES} DOOR ${arg_TEST_DOOR})
  endif()
endfunction()

function(house_program name)
  cmake_parse_arguments(PARSE_ARGV 1 arg "" "" "SOURCES;DEPENDS;DOOR;STAGES;TESTS")
  house_refuse_unknown("house_program(${name})" "${arg_UNPARSED_ARGUMENTS}")
  set(target ${name}_program)
  if(arg_TESTS)
    # All but main() is compiled once, for the program and for its tests.
    set(parts ${name}_parts)
    list(REMOVE_ITEM arg_SOURCES main.cpp)
    add_library(${parts} OBJECT ${arg_SOURCES})
    house_program_links(${parts} PUBLIC "${arg_DEPENDS}" "${arg_DOOR}")
    add_executable(${target} main.cpp)
    target_link_libraries(${target} PRIVATE ${parts})
    house_tests(${name} SOURCES ${arg_TESTS} DOOR ${parts})
  else()
    add_executable(${target} ${arg_SOURCES})
    house_program_links(${target} PRIVATE "${arg_DEPENDS}" "${arg_DOOR}")
  endif()
  set_target_properties(${target} PROPERTIES
    OUTPUT_NAME ${name} RUNTIME_OUTPUT_DIRECTORY ${PROJECT_BINARY_DIR}/bin)
  house_link_stages(${target} ${arg_STAGES})
endfunction()

function(house_program_links target visible depends door)
  target_include_directories(${target} ${visible} ${PROJECT_SOURCE_DIR})
  target_link_libraries(${target} ${visible} ${door})
  foreach(dependency IN LISTS depends)
    target_link_libraries(${target} ${visible} cercle::${dependency})
  endforeach()
endfunction()

function(house_stage name)
  cmake_parse_arguments(PARSE_ARGV 1 arg "" "" "SOURCES;DEPENDS;STAGES")
  house_refuse_unknown("house_stage(${name})" "${arg_UNPARSED_ARGUMENTS}")
  if(NOT CERCLE_TESTS AND NOT CERCLE_FUZZ)
    return()
  endif()
  set(target ${name}_stage)
  add_library(${target} STATIC ${arg_SOURCES})
  set_target_properties(${target} PROPERTIES LINKER_LANGUAGE CXX)
  target_include_directories(${target} PUBLIC ${PROJECT_SOURCE_DIR})
  house_link_stages(${target} ${arg_STAGES})
  foreach(dependency IN LISTS arg_DEPENDS)
    target_link_libraries(${target} PUBLIC cercle::${dependency})
  endforeach()
endfunction()

# house_link_stages(<target> <stage name>...)
function(house_link_stages target)
  foreach(stage IN LISTS ARGN)
    target_link_libraries(${target} PRIVATE ${stage}_stage)
  endforeach()
endfunction()

function(house_tests name)
  cmake_parse_arguments(PARSE_ARGV 1 arg "" "" "SOURCES;DEPENDS;DOOR;STAGES;PROGRAMS")
  house_refuse_unknown("house_tests(${name})" "${arg_UNPARSED_ARGUMENTS}")
  if(NOT CERCLE_TESTS)
    return()
  endif()
  house_landed(${name} arg_SOURCES)
  if(NOT arg_SOURCES)
    return()
  endif()
  set(target ${name}_tests)
  add_executable(${target} ${arg_SOURCES})
  set_target_properties(${target} PROPERTIES
    RUNTIME_OUTPUT_DIRECTORY ${PROJECT_BINARY_DIR}/tests)
  target_compile_definitions(${target} PRIVATE CERCLE_SOURCE_DIR="${PROJECT_SOURCE_DIR}")
  target_include_directories(${target} PRIVATE ${PROJECT_SOURCE_DIR})
  target_link_libraries(${target} PRIVATE Catch2::Catch2WithMain ${arg_DOOR})
  house_link_stages(${target} ${arg_STAGES})
  foreach(dependency IN LISTS arg_DEPENDS)
    target_link_libraries(${target} PRIVATE cercle::${dependency})
  endforeach()

  house_environment(environment ${arg_PROGRAMS})
  foreach(program IN LISTS arg_PROGRAMS)
    add_dependencies(${target} ${program}_program)
  endforeach()

  # Once the program is linked it is asked for its test cases, one ctest entry each.
  set(list ${CMAKE_CURRENT_BINARY_DIR}/${target}.cmake)
  add_custom_command(TARGET ${target} POST_BUILD BYPRODUCTS ${list}
    COMMAND ${CMAKE_COMMAND} -D NAME=${name} -D PROGRAM=$<TARGET_FILE:${target}> -D LIST=${list}
      -D "ENVIRONMENT=${environment}" -P ${PROJECT_SOURCE_DIR}/cmake/discover.cmake
    VERBATIM)
  file(WRITE ${CMAKE_CURRENT_BINARY_DIR}/${target}_include.cmake
    "if(EXISTS \"${list}\")\n  include(\"${list}\")\nelse()\n"
    "  add_test(\"${name}: is not built\" ${target}-is-not-built)\nendif()\n")
  set_property(DIRECTORY APPEND PROPERTY
    TEST_INCLUDE_FILES ${CMAKE_CURRENT_BINARY_DIR}/${target}_include.cmake)
endfunction()

function(house_bench name)
  cmake_parse_arguments(PARSE_ARGV 1 arg "OWN_TABLE" "" "SOURCES;DEPENDS;DOOR;PROGRAMS")
  house_refuse_unknown("house_bench(${name})" "${arg_UNPARSED_ARGUMENTS}")
  if(NOT CERCLE_BENCH)
    return()
  endif()
  set(target ${name}_bench)
  add_executable(${target} ${arg_SOURCES})
  set_target_properties(${target} PROPERTIES
    RUNTIME_OUTPUT_DIRECTORY ${PROJECT_BINARY_DIR}/bench)
  target_include_directories(${target} PRIVATE ${PROJECT_SOURCE_DIR})
  target_link_libraries(${target} PRIVATE ${arg_DOOR})
  set(smallest --smallest)
  if(NOT arg_OWN_TABLE)
    target_link_libraries(${target} PRIVATE benchmark::benchmark)
    set(smallest --benchmark_filter=/N:2/ --benchmark_min_time=1x)
  endif()
  foreach(dependency IN LISTS arg_DEPENDS)
    target_link_libraries(${target} PRIVATE cercle::${dependency})
  endforeach()
  foreach(program IN LISTS arg_PROGRAMS)
    add_dependencies(${target} ${program}_program)
  endforeach()
  if(CERCLE_TESTS)
    add_test(NAME "bench: ${name} runs at its smallest" COMMAND ${target} ${smallest})
    set_tests_properties("bench: ${name} runs at its smallest" PROPERTIES TIMEOUT 120 LABELS bench)
  endif()
endfunction()

function(house_script name sentence)
  cmake_parse_arguments(PARSE_ARGV 2 arg "" "SCRIPT;TIMEOUT" "PROGRAMS")
  house_refuse_unknown("house_script(${name})" "${arg_UNPARSED_ARGUMENTS}")
  if(NOT CERCLE_TESTS)
    return()
  endif()
  if(NOT arg_TIMEOUT)
    set(arg_TIMEOUT 300)
  endif()
  house_environment(environment ${arg_PROGRAMS})
  add_test(NAME "${name}: ${sentence}" COMMAND ${CMAKE_CURRENT_SOURCE_DIR}/${arg_SCRIPT})
  set_tests_properties("${name}: ${sentence}" PROPERTIES
    SKIP_RETURN_CODE 77 TIMEOUT ${arg_TIMEOUT} LABELS ${name} ENVIRONMENT "${environment}")
endfunction()

# house_environment(<result> <program name>...): what a test finds in its environment. A caller's
# own CERCLE_VECTORS wins.
function(house_environment result)
  cmake_path(GET PROJECT_SOURCE_DIR PARENT_PATH beside)
  # As our programs start themselves (base/slab.h, harden_process).
  set(environment "CERCLE_SOURCE_DIR=${PROJECT_SOURCE_DIR}" "LD_BIND_NOW=1")
  if(NOT DEFINED ENV{CERCLE_VECTORS})
    list(APPEND environment CERCLE_VECTORS=${beside}/shared/vectors)
  endif()
  foreach(program IN LISTS ARGN)
    string(TOUPPER ${program} variable)
    string(REPLACE "-" "_" variable ${variable})
    list(APPEND environment CERCLE_PROGRAM_${variable}=${PROJECT_BINARY_DIR}/bin/${program})
  endforeach()
  set(${result} "${environment}" PARENT_SCOPE)
endfunction()

function(house_fuzz name)
  cmake_parse_arguments(PARSE_ARGV 1 arg "" "CORPUS;VARIANTS" "SOURCES;DEPENDS;STAGES")
  house_refuse_unknown("house_fuzz(${name})" "${arg_UNPARSED_ARGUMENTS}")
  if(NOT CERCLE_TESTS AND NOT CERCLE_FUZZ)
    return()
  endif()
  set(target ${name}_fuzz)
  add_executable(${target} ${arg_SOURCES})
  set_target_properties(${target} PROPERTIES
    RUNTIME_OUTPUT_DIRECTORY ${PROJECT_BINARY_DIR}/fuzz)
  target_include_directories(${target} PRIVATE ${PROJECT_SOURCE_DIR})
  house_link_stages(${target} ${arg_STAGES})
  foreach(dependency IN LISTS arg_DEPENDS)
    target_link_libraries(${target} PRIVATE cercle::${dependency})
  endforeach()
  if(CERCLE_FUZZ)
    target_link_options(${target} PRIVATE -fsanitize=fuzzer)
    file(WRITE ${PROJECT_BINARY_DIR}/fuzz/${target}.corpus
      "${CMAKE_CURRENT_SOURCE_DIR}/${arg_CORPUS}\n")
    set_property(GLOBAL APPEND PROPERTY CERCLE_FUZZ_TARGETS ${target})
  else()
    if(NOT arg_VARIANTS)
      set(arg_VARIANTS 512)
    endif()
    target_sources(${target} PRIVATE ${PROJECT_SOURCE_DIR}/tools/fuzz/replay.cpp)
    add_test(NAME "fuzz: ${name} survives its corpus, cut and flipped"
      COMMAND ${target} ${arg_VARIANTS} ${CMAKE_CURRENT_SOURCE_DIR}/${arg_CORPUS})
    set_tests_properties("fuzz: ${name} survives its corpus, cut and flipped" PROPERTIES
      TIMEOUT 300 LABELS fuzz)
  endif()
endfunction()

# While the folders land one by one: what is listed and not written yet is left out, and said.
function(house_landed name list)
  set(landed "")
  foreach(file IN LISTS ${list})
    if(EXISTS ${CMAKE_CURRENT_SOURCE_DIR}/${file})
      list(APPEND landed ${file})
    else()
      message(NOTICE "${name}: ${file} is listed and not written yet")
    endif()
  endforeach()
  set(${list} "${landed}" PARENT_SCOPE)
endfunction()

function(house_refuse_unknown call words)
  if(words)
    message(FATAL_ERROR "${call}: unknown arguments: ${words}")
  endif()
endfunction()

# A library stands only on lower floors. Folders are added in floor order, so what it stands on
# is known when it is.
function(house_check_floor name)
  get_property(floor GLOBAL PROPERTY CERCLE_FLOOR_${name})
  get_property(dependencies GLOBAL PROPERTY CERCLE_DEPENDS_${name})
  foreach(dependency IN LISTS dependencies)
    get_property(below GLOBAL PROPERTY CERCLE_FLOOR_${dependency})
    if(NOT below MATCHES "^[0-9]+$")
      message(FATAL_ERROR "${name} depends on ${dependency}, which is no library of a lower floor "
        "(or is not added yet)")
    endif()
    if(NOT below LESS floor)
      message(FATAL_ERROR
        "${name} (floor ${floor}) may not depend on ${dependency} (floor ${below})")
    endif()
  endforeach()
endfunction()

# What a library reaches through all its dependencies.
function(house_reach name result)
  set(reach "")
  get_property(dependencies GLOBAL PROPERTY CERCLE_DEPENDS_${name})
  foreach(dependency IN LISTS dependencies)
    house_reach(${dependency} further)
    list(APPEND reach ${dependency} ${further})
  endforeach()
  list(REMOVE_DUPLICATES reach)
  set(${result} "${reach}" PARENT_SCOPE)
endfunction()

# The first wall: the relay cannot read, because nothing that can is linked into it.
function(house_check_walls)
  get_property(libraries GLOBAL PROPERTY CERCLE_LIBRARIES)
  if(NOT relay IN_LIST libraries)
    return()
  endif()
  house_reach(relay reach)
  foreach(reader IN ITEMS mls envelope record identity)
    if(reader IN_LIST reach)
      message(FATAL_ERROR "relay reaches ${reader}: the relay must not be able to read")
    endif()
  endforeach()
endfunction()
