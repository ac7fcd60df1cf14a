# SPDX-License-Identifier: AGPL-3.0-or-later
#
# Run after a test program is linked: asks it for its test cases and writes one ctest entry for
# each, "NAME: sentence". Ours, and not Catch2's own script, because that one loses the blank after
# the prefix and tears lists of properties apart.
#
# cmake -D NAME=mls -D PROGRAM=path -D LIST=written-file -D ENVIRONMENT="A=1;B=2" -P discover.cmake
execute_process(COMMAND ${PROGRAM} --list-tests --verbosity quiet
  OUTPUT_VARIABLE sentences RESULT_VARIABLE result ERROR_VARIABLE complaint)
if(NOT result EQUAL 0)
  message(FATAL_ERROR "${PROGRAM} cannot list its tests (${result}):\n${sentences}${complaint}")
endif()
if(sentences MATCHES "[][;\\]")
  message(FATAL_ERROR "${NAME}: a test's name is a sentence, without ; [ ] or \\:\n${sentences}")
endif()

string(STRIP "${sentences}" sentences)
string(REPLACE "\n" ";" sentences "${sentences}")
set(script "")
foreach(sentence IN LISTS sentences)
  string(REPLACE "," "\\," pattern "${sentence}") # a comma means "or" to Catch2
  string(APPEND script "add_test([==[${NAME}: ${sentence}]==] [==[${PROGRAM}]==] [==[${pattern}]==])\n")
  # Catch2 ends with 4 when all that ran was skipped; ctest then says so.
  string(APPEND script "set_tests_properties([==[${NAME}: ${sentence}]==] PROPERTIES "
    "SKIP_RETURN_CODE 4 TIMEOUT 300 LABELS ${NAME} ENVIRONMENT [==[${ENVIRONMENT}]==])\n")
endforeach()
file(WRITE ${LIST} "${script}")
